"""The sections of a config: pages, palettes, strokes, rendering, views, the run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from plotart.pens import Ink
from plotart.pens.pen import WIDEST
from plotart.plugins import RENDERERS, STARTS
from plotart.schema.doors import NameOf
from plotart.schema.model import Model
from plotart.schema.problems import Problems, problem, show
from plotart.schema.values import PAPER_MM, Color, File, Length, OneProblem, Paper, TextLine

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class PageConfig(Model):
    """The sheet of paper."""

    size: Paper = Field(default="a5", description="A sheet by name, or [width, height].")
    orientation: Literal["portrait", "landscape"] = Field(
        default="portrait", description="How a named sheet lies; [width, height] is only turned by landscape."
    )
    margin: Length = Field(default=10.0, ge=0, description="Nothing is drawn this close to the edges.")
    color: Color = Field(default="#ffffff", description="The colour of the paper.")
    cut: bool = Field(
        default=False, description="Lines may run past the margins and are cut there: a drawing full to its edges."
    )

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
            raise Problems(problem(("margin",), mm(self.margin), f"less than half of {short_side(self)}"))
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


class EconomyConfig(Model):
    """Every stroke must earn its ink: those that the objective would miss least leave, before the pens are fixed."""

    keep: float = Field(
        default=0.5, gt=0, le=1, description="Share of the strokes that is left in the end; 1 = all stay."
    )
    price: float = Field(
        default=0.15,
        ge=0,
        lt=1,
        description="What a line has to be worth to the objective for its ink and its lift, as a share of the average.",
    )


class JoiningConfig(Model):
    """Curves are drawn in one go: ends that nearly meet, meet, in one direction and in one pen, and become one line."""

    reach: Length = Field(default=8.0, gt=0, description="How far ends may be from each other to be drawn together.")
    weight: float = Field(default=5.0, ge=0, description="Weight of it in the loss; 0 = nothing is joined.")


class SpacingConfig(Model):
    """Lines lie side by side at a distance; where they cross they may."""

    distance: Annotated[Length, Field(gt=0)] | None = Field(
        default=None, description="How far apart lines are, middle to middle; null = two nibs of the broadest pen."
    )
    weight: float = Field(default=1.0, ge=0, description="Weight of it in the loss; 0 = lines may lie on each other.")


class CoherenceConfig(Model):
    """What lies together is drawn in one pen, so that a motif has its colour."""

    distance: Length = Field(default=10.0, gt=0, description="How far that reaches.")
    weight: float = Field(default=1.0, ge=0, description="Weight of it in the loss; 0 = each stroke for itself.")


class StrokesConfig(Model):
    """The lines to begin with, and what becomes of them."""

    count: Annotated[Annotated[int, Field(ge=1, le=100_000)] | Literal["auto"], OneProblem()] = Field(
        default=400, description="How many strokes; auto is as many as cover what coverage says."
    )
    coverage: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="With count auto: share of what is inside the margins that the first strokes cover with ink, if "
        "none crossed another.",
    )
    segments: int = Field(default=2, ge=1, le=200, description="Cubic Bézier segments in each stroke.")
    init: Annotated[str, NameOf(STARTS)] = Field(default="random", description="How the first strokes are laid out.")
    composition: Literal["scatter", "even", "focus", "airy"] = Field(
        default="scatter",
        description="Where random strokes begin: anywhere (scatter), at even distances, ever fewer away from the "
        "focus, or in a few islands with white between them (airy).",
    )
    focus: tuple[Share, Share] = Field(
        default=(0.5, 0.45),
        strict=False,
        description="With composition focus: where it is, [of the width, of the height].",
    )
    length: Length = Field(
        default=20.0, gt=0, le=10_000, description="The length of the first strokes of random and grid."
    )
    svg: File | None = Field(default=None, description="The drawing to begin with when init is svg.")
    smooth: bool = Field(default=True, description="Curves of a stroke flow into each other without a kink.")
    symmetry: Literal["none", "mirror", "mirror-down", "mirror-both", "turns", "snowflake"] = Field(
        default="none",
        description="By construction: left and right alike (mirror), top and bottom (mirror-down), both (mirror-both), "
        "the same after a turn (turns), or with mirrors too (snowflake).",
    )
    fold: int = Field(default=6, ge=2, le=24, description="With turns and snowflake: how many turns make a circle.")

    lines: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None,
        description="How many lines there are in the end, each in one go and one pen: 1 = the pen is never lifted; "
        "null = as many as it takes.",
    )
    fairness: float = Field(default=0.3, ge=0, description="Weight of the penalty on scribbles, whatever their size.")
    economy: EconomyConfig = Field(default=EconomyConfig(), description="Which strokes stay.")
    joining: JoiningConfig = Field(default=JoiningConfig(), description="Which strokes become one line.")
    spacing: SpacingConfig = Field(default=SpacingConfig(), description="How far lines lie apart.")
    coherence: CoherenceConfig = Field(default=CoherenceConfig(), description="Which strokes share a pen.")

    @property
    def copies(self) -> int:
        """How often each stroke is drawn, by symmetry."""
        kinds = {"none": 1, "mirror": 2, "mirror-down": 2, "mirror-both": 4, "turns": self.fold}
        return kinds.get(self.symmetry, 2 * self.fold)

    @model_validator(mode="after")
    def _lines_are_whole(self) -> StrokesConfig:
        if self.lines is not None and self.lines % self.copies:
            allowed = f"a multiple of {self.copies}, as {self.symmetry} draws each line {self.copies} times"
            raise Problems(problem(("lines",), str(self.lines), allowed))
        return self

    @model_validator(mode="after")
    def _svg_is_named(self) -> StrokesConfig:
        if self.init == "svg" and self.svg is None:
            raise Problems(problem(("svg",), "nothing", "the path of an SVG file, as init is svg"))
        return self

    @model_validator(mode="after")
    def _only_random_is_composed(self) -> StrokesConfig:
        if self.composition != "scatter" and self.init != "random":
            raise Problems(problem(("composition",), self.composition, f"scatter, as init is {self.init}, not random"))
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
    project: bool = Field(
        default=True,
        description="Put control points back inside the margins after each step; if not, lines are cut there.",
    )
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
        default=0.0,
        ge=0,
        le=1,
        description="Slope of the network's ReLUs below zero at the first step, so that what sees nothing yet is moved "
        "too; falls to 0 over half the steps before polish.",
    )
    checkpoint: int = Field(default=50, ge=1, description="Steps between checkpoints.")


def mm(length: float) -> str:
    return f"{length:g} mm"


def short_side(page: PageConfig) -> str:
    width, height = page.width_height
    return f"the page's short side, {mm(min(width, height))} (the page is {width:g} x {height:g} mm)"
