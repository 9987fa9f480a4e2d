"""Colours of ink that networks tell apart, several by one name."""

from __future__ import annotations

#: Colours that go by one name.
COLOR_GROUPS = {
    "warm": ("red", "orange", "yellow", "pink", "brown"),
    "cool": ("green", "teal", "blue", "violet"),
}
