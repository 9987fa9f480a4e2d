"""What Optuna is asked: what to try next.

It is asked as one asks a function: all that is known is told anew each time, since scores are relative to each other
and change with every drawing. So nothing of it has to be stored, and equal questions have equal answers.
"""

from __future__ import annotations

import random
import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotart.errors import MissingError
from plotart.sweep.space import Choices, Dimension, Point, Space

#: Drawings at random before anything is concluded from them: a third of them all, between these.
LEAST_STARTS, MOST_STARTS = 6, 12

#: How often Optuna is asked for something that was not tried before.
ASKS = 20


@dataclass(frozen=True)
class Told:
    """A trial as it is known: its points by key, and what it is worth, None as long as it is under way."""

    points: Mapping[str, Point]
    value: float | None = None


def propose(space: Space, told: Sequence[Told], *, seed: int, starts: int) -> dict[str, Point] | None:
    """What to try as the next of the trials `told`: points that none of them has. None where all have been tried.

    starts  trials at random to begin with
    """
    optuna = load_optuna()
    tried = {_key(space, one.points) for one in told}
    if space.size is not None and len(tried) >= space.size:
        return None
    number = zlib.crc32(f"{seed} {len(told)}".encode())
    sampler = _sampler(optuna, number, starts)
    study = _study(optuna, space, told, sampler)
    for _ in range(ASKS):
        trial = study.ask(_distributions(optuna, space))
        points = dict(trial.params)
        if _key(space, points) not in tried:
            return points
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return _at_random(space, tried, random.Random(number))


def load_optuna() -> Any:
    """Raises MissingError without Optuna."""
    try:
        import optuna
    except ImportError:
        raise MissingError("--search needs Optuna; install it with: pip install 'plotart[search]'") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _sampler(optuna: Any, seed: int, starts: int) -> Any:
    with warnings.catch_warnings():  # Optuna 4 calls experimental what 5 does by itself
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=starts, multivariate=True, constant_liar=True)


def _study(optuna: Any, space: Space, told: Sequence[Told], sampler: Any) -> Any:
    study = optuna.create_study(direction="maximize", sampler=sampler)
    distributions = _distributions(optuna, space)
    states = optuna.trial.TrialState
    for one in told:
        study.add_trial(
            optuna.trial.create_trial(
                state=states.RUNNING if one.value is None else states.COMPLETE,
                value=one.value,
                params=dict(one.points),
                distributions=distributions,
            )
        )
    return study


def _distributions(optuna: Any, space: Space) -> dict[str, Any]:
    return {one.key: _distribution(optuna.distributions, one) for one in space.dimensions}


def _distribution(distributions: Any, one: Dimension) -> Any:
    if isinstance(one, Choices):
        last = len(one.texts) - 1
        return (
            distributions.IntDistribution(0, last) if one.ordered else distributions.CategoricalDistribution(one.ends)
        )
    if one.whole:
        return distributions.IntDistribution(int(one.low), int(one.high), log=one.log)
    return distributions.FloatDistribution(one.low, one.high, log=one.log)


def _key(space: Space, points: Mapping[str, Point]) -> tuple[str, ...]:
    return tuple(space.overrides(points))


def _at_random(space: Space, tried: set[tuple[str, ...]], chance: random.Random) -> dict[str, Point]:
    """Where Optuna keeps to what it knows: any that was not tried. There is one, or this would not end."""
    while True:
        points = {one.key: _any(one, chance) for one in space.dimensions}
        if _key(space, points) not in tried:
            return points


def _any(one: Dimension, chance: random.Random) -> Point:
    if isinstance(one, Choices):
        return chance.randrange(len(one.texts))
    return chance.randint(int(one.low), int(one.high)) if one.whole else chance.uniform(one.low, one.high)
