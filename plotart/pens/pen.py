"""Pens as physical things: a nib in mm, and an ink that reflects and transmits light."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

from plotart.color import RGB, linear, luminance, parse_color
from plotart.errors import PenError

if TYPE_CHECKING:
    from torch import Tensor

Ink = Literal["transparent", "opaque"]


@dataclass(frozen=True)
class Light:
    """What a layer of ink does to the linear light below it, per channel: ``reflectance + transmittance * below``."""

    reflectance: RGB
    transmittance: RGB

    def over(self, below: RGB) -> RGB:
        red, green, blue = (r + t * b for r, t, b in zip(self.reflectance, self.transmittance, below, strict=True))
        return red, green, blue


@dataclass(frozen=True)
class Handling:
    """How the plotter handles a pen; None leaves it to the machine's settings.

    speed         % of the machine's top speed while the pen is down, 1 to 100
    height        % of the lift's travel at which the lowered pen is held, 0 to 100
    delay         ms to wait before the pen's layer is begun
    pause         the machine stops before the pen's layer, so that the pen can be put in
    max_distance  mm that the pen draws before it must be filled or dipped again
    """

    speed: int | None = None
    height: int | None = None
    delay: int | None = None
    pause: bool = True
    max_distance: float | None = None


@dataclass(frozen=True)
class Pen:
    """A pen: `color` as it looks over white paper (any CSS colour), nib `width` in mm.

    Opaque ink covers what lies below by `opacity`; transparent ink filters it, the more the higher its `opacity`.
    `measured` is what a calibration found its ink to do to light, in place of what color, ink and opacity imply.
    """

    name: str
    color: str
    width: float
    ink: Ink = "transparent"
    opacity: float = 1.0
    measured: Light | None = None
    maker: str = ""
    code: str = ""
    handling: Handling = Handling()

    @property
    def rgb(self) -> RGB:
        return parse_color(self.color)

    @property
    def light(self) -> Light:
        """What its ink does to light, measured or nominal."""
        if self.measured is not None:
            return self.measured
        red, green, blue = linear(self.rgb)
        if self.ink == "transparent":
            passes = tuple(1 - self.opacity * (1 - c) for c in (red, green, blue))
            return Light((0.0, 0.0, 0.0), (passes[0], passes[1], passes[2]))
        covers, shows = self.opacity, 1 - self.opacity
        return Light((covers * red, covers * green, covers * blue), (shows, shows, shows))

    @property
    def reflectance(self) -> RGB:
        return self.light.reflectance

    @property
    def transmittance(self) -> RGB:
        return self.light.transmittance


class PenSet(Sequence[Pen]):
    """Some pens in the order in which they are plotted; names are unique. Raises PenError.

    overprints: linear light, as measured on paper of the linear light `measured_on`, where the second pen named was
    drawn over the first.
    """

    def __init__(
        self,
        pens: Sequence[Pen],
        overprints: Mapping[tuple[str, str], RGB] | None = None,
        *,
        measured_on: RGB = (1.0, 1.0, 1.0),
    ) -> None:
        self._pens = tuple(pens)
        if not self._pens:
            raise PenError("no pens: give at least one, as in {name: Black, color: '#1b1b1b', width: 0.35mm}")
        names = Counter(pen.name for pen in self._pens)
        for name, count in names.items():
            if count > 1:
                raise PenError(f"two pens are called {name!r}: every pen needs a name of its own")
        self.overprints = {pair: light for pair, light in (overprints or {}).items() if {*pair} <= {*names}}
        self.measured_on = measured_on

    def __len__(self) -> int:
        return len(self._pens)

    @overload
    def __getitem__(self, index: int) -> Pen: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Pen, ...]: ...
    def __getitem__(self, index: int | slice) -> Pen | tuple[Pen, ...]:
        return self._pens[index]

    def __iter__(self) -> Iterator[Pen]:
        return iter(self._pens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PenSet) and self._pens == other._pens and self.overprints == other.overprints

    def __hash__(self) -> int:
        return hash(self._pens)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(pen.name for pen in self._pens)

    def pick(self, indices: Sequence[int]) -> PenSet:
        """The pens at these places, in that order, with their overprints."""
        return PenSet([self._pens[index] for index in indices], self.overprints, measured_on=self.measured_on)

    def called(self, names: Sequence[str]) -> PenSet:
        """The pens of these names, in that order. Raises PenError for a name that none has."""
        for name in names:
            if name not in self.names:
                raise PenError(f"no pen is called {name!r}: there are {', '.join(self.names)}")
        return self.pick([self.names.index(name) for name in names])

    def over(self, below: int, above: int, paper: RGB) -> RGB:
        """Linear light where pen `above` is drawn over pen `below` on the paper: as measured, else by their inks.

        On another paper than the measured one, what the inks make of the difference is added.
        """

        def by_inks(paper: RGB) -> RGB:
            return self[above].light.over(self[below].light.over(paper))

        measured = self.overprints.get((self[below].name, self[above].name))
        if measured is None:
            return by_inks(paper)
        shifted = zip(measured, by_inks(paper), by_inks(self.measured_on), strict=True)
        red, green, blue = (min(1.0, max(0.0, found + here - there)) for found, here, there in shifted)
        return red, green, blue

    def light_to_dark(self) -> PenSet:
        """The same pens, lightest first: a dark ink soils the nib of a light one drawn across it."""
        return self.pick(sorted(range(len(self)), key=lambda index: -luminance(linear(self._pens[index].rgb))))

    @property
    def widths(self) -> Tensor:
        """[pens] nib widths in mm."""
        import torch

        return torch.tensor([pen.width for pen in self._pens])

    @property
    def reflectance(self) -> Tensor:
        """[pens, 3] linear light."""
        import torch

        return torch.tensor([pen.reflectance for pen in self._pens])

    @property
    def transmittance(self) -> Tensor:
        """[pens, 3] linear light."""
        import torch

        return torch.tensor([pen.transmittance for pen in self._pens])
