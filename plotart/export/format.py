"""Files for other machines and programs, as a config's `export.formats` asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plotart.errors import InputError
from plotart.export.drawing import Drawing
from plotart.schema.model import Model


class Format(Model):
    """One kind of files. A subclass has `type`, a Literal of the name by which configs ask for it, keys of its own,
    each with a description, and `write`."""

    type: str

    def check(self, width: float, height: float) -> None:
        """Raises InputError, before anything is drawn, for what can't be had for a sheet of that size in mm."""

    def write(self, drawing: Drawing) -> Mapping[str, str | bytes]:
        """What the files hold, by their names in the run folder. Raises InputError."""
        raise NotImplementedError

    @classmethod
    def choices(cls) -> Mapping[str, Sequence[str]]:
        """What there is to choose from here, by key, where a key takes one of a list. Raises MissingError where nothing
        can be written before something is installed."""
        return {}

    def note(self, drawing: Drawing) -> str:
        """A line that a person should read who takes the files to a machine; may be empty."""
        return ""


def check_formats(formats: Sequence[Format], width: float, height: float) -> None:
    """Raises InputError for the first that can't be written for a sheet of that size in mm, or is there twice."""
    for index, one in enumerate(formats):
        try:
            if one.type in (other.type for other in formats[:index]):
                raise InputError(f"found {one.type} twice; allowed: each type once, as its files have the same names")
            one.check(width, height)
        except InputError as error:
            raise type(error)(f"export.formats.{index}: {error}") from None


def notes(formats: Sequence[Format], drawing: Drawing) -> list[str]:
    """A line for each format that has something to say of its files."""
    return [note for one in formats if (note := one.note(drawing))]
