"""The templates in plotart/reports/page as pages that need nothing else: no request, no file beside them."""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING

from plotart.reports import numbers

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """A page of `values`, all of them escaped but Markup; equal values give equal bytes."""
    page = _templates().get_template(template).render(values)
    # JSON can hold halves of characters, which no file can.
    return page.encode(errors="replace").decode()


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
    from markupsafe import Markup

    loader = PackageLoader("plotart.reports", "page")
    templates = Environment(
        loader=loader,
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # Compact, and keys in the order given.
    templates.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    shown = ("whole", "metres", "minutes", "figure", "percentage", "duration", "plural", "checked_color")
    templates.filters |= {name: getattr(numbers, name) for name in shown}
    templates.filters["base64"] = lambda data: Markup(base64.b64encode(data).decode())
    # Style sheets and scripts are no templates: braces mean other things in them.
    templates.globals["asset"] = lambda name: Markup(loader.get_source(templates, name)[0])
    return templates
