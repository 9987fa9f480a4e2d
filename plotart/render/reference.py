"""The renderer written for reading: plain torch, one stroke at a time, gradients by autograd, any device and dtype.

Every other backend is compared with this one. The model of coverage, in px of the oversampled image:

A stroke is cut into straight pieces (`flatten`). A pixel looks at the nearest piece alone. An edge at the signed
distance t covers F(t), the area of a half-plane in the unit square, whose density is a trapezoid that depends on the
edge's direction (a, b are the larger and the smaller of |cos|, |sin|). A strip of half-width h at the distance d
therefore covers  S(d) = F(h - d) + F(h + d) - 1,  which holds for nibs thinner than a pixel too.

A stroke's end is round. Where the nib is wide, S of the radial distance to the end point says so. Where it is
thinner than a pixel, a disc is no half-plane: there the strip is cut off by a second half-plane at pi/4 h beyond
the end point, which keeps the ink's area. Between half-widths of 0.75 and 1.25 the two are blended.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from plotart.render.flatten import piece_counts, segment_starts
from plotart.render.scene import Scene

#: Half-widths between which the thin end turns into the round one.
THIN, WIDE = 0.75, 1.25

#: The slopes of an end piece shorter than this take its direction as fixed: it turns at the slightest touch.
#: Nor has a circle within it a direction.
SHORTEST = 0.25

#: The same for a piece between two others.
SHORTEST_INNER = 0.05

#: Half the diagonal of a pixel: no edge farther away touches it.
HALF_DIAGONAL = 0.7072


def rasterize_reference(scene: Scene) -> Tensor:
    """Scene -> image [H, W, 3]."""
    s = scene.oversample
    height, width = scene.size[0] * s, scene.size[1] * s
    start, end, stroke, first, last = _pieces(scene)
    half = scene.stroke_width * (s / 2)
    image = scene.background.expand(height * width, 3)
    for k in range(len(scene.num_points)):
        mine = stroke == k
        pieces = start[mine], end[mine], first[mine], last[mine]
        pixels = _near(pieces[0], pieces[1], half[k], height, width)
        centers = torch.stack([pixels % width, pixels // width], dim=1).to(start.dtype) + 0.5
        c = _coverage(centers, *pieces, half[k])[:, None]
        below = image[pixels]
        laid = below * (1 - c) + c * (scene.reflectance[k] + scene.transmittance[k] * below)
        image = image.index_copy(0, pixels, laid)
    return image.reshape(scene.size[0], s, scene.size[1], s, 3).mean(dim=(1, 3))


def _pieces(scene: Scene) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Start and end [n, 2] of all pieces, their stroke [n], and whether they begin or end it [n]."""
    points = scene.points * scene.oversample
    starts = segment_starts(scene.num_points.cpu().numpy())
    counts = torch.from_numpy(piece_counts(points.detach().cpu().numpy(), starts))
    segment = torch.repeat_interleave(torch.arange(len(counts)), counts)
    within = torch.arange(int(counts.sum())) - torch.repeat_interleave(torch.cumsum(counts, 0) - counts, counts)
    control = torch.from_numpy(starts)[segment]
    stroke_of_segment = torch.repeat_interleave(torch.arange(len(scene.num_points)), (scene.num_points.cpu() - 1) // 3)
    stroke = stroke_of_segment[segment]
    change = torch.cat([stroke.new_tensor([-1]), stroke, stroke.new_tensor([-1])]).diff() != 0

    def at(step: Tensor) -> Tensor:
        t = (step / counts[segment]).to(points)[:, None]
        weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        value = sum(w * points[control + k] for k, w in enumerate(weights))
        # The ends of a cubic are its control points, to the last bit: neighbouring pieces must meet.
        value = torch.where(t == 0, points[control], value)
        return torch.where(t == 1, points[control + 3], value)

    device = points.device
    return at(within), at(within + 1), stroke.to(device), change[:-1].to(device), change[1:].to(device)


@torch.no_grad()
def _near(start: Tensor, end: Tensor, half: Tensor, height: int, width: int) -> Tensor:
    """Indices of the pixels in the stroke's bounding box, reach included."""
    reach = half + HALF_DIAGONAL
    corners = torch.cat([start, end])
    low = (corners.amin(0) - reach - 0.5).floor().clamp_min(0)
    high = (corners.amax(0) + reach + 0.5).ceil()
    limit = high.new_tensor([width, height])
    low, high = torch.minimum(low, limit).long(), torch.minimum(high.clamp_min(0), limit).long()
    columns = torch.arange(int(low[0]), int(high[0]), device=start.device)
    rows = torch.arange(int(low[1]), int(high[1]), device=start.device)
    return (rows[:, None] * width + columns).reshape(-1)


def _coverage(x: Tensor, start: Tensor, end: Tensor, first: Tensor, last: Tensor, h: Tensor) -> Tensor:
    """Coverage [m] of the pixels centred at x [m, 2] by one stroke's pieces, half-width h."""
    with torch.no_grad():
        e = end - start
        squared = (e * e).sum(1)
        t = ((x[:, None] - start) * e).sum(-1) / squared.clamp_min(1e-12)
        foot = torch.where((t >= 1)[..., None], end, start + t.clamp(0, 1)[..., None] * e)
        foot = torch.where((t <= 0)[..., None], start, foot)
        nearest = ((x[:, None] - foot) ** 2).sum(-1).argmin(dim=1)
    p0, p1, first, last = start[nearest], end[nearest], first[nearest], last[nearest]
    e = p1 - p0
    squared = (e * e).sum(1)
    length = squared.clamp_min(1e-12).sqrt()
    frozen = length < torch.where(first | last, SHORTEST, SHORTEST_INNER)
    axis = torch.where((squared > 1e-12)[:, None], e / length[:, None], e.new_tensor([1.0, 0.0]))
    axis = torch.where(frozen[:, None], axis.detach(), axis)
    normal = torch.stack([-axis[:, 1], axis[:, 0]], dim=1)
    origin = torch.where(frozen[:, None], (p0 + p1) / 2, p0)
    across = (normal * (x - origin)).sum(1)
    before, beyond = -(axis * (x - p0)).sum(1), (axis * (x - p1)).sum(1)

    outside0, outside1 = before > 0, beyond > 0
    outside = outside0 | outside1
    at_end = (outside0 & first) | (outside1 & last)
    corner = torch.where((beyond > before)[:, None], p1, p0)
    v = x - corner
    v = torch.where(outside[:, None], v, torch.ones_like(v))  # no square root of zero where it is not used
    distance = (v * v).sum(1).clamp_min(1e-12).sqrt()

    # Past a joint the edge runs along the circle about it; close to its centre a circle has no direction.
    a, b = _kernel(axis)
    ra, rb = _kernel(v / distance[:, None])
    round_edge = outside & (distance >= SHORTEST)
    ra, rb = torch.where(round_edge, ra, a), torch.where(round_edge, rb, b)
    joint = outside & ~at_end
    cut = math.pi / 4 * h
    thin = torch.where(joint, _strip(distance, h, ra, rb), _strip(across, h, a, b))
    # The difference of two half-planes, not their product, which is too much where both edges cross the pixel.
    begun = torch.where(first, _half_plane(cut - before, a, b), torch.ones_like(across))
    ended = torch.where(last, _half_plane(cut - beyond, a, b), torch.ones_like(across))
    thin = thin * (begun + ended - 1)
    wide = _strip(torch.where(outside, distance, across), h, ra, rb)
    blend = ((h - THIN) / (WIDE - THIN)).clamp(0, 1)
    blend = blend * blend * (3 - 2 * blend)
    return (1 - blend) * thin + blend * wide


def _kernel(direction: Tensor) -> tuple[Tensor, Tensor]:
    """The trapezoid's parameters for an edge along or across the unit vector `direction` [m, 2]."""
    size = direction.abs()
    return size.amax(1), size.amin(1).clamp_min(1e-6)


def _half_plane(t: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """F(t): the area of the unit square on the inner side of an edge, t inwards from the edge to the centre."""
    flat, support = (a - b) / 2, (a + b) / 2
    rest = (support - t.abs()).clamp_min(0)
    corner = rest * rest / (2 * a * b)
    return torch.where(t.abs() <= flat, 0.5 + t / a, torch.where(t > 0, 1 - corner, corner))


def _strip(d: Tensor, h: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return _half_plane(h - d, a, b) + _half_plane(h + d, a, b) - 1
