"""What an SVG's text says of paint, before its paths are read: whether paths differ, gradients, what can't be shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from xml.parsers import expat

from plotart.color import parse_color
from plotart.errors import ColorError

#: Attributes by which one path may look unlike another.
PAINT = ("stroke", "stroke-width", "stroke-opacity", "opacity", "fill", "fill-opacity", "style", "class")

#: Elements that paint what is no path, and attributes that change what paths look like: their names for people.
UNSHOWN = {"text": "text", "image": "an image", "foreignObject": "foreign content", "pattern": "a pattern"}
CHANGING = {"clip-path": "a clip path", "mask": "a mask", "filter": "a filter", "stroke-dasharray": "dashes"}

_STYLE = re.compile(r"([\w-]+)\s*:\s*([^;}]+)")


class PaintScan:
    """differs    whether anything below the groups right under <svg> says how it is painted, or anything is filled
    black      whether black is named as a fill; where it is not, a black fill may be SVG's own
    gradients  the mean colour of each gradient's stops, as rgb(r, g, b), by its id
    left_out   what is there that marks don't show, in words"""

    def __init__(self, data: bytes) -> None:
        self.differs, self.black = False, False
        self._depth, self._found = 0, Counter[str]()
        self._stops: dict[str, list[tuple[int, int, int]]] = {}
        self._links: dict[str, str] = {}
        self._gradient = ""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.Parse(data, True)

    @property
    def gradients(self) -> dict[str, str]:
        found = {}
        for name in self._stops.keys() | self._links.keys():
            stops = self._stops.get(name) or self._stops.get(self._links.get(name, ""))
            if stops:
                red, green, blue = (round(sum(channel) / len(stops)) for channel in zip(*stops, strict=True))
                found[name] = f"rgb({red}, {green}, {blue})"
        return found

    @property
    def left_out(self) -> tuple[str, ...]:
        return tuple(f"{name} ({count} times)" if count > 1 else name for name, count in self._found.items())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        said = {**attributes, **dict(_STYLE.findall(attributes.get("style", "")))}
        self._count(tag, said)
        self._read_gradient(tag, said)
        fill = said.get("fill", "none").strip()
        self.black |= fill == "black"
        # <svg> and the groups right below it may say how all that is in them looks, as layers do.
        inner = self._depth > 1 or (self._depth == 1 and tag != "g")
        self.differs |= tag == "style" or fill != "none" or (inner and any(key in attributes for key in PAINT))
        self._depth += 1

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _count(self, tag: str, said: Mapping[str, str]) -> None:
        if tag in UNSHOWN:
            self._found[UNSHOWN[tag]] += 1
        for key, words in CHANGING.items():
            if said.get(key, "none").strip() != "none":
                self._found[words] += 1

    def _read_gradient(self, tag: str, said: Mapping[str, str]) -> None:
        if tag in ("linearGradient", "radialGradient"):
            self._gradient = said.get("id", "")
            link = said.get("href") or said.get("http://www.w3.org/1999/xlink href")
            if link:
                self._links[self._gradient] = link.lstrip("#")
            self._found["the run of a gradient, which is its mean colour here"] += 1
        elif tag == "stop":
            try:
                red, green, blue = (
                    round(255 * value) for value in parse_color(said.get("stop-color", "black").strip())
                )
            except ColorError:
                return
            self._stops.setdefault(self._gradient, []).append((red, green, blue))
