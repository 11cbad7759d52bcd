"""Which versions of what the apps stand on run here, and which were tried.

What was tried is what the project's dependencies allow: their upper bounds name the last minor
version that the tests have seen.
"""

from __future__ import annotations

import functools
import platform
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PROJECT = "circuit-workbench"
PAGE = "panel-material-ui"
# What draws the page: distribution -> its name in a sentence.
NAMES = {
    "python": "Python",
    "bokeh": "Bokeh",
    "panel": "Panel",
    "panel-material-ui": "panel-material-ui",
}


@functools.cache
def tried() -> dict[str, SpecifierSet]:
    """What was tried of each; nothing of a copy that was never installed."""
    try:
        about = metadata.metadata(PROJECT)
        needs = [Requirement(line) for line in metadata.requires(PROJECT) or ()]
    except metadata.PackageNotFoundError:
        return {}
    found = {r.name: r.specifier for r in needs if r.name in NAMES and "extra" not in str(r.marker)}
    return {"python": SpecifierSet(about["Requires-Python"]), **found}


@functools.cache
def running() -> dict[str, str]:
    """Version of each that runs here."""
    found = {"python": platform.python_version()}
    return found | {name: metadata.version(name) for name in NAMES if name != "python"}


def untried(*names: str) -> tuple[str, ...]:
    """Those of ``names`` (all without any) of which another version runs than were tried."""
    return tuple(
        name
        for name in names or NAMES
        if name in tried() and not tried()[name].contains(running()[name], prereleases=True)
    )


def sentence(names: tuple[str, ...] = ()) -> str:
    """``Here run Python 3.12.1, Bokeh 3.10.2; tried were ...``, of ``names`` or of all."""
    names = names or tuple(NAMES)
    here = ", ".join(f"{NAMES[n]} {running()[n]}" for n in names)
    known = ", ".join(f"{NAMES[n]} {_plain(tried()[n])}" for n in names if n in tried())
    return f"Here run {here}" + (f"; tried were {known}" if known else "")


def _plain(allowed: SpecifierSet) -> str:
    """``>=3.9 and <3.11``."""
    return " and ".join(sorted(map(str, allowed), reverse=True))
