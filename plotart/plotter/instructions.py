"""What a person does before a pen is plotted, in words that the terminal and the studio share."""

from __future__ import annotations

from plotart.plotter.plan import PlotPlan
from plotart.plotter.session import Prompt, Status


def instructions(plan: PlotPlan, prompt: Prompt, *, go_on: str, home: str) -> list[str]:
    """What to do before the prompt's pen, line by line; `go_on` and `home` are what the answers `Answer.plot` and
    `Answer.home` are called where they are given."""
    if prompt.paused_mm is not None:
        drawn = f"It was paused after {_metres(prompt.paused_mm)} of {_metres(prompt.pen.stats.pen_down_mm)}."
        paper = "The paper must lie where it lay."
        if prompt.lost:
            why = "it was without power, or another program used it"
            return [
                drawn,
                f"The plotter does not know any more where its carriage stands: {why}.",
                f"{paper} Put the carriage home by hand, to the corner where it began, then {home}.",
            ]
        if not prompt.can_rehome:
            return [drawn, f"{paper} The plotter finds its place itself."]
        moved = "it was moved, or the plotter had no power; put it home by hand first, to the corner where it began."
        return [drawn, f"{paper} {go_on}: the carriage stands where it stopped.", f"{home}: {moved}"]
    put_in = "Fill the pen or dip it anew." if prompt.pen.layer.refill else "Put this pen in."
    if prompt.held and not prompt.pen.layer.refill:
        put_in = "This pen drew last: if it is in the holder still, it stays there."
    if prompt.stalls:
        pens = ", ".join(f"{stall} {pen.name}" for stall, pen in prompt.stalls.items())
        put_in = f"Put these pens into their stalls, from which the plotter takes them: {pens}."
    for pen in prompt.stalls.values() or (prompt.pen,):
        if (well := pen.layer.pen.well) is not None:
            put_in += f" Fill the well of {pen.name}, {well.at[0]:g} mm right and {well.at[1]:g} mm down from home."
    if prompt.first:
        corner = "top right" if plan.on_its_side else "top left"
        side = " on its side, its top edge to the left," if plan.on_its_side else ""
        return [
            f"Lay the paper, {plan.width:g} x {plan.height:g} mm,{side} and fix it: it stays there for all pens.",
            f"Home the carriage: the nib at the paper's {corner} corner. (A NextDraw homes itself.)",
            put_in,
        ]
    begun = ["It was begun earlier, and nobody knows how far it came: it is plotted from its start."]
    return [
        *(begun if prompt.status is Status.begun else []),
        f"{put_in} The paper stays where it is, the carriage at home.",
    ]


def _metres(mm: float) -> str:
    return f"{mm / 1000:.2f} m"
