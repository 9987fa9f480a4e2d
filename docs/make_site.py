"""Builds the documentation as a site, with nothing but this machine; a warning is an error.

    python docs/make_site.py [--out site]

needs `pip install 'plotart[docs]'`. The pages are in site/html, and can be read as files; `python -m http.server -d
site/html` serves them. site/source has what Sphinx read.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from book.nav import ROOT
from book.stage import stage


def build(out: Path) -> int:
    """Exit status of Sphinx."""
    from sphinx.cmd.build import build_main

    for part in ("source", "html"):
        shutil.rmtree(out / part, ignore_errors=True)
    stage(out / "source")
    doctrees = out / "doctrees"
    return build_main(["-q", "-W", "--keep-going", "-E", "-d", str(doctrees), str(out / "source"), str(out / "html")])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "site")
    return build(parser.parse_args().out)


if __name__ == "__main__":
    sys.exit(main())
