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

from plotart.config.export import ExportConfig
from plotart.config.layers import (
    dump_yaml,
    merge,
    parse_override,
    places,
    put,
    read_layers,
)
from plotart.config.look import LookConfig, with_look
from plotart.config.pen_list import Pens
from plotart.config.sections import (
    AugmentConfig,
    OptimizeConfig,
    PageConfig,
    PaletteConfig,
    RenderConfig,
    StrokesConfig,
    mm,
    short_side,
)
from plotart.config.words import (
    Edition,
    EditionConfig,
    GuestConfig,
    TextConfig,
    edition_problems,
    pen_problems,
    pens_named,
    variables,
)
from plotart.errors import ConfigError
from plotart.files.shipped import find_config
from plotart.plugins import DOORS, DRIVERS, EXPORTERS, LOOKS, NETWORKS, RENDERERS, STARTS, TERMS, Plugin
from plotart.schema.doors import OneOf, models_behind
from plotart.schema.model import Model
from plotart.schema.paths import at_paths
from plotart.schema.problems import Loc, Problem, Problems, dotted, explain, problem, show
from plotart.schema.values import OrWord, TextLine, is_path

#: Begins a line at the head of a run's config.yaml that says what another package added.
NEEDS = "# needs "


#: In place of an objective: a target out of the shipped list, by the seed.
SURPRISE = "surprise"

if TYPE_CHECKING:
    from plotart.networks.best import Target
    from plotart.objectives import TermConfig

    Objective = tuple[TermConfig, ...] | Literal["surprise"]
else:  # torch and other packages are imported with these, when a config is first checked
    Terms = Annotated[tuple[Annotated[Any, OneOf(TERMS)], ...], Field(strict=False, min_length=1)]
    Objective = Annotated[Terms, OrWord(SURPRISE)]


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
    look: LookConfig | None = Field(
        default=None,
        description="What kind of lines the objective's picture is drawn with; null = strokes that begin anyhow.",
    )
    objective: Objective = Field(
        description="What to strive for; at least one goal, such as an excitation. surprise is one of what motif draws "
        "best, by the seed.",
    )
    augment: AugmentConfig = Field(default=AugmentConfig(), description="The random views that the network gets.")
    optimize: OptimizeConfig = Field(default=OptimizeConfig(), description="The run.")
    text: tuple[TextConfig, ...] = Field(
        default=(), strict=False, description="Words on the sheet: a title, a signature, the number of the print."
    )
    guests: tuple[GuestConfig, ...] = Field(
        default=(), strict=False, description="SVGs that are plotted as they are: a logo, a frame, a map."
    )
    edition: Edition = Field(
        default=EditionConfig(), description="Which print of how many, for the words; 3/25 is short for both numbers."
    )
    export: ExportConfig = Field(default={}, validate_default=True, description="What the plotter gets.")

    @classmethod
    def load(cls, path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Config:
        """The config in a YAML file, or the one that comes with plotart by a name such as ``"quickstart"``, on top of
        those that it `extends`, with overrides such as ``"objective.0.channel=3"`` put in. Paths count from the file
        that names them, in an override from the current folder. A file of a name, with or without ``.yaml``, comes
        before the config of that name. Raises ConfigError: one line per problem, with file, key, what was found and
        what is allowed."""
        file = find_config(path)
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
    def terms(self) -> tuple[TermConfig, ...]:
        """The terms of the objective, of which surprise picks one. Raises WeightsError as `surprise`."""
        if not isinstance(self.objective, str):
            return self.objective
        from plotart.objectives.terms.excitation import ExcitationTerm

        return (ExcitationTerm.model_validate(self.surprise.term),)

    @property
    def surprise(self) -> Target:
        """What the seed picks where the objective is surprise. Raises WeightsError if the list can't be used."""
        from plotart.networks.best import surprise

        return surprise(self.seed)

    @property
    def is_surprise(self) -> bool:
        return self.objective == SURPRISE

    def picked(self) -> Config:
        """The config with terms as its objective, whatever surprise will stand for later. Raises WeightsError."""
        return self.model_copy(update={"objective": self.terms})

    @property
    def needs_date(self) -> bool:
        """Whether its words have a date that nobody has set."""
        return self.edition.date is None and any("date" in variables(one.text) for one in self.text)

    def dated(self, date: str | None) -> Config:
        """The config with this as the date in its words, where they need one."""
        edition = self.edition.model_copy(update={"date": date})
        return self.model_copy(update={"edition": edition}) if self.needs_date else self

    @property
    def must(self) -> tuple[str, ...]:
        """Pens that are taken in any case: those that the palette has to have, and those of words and guests."""
        return tuple(dict.fromkeys((*self.palette.must, *pens_named(self.text, self.guests))))

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """What other packages add to it, each once."""
        terms = () if isinstance(self.objective, str) else self.objective
        named = [(TERMS, term.type) for term in terms]
        named += [(NETWORKS, getattr(term, "network", "")) for term in terms]
        named += [(RENDERERS, self.render.backend), (STARTS, self.strokes.init), (DRIVERS, self.export.driver)]
        named += [(EXPORTERS, one.type) for one in self.export.formats]
        if self.look is not None:
            named += [(LOOKS, one.type) for one in (self.look, *self.look.regions)]
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
            return cls.model_validate(_anchored(with_look(data), ""))
        except ValidationError as error:
            problems = explain(error, data, schema)
        raise ConfigError("\n".join(f"{origin(loc)}: {dotted(loc)}: {message}" for loc, message in problems))

    @model_validator(mode="after")
    def _fits_together(self) -> Config:
        problems = [*self._pen_problems(), *self._crop_problems(), *self._look_problems(), *self._fixed_problems()]
        if not isinstance(self.objective, str) and not any(term.goal for term in self.objective):
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

    def _look_problems(self) -> Iterator[Problem]:
        if self.look is None:
            return
        if isinstance(self.objective, str) or not any(term.type == "image" for term in self.objective):
            yield problem(
                ("objective",), "a look and no picture", "a term of type image, as in {type: image, file: a.jpg}"
            )
        if self.canvas != "strokes":
            yield problem(("canvas",), self.canvas, "strokes, as a look is of lines")
        if self.palette.mode != "fixed":
            yield problem(("palette", "mode"), self.palette.mode, "fixed, as each line of a look has its pen")
        if self.strokes.symmetry != "none":
            yield problem(("strokes", "symmetry"), self.strokes.symmetry, "none, as a picture is not symmetric")

    def _fixed_problems(self) -> Iterator[Problem]:
        lists: dict[str, tuple[TextConfig | GuestConfig, ...]] = {"text": self.text, "guests": self.guests}
        if self.canvas == "pixels":
            keys = [key for key, ones in lists.items() if ones]
            yield from (problem((key,), "some on a canvas of pixels", f"{key} on a canvas of strokes") for key in keys)
        pens = [pen.name for pen in self.pens]
        yield from pen_problems(lists, pens, learned=self.palette.mode == "learned")
        yield from edition_problems(self.text, self.edition)

    def _pen_problems(self) -> Iterator[Problem]:
        if not self.pens and self.palette.mode != "learned":
            example = 'at least one, as in {name: Black, color: "#1b1b1b", width: 0.35mm}, or palette.mode: learned'
            yield problem(("pens",), "no pens", example)
        short, below = min(self.page.width_height), f"less than {short_side(self.page)}"
        if self.pens and self.palette.mode != "fixed" and self.palette.colors > len(self.pens):
            yield problem(("palette", "colors"), str(self.palette.colors), f"at most {len(self.pens)}, as many as pens")
        for index, pen in enumerate(self.pens):
            if pen.width >= short:
                yield problem(("pens", index, "width"), f"{mm(pen.width)} for the pen {show(pen.name)}", below)
        if self.palette.mode == "choose":
            yield from self._must_problems({pen.name for pen in self.pens})
        if self.palette.width >= short:
            yield problem(("palette", "width"), mm(self.palette.width), below)

    def _must_problems(self, names: set[str]) -> Iterator[Problem]:
        must = self.palette.must
        for index, name in enumerate(must):
            if name not in names:
                yield problem(("palette", "must", index), show(name), f"pens: {', '.join(sorted(names))}")
        if len(self.must) > self.palette.colors:
            more = ", with those of text and guests" if len(self.must) > len(set(must)) else ""
            found, allowed = f"{len(self.must)} pens{more}", f"at most colors ({self.palette.colors})"
            yield problem(("palette", "must"), found, allowed)


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
    about = "A config to build on: a file, relative to this one, or the name of one of plotart's."
    extends = {"type": "string", "format": "path", "description": about}
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


def files_named(data: Mapping[str, Any]) -> frozenset[str]:
    """All files that plain data of a config names, as it names them; what isn't well-formed is left out."""
    found = set[str]()

    def note(path: str | Path) -> str:
        found.add(str(path))
        return str(path)

    at_paths(data, _schema(), note)
    pens = data.get("pens")
    named = str(pens.get("set") if isinstance(pens, Mapping) else pens)
    if is_path(named) and (named.lower().endswith(".toml") or len(Path(named).parts) > 1):
        found.add(named)
    return frozenset(found)


def _no_longer_installed(file: Path) -> list[str]:
    """A line for each thing that another package added to a dumped config, if it is not there now."""
    there = {f"{plugin.kind} {plugin.name} of {plugin.package}" for door in DOORS for plugin in door.plugins}
    head = takewhile(lambda line: line.startswith(NEEDS), file.read_text(encoding="utf-8-sig").splitlines())
    needed = [line.removeprefix(NEEDS) for line in head]
    gone = [one for one in needed if one.rpartition(" ")[0] not in there]
    return [f"{file}: written with the {one}, which is not installed now: install that package again" for one in gone]


def _texts(loc: Loc) -> tuple[str, ...]:
    return tuple(map(str, loc))
