"""The renderer written to be read: plain torch, one stroke at a time, gradients by autograd, any device and dtype.

Every other backend is compared with this one. The model of coverage, in blocks (see `plotart.render.cells`):

A stroke is cut into straight pieces (`flatten`). For each cell, take the nearest point of the stroke, at the distance d
from the cell's centre in the direction n. The stroke's edges near the cell are assumed to be straight and perpendicular
to n. An edge at the signed distance t covers F(t), the area of a half-plane in the cell, whose density is a trapezoid:
a box as wide as the cell's shadow along n, convolved with another. So a strip of half-width h covers

    S(d) = F(h - d) + F(h + d) - 1

also for nibs thinner than a cell. Caps and joins are round because distances are. A softness r widens the first box by
2 r: the stroke blurs, its ink stays the same.

Near the end of a stroke that is narrower than two cells, though, edges are anything but straight, and a cell sees the
end as a whole. There the stroke is a strip that ends square, pi / 4 of a half-width past its last point, which is as
much ink as a half disc has. With u the distance of the cell's centre inside that end, along the strip, it covers
S(d) F(u). A blurred stroke ends round.

Gradients are those of the ink, not of this formula: an edge moves ink by its own motion along n, so n is constant where
it shapes F. Near a round cap of a thin nib the direction swings wildly with the smallest motion of the cap; the ink
does not.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.render.cells import (
    CELL_WIDTH,
    blocks_per_px,
    cell_height,
    cell_radius,
    cell_reach,
    cells_of_pixel,
    end_ink,
    polyline_length,
)
from plotart.render.flatten import joint_weights, piece_counts, segment_starts, tolerance
from plotart.render.scene import Scene

#: The least side of a cell's shadow, in blocks: keeps divisions finite, and blurs nothing visibly.
FLAT = 1e-4

#: How many half-widths a square end lies past the last point, to have the ink of a round one.
BLUNT = math.pi / 4

#: So far inside a square end, in blocks, no cell sees it.
BLUNT_REACH = 0.3

#: A point is an end of a stroke if the square of its distance from there is less, in blocks.
AT_END = 1e-6

#: Points farther past an end than this, in blocks, are on another part of a stroke that comes back to its end.
BEHIND = 1e-3

#: The least share of light that leaves the space between two layers; between perfect mirrors, none would.
CLOSED = 1e-4

#: No direction makes the longer side of a cell's shadow shorter.
NARROWEST = CELL_WIDTH / 2**0.5


def rasterize_reference(scene: Scene) -> Tensor:
    """Scene -> image [H, W, 3]."""
    (across, down), scale = cells_of_pixel(scene.oversample), blocks_per_px(scene.oversample)
    rows, columns = scene.size[0] * down, scene.size[1] * across
    start, end, stroke = _pieces(scene, scale)
    half = scene.stroke_width * (scale / 2)
    softness = scene.softness * scale
    with torch.no_grad():
        length = polyline_length(scene.points * scale, scene.num_points)
        thin = (half < CELL_WIDTH) & (softness == 0)
        ink = torch.where(thin, 1.0, end_ink(length, half, cell_reach(scene.oversample) + softness))
    cell = scene.points.new_tensor([CELL_WIDTH, cell_height(scene.oversample)])
    image = scene.background.expand(rows * columns, 3)
    for k in range(len(scene.num_points)):
        mine = stroke == k
        reach = half[k] + softness + cell_radius(scene.oversample)
        cells = _near(start[mine], end[mine], reach, cell, rows, columns)
        centers = torch.stack([cells % columns, cells // columns], dim=1).to(start.dtype) + 0.5
        pieces = start[mine], end[mine]
        c = ink[k] * _coverage(centers * cell, cell, *pieces, half[k], softness, blunt=bool(thin[k]))[:, None]
        below, reflectance, transmittance = image[cells], scene.reflectance[k], scene.transmittance[k]
        if scene.two_flux:
            laid = reflectance + transmittance**2 * below / (1 - reflectance * below).clamp_min(CLOSED)
        else:
            laid = reflectance + transmittance * below
        image = image.index_copy(0, cells, below * (1 - c) + c * laid)
    return image.reshape(scene.size[0], down, scene.size[1], across, 3).mean(dim=(1, 3))


def _pieces(scene: Scene, scale: float) -> tuple[Tensor, Tensor, Tensor]:
    """Start and end [n, 2] of all pieces in blocks, and their stroke [n]."""
    points = scene.points * scale
    starts = segment_starts(scene.num_points.cpu().numpy())
    counts = torch.from_numpy(piece_counts(points.detach().cpu().numpy(), starts, tolerance(scene.oversample)))
    segment = torch.repeat_interleave(torch.arange(len(counts)), counts)
    within = torch.arange(int(counts.sum())) - torch.repeat_interleave(torch.cumsum(counts, 0) - counts, counts)
    control = torch.from_numpy(starts)[segment]
    stroke_of_segment = torch.repeat_interleave(torch.arange(len(scene.num_points)), (scene.num_points.cpu() - 1) // 3)

    def at(step: Tensor) -> Tensor:
        weights = [joint_weights(k / n, n) for k, n in zip(step.tolist(), counts[segment].tolist(), strict=True)]
        shares = points.new_tensor(weights).reshape(-1, 4, 1)
        value = sum(shares[:, k] * points[control + k] for k in range(4))
        # The ends of a cubic are its control points, to the last bit: neighbouring pieces must meet.
        value = torch.where((step == 0).to(points.device)[:, None], points[control], value)
        return torch.where((step == counts[segment]).to(points.device)[:, None], points[control + 3], value)

    return at(within), at(within + 1), stroke_of_segment[segment].to(points.device)


@torch.no_grad()
def _near(start: Tensor, end: Tensor, reach: Tensor, cell: Tensor, rows: int, columns: int) -> Tensor:
    """Indices of the cells in the stroke's bounding box, reach included."""
    corners = torch.cat([start, end])
    low, high = ((corners.amin(0) - reach) / cell).floor(), ((corners.amax(0) + reach) / cell).ceil()
    limit = high.new_tensor([columns, rows])
    low, high = torch.minimum(low.clamp_min(0), limit).long(), torch.minimum(high.clamp_min(0), limit).long()
    x = torch.arange(int(low[0]), int(high[0]), device=start.device)
    y = torch.arange(int(low[1]), int(high[1]), device=start.device)
    return (y[:, None] * columns + x).reshape(-1)


def _coverage(
    x: Tensor, cell: Tensor, start: Tensor, end: Tensor, h: Tensor, softness: float, *, blunt: bool
) -> Tensor:
    """Coverage [m] of the cells [width, height] centred at x [m, 2] by one stroke's pieces, half-width h.

    blunt: whether its ends are square.
    """
    with torch.no_grad():
        e = end - start
        squared = (e * e).sum(1)
        t = (((x[:, None] - start) * e).sum(-1) / squared.clamp_min(1e-12)).clamp(0, 1)
        nearest = ((x[:, None] - start - t[..., None] * e) ** 2).sum(-1).argmin(dim=1)
        t = t.gather(1, nearest[:, None])
    v = x - ((1 - t) * start[nearest] + t * end[nearest])
    part = torch.ones_like(v[:, 0])
    if blunt:
        whole, offset = part, v
        for last, way, right in ((start[0], start[0] - end[0], -1.0), (end[-1], end[-1] - start[-1], 1.0)):
            with torch.no_grad():
                # A stroke without length lies level.
                u = way / way.norm() if float(way.norm()) > 1e-20 else way.new_tensor([right, 0.0])
                across = torch.stack([-u[1], u[0]])
                missing = last - (x - offset)
                distance = (missing * missing).sum(1)
            # Where the nearest point is the end, only what lies across the stroke counts.
            v = torch.where((distance < AT_END)[:, None], (offset * across).sum(1, keepdim=True) * across, v)
            # What moves the end is what moves the nearest point.
            seen = _half_plane(((missing - offset) * u).sum(1) + BLUNT * h, *_shadow(u[None], cell))
            near = (distance < (BLUNT_REACH + BLUNT * h.detach()) ** 2) & ((missing * u).sum(1) > -BEHIND)
            part = part + torch.where(near, seen, whole) - 1
        part = part.clamp_min(0)
    squared = (v * v).sum(1)
    on_axis = squared < 1e-10
    d = torch.where(on_axis, 1e-10, squared).sqrt()
    with torch.no_grad():
        # On the axis itself the edges run along it.
        axis = e[nearest] / e[nearest].norm(dim=1, keepdim=True).clamp_min(1e-6)
        across = torch.stack([-axis[:, 1], axis[:, 0]], dim=1)
        a, b = _shadow(torch.where(on_axis[:, None], across, v / d[:, None]), cell)
        a = a + 2 * softness
    return part * (_half_plane(h - d, a, b) + _half_plane(h + d, a, b) - 1)


def _shadow(n: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """The sides of the trapezoid that a cell's shadow along n [m, 2] is, longer and shorter."""
    sides = n.abs() * cell
    return sides.amax(1).clamp_min(NARROWEST), sides.amin(1).clamp_min(FLAT)


def _half_plane(t: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """F(t): the share of the cell on the inner side of an edge, t inwards from the edge to the centre."""
    flat, support = (a - b) / 2, (a + b) / 2
    rest = (support - t.abs()).clamp_min(0)
    corner = rest * rest / (2 * a * b)
    return torch.where(t.abs() <= flat, 0.5 + t / a, torch.where(t > 0, 1 - corner, corner))
