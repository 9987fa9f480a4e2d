"""Where the layers of a drawing lie on a sheet, and how much of their ink is there, against what should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plotart.calibration.light_field import fit_light
from plotart.calibration.similarity import Similarity

Array = NDArray[np.float64]
Picture = NDArray[np.float32]

#: mm: blurs under which layers are laid on what is seen, one after the other, and that under which ink is weighed.
BLURS, WEIGHED = (2.0, 1.0, 0.5, 0.3), 0.8

#: Steps at each blur, and places that are compared.
STEPS, PLACES = 8, 30_000

#: The search that comes first: px per mm, mm of the blurs between which details are, mm and degrees either way.
COARSE, COARSE_BLUR, REACH, TURNS = 1.5, (1.0, 4.0), 12.0, np.arange(-3.0, 3.01, 0.5)

#: mm from the sheet's edge, and from ink, to where paper is taken for bare; mm over which light may change by itself.
RIM, CLEAR, FOLD = 1.5, 1.0, 5.0

#: How far one layer is thought to differ from all: radians and share of the scale, as standard deviations.
TURN, STRETCH = 0.01, 0.003

#: How much more what is thought counts than noise that is by itself at each place would have it: neighbours err alike.
PULL = 50

#: Times fewer px along each side in which it is enough to know about where ink is.
COARSER = 2

#: The share by which steps are held back, as what is far off is not as straight as they take it to be.
DAMPING = 0.02

#: Of light that ink takes, what is not worth to be looked at.
FAINT = 0.02


@dataclass(frozen=True)
class LayerLook:
    """What a layer does to the light of what lies below it, by px: `passes` of it and `reflects` its own, [H, W, 3] of
    linear light each."""

    passes: Picture
    reflects: Picture

    def blurred(self, sigma: float) -> LayerLook:
        return LayerLook(_blurred(self.passes, sigma), _blurred(self.reflects, sigma))


@dataclass(frozen=True)
class Drift:
    """way: from where a layer should lie to where it lies; ink: its share of what should be there."""

    way: Similarity
    ink: float


@dataclass(frozen=True)
class SeenSheet:
    """A sheet [H, W, 3] of linear light, `scale` px to the mm, paper's light [3], and the layers that should be on it,
    the lowest first."""

    light: Picture
    scale: float
    paper: Array
    layers: tuple[LayerLook, ...]

    @property
    def middle(self) -> tuple[float, float]:
        rows, columns = self.light.shape[:2]
        return columns / self.scale / 2, rows / self.scale / 2

    def evened(self, ways: Sequence[Similarity]) -> SeenSheet:
        """The sheet as if it lay in even light: what is bare where layers lie so tells what falls on it."""
        rows, columns = self.light.shape[:2]
        return self._divided(~self.near_ink(ways, CLEAR) & _inner(rows, columns, RIM * self.scale))

    def roughly_evened(self) -> SeenSheet:
        """The same without knowing where ink is: what is brightest in each part of light paper is bare; on dark paper
        what is darkest."""
        lighter = float((self._expected([Similarity(about=self.middle)] * len(self.layers)) - self.paper).mean()) > 0
        rows, columns = self.light.shape[:2]
        grey, side = self.light.mean(axis=-1), max(4, round(8 * self.scale))
        bare = np.zeros_like(grey, dtype=bool)
        for top in range(0, rows, side):
            for left in range(0, columns, side):
                part = grey[top : top + side, left : left + side]
                kept = part <= np.quantile(part, 0.15) if lighter else part >= np.quantile(part, 0.85)
                bare[top : top + side, left : left + side] = kept
        bare &= _inner(rows, columns, RIM * self.scale)
        return self._divided(bare, folds=False)

    def near_ink(self, ways: Sequence[Similarity], mm: float) -> NDArray[np.bool_]:
        """[H, W]: what lies so near to ink, or in it, where each layer lies its way."""
        rows, columns = self.light.shape[:2]
        inked = np.abs(self._expected(ways) - self.paper).max(axis=-1) > FAINT
        near = _grown(inked, mm * self.scale / COARSER + 1)
        return near.repeat(COARSER, axis=0).repeat(COARSER, axis=1)[:rows, :columns]

    def _expected(self, ways: Sequence[Similarity]) -> Picture:
        """What should be seen where each layer lies its way, in a picture with so much fewer px as COARSER says."""
        rows, columns = (-(-side // COARSER) for side in self.light.shape[:2])
        y, x = np.mgrid[:rows, :columns]
        places = (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) * COARSER / self.scale
        light = np.broadcast_to(self.paper, (len(places), 3)).astype(np.float32)
        for layer, way in zip(self.layers, ways, strict=True):
            at = way.inverse()(places)
            light = light * _sampled(layer.passes, at, self.scale, 1.0) + _sampled(layer.reflects, at, self.scale, 0.0)
        return light.reshape(rows, columns, 3)

    def _divided(self, bare: NDArray[np.bool_], *, folds: bool = True) -> SeenSheet:
        rows, columns = bare.shape
        size = (columns / self.scale, rows / self.scale)
        side = max(4, round(6 * self.scale))
        places, light = [], []
        for top in range(0, rows, side):
            for left in range(0, columns, side):
                part = bare[top : top + side, left : left + side]
                if part.sum() >= 0.04 * side**2:
                    y, x = np.nonzero(part)
                    places.append([(left + x.mean() + 0.5) / self.scale, (top + y.mean() + 0.5) / self.scale])
                    light.append(np.median(self.light[top : top + side, left : left + side][part], axis=0))
        field = fit_light(np.array(places).reshape(-1, 2), np.array(light, dtype=float).reshape(-1, 3), size)
        y, x = np.mgrid[: -(-rows // COARSER), : -(-columns // COARSER)]
        falls = field.at((np.stack([x, y], axis=-1) + 0.5) * COARSER / self.scale).astype(np.float32)
        falls = falls.repeat(COARSER, axis=0).repeat(COARSER, axis=1)[:rows, :columns]
        even = self.light / np.maximum(falls, 1e-4)
        if folds:
            weight = _blurred(bare[..., None].astype(np.float32), FOLD * self.scale / 2)
            near = _blurred(np.where(bare[..., None], even - 1, 0).astype(np.float32), FOLD * self.scale / 2)
            even = even / np.maximum(1 + near / (weight + 0.02), 0.2)
        return replace(self, light=(even * self.paper).astype(np.float32))


def score(sheet: SeenSheet) -> tuple[float, Similarity]:
    """How well all layers together lie on what is seen, up to 1, and how: by trying turns, and all shifts at once."""
    from scipy import ndimage, signal

    middle = Similarity(about=sheet.middle)
    seen = _details(sheet.roughly_evened().light, sheet.scale)
    drawn = _details(sheet._expected([middle] * len(sheet.layers)), sheet.scale / COARSER)
    rows, columns = np.minimum(seen.shape[:2], drawn.shape[:2])
    edge = _inner(int(rows), int(columns), RIM * COARSE)[..., None]
    seen, drawn = seen[:rows, :columns] * edge, drawn[:rows, :columns] * edge
    reach = round(REACH * COARSE)
    best = (-np.inf, middle)
    power = max(float(np.sqrt((seen**2).sum() * (drawn**2).sum())), 1e-12)
    for degrees in TURNS:
        turned = ndimage.rotate(drawn, -degrees, reshape=False, order=1)
        match = sum(signal.fftconvolve(seen[..., c], turned[::-1, ::-1, c], mode="full") for c in range(3)) / power
        around = match[rows - 1 - reach : rows + reach, columns - 1 - reach : columns + reach]
        row, column = np.unravel_index(around.argmax(), around.shape)
        if around.max() > best[0]:
            shift = ((int(column) - reach) / COARSE, (int(row) - reach) / COARSE)
            best = float(around.max()), replace(middle, shift=shift, turn=float(np.radians(degrees)))
    return best


def _details(light: Picture, scale: float) -> Picture:
    """What a picture of `scale` px to the mm has between two blurs, in COARSE px to the mm."""
    from scipy import ndimage

    fine, coarse = (_blurred(light, blur * scale) for blur in COARSE_BLUR)
    factor = COARSE / scale
    return np.asarray(ndimage.zoom(fine - coarse, (factor, factor, 1), order=1), dtype=np.float32)


def find_drifts(sheet: SeenSheet, start: Similarity) -> list[Drift]:
    """Where each layer lies, by least squares under ever less blur, from where all of them lie about: first all as one,
    then each by itself, near to all."""
    random = np.random.default_rng(0)
    ways, inks = [start] * len(sheet.layers), np.ones(len(sheet.layers))
    even = sheet.evened(ways)
    for number, blur in enumerate(BLURS):
        together = number == 0
        blurred = _at_blur(even, blur)
        places = _places(blurred, ways, random)
        for _ in range(STEPS):
            ways, inks, step = _step(blurred, ways, inks, places, together=together)
            if step < 1e-3:
                break
        if number % 2 == 0:
            even = sheet.evened(ways)
    return [Drift(way, float(ink)) for way, ink in zip(ways, inks, strict=True)]


def weigh(sheet: SeenSheet, ways: Sequence[Similarity]) -> list[float]:
    """The share of the ink of each layer that is there, where they lie so; nan for one that is hardly seen."""
    even = _at_blur(sheet.evened(ways), WEIGHED)
    places = _places(even, ways, np.random.default_rng(0))
    inks = np.ones(len(ways))
    known = np.ones(len(ways), dtype=bool)
    for _ in range(4):
        columns, off = _by_ink(even, ways, inks, places)
        power = (columns**2).mean(axis=1)
        known = power > 1e-7
        normal = columns @ columns.T / columns.shape[1] + np.diag(np.full(len(ways), 1e-7))
        inks = inks + np.where(known, np.linalg.solve(normal, columns @ off / columns.shape[1]), 0.0)
    return [float(ink) if seen else float("nan") for ink, seen in zip(inks, known, strict=True)]


def _at_blur(sheet: SeenSheet, blur: float) -> SeenSheet:
    sigma = blur * sheet.scale
    return replace(
        sheet, light=_blurred(sheet.light, sigma), layers=tuple(layer.blurred(sigma) for layer in sheet.layers)
    )


def _places(sheet: SeenSheet, ways: Sequence[Similarity], random: np.random.Generator) -> NDArray[np.intp]:
    """[n, 2] px, rows and columns, where ink should be or is near."""
    rows, columns = sheet.light.shape[:2]
    chosen = np.argwhere(sheet.near_ink(ways, 1.5) & _inner(rows, columns, RIM * sheet.scale))
    if len(chosen) > PLACES:
        chosen = chosen[np.sort(random.choice(len(chosen), PLACES, replace=False))]
    return np.asarray(chosen, dtype=np.intp)


def _step(
    sheet: SeenSheet, ways: Sequence[Similarity], inks: Array, places: NDArray[np.intp], *, together: bool
) -> tuple[list[Similarity], Array, float]:
    """Ways and inks after a step of Gauss and Newton, and how long it was in mm."""
    at: Array = np.asarray((places[:, ::-1] + 0.5) / sheet.scale, dtype=float)
    middle, reach = np.array(sheet.middle), float(np.hypot(*sheet.middle))
    looks, slopes = [], []
    for layer, way in zip(sheet.layers, ways, strict=True):
        back = way.inverse()(at)
        looks.append((_sampled(layer.passes, back, sheet.scale, 1.0), _sampled(layer.reflects, back, sheet.scale, 0.0)))
        half = 0.5 / sheet.scale
        slopes.append(
            [
                [
                    (
                        _sampled(part, back + half * side, sheet.scale, edge)
                        - _sampled(part, back - half * side, sheet.scale, edge)
                    )
                    * sheet.scale
                    for part, edge in ((layer.passes, 1.0), (layer.reflects, 0.0))
                ]
                for side in np.eye(2)
            ]
        )
    below, above = _stack(looks, inks, sheet.paper)
    off = (sheet.light[places[:, 0], places[:, 1]] - below[-1]).ravel()
    arm = (at - middle) / reach
    columns = []
    for number, ((passes, reflects), ink) in enumerate(zip(looks, inks, strict=True)):
        across, down = (-(ink * (below[number] * slope[0] + slope[1])) * above[number] for slope in slopes[number])
        turn = across * -arm[:, 1:] + down * arm[:, :1]
        stretch = across * arm[:, :1] + down * arm[:, 1:]
        weight = (below[number] * (passes - 1) + reflects) * above[number]
        columns.append([part.ravel() for part in (across, down, turn, stretch, weight)])
    count = len(ways)
    if together:
        jacobian = np.array([*np.sum([part[:4] for part in columns], axis=0), *(part[4] for part in columns)])
        prior = np.array([0, 0, 0, 1 / (STRETCH * reach) ** 2, *[1.0] * count])
        wanted = np.zeros(len(prior))
    else:
        jacobian = np.array([*(column for part in columns for column in part)])
        mean_turn, mean_scale = np.mean([way.turn for way in ways]), np.mean([way.scale for way in ways])
        prior = np.tile([0, 0, 1 / (TURN * reach) ** 2, 1 / (STRETCH * reach) ** 2, 1.0], count)
        wanted = np.concatenate(
            [[0, 0, (mean_turn - way.turn) * reach, (mean_scale - way.scale) * reach, 0.0] for way in ways]
        )
    noise = max(float(off.var()), 1e-8)
    normal = jacobian @ jacobian.T
    held = DAMPING * np.diag(normal) + 1e-9 * max(float(np.trace(normal)), 1e-9)
    damped = normal + np.diag(PULL * noise * prior + held)
    step = np.linalg.solve(damped, jacobian @ off + PULL * noise * prior * wanted)
    moves = np.tile(step[:4], (count, 1)) if together else step.reshape(count, 5)[:, :4]
    more = step[4:] if together else step.reshape(count, 5)[:, 4]
    longest = float(np.abs(moves).max())
    moves = moves * min(1.0, 2.0 / max(longest, 1e-9))
    changed = [
        replace(
            way,
            shift=(way.shift[0] + float(move[0]), way.shift[1] + float(move[1])),
            turn=way.turn + float(move[2]) / reach,
            scale=way.scale + float(move[3]) / reach,
        )
        for way, move in zip(ways, moves, strict=True)
    ]
    return changed, (inks + more).clip(0.05, 3.0), longest


def _stack(looks: Sequence[tuple[Picture, Picture]], inks: Array, paper: Array) -> tuple[list[Picture], list[Picture]]:
    """Light [n, 3] below each layer, and in the end what is seen; and the share of each layer's own light that is let
    through by those above it."""
    below = [np.broadcast_to(paper.astype(np.float32), looks[0][0].shape)]
    for (passes, reflects), ink in zip(looks, inks, strict=True):
        below.append(below[-1] * (1 + ink * (passes - 1)) + ink * reflects)
    above = [np.ones_like(looks[0][0])]
    for (passes, _), ink in zip(looks[:0:-1], inks[:0:-1], strict=True):
        above.append(above[-1] * (1 + ink * (passes - 1)))
    return below, above[::-1]


def _by_ink(sheet: SeenSheet, ways: Sequence[Similarity], inks: Array, places: NDArray[np.intp]) -> tuple[Array, Array]:
    """What is seen changes by [layers, n] with the ink of each; and what is off [n]."""
    at: Array = np.asarray((places[:, ::-1] + 0.5) / sheet.scale, dtype=float)
    looks = []
    for layer, way in zip(sheet.layers, ways, strict=True):
        back = way.inverse()(at)
        looks.append((_sampled(layer.passes, back, sheet.scale, 1.0), _sampled(layer.reflects, back, sheet.scale, 0.0)))
    below, above = _stack(looks, inks, sheet.paper)
    columns = [
        ((under * (passes - 1) + reflects) * over).ravel()
        for (passes, reflects), under, over in zip(looks, below, above, strict=False)
    ]
    off = (sheet.light[places[:, 0], places[:, 1]] - below[-1]).ravel()
    return np.array(columns, dtype=float), np.asarray(off, dtype=float)


def _sampled(picture: Picture, at: Array, scale: float, outside: float) -> Picture:
    """[n, 3] of a picture at points [n, 2] mm."""
    from scipy.ndimage import map_coordinates

    where = (at * scale - 0.5).T[::-1]
    parts = [map_coordinates(picture[..., c], where, order=1, mode="constant", cval=outside) for c in range(3)]
    return np.stack(parts, axis=-1)


def _blurred(picture: Picture, sigma: float) -> Picture:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(picture, (sigma, sigma, 0), mode="nearest"))


def _grown(area: NDArray[np.bool_], by: float) -> NDArray[np.bool_]:
    from scipy.ndimage import uniform_filter

    return np.asarray(uniform_filter(area.astype(np.float32), 2 * max(1, round(by)) + 1) > 1e-6)


def _inner(rows: int, columns: int, rim: float) -> NDArray[np.bool_]:
    inside = np.zeros((rows, columns), dtype=bool)
    by = max(1, round(rim))
    inside[by:-by, by:-by] = True
    return inside
