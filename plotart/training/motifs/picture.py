"""Pictures of motifs, and of nothing: random placing, warp, pens or paints, paper, and how much of a mess.

Four manners: `pen` draws strokes on plain paper; `white` and `black` are thin ones on paper that is just that; `paint`
fills shapes and draws broad outlines. A network that has seen them all reads stroke drawings.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from plotart.training.motifs.catalogue import MOTIFS, NATURE
from plotart.training.motifs.hues import HUES
from plotart.training.motifs.inks import Colour, Ink, Manner, ordered_inks, paper_of, some_inks
from plotart.training.motifs.mess import MOTLEY, TIDY, Mess, mess_of, nothing, stranger
from plotart.training.motifs.paths import Drawing, Path, Points
from plotart.training.motifs.placing import draw_figures

#: Supersampling of the drawing before the box filter: lines down to a third of a pixel.
OVERSAMPLE = 3

#: Standard deviation, in 8-bit steps, below which a picture counts as blank.
_LEAST_CONTRAST = 7.0

_HUES = {hue: k for k, hue in enumerate(HUES)}

#: Of a specimen's inks: bare paper, and what isn't told.
BARE, UNKNOWN = len(HUES), 255

#: The share of a place that is ink, from which on it counts.
_LEAST_INK = 0.08


@dataclass(frozen=True)
class School:
    """What a network is shown.

    manners  share of each manner
    nothing  share of the pictures that show nothing
    tidy     share of the motifs that are drawn without any mess
    motley   share of those whose lines change their ink on the way, or by where they lie
    broad    share of the pen drawings that are broad ones
    nib_px   least and greatest width of the others, in supersampled px at 112 px
    there    degree of a mess up to which a motif is still all there, and from which it is nothing
    """

    manners: dict[Manner, float] = field(
        default_factory=lambda: {"pen": 0.45, "white": 0.2, "black": 0.1, "paint": 0.25}
    )
    nothing: float = 0.1
    tidy: float = 0.65
    motley: float = 0.0
    broad: float = 0.25
    nib_px: tuple[float, float] = (1.0, 5.5)
    there: tuple[float, float] = (0.25, 1.0)


@dataclass(frozen=True)
class Specimen:
    """A picture and what there is to see in it.

    pixels  [S, S, 3] uint8, sRGB
    worth   0..1: how much of the motif there is; the rest is nothing
    inks    [S / 2, S / 2] uint8: which of HUES is most of the ink in each place, BARE where there is next to none,
            UNKNOWN where that isn't told
    neat    whether it is drawn without any mess
    """

    pixels: NDArray[np.uint8]
    worth: float
    inks: NDArray[np.uint8]
    neat: bool


def specimen(name: str, rng: np.random.Generator, size: int, school: School) -> Specimen:
    """A random picture of the motif `name`, or of nothing made with it, as often as the school has it."""
    manner = list(school.manners)[rng.choice(len(school.manners), p=list(school.manners.values()))]
    if rng.random() < school.nothing:
        return _of_nothing(name, rng, size, manner, school)
    degree = 0.0 if rng.random() < school.tidy else rng.uniform(0.05, 1.2)
    whole, gone = school.there
    worth = float(np.clip((gone - degree) / (gone - whole), 0, 1))
    if degree:
        mess = mess_of(min(degree, 1.0), rng)
    else:
        mess = MOTLEY[rng.integers(2)] if school.motley and rng.random() < school.motley else TIDY
    pixels, drawn = _seen(name, rng, size, manner, mess, school)
    return Specimen(pixels, worth, drawn, not degree)


def picture(name: str, rng: np.random.Generator, size: int = 96, manner: Manner | None = None) -> NDArray[np.uint8]:
    """A random tidy picture [size, size, 3] uint8 (sRGB) of the motif `name`; the manner is random if None."""
    school = School()
    manner = manner or list(school.manners)[rng.choice(len(school.manners), p=list(school.manners.values()))]
    return _seen(name, rng, size, manner, TIDY, school)[0]


def _of_nothing(name: str, rng: np.random.Generator, size: int, manner: Manner, school: School) -> Specimen:
    if rng.random() < 0.35:
        pixels, drawn = _seen(name, rng, size, manner, TIDY, school)
        other = str(rng.choice(MOTIFS)) if rng.random() < 0.5 else name
        tiles = _shuffled([pixels, _seen(other, rng, size, manner, TIDY, school)[0]], rng)
        return Specimen(tiles, 0.0, np.full_like(drawn, UNKNOWN), False)
    sheet = _Sheet(size, paper_of(manner, rng))
    inks = some_inks(int(rng.integers(1, 6)), sheet.paper, 60, rng)
    width = _nib(rng, manner, school, size)
    for points in nothing(sheet.side, rng):
        sheet.line(points, inks[rng.integers(len(inks))], width)
    return Specimen(sheet.pixels(), 0.0, sheet.inks(), False)


def _seen(
    name: str, rng: np.random.Generator, size: int, manner: Manner, mess: Mess, school: School
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The picture and its inks; drawn again where nothing can be seen: a figure out of view, a tiling in one colour."""
    while True:
        sheet = _Sheet(size, paper_of(manner, rng))
        figures = draw_figures(name, rng)
        if figures:
            inks = ordered_inks(figures, NATURE[name], sheet.paper, manner, rng)
            _fill(sheet, figures, inks, manner, mess, school, rng)
        pixels = sheet.pixels()
        if pixels.std(axis=(0, 1)).max() >= _LEAST_CONTRAST:
            return pixels, sheet.inks()


def _fill(
    sheet: _Sheet,
    figures: list[Drawing],
    inks: list[list[Ink]],
    manner: Manner,
    mess: Mess,
    school: School,
    rng: np.random.Generator,
) -> None:
    paths, of_path = itertools.chain.from_iterable(figures), itertools.chain.from_iterable(inks)
    inked = [(sheet.place(path), ink) for path, ink in zip(paths, of_path, strict=True)]
    if manner == "paint":
        _paint(sheet, inked, rng)
        inked = []
    _pen(sheet, inked, _nib(rng, manner, school, sheet.size), mess, rng)


class _Sheet:
    """A supersampled picture that knows its inks."""

    def __init__(self, size: int, paper: Colour) -> None:
        self.size, self.side, self.paper = size, size * OVERSAMPLE, paper
        self._image = Image.new("RGB", (self.side, self.side), paper)
        self._canvas = ImageDraw.Draw(self._image)
        self._inks: set[Ink] = set()

    def place(self, path: Path) -> Path:
        return path._replace(points=(path.points + 1) * self.side / 2)

    def line(self, points: Points, ink: Ink | None, width: float) -> None:
        """A line of that ink, or of the paper's colour."""
        colour = self.paper if ink is None else ink.colour
        self._canvas.line([(x, y) for x, y in points.tolist()], fill=colour, width=max(1, round(width)))
        if ink is not None:
            self._inks.add(ink)

    def area(self, points: Points, ink: Ink) -> None:
        self._canvas.polygon([(x, y) for x, y in points.tolist()], fill=ink.colour)
        self._inks.add(ink)

    def pixels(self) -> NDArray[np.uint8]:
        return np.asarray(self._image.reduce(OVERSAMPLE))

    def inks(self) -> NDArray[np.uint8]:
        """[S / 2, S / 2]: as a specimen has them."""
        pixels = np.asarray(self._image.convert("RGBX")).view(np.uint32).reshape(self.side, self.side)
        across, cell = self.size // 2, 2 * OVERSAMPLE
        share = np.zeros((len(HUES), across, across), np.float32)
        for (red, green, blue), hue in sorted(self._inks):
            packed = np.frombuffer(bytes((red, green, blue, 255)), np.uint32)[0]
            here = (pixels == packed)[: across * cell, : across * cell]
            share[_HUES[hue]] += here.reshape(across, cell, across, cell).mean(axis=(1, 3))
        return np.where(share.sum(axis=0) < _LEAST_INK, BARE, share.argmax(axis=0)).astype(np.uint8)


def _nib(rng: np.random.Generator, manner: Manner, school: School, size: int) -> float:
    """A pen's width in supersampled px."""
    broad = manner == "pen" and rng.random() < school.broad
    least, greatest = school.nib_px
    return size / 112 * float(rng.uniform(greatest, 1.9 * greatest) if broad else rng.uniform(least, greatest))


def _pen(sheet: _Sheet, inked: Iterable[tuple[Path, Ink]], nib: float, mess: Mess, rng: np.random.Generator) -> None:
    """Strokes, each path whole, or in a mess."""
    inks = some_inks(int(rng.integers(2, 6)), sheet.paper, 60, rng)

    patches = rng.uniform(0, sheet.side, (int(rng.integers(3, 12)), 2)) if mess.patches else None

    def any_ink() -> Ink:
        return inks[rng.integers(len(inks))]

    def ink_there(points: Points) -> Ink:
        assert patches is not None
        return inks[int(np.hypot(*(patches - points.mean(axis=0)).T).argmin()) % len(inks)]

    jobs: list[tuple[Points, Ink]] = []
    cut = int(rng.integers(20, 80)) * OVERSAMPLE
    for path, ink in inked:
        points = np.concatenate([path.points, path.points[:1]]) if path.closed else path.points
        for piece in [points] if mess is TIDY else _pieces(points, cut):
            if mess.missing and rng.random() < mess.missing:
                continue
            if mess.astray and rng.random() < mess.astray:
                piece = _astray(piece, sheet.side, rng)
            if mess.confetti or mess.patches:
                ink = any_ink() if mess.confetti else ink_there(piece)
            jobs.append((piece, ink))
    jobs += [(stranger(sheet.side, rng), any_ink()) for _ in range(mess.strangers)]
    for points, ink in jobs:
        for _ in range(mess.twice):
            if mess.wobble:
                shake = rng.normal(0, mess.wobble, 2) + rng.normal(0, 0.4 * mess.wobble, points.shape)
                sheet.line(points + shake, ink, nib)
            else:
                sheet.line(points, ink, nib)


def _astray(points: Points, side: float, rng: np.random.Generator) -> Points:
    angle = rng.uniform(0, 2 * np.pi)
    c, s = np.cos(angle), np.sin(angle)
    middle = points.mean(axis=0)
    return (points - middle) @ np.array([[c, s], [-s, c]]) + middle + rng.normal(0, 0.15 * side, 2)


def _pieces(points: Points, length: float) -> list[Points]:
    """A polyline cut about every `length` pixels."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    if steps.sum() < length:
        return [points]
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(1, int(along[-1] / length))
    marks = np.linspace(0, along[-1], count * 12 + 1)
    dense = np.stack([np.interp(marks, along, points[:, k]) for k in (0, 1)], -1)
    return [dense[12 * k : 12 * k + 13] for k in range(count)]


def _paint(sheet: _Sheet, inked: list[tuple[Path, Ink]], rng: np.random.Generator) -> None:
    """Filled shapes and broad lines; shapes of one ink have outlines of the paper's, or shapes within would vanish."""
    width = sheet.size / 112 * rng.uniform(2, 11)
    fill = rng.random() < 0.75
    alone = len({ink.colour for _, ink in inked}) == 1
    outlined = alone or rng.random() < 0.7
    outline = None if alone or rng.random() < 0.5 else inked[-1][1]
    for path, ink in inked:
        ring = np.concatenate([path.points, path.points[:1]]) if path.closed else path.points
        if path.closed and fill:
            sheet.area(path.points, ink)
            if outlined:
                sheet.line(ring, outline, width / 2)
        else:
            sheet.line(ring, ink, width)


def _shuffled(pictures: list[NDArray[np.uint8]], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pictures cut into tiles, turned and laid anew."""
    across = int(rng.integers(3, 8))
    side = len(pictures[0])
    cell = -(-side // across)
    laid = np.empty((across * cell, across * cell, 3), np.uint8)
    for row in range(across):
        for column in range(across):
            source = pictures[rng.integers(len(pictures))]
            y, x = rng.integers(0, side - cell + 1, 2)
            laid[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell] = np.rot90(
                source[y : y + cell, x : x + cell], int(rng.integers(4))
            )
    return laid[:side, :side]
