"""The project's name, written as a plotter writes it: in single strokes, with two pens."""

from __future__ import annotations

from plotart.export.lettering.hershey import HersheyStrokes

NAME, FONT = "plotart", "futural"

#: The letter that the second pen writes.
SECOND = 2

#: px, of the letters' own height.
HEIGHT = 60.0


def wordmark(ink: str, second: str) -> str:
    """SVG: the name in `ink`, one letter of it in another colour."""
    lines = [(k, line) for k, letter in enumerate(_letters()) for line in letter]
    low, high = (min(line[:, 1].min() for _, line in lines), max(line[:, 1].max() for _, line in lines))
    left, right = (min(line[:, 0].min() for _, line in lines), max(line[:, 0].max() for _, line in lines))
    scale, edge = HEIGHT / (high - low), 3.0
    drawn = "".join(
        '<polyline stroke="{}" points="{}"/>'.format(
            second if k == SECOND else ink,
            " ".join(f"{(x - left) * scale + edge:.1f},{(y - low) * scale + edge:.1f}" for x, y in line),
        )
        for k, line in lines
    )
    width, height = (right - left) * scale + 2 * edge, HEIGHT + 2 * edge
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" fill="none" stroke-width="3" '
        f'stroke-linecap="round" stroke-linejoin="round">{drawn}</svg>\n'
    )


def _letters():
    """The lines of each letter, where it stands in the name."""
    font = HersheyStrokes(FONT)
    before = 0
    for end in range(1, len(NAME) + 1):
        lines = font.drawn(NAME[:end])
        yield lines[before:]
        before = len(lines)
