"""Links of the repository's pages, led to where their targets are on the site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from posixpath import dirname, normpath, relpath

#: Code, in which nothing is a link, or the target of a link: [text](target), ![text](target), src="target".
_PART = re.compile(
    r"(?P<code>^```.*?^```$|`+[^`]*`+)|(?P<before>\]\(|<img [^>]*?src=\")(?P<target>[^()\s\"]+)(?P<after>[)\"])",
    re.DOTALL | re.MULTILINE,
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)


class LostLink(Exception):
    """A link that leads to nothing in the repository."""


def led(text: str, *, page: str, to: str, root: Path, places: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The text of the repository's `page` as it is on the site's page `to`, and the files that it needs: of each path
    in the repository, its path on the site.

    places   of each path that has a page on the site, that page without its suffix, perhaps with an #anchor

    Raises LostLink.
    """
    files: dict[str, str] = {}

    def one(match: re.Match[str]) -> str:
        if match["code"] or _ELSEWHERE.match(match["target"]):
            return match[0]
        name, _, anchor = match["target"].partition("#")
        path = normpath(f"{dirname(page)}/{name}" if dirname(page) else name)
        if place := places.get(path):
            place, _, own = place.partition("#")
            place, anchor = f"{place}.md", anchor or own
        elif (root / path).is_file():
            place = files[path] = f"files/{path}"
        else:
            raise LostLink(f"{page}: {match['target']} is neither a page of the site nor a file")
        return f"{match['before']}{relpath(place, dirname(to) or '.')}{'#' if anchor else ''}{anchor}{match['after']}"

    return _PART.sub(one, text), files
