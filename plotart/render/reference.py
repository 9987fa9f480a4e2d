"""The renderer written to be read: plain torch, one stroke at a time, gradients by autograd, any device and dtype.

Every other backend is compared with this one. The model of coverage, in blocks (see `plotart.render.cells`):

A stroke is cut into straight pieces (`flatten`). For each cell, take the nearest point of the stroke, at the distance d
from the cell's centre in the direction n. The stroke's edges near the cell are assumed to be straight and perpendicular
to n. An edge at the signed distance t covers F(t), the area of a half-plane in the cell, whose density is a trapezoid:
a box as wide as the cell's shadow along n, convolved with another. So a strip of half-width h covers

    S(d) = F(h - d) + F(h + d) - 1

also for nibs thinner than a cell. Caps and joins are round because distances are. A softness r widens the first box by
2 r: the stroke blurs, its ink stays the same.

Gradients are those of the ink, not of this formula: an edge moves ink by its own motion along n, so n is constant where
it shapes F. Near a round cap of a thin nib the direction swings wildly with the smallest motion of the cap; the ink
does not.
"""

from __future__ import annotations

import torch
from torch import Tensor

from plotart.render.cells import CELL_HEIGHT, CELL_RADIUS, CELL_WIDTH, end_ink, polyline_length
from plotart.render.flatten import joint_weights, piece_counts, segment_starts, tolerance
from plotart.render.scene import Scene

#: The least side of a cell's shadow, in blocks: keeps divisions finite, and blurs nothing visibly.
FLAT = 1e-4

#: The least share of light that leaves the space between two layers; between perfect mirrors, none would.
CLOSED = 1e-4

#: The least length of the longer side of a cell's shadow, over all directions.
NARROWEST = CELL_WIDTH * CELL_HEIGHT / (CELL_WIDTH**2 + CELL_HEIGHT**2) ** 0.5


def rasterize_reference(scene: Scene) -> Tensor:
    """Scene -> image [H, W, 3]."""
    s = scene.oversample
    scale = s / 2
    rows, columns = scene.size[0] * s, scene.size[1] * 2 * s
    start, end, stroke = _pieces(scene, scale)
    half = scene.stroke_width * (scale / 2)
    softness = scene.softness * scale
    with torch.no_grad():
        ink = end_ink(polyline_length(scene.points * scale, scene.num_points), half, softness)
    image = scene.background.expand(rows * columns, 3)
    for k in range(len(scene.num_points)):
        mine = stroke == k
        cells = _near(start[mine], end[mine], half[k] + softness + CELL_RADIUS, rows, columns)
        centers = torch.stack([cells % columns, cells // columns], dim=1).to(start.dtype) + 0.5
        centers = centers * centers.new_tensor([CELL_WIDTH, CELL_HEIGHT])
        c = ink[k] * _coverage(centers, start[mine], end[mine], half[k], softness)[:, None]
        below, reflectance, transmittance = image[cells], scene.reflectance[k], scene.transmittance[k]
        if scene.two_flux:
            laid = reflectance + transmittance**2 * below / (1 - reflectance * below).clamp_min(CLOSED)
        else:
            laid = reflectance + transmittance * below
        image = image.index_copy(0, cells, below * (1 - c) + c * laid)
    return image.reshape(scene.size[0], s, scene.size[1], 2 * s, 3).mean(dim=(1, 3))


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
def _near(start: Tensor, end: Tensor, reach: Tensor, rows: int, columns: int) -> Tensor:
    """Indices of the cells in the stroke's bounding box, reach included."""
    size = start.new_tensor([CELL_WIDTH, CELL_HEIGHT])
    corners = torch.cat([start, end])
    low, high = ((corners.amin(0) - reach) / size).floor(), ((corners.amax(0) + reach) / size).ceil()
    limit = high.new_tensor([columns, rows])
    low, high = torch.minimum(low.clamp_min(0), limit).long(), torch.minimum(high.clamp_min(0), limit).long()
    x = torch.arange(int(low[0]), int(high[0]), device=start.device)
    y = torch.arange(int(low[1]), int(high[1]), device=start.device)
    return (y[:, None] * columns + x).reshape(-1)


def _coverage(x: Tensor, start: Tensor, end: Tensor, h: Tensor, softness: float) -> Tensor:
    """Coverage [m] of the cells centred at x [m, 2] by one stroke's pieces, half-width h."""
    with torch.no_grad():
        e = end - start
        squared = (e * e).sum(1)
        t = (((x[:, None] - start) * e).sum(-1) / squared.clamp_min(1e-12)).clamp(0, 1)
        nearest = ((x[:, None] - start - t[..., None] * e) ** 2).sum(-1).argmin(dim=1)
        t = t.gather(1, nearest[:, None])
    v = x - ((1 - t) * start[nearest] + t * end[nearest])
    squared = (v * v).sum(1)
    on_axis = squared < 1e-10
    d = torch.where(on_axis, 1e-10, squared).sqrt()
    with torch.no_grad():
        # On the axis itself the edges run along it.
        axis = e[nearest] / e[nearest].norm(dim=1, keepdim=True).clamp_min(1e-6)
        across = torch.stack([-axis[:, 1], axis[:, 0]], dim=1)
        n = torch.where(on_axis[:, None], across, v / d[:, None])
        shadow = n.abs() * n.new_tensor([CELL_WIDTH, CELL_HEIGHT])
        a = shadow.amax(1).clamp_min(NARROWEST) + 2 * softness
        b = shadow.amin(1).clamp_min(FLAT)
    return _half_plane(h - d, a, b) + _half_plane(h + d, a, b) - 1


def _half_plane(t: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """F(t): the share of the cell on the inner side of an edge, t inwards from the edge to the centre."""
    flat, support = (a - b) / 2, (a + b) / 2
    rest = (support - t.abs()).clamp_min(0)
    corner = rest * rest / (2 * a * b)
    return torch.where(t.abs() <= flat, 0.5 + t / a, torch.where(t > 0, 1 - corner, corner))
