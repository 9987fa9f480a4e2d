"""A chart as lines, pen by pen, in the order in which they must be plotted."""

from __future__ import annotations

from plotart.calibration.chart import Chart, Field
from plotart.calibration.hatching import hatch, outline, ring, solid
from plotart.calibration.lettering import lettered
from plotart.export.drawing import Drawing, Layer, Line
from plotart.pens import Pen


def chart_layers(chart: Chart) -> list[tuple[Pen, list[Line]]]:
    """Pens with what they draw, in mm, in plotting order: every pen but the last comes twice.

    The first round draws all swatches, and pairs whose upper pen comes after the lower one; the second round draws
    the upper pens of the others. Fewer rounds can't do: of two pens that come once each, the second never lies below
    the first. So P pens take 2 P - 1 layers, and no soiled nib draws a swatch.
    """
    first = {name: [] for name in chart.order}  # type: dict[str, list[Line]]
    again = {name: [] for name in chart.order}  # type: dict[str, list[Line]]
    for field in chart.fields:
        if field.kind == "pair":
            below, above = field.pens
            first[below].append(solid(field.box, chart.pen(below).width))
            late = chart.order.index(above) < chart.order.index(below)
            (again if late else first)[above].append(solid(field.box, chart.pen(above).width, upright=True))
        elif field.pens:
            first[field.pens[0]].extend(_swatch(chart, field))
    first[chart.scribe].extend(_frame(chart))
    rounds = (first, again)
    return [(chart.pen(name), drawn[name]) for drawn in rounds for name in chart.order if drawn[name]]


def chart_drawing(chart: Chart) -> Drawing:
    """The layers as a drawing, for `plotart.export.svg`."""
    layers = (Layer(pen, lines) for pen, lines in chart_layers(chart))
    return Drawing(chart.page.width, chart.page.height, tuple(layers))


def _swatch(chart: Chart, field: Field) -> list[Line]:
    nib = chart.pen(field.pens[0]).width
    return hatch(field.box, field.spacing, nib) if field.spacing else [solid(field.box, nib)]


def _frame(chart: Chart) -> list[Line]:
    """Marks, code, text, and the outline of the strip."""
    nib, unit = chart.pen(chart.scribe).width, chart.unit
    drawn: list[Line] = []
    for x, y in chart.marks:
        drawn += ring(x, y, 0, unit, nib) + ring(x, y, 2 * unit, 3 * unit, nib)
    drawn += [solid(cell, nib) for cell, filled in zip(chart.cells, chart.bits, strict=True) if filled]
    drawn += [outline(chart.strip)] if chart.strip else []
    return drawn + [stroke for label in chart.labels for stroke in lettered(label)]
