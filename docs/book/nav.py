"""Which pages the site has, in which order, and where each page of the repository goes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]

#: Parts of the sidebar and their pages, as paths of the site without their suffix; `*` are pages written in the build.
NAV: dict[str, tuple[str, ...]] = {
    "First steps": (
        "tutorial",
        "tutorials/pens",
        "tutorials/photograph",
        "tutorials/series",
        "tutorials/objective",
        "tutorials/cluster",
    ),
    "Gallery": ("gallery/index*", "gallery/configs*"),
    "Make drawings": (
        "studio",
        "pictures",
        "objectives",
        "line",
        "networks",
        "runs",
        "sweeps",
        "words-on-the-sheet",
        "repen",
        "large-work",
        "pens",
        "calibration",
        "register",
    ),
    "On paper": ("report", "export", "plotting", "plotters", "machines", "elsewhere"),
    "Help": ("errors", "robustness"),
    "Reference": ("config", "commands*", "python", "api/index*"),
    "How and how well": ("how-it-works", "motif-card", "benchmarks"),
    "The project": ("contents", "architecture", "contributing", "changelog"),
}

#: Pages of the repository that go elsewhere than where they lie below docs/.
_MOVED = {
    "README.md": "index",
    "CONTRIBUTING.md": "contributing",
    "CHANGELOG.md": "changelog",
    "docs/README.md": "contents",
}

#: Pages of the repository, and folders, in whose place the build writes pages of its own.
_REPLACED = {
    "docs/gallery/README.md": "gallery/configs",
    "docs/gallery/works.md": "gallery/index",
    "configs": "gallery/configs",
    "configs/works": "gallery/index",
    "docs": "contents",
}


def staged_pages() -> dict[str, str]:
    """Of each page of the repository that is staged, the page of the site."""
    paths = [*_MOVED, *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md")))]
    pages = {path: _MOVED.get(path) or str(PurePosixPath(path).relative_to("docs").with_suffix("")) for path in paths}
    return {path: page for path, page in pages.items() if path not in _REPLACED}


def places() -> dict[str, str]:
    """Of each path of the repository that has a page on the site, that page, with its anchor where it needs one."""
    configs = ROOT / "configs"
    works = {path.relative_to(ROOT).as_posix(): f"gallery/{path.stem}" for path in configs.glob("works/*.yaml")}
    shipped = {path.relative_to(ROOT).as_posix(): f"gallery/configs#{path.stem}" for path in configs.glob("*.yaml")}
    return {**staged_pages(), **_REPLACED, **works, **shipped}
