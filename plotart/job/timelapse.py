"""How a drawing came about, as an animation."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from plotart.files.images import png_bytes
from plotart.optimize import Optimizer
from plotart.plotter.simulate import to_picture
from plotart.runs.run import RunFolder

#: px of the animation's long side, ms that a picture stays, and ms of the first and the last one.
LONG_SIDE, SHOWN_MS, HELD_MS = 720, 60, 1500


class Timelapse:
    """`pictures` of a canvas, evenly spread over a run, none where that is 0; its images are `resolution` px long.

    Each is a PNG in the run folder's timelapse/ until the end, so that a run that goes on has those before.
    """

    def __init__(self, folder: RunFolder, optimizer: Optimizer, *, pictures: int, resolution: int) -> None:
        self._folder, self._optimizer, self._resolution = folder, optimizer, resolution
        last = optimizer.plan.steps
        self._due = {round(k * last / max(1, pictures - 1)) for k in range(pictures)}

    def take(self) -> None:
        """A picture, if one is due after the steps that are done."""
        if self._optimizer.done in self._due:
            picture = to_picture(self._optimizer.picture(LONG_SIDE / self._resolution))
            self._folder.write(f"timelapse/{self._optimizer.done:08d}.png", png_bytes(picture))

    def finish(self) -> None:
        """timelapse.webp of the pictures taken. Raises OutputError."""
        if not self._due:
            return
        paths = [self._folder.path / "timelapse" / f"{step:08d}.png" for step in sorted(self._due)]
        self._folder.write("timelapse.webp", animation([path for path in paths if path.is_file()]))


def animation(paths: list[Path]) -> bytes:
    """Pictures of one size as a looping WebP; the first and the last stay for a while. Equal input, equal bytes."""
    pictures = [_sized(path) for path in paths]
    shown = [HELD_MS, *[SHOWN_MS] * max(0, len(pictures) - 2), HELD_MS][-len(pictures) :]
    data = io.BytesIO()
    pictures[0].save(
        data, "WEBP", save_all=True, append_images=pictures[1:], duration=shown, loop=0, quality=80, method=4
    )
    return data.getvalue()


def _sized(path: Path) -> Image.Image:
    """A picture of pixels is enlarged, each of them whole."""
    with Image.open(path) as image:
        picture = image.convert("RGB")
    factor = max(1, LONG_SIDE // max(picture.size))
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
