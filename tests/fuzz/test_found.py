"""What bad input has brought to light: each fault by a small input that shows it, and limits that keep from others."""

from __future__ import annotations

import io
import json
import math
import os
import pickle
import shutil
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from scans import NOMINAL, PAGE

from fuzz.mutate import TEXTS
from plotart.calibration.chart_file import dump_chart, parse_chart
from plotart.calibration.layout import lay_out
from plotart.config import Config
from plotart.errors import DrawingError, ImageError, NetworkError, PenError, WeightsError
from plotart.export.read import read_drawing
from plotart.export.safe_xml import MAX_BYTES, MAX_USED
from plotart.files.images import WHOLE, open_rgba, read_image
from plotart.job.generate import run_folder
from plotart.networks import load_network
from plotart.objectives import Direction
from plotart.pens.catalogue import PenFile, save_set
from plotart.reports.charts import metric_charts
from plotart.reports.numbers import number
from plotart.runs.metrics import Metrics
from plotart.runs.run import Run, load_run

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9mm" height="9mm">{}</svg>'
PEN_OF_RUN: dict[str, Any] = {"name": "Red", "color": "#c8102e", "width": 0.3}


@pytest.fixture(scope="module")
def layout() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dump_chart(lay_out(PenFile(NOMINAL), PAGE)))
    return found


def test_a_chart_layout_reads_back(layout: dict[str, Any]) -> None:
    assert json.loads(dump_chart(parse_chart(json.dumps(layout), "it"))) == layout


@pytest.mark.parametrize(
    ("keys", "value"),
    {
        "a width that is a list": (("fields", 0, "box", "width"), [1]),
        "a height that is text": (("fields", 0, "box", "height"), "5"),
        "a width that is no number": (("fields", 0, "box", "width"), float("nan")),
        "a box that reaches beyond the page": (("cells", 0, "width"), 1e9),
        "a page of kilometres": (("page", "width"), 1e7),
        "a mark of three numbers": (("marks", 0), [1, 2, 3]),
        "no marks": (("marks",), []),
        "few cells": (("cells",), []),
        "no fields, so none of each pen": (("fields",), []),
        "a kind that there is not": (("fields", 0, "kind"), "striped"),
        "lines without a spacing": (("fields", 0, "spacing"), 5),
        "a unit of hundreds of digits": (("unit",), 10**400),
        "a code that is a fraction": (("code",), 1.5),
        "a scribe that is a list": (("scribe",), ["Black"]),
    }.values(),
)
def test_a_layout_that_is_wrong_somewhere_is_refused(
    layout: dict[str, Any], keys: tuple[str | int, ...], value: object
) -> None:
    data = json.loads(json.dumps(layout))
    place = data
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    with pytest.raises(PenError, match="it: not a chart's layout"):
        parse_chart(json.dumps(data), "it")


def test_a_layout_nested_without_end_is_refused() -> None:
    with pytest.raises(PenError, match="not a chart's layout"):
        parse_chart("[" * 100_000, "it")


def test_a_figure_of_hundreds_of_digits_is_no_number() -> None:
    assert number(10**400, 0.0) == 0.0


@pytest.mark.parametrize("odd", [1e308, -1e308, 5e-324, math.inf, math.nan, 10**400])
def test_a_chart_has_a_gap_where_a_figure_is_absurd(odd: float) -> None:
    losses = [1.0, 0.5, odd, 0.3]
    charts = metric_charts([{"step": step, "loss": loss} for step, loss in enumerate(losses)])
    assert "<path" in charts["loss"]


def test_a_name_that_no_file_can_hold_is_replaced_in_the_report(quickstart: Run, cli: Cli, tmp_path: Path) -> None:
    run = shutil.copytree(quickstart.path, tmp_path / "run")
    summary = quickstart.summary | {"name": "half \ud800"}
    (run / "summary.json").write_text(json.dumps(summary))
    assert cli("report", run).status == 0
    assert "<title>half ?</title>" in (run / "report.html").read_text(encoding="utf-8")


def test_a_preview_that_is_no_picture_is_left_out_of_the_report(quickstart: Run, cli: Cli, tmp_path: Path) -> None:
    run = shutil.copytree(quickstart.path, tmp_path / "run")
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    (run / "preview.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + check)
    assert cli("report", run).status == 0
    assert 'class="preview"' not in (run / "report.html").read_text(encoding="utf-8")


def test_a_picture_of_which_every_pixel_counts_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (500, 400)).save(path)
    monkeypatch.setattr("plotart.files.images.MOST_BYTES", WHOLE * 500 * 400 - 1)
    with pytest.raises(ImageError, match=r"large\.png: can't be read \(500 x 400 px, which take 0\.0024 GB\); allowed"):
        read_image(path)
    assert open_rgba(path, longest=100).size == (100, 80)


def test_odd_tags_of_a_picture_are_passed_over_in_silence(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    data = io.BytesIO()
    Image.new("L", (4, 4)).save(data, "TIFF", description="a picture of nothing at all")
    path = tmp_path / "odd.tiff"
    path.write_bytes(data.getvalue().replace((28).to_bytes(4, "little"), (2**31).to_bytes(4, "little"), 1))
    open_rgba(path)
    assert not recwarn.list


def test_use_elements_that_multiply_are_refused(tmp_path: Path) -> None:
    groups = "".join(f'<g id="n{n}"><use href="#n{n - 1}"/><use href="#n{n - 1}"/></g>' for n in range(1, 16))
    path = tmp_path / "many.svg"
    path.write_text(SVG.format(f'<defs><path id="n0" d="M1 1L2 2"/>{groups}</defs><use href="#n15"/>'))
    with pytest.raises(DrawingError, match=f"more than {MAX_USED:,} others"):
        read_drawing(path)


def test_a_file_too_large_for_a_drawing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.svg"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DrawingError, match=r"large\.svg: more than 50 MB"):
        read_drawing(path)


@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize(
    ("function", "argument"), [(os.system, "touch owned"), (exec, "open('owned', 'w')"), (os.mkdir, "owned")]
)
def test_a_pickle_that_wants_to_run_something_is_not_obeyed(
    archive: bool, function: object, argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Runs:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return function, (argument,)

    monkeypatch.chdir(tmp_path)
    data = pickle.dumps({"features.0.weight": Runs()}, protocol=2)
    path = tmp_path / "bad.pth"
    path.write_bytes(_archive(data, zipfile.ZIP_STORED) if archive else data)
    with pytest.raises(WeightsError, match=r"bad\.pth is damaged or not a PyTorch state dict"):
        load_network("vgg16", weights=path, up_to="conv1_1")
    assert [one.name for one in tmp_path.iterdir()] == ["bad.pth"]


def test_an_archive_that_would_swell_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bad.pth"
    path.write_bytes(_archive(b"\0" * 1000, zipfile.ZIP_DEFLATED))
    with pytest.raises(WeightsError, match="compressed parts"):
        load_network("vgg16", weights=path, up_to="conv1_1")


@pytest.mark.parametrize("text", ["nan", "1e30", "0", "1 " * 600_000])
def test_a_direction_without_a_length_is_refused(text: str, tmp_path: Path) -> None:
    network = load_network("motif", up_to="conv1_1")
    path = tmp_path / "bad.txt"
    path.write_text(" ".join([text] * network.channels("conv1_1")))
    with pytest.raises(NetworkError, match=r"bad\.txt"):
        Direction.read(network, "conv1_1", path)


@pytest.mark.parametrize("name", [text for text in TEXTS if text.isprintable()])
def test_a_run_goes_into_one_folder_of_outputs_whatever_it_is_called(name: str) -> None:
    config = Config.from_dict({"name": name, "pens": "uni-pin", "objective": [{"type": "excitation", "class": "star"}]})
    folder = run_folder(config)
    assert folder.parent == Path("outputs")
    assert folder.name.strip(".")


@pytest.mark.parametrize("name", ["../x", "con", "NUL.x", "lpt1", ".", "a/b", "", "x" * 101, "a\0b", "mine.toml"])
def test_a_set_is_saved_under_a_name_that_every_system_takes(name: str) -> None:
    with pytest.raises(PenError, match="is no name for a set"):
        save_set(PenFile(NOMINAL), name)


def test_the_layout_is_what_the_command_blames(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "bad.layout.json"
    path.write_text('{"plotart chart": 1, "page": 3}')
    done = cli("palette", "measure", tmp_path / "none.png", "--chart", path)
    assert done.status == 2
    assert done.err.startswith(f"error: {path}: not a chart's layout")


@pytest.mark.parametrize(
    "changes",
    [
        {"pens": ["x"]},
        {"pens": [{**PEN_OF_RUN, "handling": []}]},
        {"pens": [{**PEN_OF_RUN, "reflectance": "x", "transmittance": "x"}]},
        {"pens": [{**PEN_OF_RUN, "reflectance": [float("inf")] * 3, "transmittance": [0.0] * 3}]},
        {"pens": {"pens": [PEN_OF_RUN], "overprints": [{"below": "Red", "above": "Red", "light": [2, 0, 0]}]}},
        {"pens": {"pens": [PEN_OF_RUN], "paper": "x"}},
        {"pens": [{**PEN_OF_RUN, "width": float("nan")}]},
        {"page": {"width": float("inf"), "height": 100.0}},
    ],
)
def test_a_run_of_odd_pens_or_paper_is_refused(changes: dict[str, Any], quickstart: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(quickstart.path, tmp_path / "run"))
    with safe_open(folder / "strokes.safetensors", framework="pt") as file:
        drawing = json.loads(file.metadata()["drawing"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors, folder / "strokes.safetensors", {"drawing": json.dumps({**drawing, **changes})})
    with pytest.raises(DrawingError, match="the run can't be read"):
        load_run(folder)


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e400"])
def test_metrics_that_are_not_finite_are_refused(value: str, tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(f"step,loss,recycled\n1,2.5,{value}\n")
    with pytest.raises(DrawingError, match="can't be read as metrics"):
        Metrics.read(path, up_to=9)


def _archive(data: bytes, compression: int) -> bytes:
    """A pickle as torch.save lays it into an archive."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", compression) as file:
        file.writestr("archive/data.pkl", data)
        file.writestr("archive/version", "3\n")
    return found.getvalue()
