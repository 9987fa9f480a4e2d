"""Drawings as G-code and its kin, in the dialects that the plugin vpype-gcode knows as profiles."""

from __future__ import annotations

import contextlib
import io
import shlex
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from plotart.errors import InputError, MissingError
from plotart.export.document import to_document
from plotart.export.drawing import Drawing
from plotart.export.engine import undisturbed
from plotart.export.format import Format
from plotart.files.names import slug
from plotart.schema.values import TextLine

if TYPE_CHECKING:
    import vpype


class GcodeFormat(Format):
    """G-code and its kin: plot.gcode, and a file for each pen."""

    type: Literal["gcode"] = Field(description="Which files these are.")
    profile: TextLine = Field(description="A dialect of vpype-gcode, as in gcodemm, or one of your ~/.vpype.toml.")

    @classmethod
    def choices(cls) -> dict[str, list[str]]:
        return {"profile": gcode_profiles()}

    def check(self, width: float, height: float) -> None:
        check_profile(self.profile)

    def write(self, drawing: Drawing) -> dict[str, str]:
        return to_gcode(drawing, self.profile)

    def note(self, drawing: Drawing) -> str:
        """What the profile wants to be known."""
        info = " ".join(str(_profiles()[self.profile].get("info", "")).split())
        return info and f"{self.profile}: {info}"


def gcode_profiles() -> list[str]:
    """Profiles that vpype-gcode brings, and those of a person's own ~/.vpype.toml. Raises MissingError without it."""
    return [name for name, profile in _profiles().items() if isinstance(profile, dict)]


def check_profile(profile: str) -> None:
    """Raises InputError when there is no such profile, and MissingError without vpype-gcode."""
    if profile not in (known := gcode_profiles()):
        raise InputError(f"no G-code profile is called {profile!r}: there are {', '.join(known)}")


def to_gcode(drawing: Drawing, profile: str) -> dict[str, str]:
    """Texts by file name: all layers as ``plot.gcode``, and each alone as ``plot_01_<slug>.gcode``…, for machines that
    hold one pen.

    Equal input gives equal bytes. Raises InputError when there is no such profile or it can't be used, and
    MissingError without vpype-gcode.
    """
    import vpype

    check_profile(profile)
    document = to_document(drawing)
    files = {"plot.gcode": _written(document, profile)}
    digits = max(2, len(str(len(drawing.layers))))  # so that the names sort as they are plotted
    for number, layer in enumerate(drawing.layers, 1):
        alone = vpype.Document(page_size=document.page_size)
        # Its number stays: profiles that choose a pen go by it.
        alone.layers[number] = document.layers[number]
        files[f"plot_{number:0{digits}d}_{slug(layer.name, 'pen')[:60]}.gcode"] = _written(alone, profile)
    return files


def _profiles() -> dict[str, Any]:
    if find_spec("vpype_gcode") is None:
        raise MissingError("G-code needs vpype-gcode, which is not installed: pip install 'plotart[gcode]'")
    import vpype
    import vpype_gcode.gwrite  # noqa: F401  - puts its profiles into vpype's config

    profiles: dict[str, Any] = vpype.config_manager.config["gwrite"]
    return profiles


def _written(document: vpype.Document, profile: str) -> str:
    """What vpype's command gwrite makes of the document."""
    import click
    import vpype_cli

    with TemporaryDirectory() as folder:
        path = Path(folder) / "plot.gcode"
        command = f"gwrite --profile {shlex.quote(profile)} {shlex.quote(str(path))}"
        # The profile's note is printed each time; `GcodeFormat.note` has it.
        with undisturbed(), contextlib.redirect_stderr(io.StringIO()):
            try:
                vpype_cli.execute(command, document, global_opt="--seed 0")
            except (click.ClickException, ValueError, KeyError) as error:
                raise InputError(f"the G-code profile {profile!r} can't be used: {error}") from None
        # A profile may write the file's name, which is a temporary one.
        return path.read_text(encoding="utf-8").replace(str(path), path.name)
