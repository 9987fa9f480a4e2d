"""A look at an SVG's bytes before a parser that trusts its input builds anything from them."""

from __future__ import annotations

from collections import defaultdict
from xml.parsers import expat

from plotart.errors import DrawingError

#: Limits beyond what drawings for a plotter have: depth of groups, elements, those that <use> adds, bytes. svgelements
#: reads some thousands of elements a second, and they take 3 kB of memory each.
MAX_DEPTH = 200
MAX_ELEMENTS = 250_000
MAX_USED = 30_000
MAX_BYTES = 50_000_000


def check_svg(data: bytes) -> dict[str, str]:
    """The attributes of the <svg> element. Raises DrawingError, without the file's name.

    Refused are broken XML, other XML, a DOCTYPE that defines anything, such as entities, and groups or <use> without
    end. What a DOCTYPE refers to is never fetched, by this parser or those after it.
    """
    scan = _Scan()
    try:
        scan.parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise DrawingError(f"not well-formed XML: {reason} in line {error.lineno}") from None
    except (LookupError, ValueError) as error:  # from the codec that the XML declaration asks for
        raise DrawingError(f"an encoding that can't be read ({error}): save it as UTF-8") from None
    scan.check_size()
    return scan.root


class _Scan:
    def __init__(self) -> None:
        self.root: dict[str, str] = {}
        self._open: list[str] = []
        self._elements: dict[str, int] = defaultdict(int)
        self._uses: dict[str, list[str]] = defaultdict(list)
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _doctype(self, name: str, system: str | None, public: str | None, defines: int) -> None:
        if defines:
            raise DrawingError("has a <!DOCTYPE> that defines things, entities say: remove it, or save as plain SVG")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        if not self._open:
            if tag != "svg" or namespace not in ("", "http://www.w3.org/2000/svg"):
                of = f", xmlns {namespace!r}" if namespace else ""
                raise DrawingError(f"not an SVG: its outermost element is <{tag}>{of}")
            self.root = attributes
        if len(self._open) >= MAX_DEPTH:
            raise DrawingError(f"elements lie more than {MAX_DEPTH} deep")
        self._open.append(attributes.get("id", "") if self._open else "<svg>")
        holders = {holder for holder in self._open if holder}
        link = attributes.get("href") or attributes.get("http://www.w3.org/1999/xlink href") or ""
        for holder in holders:
            self._elements[holder] += 1
            if tag == "use":
                self._uses[holder].append(link.lstrip("#"))

    def _end(self, _: str) -> None:
        self._open.pop()

    def check_size(self) -> None:
        """Raises DrawingError for too many elements, and <use> elements that go round in circles or multiply."""
        if self._elements["<svg>"] > MAX_ELEMENTS:
            raise DrawingError(f"more than {MAX_ELEMENTS:,} elements")
        sizes: dict[str, int] = {}
        under_way: set[str] = set()

        def size(of: str) -> int:
            if of in under_way or len(under_way) > MAX_DEPTH:
                raise DrawingError("<use> elements refer to themselves")
            if of not in sizes:
                under_way.add(of)
                sizes[of] = self._elements.get(of, 0) + sum(size(link) for link in self._uses.get(of, ()))
                under_way.discard(of)
            return sizes[of]

        if size("<svg>") - self._elements["<svg>"] > MAX_USED:
            raise DrawingError(f"<use> elements stand for more than {MAX_USED:,} others")
