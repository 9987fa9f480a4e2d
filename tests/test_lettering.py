"""Words in single strokes: fonts, what they lack, the box that words take up, and where they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import vpype
from hypothesis import given, settings
from hypothesis import strategies as st

from plotart.errors import DrawingError
from plotart.export.drawing import Line
from plotart.export.lettering.font import Font, load_font
from plotart.export.lettering.hershey import HERSHEY
from plotart.export.lettering.place import check_fits, way_to
from plotart.export.lettering.spelling import spelled
from plotart.export.lettering.words import LEADING, lettered
from plotart.geometry.page import Page

PAGE = Page(148, 210, margin=12)
FUTURAL = load_font("futural")

#: An em of 100; an A that is a stem of 60, and a V that is kerned by 10 after it.
SVG_FONT = """<svg xmlns="http://www.w3.org/2000/svg"><defs><font id="f" horiz-adv-x="50">
<font-face font-family="Stems" units-per-em="100" ascent="80" descent="-20"/>
<missing-glyph d="M0 0L50 50"/>
<glyph unicode=" " glyph-name="space" horiz-adv-x="30"/>
<glyph unicode="A" glyph-name="A" d="M10 0V60" horiz-adv-x="40"/>
<glyph unicode="V" glyph-name="vee" d="M0 60L10 0L20 60"/>
<glyph unicode="o" glyph-name="o" d="M10 0C30 0 30 30 10 30C-10 30 -10 0 10 0Z"/>
<hkern u1="A" g2="vee" k="10"/></font></defs></svg>"""


def box_of(lines: list[Line]) -> tuple[Line, Line]:
    points = np.concatenate(lines)
    return points.min(axis=0), points.max(axis=0)


def svg_font(folder: Path, text: str = SVG_FONT) -> Font:
    path = folder / "stems.svg"
    path.write_text(text, encoding="utf-8")
    return load_font(path)


def test_the_hershey_fonts_are_those_of_vpype() -> None:
    assert list(HERSHEY) == vpype.FONT_NAMES


@pytest.mark.parametrize("name", ["futural", "rowmant", "scripts", "timesr", "cyrillic"])
def test_capitals_are_as_high_as_asked_and_stand_on_the_line(name: str) -> None:
    low, high = box_of(lettered("EIH", load_font(name), 7.0).lines)
    assert (low[0], low[1], high[1]) == pytest.approx((0.0, -7.0, 0.0), abs=0.7)


def test_an_svg_font(tmp_path: Path) -> None:
    font = svg_font(tmp_path)
    stem, vee = lettered("AV", font, 6.0).lines
    assert stem.tolist() == pytest.approx(np.array([(0, 0), (0, -6)]))
    # An advance of 40, less a kerning of 10 and the stem's place at 10, is 20 of 100, of which 60 are 6 mm.
    assert vee.tolist() == pytest.approx(np.array([(2, -6), (3, 0), (4, -6)]))
    (ring,) = lettered("o", font, 6.0).lines
    assert len(ring) > 20
    assert ring[0].tolist() == pytest.approx(ring[-1].tolist())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0L1 1'/></svg>", "no SVG font: it has no <font>"),
        ("<font/>", "not an SVG: its outermost element is <font>"),
        ("<svg", "not well-formed XML"),
        (SVG_FONT.replace('"100"', '"wide"'), "units-per-em: found 'wide'; allowed: a number"),
        (SVG_FONT.replace("M10 0V60", "M1e9 0V60"), "the glyph 'A' reaches farther than 100 ems"),
        (
            SVG_FONT.replace("AV", "").replace('unicode="A"', 'unicode="a"').replace('unicode="V"', 'unicode="v"'),
            "capitals",
        ),
    ],
)
def test_svg_fonts_that_are_none(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DrawingError, match=message) as caught:
        svg_font(tmp_path, text)
    assert "stems.svg" in str(caught.value)


def test_no_such_font(tmp_path: Path) -> None:
    with pytest.raises(DrawingError, match=r"none.svg: can't be read"):
        load_font(tmp_path / "none.svg")


def test_accents_and_typographic_marks_become_plain() -> None:
    assert spelled("Zoë’s Café – Łódź, ß, ¾", FUTURAL) == "Zoe's Cafe - Lodz, ss, 3/4"


@pytest.mark.parametrize(
    ("text", "named"), [("für 5 €, 日本", "€ (U+20AC), 日 (U+65E5), 本 (U+672C)"), ("a\x85b", "U+0085")]
)
def test_letters_that_a_font_lacks_are_named(text: str, named: str) -> None:
    with pytest.raises(DrawingError) as caught:
        lettered(text, FUTURAL, 4.0)
    assert str(caught.value) == f"found {named}, which the font futural lacks; allowed: what it has, or another font"


def test_spaces_alone_are_no_words() -> None:
    with pytest.raises(DrawingError, match="spaces alone"):
        lettered("  ", FUTURAL, 4.0)


@settings(max_examples=40, deadline=None)
@given(
    text=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12),
    size=st.floats(0.5, 40),
    angle=st.floats(-360, 360),
    align=st.sampled_from(["left", "center", "right"]),
)
def test_all_ink_lies_in_the_box(text: str, size: float, angle: float, align: str) -> None:
    words = lettered(f"{text}\n{text[::-1]}", FUTURAL, size, align=align, angle=angle)  # type: ignore[arg-type]
    origin, along, down = words.box[0], words.box[1] - words.box[0], words.box[3] - words.box[0]
    for line in words.lines:
        for side in (along, down):
            share = (line - origin) @ side / np.dot(side, side)
            assert share.min() >= -0.02 / np.hypot(*side)
            assert share.max() <= 1 + 0.02 / np.hypot(*side)


def test_lines_of_text_are_aligned_one_by_one() -> None:
    words = lettered("II\nI", FUTURAL, 5.0, align="right")
    low, high = box_of([line for line in words.lines if line[:, 1].max() > 1])
    assert high.tolist() == pytest.approx([0.0, 5 * LEADING], abs=0.01)
    assert low[0] == pytest.approx(0.0, abs=0.01)


def test_a_turn_is_clockwise() -> None:
    low, high = box_of(lettered("I", FUTURAL, 5.0, angle=90).lines)
    assert [*low, *high] == pytest.approx([0, 0, 5, 0], abs=0.01)


@pytest.mark.parametrize(
    ("place", "size", "low", "high"),
    [
        ("bottom-left", 4.0, (12, None), (None, 206)),  # in the middle of the margin, 198 to 210
        ("bottom-right", 4.0, (None, 202), (136, None)),
        ("top", 4.0, (None, 4), (None, 8)),
        ("top-left", 10.0, (12, 12), (None, 22)),  # too high for the margin
        ("bottom", 10.0, (None, 188), (None, 198)),
        ("center", 10.0, (None, 100), (None, 110)),
    ],
)
def test_places(place: str, size: float, low: tuple[float | None, ...], high: tuple[float | None, ...]) -> None:
    words = lettered("HI", FUTURAL, size)
    way = way_to(place, words.frame, PAGE, in_margin=True)  # type: ignore[arg-type]
    found = box_of(words.moved(way).lines)
    for side, wanted in zip(found, (low, high), strict=True):
        for value, expected in zip(side.tolist(), wanted, strict=True):
            assert expected is None or value == pytest.approx(expected, abs=0.01)
    if "-" not in place:
        assert (found[0][0] + found[1][0]) / 2 == pytest.approx(74, abs=0.01)


def test_descenders_do_not_lift_words() -> None:
    feet = [lettered(text, FUTURAL, 4.0) for text in ("Hj", "H")]
    assert len({float(way_to("bottom", words.frame, PAGE, in_margin=True)[1]) for words in feet}) == 1


def test_what_does_not_fit_is_told_with_the_room_there_is() -> None:
    words = lettered("H" * 60, FUTURAL, 4.0).moved(np.array([10.0, 20.0]))
    with pytest.raises(DrawingError) as caught:
        check_fits(words.box, PAGE)
    wide = float(np.ptp(words.box[:, 0]))
    assert str(caught.value) == (
        f"found {wide:.1f} mm wide, {wide - 138:.1f} mm of it beyond the sheet of 148 x 210 mm; "
        "allowed: up to 138.0 mm there"
    )
