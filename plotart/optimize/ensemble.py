"""Drawings side by side: each goes its own way until networks are to look, or gradients are needed, and all get them
at once."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor

from plotart.objectives import Features

Name = TypeVar("Name", bound=Hashable)
End = TypeVar("End")


@dataclass(frozen=True)
class Descent:
    """A loss whose gradients by the leaves `by` are wanted, as their `grad`."""

    loss: Tensor
    by: tuple[Tensor, ...]


#: What a drawing does by itself, a step or all of it. It yields features right before it first looks at them, and a
#: loss when it needs the gradients to go on: both can then be had together with those of others.
Course = Generator["Features | Descent", None, End]


class Ensemble(Generic[Name, End]):
    """Courses that go on together. Each takes the random numbers that it would take alone, and comes to the same up to
    the rounding of what networks compute for one image among others.

    An error of one is its end, and leaves the others as they are; one in what they have in common is raised in each.
    """

    def __init__(self) -> None:
        self._going: dict[Name, Course[End]] = {}
        self._errors: dict[Name, Exception] = {}

    def __len__(self) -> int:
        """How many have not come to their end."""
        return len(self._going)

    def join(self, name: Name, course: Course[End]) -> None:
        """From the next turn on it goes on with the others; until its end no other has its name."""
        self._going[name] = course

    def turn(self) -> dict[Name, End | Exception]:
        """Each goes on to where it needs a network or gradients, and has them. Those that have come to their end, by
        name, in the order in which they joined: what they return, or the error that they raised."""
        asked, ends = dict[Name, Features | Descent](), dict[Name, End | Exception]()
        for name, course in self._going.items():
            error = self._errors.pop(name, None)
            try:
                asked[name] = next(course) if error is None else course.throw(error)
            except StopIteration as end:
                ends[name] = end.value
            except Exception as own:
                ends[name] = own
        for name in ends:
            del self._going[name]
        try:
            Features.together(one for one in asked.values() if isinstance(one, Features))
            _descend([one for one in asked.values() if isinstance(one, Descent)])
        except Exception as common:
            self._errors = dict.fromkeys(asked, common)
        return ends

    def close(self) -> None:
        """Give up those that have not come to their end."""
        for course in self._going.values():
            course.close()
        self._going.clear()


def together(courses: Sequence[Course[End]]) -> list[End | Exception]:
    """What each of the courses comes to, in their order: what it returns, or the error that it raised."""
    ensemble, ends = Ensemble[int, End](), dict[int, End | Exception]()
    for place, course in enumerate(courses):
        ensemble.join(place, course)
    with closing(ensemble):
        while len(ensemble):
            ends |= ensemble.turn()
    return [ends[place] for place in range(len(courses))]


def alone(course: Course[End]) -> End:
    """What the course comes to by itself. Raises what it raises."""
    (end,) = together([course])
    if isinstance(end, Exception):
        raise end
    return end


def _descend(descents: Iterable[Descent]) -> None:
    losses, leaves = [one.loss for one in descents], [leaf for one in descents for leaf in one.by]
    if losses:
        torch.autograd.backward(losses, inputs=leaves)
