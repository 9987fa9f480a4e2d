"""Some pens in plotting order, with what was measured of them together; and both as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from pydantic import Field, ValidationError, model_validator

from plotart.color import RGB, linear, luminance, parse_color
from plotart.errors import PenError
from plotart.pens.pen import LinearLight, Name, Pen
from plotart.schema.model import Model
from plotart.schema.problems import Problem, Problems, dotted, explain, problem, show
from plotart.schema.values import Color

if TYPE_CHECKING:
    from torch import Tensor


class PenSet(Sequence[Pen]):
    """Some pens in the order in which they are plotted; names are unique. Raises PenError.

    overprints: linear light, as measured on paper of the colour `paper` (None is white), where the second pen named was
    drawn over the first.
    """

    def __init__(
        self, pens: Sequence[Pen], overprints: Mapping[tuple[str, str], RGB] | None = None, *, paper: str | None = None
    ) -> None:
        self._pens = tuple(pens)
        if not self._pens:
            raise PenError("no pens: give at least one, as in {name: Black, color: '#1b1b1b', width: 0.35mm}")
        for place in twins(self._pens):
            raise PenError(f"two pens are called {self._pens[place].name!r}: every pen needs a name of its own")
        names = {*self.names}
        self.overprints = {pair: light for pair, light in (overprints or {}).items() if {*pair} <= names}
        self.paper = paper

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
        return isinstance(other, PenSet) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self._pens)

    def __repr__(self) -> str:
        return f"PenSet({self._pens!r}, {self.overprints!r}, paper={self.paper!r})"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(pen.name for pen in self._pens)

    @property
    def measured_on(self) -> RGB:
        """The linear light of the paper below the overprints."""
        return linear(parse_color(self.paper or "white"))

    def pick(self, indices: Sequence[int]) -> PenSet:
        """The pens at these places, in that order, with their overprints."""
        return PenSet([self._pens[index] for index in indices], self.overprints, paper=self.paper)

    def with_pens(self, pens: Sequence[Pen]) -> PenSet:
        """A set of these pens, with what is known of those of the same names together."""
        return PenSet(pens, self.overprints, paper=self.paper)

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

    def plain(self) -> list[dict[str, Any]] | dict[str, Any]:
        """Plain data that `PenSet.read` reads back as an equal set: a list of the pens where nothing else is known."""
        pens = [pen.model_dump(mode="json") for pen in self._pens]
        if not self.overprints and self.paper is None:
            return pens
        pairs = [{"below": one, "above": other, "light": [*light]} for (one, other), light in self.overprints.items()]
        return {"pens": pens, "overprints": pairs, "paper": self.paper}

    @classmethod
    def read(cls, plain: object) -> PenSet:
        """The set of plain data: a list of pens, or a mapping as `MeasuredPens` has it. Raises PenError."""
        data = plain if isinstance(plain, Mapping) else {"pens": plain}
        try:
            return MeasuredPens.model_validate(data).pen_set()
        except ValidationError as error:
            loc, message = explain(error, data, MeasuredPens.model_json_schema())[0]
            raise PenError(f"{dotted(loc)}: {message}") from None

    @property
    def widths(self) -> Tensor:
        """[pens] nib widths in mm."""
        import torch

        return torch.tensor([pen.width for pen in self._pens])

    @property
    def reflectance(self) -> Tensor:
        """[pens, 3] linear light."""
        import torch

        return torch.tensor([pen.light.reflectance for pen in self._pens])

    @property
    def transmittance(self) -> Tensor:
        """[pens, 3] linear light."""
        import torch

        return torch.tensor([pen.light.transmittance for pen in self._pens])


class Overprint(Model):
    """What was measured of two pens over each other."""

    below: Name = Field(description="The pen that was drawn first, by its name.")
    above: Name = Field(description="The pen that was drawn over it.")
    light: LinearLight = Field(description="Measured: [red, green, blue] of linear light where both are.")


class MeasuredPens(Model):
    """Pens, and what was measured of them together."""

    pens: tuple[Pen, ...] = Field(strict=False, min_length=1, description="The pens, as they stand in a plain list.")
    overprints: tuple[Overprint, ...] = Field(
        default=(), strict=False, description="Pairs over each other, as measured; others follow from the inks."
    )
    paper: Color | None = Field(default=None, description="The paper that they were measured on; null = white.")

    @model_validator(mode="after")
    def _names_are_those_of_pens(self) -> MeasuredPens:
        names = dict.fromkeys(pen.name for pen in self.pens)
        problems = [Problem(("pens", *loc), message) for loc, message in twin_problems(self.pens)]
        problems += [
            problem(("overprints", place, key), show(name), f"pens: {', '.join(names)}")
            for place, pair in enumerate(self.overprints)
            for key, name in (("below", pair.below), ("above", pair.above))
            if name not in names
        ]
        if problems:
            raise Problems(*problems)
        return self

    def pen_set(self) -> PenSet:
        return PenSet(self.pens, {(pair.below, pair.above): pair.light for pair in self.overprints}, paper=self.paper)


def twins(pens: Sequence[Pen]) -> list[int]:
    """Places of pens whose name an earlier one has."""
    first = {pen.name: place for place, pen in reversed([*enumerate(pens)])}
    return [place for place, pen in enumerate(pens) if first[pen.name] != place]


def twin_problems(pens: Sequence[Pen]) -> list[Problem]:
    return [problem((place, "name"), show(pens[place].name), "a name that no other pen has") for place in twins(pens)]
