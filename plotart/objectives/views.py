"""Random views of a drawing: a network that must recognise all of them can't be fooled by one pixel pattern.

Large sheets are seen through windows: parts that are drawn as large as the network sees them, at the full resolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.geometry.page import Page
from plotart.render.upload import upload


class Chooser(Protocol):
    """What chooses how the networks see a step's drawing: `count` views of it."""

    @property
    def count(self) -> int: ...

    def choose(self, page: Page, resolution: int, random: torch.Generator) -> Views:
        """Views of the sheet whose long side has `resolution` px."""
        ...


#: Rows and columns of a picture of the sheet.
Part = tuple[slice, slice]
WHOLE: Part = (slice(None), slice(None))


class Renderable(Protocol):
    """A drawing that can be rendered as a whole, or in windows: images, and the strokes [N] that have a part in them
    (None: all)."""

    def whole(self) -> tuple[Tensor, Tensor | None]: ...

    def windows(self, windows: Windows) -> tuple[Tensor, Tensor | None]: ...


@dataclass(frozen=True)
class RandomViews:
    """`count` views, each shifted (share of the image, either way), scaled and turned (degrees, either way).

    What comes in at the edges is the paper. `size` is the views' long side in px; None keeps the image's.
    """

    count: int = 2
    shift: float = 0.1
    scale: tuple[float, float] = (0.8, 1.2)
    rotate: float = 20.0
    size: int | None = None

    def choose(self, page: Page, resolution: int, random: torch.Generator) -> Views:
        height, width, _ = page.pixels(resolution)
        return self.of_size((height, width), random)

    def of_size(self, size: tuple[int, int], random: torch.Generator) -> Views:
        """Random views of images of `size` (H, W) px."""
        height, width = size
        factor = 1.0 if self.size is None else self.size / max(height, width)
        rows, columns = max(1, round(height * factor)), max(1, round(width * factor))

        def uniform(low: float, high: float) -> Tensor:
            return _uniform(self.count, low, high, random)

        angle = uniform(-self.rotate, self.rotate) * (math.pi / 180)
        zoom = torch.exp(uniform(math.log(self.scale[0]), math.log(self.scale[1])))
        shift_x, shift_y = uniform(-2 * self.shift, 2 * self.shift), uniform(-2 * self.shift, 2 * self.shift)
        cosine, sine, aspect = torch.cos(angle) / zoom, torch.sin(angle) / zoom, height / width
        # affine_grid's coordinates run from -1 to 1 along either side: a turn has to know the sides' ratio.
        matrix = torch.stack([cosine, -sine * aspect, shift_x, sine / aspect, cosine, shift_y], dim=1).reshape(-1, 2, 3)
        return Views(F.affine_grid(matrix, [self.count, 3, rows, columns], align_corners=False))

    def __call__(self, image: Tensor, paper: Tensor, random: torch.Generator) -> Tensor:
        """image [1, 3, H, W] over paper [3] -> [count, 3, h, w] in random views."""
        return self.of_size((image.shape[2], image.shape[3]), random)(image, paper)


class Views:
    """Some views of the sheet: what lies on it can be seen through them, the drawing as well as a mask or a model.

    grid  [B, h, w, 2]: where each pixel of a view looks, -1 to 1 along either side of the sheet; None looks straight
    """

    def __init__(self, grid: Tensor | None) -> None:
        self._grid = grid

    @classmethod
    def still(cls) -> Views:
        """One view: the sheet as it is."""
        return cls(None)

    def __call__(self, image: Tensor, paper: Tensor | None = None) -> Tensor:
        """image [1, C, H, W] -> [B, C, h, w], differentiable; outside the sheet is `paper` [C], or 0."""
        if self._grid is None:
            return image
        around = image.new_zeros(image.shape[1]) if paper is None else upload(paper, image)
        ink = (image - around[:, None, None]).expand(len(self._grid), -1, -1, -1)
        grid = upload(self._grid, image)
        return F.grid_sample(ink, grid, padding_mode="zeros", align_corners=False) + around[:, None, None]

    def render(self, sheet: Renderable) -> tuple[Tensor, Tensor | None]:
        """What has to be drawn for these views: the sheet as a whole."""
        return sheet.whole()

    def seen(self, rendered: Tensor, paper: Tensor) -> Tensor:
        """[B, C, h, w]: what `render` gave, through the views."""
        return self(rendered, paper)

    def part(self, margin: int) -> Part:
        """The rows and columns of a picture of the sheet that are seen, and `margin` px around them: all."""
        return WHOLE

    def sheet_size(self, rendered: Tensor) -> tuple[int, int]:
        """Rows and columns in px that a picture of the whole sheet needs to be seen as sharply as what was rendered."""
        return rendered.shape[2], rendered.shape[3]


class Windows(Views):
    """Parts of the sheet that are drawn themselves, so that nothing of the drawing is resampled.

    to_px       [B, 2, 3]: takes mm on the sheet (x, y, 1) to px of a window
    size        rows and columns of every window in px
    resolution  px of the long side of a picture of the whole sheet: what a mask or a model is seen at
    """

    def __init__(self, to_px: Tensor, size: tuple[int, int], page: Page, resolution: int) -> None:
        height, width, scale = page.pixels(resolution)
        rows, columns = size
        y, x = torch.meshgrid(torch.arange(rows) + 0.5, torch.arange(columns) + 0.5, indexing="ij")
        turn = torch.linalg.inv(to_px[:, :, :2])
        places = torch.einsum("bij,bhwj->bhwi", turn, torch.stack([x, y], dim=-1) - to_px[:, None, None, :, 2])
        self._places = places * (2 * scale / torch.tensor([width, height])) - 1
        super().__init__(self._places)
        self.to_px, self.size, self.sheet = to_px, size, (height, width)
        self._page, self._resolution = page, resolution

    @classmethod
    def tiling(cls, page: Page, resolution: int, side: int) -> Windows:
        """As few windows of `side` px, upright and evenly spread, as cover the sheet, `resolution` px long."""
        rows, columns, scale = page.pixels(resolution)
        corners = [(x, y) for y in _starts(rows, side) for x in _starts(columns, side)]
        to_px = torch.tensor([[[scale, 0.0, -x], [0.0, scale, -y]] for x, y in corners])
        return cls(to_px, (min(side, rows), min(side, columns)), page, resolution)

    def __iter__(self) -> Iterator[Windows]:
        """The windows one by one."""
        for one in self.to_px:
            yield Windows(one[None], self.size, self._page, self._resolution)

    def with_others(self, others: Sequence[Windows]) -> Windows:
        """Together with others of the same size."""
        to_px = torch.cat([self.to_px, *(other.to_px for other in others)])
        return Windows(to_px, self.size, self._page, self._resolution)

    def render(self, sheet: Renderable) -> tuple[Tensor, Tensor | None]:
        """The windows themselves."""
        return sheet.windows(self)

    def seen(self, rendered: Tensor, paper: Tensor) -> Tensor:
        return rendered

    def part(self, margin: int) -> Part:
        low, high = (self._px(extreme) for extreme in self._places.flatten(0, 2).aminmax(dim=0))
        spans = zip(low.floor().tolist(), high.ceil().tolist(), reversed(self.sheet), strict=True)
        columns, rows = (slice(max(0, int(a) - margin), min(size, int(b) + margin)) for a, b, size in spans)
        return rows, columns

    def within(self, part: Part) -> Views:
        """The same windows as views of this part of a picture of the sheet."""
        rows, columns = (torch.arange(size)[span] for size, span in zip(self.sheet, part, strict=True))
        corner, size = torch.stack([columns[0], rows[0]]), torch.tensor([len(columns), len(rows)])
        return Views((self._px(self._places) - corner) * (2 / size) - 1)

    def _px(self, places: Tensor) -> Tensor:
        """[..., 2] of the grid -> px of a picture of the sheet."""
        return (places + 1) * (torch.tensor(self.sheet[::-1]) / 2)

    def sheet_size(self, rendered: Tensor) -> tuple[int, int]:
        return self.sheet

    @property
    def scales(self) -> Tensor:
        """[B] px per mm."""
        return torch.linalg.det(self.to_px[:, :, :2]).sqrt()

    def place(self, points: Tensor) -> Tensor:
        """points [P, 2] mm -> [B, P, 2] px of each window."""
        to_px = upload(self.to_px, points)
        return torch.einsum("bij,pj->bpi", to_px[:, :, :2], points) + to_px[:, None, :, 2]

    def show(self, placed: Tensor, num_points: Tensor, reach: Tensor) -> Tensor:
        """[B, N] bool: strokes whose control points, `placed` [B, P, 2], come within `reach` [B, N] px of a window."""
        low, high = _extremes(placed.detach(), num_points)
        rows, columns = self.size
        far = placed.new_tensor([columns, rows])
        return ((high >= -reach[..., None]) & (low <= far + reach[..., None])).all(dim=-1)


@dataclass(frozen=True)
class RandomWindows:
    """`count` windows of `side` px: anywhere on the sheet, scaled and turned (degrees, either way) like random views.

    On a coarser sheet they show more of it.
    """

    count: int
    side: int
    scale: tuple[float, float] = (0.8, 1.2)
    rotate: float = 20.0

    def choose(self, page: Page, resolution: int, random: torch.Generator) -> Windows:
        _, _, scale = page.pixels(resolution)

        def uniform(low: float, high: float) -> Tensor:
            return _uniform(self.count, low, high, random)

        angle = uniform(-self.rotate, self.rotate) * (math.pi / 180)
        zoom = scale * torch.exp(uniform(math.log(self.scale[0]), math.log(self.scale[1])))
        # Centres lie a quarter of a window from the edges at least: what is beyond the sheet is bare paper.
        reach = self.side / 4 / scale
        centres = [uniform(min(reach, side / 2), max(side - reach, side / 2)) for side in (page.width, page.height)]
        centre = torch.stack(centres, dim=1)
        cosine, sine = zoom * torch.cos(angle), zoom * torch.sin(angle)
        turn = torch.stack([torch.stack([cosine, -sine], dim=1), torch.stack([sine, cosine], dim=1)], dim=1)
        shift = self.side / 2 - torch.einsum("bij,bj->bi", turn, centre)
        to_px = torch.cat([turn, shift[..., None]], dim=2)
        return Windows(to_px, (self.side, self.side), page, resolution)


def batches(windows: Sequence[Windows], count: int) -> Iterator[Windows]:
    """Windows of one size, in their order, `count` at a time; the last ones again where the number does not divide."""
    for first in range(0, len(windows), count):
        part = windows[max(0, min(first, len(windows) - count)) :][:count]
        yield part[0].with_others(part[1:])


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return torch.rand(count, generator=random) * (high - low) + low


def _starts(length: int, side: int) -> list[int]:
    """Where windows of `side` px begin that cover `length` px."""
    count = max(1, math.ceil(length / side))
    return [round(k * (length - side) / max(1, count - 1)) if count > 1 else 0 for k in range(count)]


def _extremes(placed: Tensor, num_points: Tensor) -> tuple[Tensor, Tensor]:
    """[B, P, 2] -> least and greatest coordinates [B, N, 2] of each stroke's points."""
    of_point = torch.arange(len(num_points), device=placed.device)
    stroke = torch.repeat_interleave(of_point, num_points, output_size=placed.shape[1])[None, :, None].expand_as(placed)
    empty = placed.new_zeros(len(placed), len(num_points), 2)
    low = empty.scatter_reduce(1, stroke, placed, "amin", include_self=False)
    return low, empty.scatter_reduce(1, stroke, placed, "amax", include_self=False)
