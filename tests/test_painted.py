"""Pictures: SVGs whose paths differ within a layer are read, previewed and reported as what they paint."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from conftest import Cli
from drawings import write
from PIL import Image

from plotart import preview, read_drawing, report, stats
from plotart.export.read import read_painting
from plotart.plotter.drivers import PlotOptions
from plotart.plotter.machines import MACHINES
from plotart.plotter.plan import plan_svg

HEAD = 'xmlns="http://www.w3.org/2000/svg" width="60mm" height="40mm" viewBox="0 0 60 40"'
ROUND = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'

STROKES = f"""<svg {HEAD}><g {ROUND}>
<path d="M5 10 C20 0 40 30 55 10" stroke="#c8102e" stroke-width="6"/>
<path d="M10 35 L50 5" stroke="#1f4e9e" stroke-width="3" stroke-opacity="0.5"/>
<path d="M10 5 L50 35" stroke="#1f4e9e" stroke-width="3" stroke-opacity="0.5"/>
<path d="M5 20 L55 20" stroke="#c8102e" stroke-width="0.5"/>
</g></svg>"""

SHAPES = f"""<svg {HEAD}><defs>
<linearGradient id="a"><stop stop-color="#ff0"/><stop offset="1" style="stop-color:#f00"/></linearGradient></defs>
<rect x="2" y="2" width="30" height="30" fill="#08f"/>
<path d="M30 3 L45 38 L8 14 L52 14 L15 38 Z" fill="#0a0" fill-opacity="0.5"/>
<path fill-rule="evenodd" d="M40 20h18v18h-18z M44 24h10v10h-10z" fill="#a05"/>
<path d="M2 33h8v6h-8z" fill="url(#a)"/><text x="5" y="5">words</text></svg>"""


def pixels(text: str, width: int) -> np.ndarray:
    """What resvg draws, in 0..255."""
    png = resvg_py.svg_to_bytes(svg_string=text, width=width, background="white", dpi=96)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB"), float)


def test_runs_of_paths_are_layers_in_document_order(tmp_path: Path) -> None:
    drawing = read_drawing(write(tmp_path, STROKES))
    assert drawing.painted
    assert [layer.color for layer in drawing.layers] == ["#c8102e", "#1f4e9e", "#c8102e"]
    assert [layer.width for layer in drawing.layers] == pytest.approx([6, 3, 0.5], abs=1e-3)
    assert [layer.pen.opacity for layer in drawing.layers] == [1, 0.5, 1]
    assert [len(layer.lines) for layer in drawing.layers] == [1, 2, 1]


@pytest.mark.parametrize("text", [STROKES, SHAPES], ids=["strokes", "shapes"])
def test_the_preview_is_what_viewers_show(tmp_path: Path, text: str) -> None:
    theirs = pixels(text.replace("url(#a)", "#ff8000").replace("words", ""), 600)
    ours = np.asarray(preview(write(tmp_path, text), size=600), float)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).mean() < 2.5


@pytest.mark.parametrize("text", [STROKES, SHAPES], ids=["strokes", "shapes"])
def test_colours_at_points_are_those_that_viewers_show(tmp_path: Path, text: str) -> None:
    theirs = pixels(text.replace("url(#a)", "#ff8000").replace("words", ""), 600)
    rows, columns = np.mgrid[3:400:7, 3:600:7]
    points = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], axis=1) / 10
    ours = 255 * read_painting(write(tmp_path, text)).colors_at(points, (1, 1, 1))
    off = np.abs(ours - theirs[rows.ravel(), columns.ravel()]).max(axis=1) > 3
    assert off.mean() < 0.02  # those at edges, which viewers blur


def test_what_is_not_shown_is_said(tmp_path: Path, cli: Cli) -> None:
    path = write(tmp_path, SHAPES)
    assert stats(path).left_out == ("the run of a gradient, which is its mean colour here", "text")
    assert json.loads(cli("stats", path, "--json").out)["left_out"][1] == "text"
    done = cli("preview", path, "--size", "64", "--out", tmp_path / "seen.png")
    assert "Not shown: the run of a gradient, which is its mean colour here, text" in done.out


def test_a_report_has_each_path_in_its_look(tmp_path: Path) -> None:
    page = report(write(tmp_path, STROKES))
    assert page.count('class="layer') == 3
    assert 'stroke="#1f4e9e" stroke-opacity="0.5" stroke-width="300"' in page


def test_a_plotter_still_draws_it_with_the_pen_that_is_in_it(tmp_path: Path) -> None:
    plan = plan_svg(write(tmp_path, STROKES), MACHINES["axidraw-v3"], PlotOptions(None))
    assert [pen.layer.color for pen in plan.pens] == ["#c8102e", "#1f4e9e"]


@pytest.mark.parametrize(
    "body",
    [
        '<g stroke="red"><path d="M5 5L50 30"/></g><g stroke="blue" fill="none"><path d="M5 9L50 9"/></g>',
        '<path d="M5 5L50 30" stroke="red"/><path d="M5 9L50 9" stroke="blue" stroke-width="2"/>',
        '<path d="M5 5L50 30"/><circle cx="20" cy="20" r="9"/>',
    ],
    ids=["layers", "colours", "no paint at all"],
)
def test_pens_stay_pens(tmp_path: Path, body: str) -> None:
    assert not read_drawing(write(tmp_path, f"<svg {HEAD}>{body}</svg>")).painted


@pytest.mark.parametrize(
    "body",
    [
        '<path d="M5 5L50 30" stroke="red"/><path d="M5 9L50 9" stroke="red" stroke-width="2"/>',
        '<g stroke="red"><path d="M5 5L50 30"/><path d="M5 9L50 9" stroke-opacity="0.5"/></g>',
        '<g fill="red"><path d="M5 5L50 30L5 30Z"/></g>',
    ],
    ids=["two widths of a colour", "two opacities", "a filled shape"],
)
def test_what_no_pen_could_draw_is_painted(tmp_path: Path, body: str) -> None:
    assert read_drawing(write(tmp_path, f"<svg {HEAD}>{body}</svg>")).painted


def test_broad_strokes_beyond_the_edge_are_no_reason_that_it_does_not_fit(tmp_path: Path) -> None:
    body = '<path d="M-5 0L70 0" stroke="red" stroke-width="9"/><path d="M5 9L50 9" stroke="red"/>'
    assert stats(write(tmp_path, f"<svg {HEAD}>{body}</svg>")).problem is None


def test_a_path_that_only_closes_is_nothing(tmp_path: Path) -> None:
    body = '<path d="M5 9L50 9" stroke="red"/><path d="M3 3z" fill="blue" stroke="none"/>'
    drawing = read_drawing(write(tmp_path, f"<svg {HEAD}>{body}</svg>"))
    assert [layer.color for layer in drawing.layers] == ["#ff0000"]


def test_large_fills_have_broad_lines(tmp_path: Path) -> None:
    head = HEAD.replace("60mm", "60000mm").replace("40mm", "40000mm")
    shapes = '<rect width="60" height="40" fill="red"/>' * 20
    (layer,) = read_drawing(write(tmp_path, f"<svg {head}>{shapes}</svg>")).layers
    assert layer.width == pytest.approx(4)
    assert len(layer.lines) < 300_000


@pytest.mark.parametrize("path", ["M5 5h5v5h-5zM5 30h5v5h-5z", "M5 5L25 5L5 25L25 25z"])
def test_lines_between_the_parts_of_a_shape_are_none_of_its_hatch(tmp_path: Path, path: str) -> None:
    drawing = read_drawing(write(tmp_path, f'<svg {HEAD}><path fill="red" d="{path}"/></svg>'))
    assert all(len(line) > 1 for layer in drawing.layers for line in layer.lines)
