"""Where nothing is to be skipped, a test that lacks what can be installed fails; elsewhere it says what it lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from needs import DEBIAN, ELSEWHERE

TESTS = {
    "mark": 'from needs import needs_package\n\n@needs_package("absent", install="absent")\ndef test_it(): ...',
    "program": 'from needs import DEBIAN, program\n\nDEBIAN["absent"] = "lost"\n\ndef test_it(): program("absent")',
    "file": 'import pytest\n\npytest.skip("needs an absent package", allow_module_level=True)',
    "gpu": "from needs import GPU, needs\n\n@needs(GPU, False)\ndef test_it(): ...",
    "xfail": 'import pytest\n\n@pytest.mark.xfail(reason="known")\ndef test_it():\n    raise ValueError',
}
LACKS = {
    "mark": "needs absent: pip install 'absent'",
    "program": "needs absent (Debian: lost)",
    "file": "needs an absent package",
    "gpu": "needs a GPU",
}


def outcome(folder: Path, monkeypatch: pytest.MonkeyPatch, no_skips: str) -> tuple[int, str]:
    """Of a pytest of its own, with our hooks, on the tests above."""
    for name, text in TESTS.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PLOTART_NO_SKIPS", no_skips)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    options = ["-rsfE", "--continue-on-collection-errors", "-p", "no_skips", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)], cwd=folder, capture_output=True, encoding="utf-8"
    )
    return done.returncode, done.stdout


def test_a_skip_says_what_is_lacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = outcome(tmp_path, monkeypatch, "")
    assert (status, said.count("SKIPPED")) == (0, 4)
    assert all(reason in said for reason in LACKS.values())


def test_a_skip_is_a_failure_where_the_thing_could_have_been_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, said = outcome(tmp_path, monkeypatch, "1")
    assert status != 0
    assert said.count("SKIPPED") == 1
    for name, reason in LACKS.items():
        assert (f"(PLOTART_NO_SKIPS): {reason}" in said) == (name != "gpu")


def test_reasons_that_always_count_are_no_more_than_these() -> None:
    assert all(what.startswith(("a GPU", "diffvg", "Linux")) for what in ELSEWHERE)
    assert set(DEBIAN) == {"chromium", "inkscape", "rsvg-convert"}
