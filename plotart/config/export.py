"""The section of a config that says what the plotter gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from plotart.plugins import DRIVERS, EXPORTERS
from plotart.schema.doors import NameOf, OneOf
from plotart.schema.model import Model
from plotart.schema.problems import Problems, problem, show
from plotart.schema.values import Length

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

Positive = Annotated[float, Field(gt=0)]

if TYPE_CHECKING:
    from plotart.export.format import Format
else:  # what is behind it is imported with this, when a config is first checked
    Format = Annotated[Any, OneOf(EXPORTERS)]


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
    in_register: bool = Field(
        default=True,
        description="Each pen's lines are moved against its offset, so that pens meet on the paper; if not, the "
        "preview shows how they miss.",
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
