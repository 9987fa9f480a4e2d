"""SVGs: those of other programs and of our own, spoilt as text, by snippets, in their encoding and as bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from fuzz.case import Place, Seeds
from fuzz.mutate import NUMBERS, TEXTS, spoilt_bytes, spoilt_text

_DATA = Path(__file__).parents[1] / "data"

_PLAIN = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" width="100mm" height="80mm" viewBox="0 0 100 80">
<style>.a { stroke: red; stroke-width: 2px }</style>
<defs><path id="p" d="M1,2 C3 4 5 6 7 8 s 1 1 2 2 q 1 2 3 4 t 1 1 a 5 5 0 1 0 3 3 z"/>
<g id="q"><use xlink:href="#p" x="3"/></g><symbol id="s" viewBox="0 0 9 9"><circle r="4"/></symbol></defs>
<g inkscape:groupmode="layer" inkscape:label="!1+s50+h20 Black 05" stroke="#102030" transform="translate(3 4)">
<rect x="1" y="2" width="30" height="20" rx="3" ry="4"/><circle class="a" cx="40" cy="40" r="12"/>
<ellipse cx="30" cy="30" rx="9" ry="4" transform="rotate(30 10 10) skewX(4)"/></g>
<g inkscape:groupmode="layer" inkscape:label="2 Red" stroke="red" stroke-width="0.5mm">
<line x1="1" y1="2" x2="30" y2="40"/><polyline points="1,2 3,4 5,9 20,30"/><polygon points="9,9 19,9 14,30"/>
<use href="#q" x="10" y="10" transform="matrix(1 0 0 1 2 3)"/><use href="#s" width="9" height="9"/></g></svg>
"""

#: What else may stand in an SVG; each has made some reader of SVGs stumble.
_SNIPPETS = (
    *(
        '<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>',
        "&c;",
        "&#0;",
        "&#xD800;",
        "&unknown;",
        "<![CDATA[",
        "]]>",
    ),
    *('<!DOCTYPE svg SYSTEM "file:///etc/passwd">', "<?xml-stylesheet href='http://127.0.0.1:9/x'?>", "<!--", "-->"),
    *(
        '<g id="r"><use href="#r"/></g>',
        '<use id="u" href="#u"/>',
        '<use href="#q"/>' * 50,
        '<use href="other.svg#x"/>',
    ),
    *('<symbol id="z"><use href="#z"/></symbol><use href="#z"/>', "<g>" * 150, "<g>" * 300 + "</g>" * 300, "</g>"),
    *("<g transform='scale(1e9)'>", "<g transform='matrix(0 0 0 0 0 0)'>", "<g transform='rotate(nan)'>", "<svg>"),
    *('<path d="M0 0' + " l1 1" * 5000 + '"/>', '<path d="M0 0 L 1e30 1"/>', '<path d="M 0 0 C 1 1 1 1 1e6 1e6"/>'),
    *('<path d="m 1 1 a 0 0 0 0 0 0 0"/>', '<path d="M1 1 A 1e8 1e8 0 0 1 2 2"/>', '<path d="zzzz"/>', '<path d="M"/>'),
    *('<path d="L 3 3"/>', '<path d="M1 1 a 5 5 0 02 3 3"/>', '<path d="M nan nan L 1 1"/>', "<path/>", '<path d=""/>'),
    *(
        '<image href="/etc/passwd" width="9" height="9"/>',
        '<image href="http://127.0.0.1:9/x.png"/>',
        "<text>hi</text>",
    ),
    *('<image href="data:image/png;base64,AAAA"/>', "<style>@import url(http://127.0.0.1:9/x);</style>", "<script/>"),
    *("<style>* { stroke: </style>", '<rect width="-1" height="1"/>', '<circle r="-3"/>', '<circle r="1e12"/>'),
    *('<polyline points="1"/>', '<polyline points="1,2,3"/>', '<polygon points=""/>', '<polyline points="a,b c,d"/>'),
    *('<g clip-path="url(#c)" mask="url(#m)">', '<rect width="100%" height="200%"/>', '<g display="none">'),
    *('width="10%"', 'height=""', 'viewBox="0 0 0 0"', 'viewBox="1 2 3"', 'viewBox="0 0 1e-9 1e9"', 'stroke="url(#x)"'),
    *('stroke="rgb(999,-1,0)"', 'stroke-width="1e9"', 'stroke="hsl(1,2%,3%)"', 'style="stroke:none"', 'id="p"'),
    *('preserveAspectRatio="none"', 'transform="translate()"', 'transform="foo(1)"', 'inkscape:label="%note"'),
    *(
        'inkscape:label="99999999999999999999 x"',
        'inkscape:label=""',
        "inkscape:label='!1+d999999999'",
        'font-size="0"',
    ),
)

_DOUBLING = "".join(f'<g id="n{n}"><use href="#n{n - 1}"/><use href="#n{n - 1}"/></g>' for n in range(1, 25))

_COMMANDS = (
    *(["stats"], ["stats", "--json"], ["stats"], ["stats"], ["stats"], ["stats"], ["plot", "--dry-run"]),
    *(["report", "--out", "OUT/r.html"], ["preview", "--size", "64", "--out", "OUT/p.png"]),
)


def svg(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """An SVG, its figures told, its plot planned, or a picture or report of it written."""
    path = place.file(
        random.choice(("bad.svg", "bad.svg", "b d.svg", "[red].svg")), _spoilt(random, random.choice(_texts()))
    )
    command, *options = random.choice(_COMMANDS)
    return [command, str(path), *(option.replace("OUT", str(place.out)) for option in options)]


def begin_with_svg(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """An SVG whose lines a run begins with."""
    from fuzz.configs import CONFIGS, SHORT

    path = place.file("bad.svg", _spoilt(random, random.choice(_texts())))
    config = place.file("good.yaml", (CONFIGS / "quickstart.yaml").read_bytes())
    words = [*SHORT, "strokes.init=svg", f"strokes.svg={path}"]
    return ["generate", str(config), "--out", str(place.out), *(w for text in words for w in ("-o", text))]


def _spoilt(random: Random, text: str) -> bytes:
    match random.randrange(13):
        case 6:
            last = random.choice((3, 8, 12, 14, 20, 24))
            doubled = f'<defs><path id="n0" d="M1 1L2 2"/>{_DOUBLING}</defs><use href="#n{last}"/></svg>'
            return text.replace("</svg>", doubled).encode()
        case 0:
            return spoilt_bytes(random, text.encode())
        case 1:
            encoding = random.choice(
                ("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7", "cp037", "punycode", "rot13")
            )
            data = f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'
            try:
                return data.encode(encoding, "replace")
            except LookupError:
                return data.encode()
        case 2:
            return text.replace("<svg", f"<svg {random.choice(_SNIPPETS)} ", 1).encode("utf-8", "surrogatepass")
        case 3:
            # The root's size and box alone.
            for key in ("width", "height", "viewBox"):
                value = " ".join(random.choice(NUMBERS) for _ in range(random.choice((1, 1, 4))))
                unit = random.choice(("", "mm", "px", "%", "em", "furlong"))
                text = text.replace(f"{key}=", f'{key}="{value}{unit}" x{key}=', 1)
            return text.encode()
        case 4:
            at = random.randrange(len(text) + 1)
            at = text.find(">", at) + 1
            many = random.choice((1, 1, 5, 200))
            return (text[:at] + random.choice(_SNIPPETS) * many + text[at:]).encode("utf-8", "surrogatepass")
        case 5:
            return text.replace(random.choice(("M", "C", "red", "1", "label", "<g")), random.choice(TEXTS)).encode(
                "utf-8", "surrogatepass"
            )
    return spoilt_text(random, text, _SNIPPETS).encode("utf-8", "surrogatepass")


@cache
def _texts() -> list[str]:
    paths = [*sorted((_DATA / "foreign").glob("*.svg")), _DATA / "golden" / "pen.svg", _DATA / "golden" / "curves.svg"]
    return [_PLAIN, _PLAIN, *(path.read_text(encoding="utf-8") for path in paths)]
