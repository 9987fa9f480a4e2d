"""How near a plot comes to the picture that it was drawn from, as seen from so far that a millimetre blurs."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.canvas.renderer import Renderer
from plotart.color.difference import ciede2000
from plotart.color.light import srgb_to_linear
from plotart.color.spaces import linear_to_lab
from plotart.export.drawing import Drawing
from plotart.geometry.page import Page
from plotart.pens import PenSet
from plotart.plotter.simulate import simulate

#: px per mm that plots are drawn with, and the standard deviation in mm of the blur.
PX_PER_MM, BLUR = 5, 1.0


def plotted(drawing: Drawing, page: Page, pens: PenSet) -> Tensor:
    """[3, H, W] sRGB: the plot simulated."""
    renderer = Renderer(round(max(page.width, page.height) * PX_PER_MM), oversample=4)
    return simulate(drawing, page, renderer, pens)[0]


def likeness(plot: Tensor, target: Tensor, page: Page) -> dict[str, float]:
    """plot [3, H, W] sRGB and target [3, H, W] linear light, both of the whole page.

    tone    mean CIEDE2000 over what lies within the margins, both blurred
    curved  the same after the lightness of the plot has been sent through the monotone curve that fits it best to the
            target's, so that nobody loses for brightness or contrast alone
    ssim    structural similarity of the lightness, both blurred; ssim_curved after that curve
    """
    seen, wanted = (_seen(light, page) for light in (srgb_to_linear(plot), target))
    curved = torch.cat([_best_curve(seen[..., 0], wanted[..., 0])[..., None], seen[..., 1:]], dim=-1)
    return {
        "tone": float(ciede2000(seen, wanted).mean()),
        "curved": float(ciede2000(curved, wanted).mean()),
        "ssim": ssim(seen[..., 0] / 100, wanted[..., 0] / 100),
        "ssim_curved": ssim(curved[..., 0] / 100, wanted[..., 0] / 100),
    }


def ssim(first: Tensor, second: Tensor) -> float:
    """Structural similarity (Wang et al. 2004) of [H, W] in 0..1: Gaussian windows of 1.5 px."""
    kernel = _gaussian(1.5, 5)
    window = kernel[:, None] * kernel

    def mean(image: Tensor) -> Tensor:
        return F.conv2d(image[None, None], window[None, None])[0, 0]

    m1, m2 = mean(first), mean(second)
    v1, v2 = mean(first**2) - m1**2, mean(second**2) - m2**2
    both = mean(first * second) - m1 * m2
    c1, c2 = 0.01**2, 0.03**2
    found = (2 * m1 * m2 + c1) * (2 * both + c2) / ((m1**2 + m2**2 + c1) * (v1 + v2 + c2))
    return float(found.mean())


def _seen(light: Tensor, page: Page) -> Tensor:
    """[3, H, W] linear light -> [h, w, 3] Lab of what lies within the margins, blurred, a value for each mm."""
    sigma = BLUR * PX_PER_MM
    reach = round(3 * sigma)
    kernel = _gaussian(sigma, reach)
    padded = F.pad(light[:, None], (reach,) * 4, mode="replicate")
    blurred = F.conv2d(F.conv2d(padded, kernel[None, None, None]), kernel[None, None, :, None])[:, 0]
    left, top, right, bottom = (round(PX_PER_MM * side) for side in page.inner)
    middle = PX_PER_MM // 2
    sampled = blurred[:, top + middle : bottom : PX_PER_MM, left + middle : right : PX_PER_MM]
    return linear_to_lab(sampled.permute(1, 2, 0))


def _best_curve(seen: Tensor, wanted: Tensor) -> Tensor:
    """The lightness `seen` [h, w] through the monotone curve that brings it nearest to `wanted`, by least squares; what
    differs by less than 0.1 is one lightness."""
    from scipy.optimize import isotonic_regression

    steps, place, counts = np.unique(np.round(seen.flatten().numpy() * 10), return_inverse=True, return_counts=True)
    means = np.bincount(place, wanted.flatten().numpy().astype(np.float64), len(steps)) / counts
    found = isotonic_regression(means, weights=counts).x[place]
    return torch.from_numpy(found.astype(np.float32)).reshape(seen.shape)


def _gaussian(sigma: float, reach: int) -> Tensor:
    values = torch.exp(-(torch.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    return values / values.sum()
