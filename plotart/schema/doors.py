"""What other packages add, in models: as a marker of a field's type, a door says what may be written there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model, model_validator
from pydantic_core import core_schema

from plotart.errors import PluginError
from plotart.plugins import Door
from plotart.schema.model import Model
from plotart.schema.problems import Problem, Problems


class NameOf:
    """One of the door's names, or of `others`; what stands behind it is not imported before it is used."""

    def __init__(self, door: Door, *others: str) -> None:
        self._door, self._others = door, others

    @property
    def names(self) -> list[str]:
        return [*self._others, *self._door.names]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_after_validator_function(self._checked, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "enum": self.names}

    def _checked(self, name: str) -> str:
        if name not in self.names:
            raise ValueError(f"no {self._door.kind}")
        return name


class OneOf:
    """A mapping with a `type` that is one of the door's names; behind each of them is a subclass of Model.

    They are imported when a model with such a field is first used, which has `defer_build` for that reason.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        models = tuple(models_behind(self._door).values())
        return handler.generate_schema(Annotated[Union[models], Field(discriminator="type")])  # noqa: UP007


def models_behind(door: Door) -> Mapping[str, type[Model]]:
    """The models by their names; one that can't be used refuses whatever it is given, and says why."""
    found = {}
    for name in door.names:
        try:
            found[name] = door.load(name)
            if not (isinstance(found[name], type) and issubclass(found[name], Model)):
                raise door.unusable(name, "it is no subclass of the model that is wanted there")
            if found[name].model_fields["type"].annotation != Literal[name]:
                raise door.unusable(name, f"its type is not Literal[{name!r}]")
        except PluginError as error:
            found[name] = _refusing(name, str(error))
    return found


def _refusing(name: str, reason: str) -> type[Model]:
    class Refusing(Model):
        model_config = ConfigDict(extra="allow")

        @model_validator(mode="after")
        def _is_unusable(self) -> Refusing:
            raise Problems(Problem((), reason))

    fields: dict[str, Any] = {"type": (Literal[name], Field(description="It can't be used."))}
    return create_model(f"Unusable_{name}", __base__=Refusing, __doc__=reason, **fields)
