"""Looks at a sheet between two pens: what a photograph of it says, and a picture that shows it."""

from __future__ import annotations

import hashlib
import io
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.errors import ImageError, InputError
from plotart.files.atomic import write_file
from plotart.studio.corrected import taken
from plotart.studio.words import plain

if TYPE_CHECKING:
    from plotart.job.plotting import Plotting
    from plotart.job.sheet import SheetLook

#: One photograph is read at a time.
_reading = threading.Lock()

#: The colour of where something was meant to be.
MEANT = "#ff00c8"


@dataclass(frozen=True)
class _Look:
    run: Path
    look: SheetLook


class SheetLooks:
    """The last look at each sheet, by what its plot is called. Photographs lie in a folder, so that one can be looked
    at again with another cause in mind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looks: dict[str, _Look] = {}

    def photograph(self, called: str) -> Path:
        return self._folder / f"{_file(called)}.photo"

    def picture(self, called: str) -> Path:
        """The sheet as it was last seen. Raises InputError where none was."""
        path = self._folder / f"{_file(called)}.webp"
        if not path.is_file():
            raise InputError("No photograph of this sheet was looked at yet.")
        return path

    def look(self, called: str, run: Path, cause: str) -> dict[str, Any]:
        """What the photograph of a run's sheet says, compared with what should be on it by now. Raises InputError,
        ImageError."""
        from plotart.job.sheet import look_at_sheet

        after = _last_done(run)
        earlier = taken(run)
        photo = self.photograph(called)
        if not photo.is_file():
            raise InputError("First give a photograph of the sheet.")
        with _reading:
            try:
                found = look_at_sheet(
                    run,
                    photo,
                    after=str(after),
                    cause=cause,  # type: ignore[arg-type]
                    earlier=earlier.correction if earlier is not None and after > earlier.after else None,
                )
            except InputError as error:
                said = plain(str(error).replace(str(photo), "The picture"))
                raise (ImageError if isinstance(error, ImageError) else InputError)(said) from None
        path = write_file(self._folder / f"{_file(called)}.webp", _picture(run, found))
        self._looks[called] = _Look(run, found)
        return {**_told(found), "picture_at": path.stat().st_mtime_ns}

    def last(self, called: str, run: Path) -> SheetLook:
        """Raises InputError where nothing was looked at, or another pen was done since."""
        kept = self._looks.get(called)
        if kept is None or kept.look.first - 1 != _last_done(run):
            raise InputError("First give a photograph of the sheet as it is now.")
        if kept.look.corrected is None:
            raise InputError("Nothing has to be corrected.")
        return kept.look


def _last_done(run: Path) -> int:
    """The number of the last pen that is done. Raises InputError where none is, or none is left."""
    from plotart.job.plotting import open_plotting
    from plotart.plotter.session import Status

    plotting: Plotting = open_plotting(run)
    status = [plotting.session.status(pen) for pen in plotting.plan.pens]
    if Status.done not in status:
        raise InputError("No pen is done yet: there is nothing on the sheet to compare.")
    return len(status) - status[::-1].index(Status.done)


def _told(look: SheetLook) -> dict[str, Any]:
    return {
        "layers": [
            {
                "number": layer.number,
                "name": layer.name,
                "color": layer.color,
                "aside": [round(way, 3) for way in layer.aside.shift],
                "degrees": round(math.degrees(layer.aside.turn), 3),
                "inks": [None if math.isnan(ink) else round(ink, 3) for ink in layer.inks],
                "faded": layer.faded,
            }
            for layer in look.layers
        ],
        "cause": look.cause,
        "left": list(look.left),
        "correction": None
        if look.corrected is None
        else {
            "shift": [round(way, 3) for way in look.correction.shift],
            "degrees": round(math.degrees(look.correction.turn), 3),
        },
        "dpi": round(look.dpi),
    }


def _picture(run: Path, look: SheetLook) -> bytes:
    """WebP: the sheet of the photograph, seen from straight above; over it thin lines where what is drawn was meant to
    be, by the sheet's edges."""
    import numpy as np
    import torch
    from PIL import Image, ImageDraw

    from plotart.color.light import linear_to_srgb
    from plotart.export.read import read_drawing
    from plotart.export.register import landed
    from plotart.runs.run import load_run

    seen = linear_to_srgb(torch.from_numpy(look.light).clamp(0, 1)).numpy()
    image = Image.fromarray((seen * 255).round().astype(np.uint8))
    scale, finer = look.scale, 2
    image = image.resize((image.width * finer, image.height * finer), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    drawing = landed(read_drawing(run / "plot.svg"), load_run(run).pens)
    for layer in drawing.layers[: len(look.layers)]:
        for line in layer.lines:
            draw.line([(x * scale * finer, y * scale * finer) for x, y in line.tolist()], fill=MEANT, width=1)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=85, method=4)
    return file.getvalue()


def _file(called: str) -> str:
    return hashlib.sha256(called.encode()).hexdigest()[:24]
