"""How Sphinx builds the staged pages: everything comes from this machine, and nothing is asked of another."""

from __future__ import annotations

from typing import Any

project = "plotart"
author = "plotart's authors"
html_title = "plotart"

extensions = ["myst_parser", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["files", "_static"]

myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
highlight_language = "text"

#: The report's colours: paper, ink and a blue pen; in the dark, light ink on black paper.
LIGHT = {
    "ground": "#fbfaf5",
    "sheet": "#ffffff",
    "shade": "#f4f1ea",
    "ink": "#23211e",
    "soft": "#6c675f",
    "rule": "#e2ddd3",
    "accent": "#1f5fa8",
}
DARK = {
    "ground": "#181715",
    "sheet": "#211f1c",
    "shade": "#1e1c1a",
    "ink": "#e8e3d8",
    "soft": "#a39c8f",
    "rule": "#383430",
    "accent": "#8db8ec",
}

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["player.css", "site.css"]
html_js_files = [("player.js", {"defer": "defer"})]
html_favicon = "_static/favicon.svg"
html_theme_options = {
    "light_css_variables": LIGHT,
    "dark_css_variables": DARK,
    "light_logo": "wordmark.svg",
    "dark_logo": "wordmark-dark.svg",
    "sidebar_hide_name": True,
    "navigation_with_keys": True,
}
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
pygments_style = "friendly"
pygments_dark_style = "native"


def setup(app: Any) -> None:
    """Tables of pens are text."""
    from pygments.lexers.special import TextLexer

    app.add_lexer("csv", TextLexer)
