"""The config: YAML to frozen, validated models. Lengths are floats in mm, whatever unit they were written in.

Only `Config.load` and `Config.from_dict` promise ConfigError; a model that is called by hand raises pydantic's own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from plotart.config.layers import (
    dump_yaml,
    merge,
    parse_override,
    places,
    put,
    read_layers,
)
from plotart.config.pen_list import Pens
from plotart.errors import ConfigError
from plotart.pens import Ink
from plotart.pens.pen import WIDEST
from plotart.plugins import DOORS, DRIVERS, EXPORTERS, NETWORKS, RENDERERS, STARTS, TERMS, Plugin
from plotart.schema.doors import NameOf, OneOf, models_behind
from plotart.schema.model import Model
from plotart.schema.paths import at_paths
from plotart.schema.problems import Loc, Problem, Problems, dotted, explain, problem, show
from plotart.schema.values import PAPER_MM, Color, File, Length, Paper, TextLine, is_path

Machine = Literal[
    "axidraw-v3",
    "axidraw-v3-a3",
    "axidraw-v3-xlx",
    "axidraw-minikit",
    "axidraw-se-a1",
    "axidraw-se-a2",
    "nextdraw-8511",
    "nextdraw-1117",
    "nextdraw-2234",
    "custom",
]


#: Begins a line at the head of a run's config.yaml that says what another package added.
NEEDS = "# needs "

Positive = Annotated[float, Field(gt=0)]

if TYPE_CHECKING:
    from plotart.export.format import Format
    from plotart.objectives import TermConfig
else:  # torch and other packages are imported with these, when a config is first checked
    Format = Annotated[Any, OneOf(EXPORTERS)]
    TermConfig = Annotated[Any, OneOf(TERMS)]


class PageConfig(Model):
    """The sheet of paper."""

    size: Paper = Field(default="a5", description="A sheet by name, or [width, height].")
    orientation: Literal["portrait", "landscape"] = Field(
        default="portrait", description="How a named sheet lies; [width, height] is only turned by landscape."
    )
    margin: Length = Field(default=10.0, ge=0, description="Nothing is drawn this close to the edges.")
    color: Color = Field(default="#ffffff", description="The colour of the paper.")

    @property
    def width_height(self) -> tuple[float, float]:
        """Width and height in mm as the sheet lies."""
        width, height = PAPER_MM[self.size] if isinstance(self.size, str) else self.size
        if self.orientation == "landscape":
            return max(width, height), min(width, height)
        return width, height

    @model_validator(mode="after")
    def _margin_leaves_room(self) -> PageConfig:
        short = min(self.width_height)
        if 2 * self.margin >= short:
            raise Problems(problem(("margin",), _mm(self.margin), f"less than half of {_short_side(self)}"))
        return self


class TemperatureConfig(Model):
    """The softmax temperature of the pen choice, from the first step to the last."""

    start: float = Field(
        default=1.0, ge=1e-4, le=1e4, description="At the first step: high lets strokes be a mix of pens."
    )
    end: float = Field(
        default=0.05, ge=1e-4, le=1e4, description="At the last step: low makes every stroke choose; at most start."
    )

    @model_validator(mode="after")
    def _falls(self) -> TemperatureConfig:
        if self.end > self.start:
            raise Problems(problem(("end",), f"{self.end:g}", f"at most start ({self.start:g})"))
        return self


class PaletteConfig(Model):
    """How strokes choose among colours."""

    mode: Literal["fixed", "learned", "choose"] = Field(
        default="fixed",
        description="All the pens; colours learned in the run, and matched to the pens if there are any; or the best "
        "few of the pens, chosen in the run.",
    )
    colors: int = Field(default=4, ge=1, le=64, description="Learned, choose: how many colours, or pens.")
    must: tuple[TextLine, ...] = Field(default=(), strict=False, description="Choose: pens that are taken in any case.")
    chosen: float = Field(
        default=0.5, gt=0, le=1, description="Choose: share of the steps before polish after which the pens are chosen."
    )
    sparsity: float = Field(
        default=0.3, ge=0, description="Choose: weight of the penalty on strokes of pens that are to go."
    )
    width: Length = Field(default=0.35, gt=0, le=WIDEST, description="Learned: the width of every pen's line.")
    ink: Ink = Field(default="transparent", description="Learned: the kind of ink.")
    opacity: float = Field(
        default=1.0, gt=0, le=1, description="Learned: how much of the ink's full effect one line has."
    )
    temperature: TemperatureConfig = Field(
        default=TemperatureConfig(), description="How firmly strokes choose over time."
    )
    sharpness: float = Field(default=0.05, ge=0, description="Weight of the penalty on strokes that are a mix of pens.")
    noise: float = Field(default=0.0, ge=0, le=1000, description="Scale of the Gumbel noise on the choice; 0 = none.")
    usage: float = Field(default=0.05, ge=0, description="Weight of the term that keeps every pen in use.")


class StrokesConfig(Model):
    """The lines to begin with."""

    count: int = Field(default=400, ge=1, le=100_000, description="How many strokes.")
    segments: int = Field(default=2, ge=1, le=16, description="Cubic Bézier segments in each stroke.")
    init: Annotated[str, NameOf(STARTS)] = Field(default="random", description="How the first strokes are laid out.")
    length: Length = Field(default=20.0, gt=0, le=10_000, description="The length of the first strokes.")
    svg: File | None = Field(default=None, description="The drawing to begin with when init is svg.")
    smooth: bool = Field(default=True, description="Curves of a stroke flow into each other without a kink.")
    symmetry: Literal["none", "mirror", "mirror-down", "mirror-both", "turns", "snowflake"] = Field(
        default="none",
        description="By construction: left and right alike (mirror), top and bottom (mirror-down), both (mirror-both), "
        "the same after a turn (turns), or with mirrors too (snowflake).",
    )
    fold: int = Field(default=6, ge=2, le=24, description="With turns and snowflake: how many turns make a circle.")

    @model_validator(mode="after")
    def _svg_is_named(self) -> StrokesConfig:
        if self.init == "svg" and self.svg is None:
            raise Problems(problem(("svg",), "nothing", "the path of an SVG file, as init is svg"))
        return self


class RenderConfig(Model):
    """The image that the network looks at."""

    resolution: int = Field(default=224, ge=16, le=4096, description="The page's long side in px.")
    backend: Annotated[str, NameOf(RENDERERS, "auto")] = Field(default="auto", description="The renderer.")
    oversample: int = Field(
        default=2, ge=1, le=8, description="How finely ink is laid within a px: 1 is fast, 2 the default, 4 exact."
    )
    coarse: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Share of the resolution to begin with; it rises to all of it in two steps before polish.",
    )
    crop: Annotated[int, Field(ge=16, le=4096)] | None = Field(
        default=None,
        description="For large pages: each step draws and looks at random windows alone, of so many px a side, at the "
        "full resolution; null = at the page as a whole.",
    )
    light: Literal["linear", "srgb"] = Field(default="linear", description="Where inks mix; linear is like real light.")
    softness: Length = Field(
        default=0.0,
        ge=0,
        le=100,
        description="How far lines are blurred to either side at the first step, so that they feel what is near them; "
        "falls to 0 over 60 % of the steps before polish.",
    )
    two_flux: bool = Field(
        default=False,
        description="Light goes to and fro between layers of ink; it shows where inks of some opacity overlap.",
    )

    @model_validator(mode="after")
    def _diffvg_is_plain(self) -> RenderConfig:
        if self.backend == "diffvg" and (self.softness > 0 or self.two_flux):
            found = f"backend diffvg with {'softness' if self.softness > 0 else 'two_flux'}"
            raise Problems(problem((), found, "softness and two_flux with backend auto or cpu"))
        return self

    @model_validator(mode="after")
    def _crop_is_a_part(self) -> RenderConfig:
        if self.crop is not None and self.crop > self.resolution:
            raise Problems(problem(("crop",), str(self.crop), f"at most resolution ({self.resolution})"))
        return self


class AugmentConfig(Model):
    """The random views of the drawing that the network gets in each step."""

    views: int = Field(default=2, ge=1, le=64, description="Views per step; more take longer and help a little.")
    shift: float = Field(default=0.1, ge=0, lt=1, description="Most shift, as a share of the image.")
    scale: tuple[Positive, Positive] = Field(default=(0.8, 1.2), strict=False, description="Least and greatest scale.")
    rotate: float = Field(default=20.0, ge=0, le=180, description="Most rotation in degrees, either way.")
    size: Annotated[int, Field(ge=16, le=4096)] | None = Field(
        default=None, description="Side of the views in px; null = as rendered."
    )

    @model_validator(mode="after")
    def _scale_rises(self) -> AugmentConfig:
        if self.scale[0] > self.scale[1]:
            raise Problems(problem(("scale",), show(self.scale), "[least, greatest]"))
        return self


class RateConfig(Model):
    """Adam's learning rates; 0 keeps a part as it is."""

    points: float | None = Field(
        default=None, ge=0, le=1000, description="Of control points, in mm per step; null = 1.3 px of the image."
    )
    logits: float = Field(default=0.1, ge=0, le=1000, description="Of the choice among pens.")
    colors: float = Field(default=0.05, ge=0, le=1000, description="Of learned colours.")


class RecycleConfig(Model):
    """Lines that can't be seen, off the page or covered by opaque ink, begin again elsewhere."""

    every: int = Field(default=25, ge=0, description="Steps from one search for them to the next; 0 = never.")
    until: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Share of the steps before polish in which this happens; then lines settle.",
    )


class OptimizeConfig(Model):
    """The run."""

    steps: int = Field(default=400, ge=1, le=1_000_000, description="How many steps.")
    rate: RateConfig = Field(default=RateConfig(), description="How far each step goes.")
    decay: Literal["cosine", "none"] = Field(default="cosine", description="How the rates fall over the run.")
    polish: float = Field(default=0.15, ge=0, lt=1, description="Share of the steps, at the end, with the pens fixed.")
    project: bool = Field(default=True, description="Put control points back inside the margins after each step.")
    recycle: RecycleConfig = Field(default=RecycleConfig(), description="What becomes of lines that can't be seen.")
    precision: Literal["auto", "float32", "float32-planar", "bfloat16"] = Field(
        default="auto",
        description="Number type within the network (float32-planar: channel after channel in memory); auto is "
        "bfloat16 on processors and GPUs that multiply it, else float32.",
    )
    compile: bool | None = Field(
        default=None,
        description="Compile the network with torch.compile, which takes a minute, and on the CPU a C++ compiler, and "
        "saves time in every step; null = on a GPU alone.",
    )
    leak: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Slope of the network's ReLUs below zero at the first step, so that what sees nothing yet is moved "
        "too; falls to 0 over half the steps before polish.",
    )
    checkpoint: int = Field(default=50, ge=1, description="Steps between checkpoints.")


class MachineConfig(Model):
    """A plotter that plotart does not know; the speeds are those of an AxiDraw where nothing else is said."""

    travel: tuple[Length, Length] = Field(strict=False, description="How far it reaches, [long side, short side].")
    speed_down: Positive = Field(default=50.2, description="mm/s while the pen draws.")
    speed_up: Positive = Field(default=150.6, description="mm/s while the pen is in the air.")
    acceleration_down: Positive = Field(default=762.0, description="mm/s² while the pen draws.")
    acceleration_up: Positive = Field(default=1143.0, description="mm/s² while the pen is in the air.")
    raise_time: float = Field(default=0.130, ge=0, le=60, description="Seconds to raise the pen.")
    lower_time: float = Field(default=0.146, ge=0, le=60, description="Seconds to lower the pen.")

    @model_validator(mode="after")
    def _reaches_somewhere(self) -> MachineConfig:
        if min(self.travel) <= 0:
            raise Problems(problem(("travel",), show(self.travel), "two lengths above 0"))
        return self


class ExportConfig(Model):
    """What the plotter gets."""

    model_config = ConfigDict(defer_build=True)

    machine: Machine = Field(default="axidraw-v3", description="The plotter, for the time estimate and the reach.")
    custom: MachineConfig | None = Field(default=None, description="The plotter when machine is custom.")
    driver: Annotated[str, NameOf(DRIVERS, "auto")] = Field(
        default="auto", description="The software that moves the plotter; auto is the first that is installed."
    )
    formats: tuple[Format, ...] = Field(
        default=(), strict=False, description="Files for other machines and programs, each type once."
    )
    order: Literal["light-to-dark", "given"] = Field(default="light-to-dark", description="The order of the pens.")
    merge: Length = Field(default=0.1, ge=0, description="Join lines of one pen whose ends are this close; 0 = off.")
    simplify: Length = Field(default=0.02, ge=0, description="How far a simplified line may stray; 0 = off.")
    min_length: Length = Field(
        default=0.0,
        ge=0,
        description="Lines shorter than this are left out, and counted; dots stay; 0 = all are drawn.",
    )
    reloop: bool = Field(default=True, description="Closed lines begin where that shortens the way in the air.")
    sort: bool = Field(default=True, description="Sort the lines of each pen for short ways in the air.")
    remove_hidden: bool = Field(
        default=False, description="Don't draw what opaque ink that comes later covers completely."
    )
    registration_marks: bool = Field(
        default=False, description="The same marks in every pen's file, so that all of them are placed alike."
    )
    sheets: bool = Field(
        default=False, description="A page that the machine does not reach is split into sheets that it does."
    )
    overlap: Length = Field(default=10.0, ge=0, le=100, description="What neighbouring sheets have in common.")
    timelapse: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="Pictures in timelapse.webp, which shows how the drawing came about; 0 = none.",
    )
    preview: int = Field(default=1400, ge=64, le=8192, description="Long side of preview.png in px.")

    @model_validator(mode="after")
    def _custom_is_given(self) -> ExportConfig:
        if self.machine == "custom" and self.custom is None:
            raise Problems(problem(("custom",), "nothing", "a mapping with travel at least, as machine is custom"))
        return self


class Config(Model):
    """A run of plotart."""

    model_config = ConfigDict(defer_build=True)

    name: TextLine = Field(default="", description="The name of the run; the file's if it isn't given.")
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="Same seed, same drawing.")
    canvas: Literal["strokes", "pixels"] = Field(
        default="strokes", description="What is optimised: lines, or every pixel."
    )
    page: PageConfig = Field(default=PageConfig(), description="The sheet of paper.")
    pens: Pens = Field(
        default=(),
        description="The pens: a list, the name of a set, {set: name, only: [names]}, or {pens: list, overprints: "
        "list}; needed unless palette.mode is learned.",
    )
    palette: PaletteConfig = Field(default=PaletteConfig(), description="How strokes choose among colours.")
    strokes: StrokesConfig = Field(default=StrokesConfig(), description="The lines to begin with.")
    render: RenderConfig = Field(default=RenderConfig(), description="The image that the network looks at.")
    objective: tuple[TermConfig, ...] = Field(
        strict=False, min_length=1, description="What to strive for; at least one goal, such as an excitation."
    )
    augment: AugmentConfig = Field(default=AugmentConfig(), description="The random views that the network gets.")
    optimize: OptimizeConfig = Field(default=OptimizeConfig(), description="The run.")
    export: ExportConfig = Field(default={}, validate_default=True, description="What the plotter gets.")

    @classmethod
    def load(cls, path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Config:
        """The config in a YAML file, on top of those that it `extends`, with overrides such as
        ``"objective.0.channel=3"`` put in. Paths count from the file that names them, in an override from the current
        folder. Raises ConfigError: one line per problem, with file, key, what was found and what is allowed."""
        file = Path(path)
        data: dict[str, Any] = {}
        origins: dict[tuple[str, ...], str] = {}
        for layer in read_layers(file):
            data = merge(data, _anchored(layer.data, layer.path.parent))
            origins |= {_texts(loc): str(layer.path) for loc in places(layer.data)}
        try:
            return cls._overridden({"name": file.stem, **data}, overrides, str(file), origins, _file_schema())
        except ConfigError as error:
            raise ConfigError("\n".join([str(error), *_no_longer_installed(file)])) from None

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], *, name: str = "", folder: str | os.PathLike[str] | None = None
    ) -> Config:
        """The config in plain data as YAML would give it. `name` is used where `data` has none and stands in messages
        for the file; relative paths count from `folder`, or from the current one. Raises ConfigError."""
        label = name or "config"
        if not isinstance(data, Mapping):
            raise ConfigError(f"{label}: found {show(data)}; allowed: a mapping")
        return cls._checked({"name": name, **_anchored(data, folder or "")}, lambda loc: label, _schema())

    def override(self, *overrides: str) -> Config:
        """This config with overrides such as ``"strokes.count=20"`` put in, as `load` puts them in. Raises ConfigError,
        in which the config's name stands for the file."""
        label = self.name or "config"
        data = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return self._overridden(data, overrides, label, {(): label}, _schema())

    def dump(self) -> str:
        """YAML with every default written out and paths absolute; it loads back to an equal Config. Comments at its
        head say what other packages add to it."""
        head = "".join(f"{NEEDS}{plugin}\n" for plugin in self.plugins)
        return head + dump_yaml(self.model_dump(mode="json", by_alias=True))

    def with_formats(self, formats: Sequence[Mapping[str, Any]]) -> Config:
        """The config with these among its export.formats, in place of those of the same types. Raises ConfigError."""
        data = self.model_dump(mode="json", by_alias=True)
        others = [one for one in data["export"]["formats"] if one["type"] not in {one.get("type") for one in formats}]
        return Config.from_dict({**data, "export": {**data["export"], "formats": [*others, *formats]}}, name=self.name)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """What other packages add to it, each once."""
        named = [(TERMS, term.type) for term in self.objective]
        named += [(NETWORKS, getattr(term, "network", "")) for term in self.objective]
        named += [(RENDERERS, self.render.backend), (STARTS, self.strokes.init), (DRIVERS, self.export.driver)]
        named += [(EXPORTERS, one.type) for one in self.export.formats]
        return tuple(dict.fromkeys(plugin for door, name in named if (plugin := door.plugin(name))))

    @classmethod
    def _overridden(
        cls,
        data: dict[str, Any],
        overrides: Sequence[str],
        name: str,
        origins: dict[tuple[str, ...], str],
        schema: dict[str, Any],
    ) -> Config:
        """`name` stands in messages for the config; `origins` says where what is in `data` comes from."""
        for override in overrides:
            label = f"{name} (override {show(override)})"
            keys, value = parse_override(override, label)
            if keys == ["extends"]:
                raise ConfigError(f"{label}: extends: found an override; allowed: extends in a file only")
            data = put(data, keys, value, _schema(), label)
            origins[tuple(keys)] = label

        def origin(loc: Loc) -> str:
            outwards = (_texts(loc[:end]) for end in range(len(loc), -1, -1))
            return next(origins[place] for place in outwards if place in origins)

        return cls._checked(data, origin, schema)

    @classmethod
    def _checked(cls, data: Mapping[str, Any], origin: Callable[[Loc], str], schema: dict[str, Any]) -> Config:
        try:
            return cls.model_validate(_anchored(data, ""))
        except ValidationError as error:
            problems = explain(error, data, schema)
        raise ConfigError("\n".join(f"{origin(loc)}: {dotted(loc)}: {message}" for loc, message in problems))

    @model_validator(mode="after")
    def _fits_together(self) -> Config:
        problems = [*self._pen_problems(), *self._crop_problems()]
        if not any(term.goal for term in self.objective):
            found = ", ".join(term.type for term in self.objective)
            *goals, last = (name for name, model in models_behind(TERMS).items() if getattr(model, "goal", False))
            allowed = f"at least one goal: a term of type {', '.join(goals)} or {last}"
            problems.append(problem(("objective",), found, allowed))
        if problems:
            raise Problems(*problems)
        return self

    def _crop_problems(self) -> Iterator[Problem]:
        if self.render.crop is not None and self.canvas == "pixels":
            yield problem(("render", "crop"), str(self.render.crop), "crop on a canvas of strokes")
        if self.render.crop is not None and self.augment.size is not None:
            yield problem(("augment", "size"), str(self.augment.size), "null, as windows (render.crop) are not resized")

    def _pen_problems(self) -> Iterator[Problem]:
        if not self.pens and self.palette.mode != "learned":
            example = 'at least one, as in {name: Black, color: "#1b1b1b", width: 0.35mm}, or palette.mode: learned'
            yield problem(("pens",), "no pens", example)
        short, below = min(self.page.width_height), f"less than {_short_side(self.page)}"
        if self.pens and self.palette.mode != "fixed" and self.palette.colors > len(self.pens):
            yield problem(("palette", "colors"), str(self.palette.colors), f"at most {len(self.pens)}, as many as pens")
        for index, pen in enumerate(self.pens):
            if pen.width >= short:
                yield problem(("pens", index, "width"), f"{_mm(pen.width)} for the pen {show(pen.name)}", below)
        if self.palette.mode == "choose":
            yield from self._must_problems({pen.name for pen in self.pens})
        if self.palette.width >= short:
            yield problem(("palette", "width"), _mm(self.palette.width), below)

    def _must_problems(self, names: set[str]) -> Iterator[Problem]:
        must = self.palette.must
        for index, name in enumerate(must):
            if name not in names:
                yield problem(("palette", "must", index), show(name), f"pens: {', '.join(sorted(names))}")
        if len(set(must)) > self.palette.colors:
            yield problem(("palette", "must"), f"{len(set(must))} pens", f"at most colors ({self.palette.colors})")


def config_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a config file: lengths are numbers in mm or text with a unit, and a file may leave
    out its objective if it extends one that has it."""
    schema = {key: value for key, value in _file_schema().items() if key != "required"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **deepcopy(schema),
        "anyOf": [{"required": ["objective"]}, {"required": ["extends"]}],
    }


def _schema() -> dict[str, Any]:
    """The schema of what from_dict takes; not to be changed."""
    return _schema_with(RENDERERS.names)


@cache
def _schema_with(renderers: tuple[str, ...]) -> dict[str, Any]:
    """The schema while these are known: others can be registered at any time."""
    return Config.model_json_schema()


def _file_schema() -> dict[str, Any]:
    """The schema of a file that need not be complete; not to be changed."""
    extends = {"type": "string", "format": "path", "description": "A config file to build on, relative to this one."}
    return {**_schema(), "properties": {"extends": extends, **_schema()["properties"]}}


def _anchored(data: Mapping[str, Any], folder: str | os.PathLike[str]) -> dict[str, Any]:
    """`data` with its paths absolute, relative ones from `folder`; what isn't well-formed is left for validation."""

    def absolute(path: str | Path) -> str:
        return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))

    result = at_paths(data, _schema(), absolute)
    pens = result.get("pens")
    if isinstance(pens, str) and pens.lower().endswith(".toml") and is_path(pens):
        result["pens"] = absolute(pens)
    elif isinstance(pens, Mapping) and str(pens.get("set")).lower().endswith(".toml") and is_path(pens["set"]):
        result["pens"] = {**pens, "set": absolute(pens["set"])}
    return result


def _no_longer_installed(file: Path) -> list[str]:
    """A line for each thing that another package added to a dumped config, if it is not there now."""
    there = {f"{plugin.kind} {plugin.name} of {plugin.package}" for door in DOORS for plugin in door.plugins}
    head = takewhile(lambda line: line.startswith(NEEDS), file.read_text(encoding="utf-8-sig").splitlines())
    needed = [line.removeprefix(NEEDS) for line in head]
    gone = [one for one in needed if one.rpartition(" ")[0] not in there]
    return [f"{file}: written with the {one}, which is not installed now: install that package again" for one in gone]


def _texts(loc: Loc) -> tuple[str, ...]:
    return tuple(map(str, loc))


def _mm(length: float) -> str:
    return f"{length:g} mm"


def _short_side(page: PageConfig) -> str:
    width, height = page.width_height
    return f"the page's short side, {_mm(min(width, height))} (the page is {width:g} x {height:g} mm)"
