"""plotart networks convert."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.files import check_file
from plotart.cli.say import say
from plotart.errors import OutputError
from plotart.files.atomic import write_file


def networks_convert(
    file: Annotated[Path, typer.Argument(help="A .ckpt, .pt, .pth or .safetensors file.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The .safetensors file to write.  [default: beside FILE, of its name]"),
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="Half the bytes: float16 instead of float32.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file that is there.")] = False,
) -> None:
    """Make weights that others trained into a file for configs, as of the VGG16 that MadryLab trained robustly.

    FILE holds weights of torchvision's vgg16, vgg16_bn, vgg19 or vgg19_bn: a state dict, or a checkpoint of a training
    with one. No code in it is run. Batch normalisation is folded into the convolutions, names and shapes are checked,
    and the convolutions alone are written.

    **Examples**

        plotart networks convert vgg16_bn_l2_eps3.ckpt

        plotart networks convert vgg16_bn_l2_eps3.ckpt --half --out weights/robust.safetensors
    """
    target = file.with_suffix(".safetensors") if out is None else out
    check_file(target, ".safetensors")
    if target.exists():
        if file.exists() and target.samefile(file):
            raise OutputError(f"{target}: is the file to convert; give another one with --out")
        if not overwrite:
            raise OutputError(f"{target}: is there already; give another one with --out, or --overwrite")

    from plotart.networks.convert import convert

    console = Console()
    found = convert(file, half=half)
    place = f" ({found.place})" if found.place else ""
    norm = ", batch normalisation folded in" if found.folded else ""
    say(console, f"{file}: {found.variant}{place}, {found.layers} convolutions{norm}")
    content = found.content()
    write_file(target, content)
    say(console, f"Written to {target}, {len(content) / 1e6:.1f} MB; in a config:")
    weights = json.dumps(str(target.resolve()), ensure_ascii=False)  # YAML reads it, whatever the path has
    say(console, f"  - {{type: excitation, network: {found.network}, weights: {weights}, layer: conv5_3, channel: 11}}")
