"""The kinds of plots: the folders of this package, those of other packages, those registered.

A package offers kinds of its own by entry points of the group ``workbench.plots``, each named
after the kind's ``id`` and leading to a `PlotKind`. A script or notebook calls `register`.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, unknown
from .kind import PlotKind

if TYPE_CHECKING:
    from ..network import NetworkInfo
    from ..run import Run
    from .live.link import SharedSelection

GROUP = "workbench.plots"
_log = logging.getLogger(__name__)
_registered: dict[str, PlotKind] = {}


def kinds() -> dict[str, PlotKind]:
    """Every kind by its id, in the order of the page."""
    found = {**_installed(tuple(sys.path)), **_own(), **_registered}
    return {k.id: k for k in sorted(found.values(), key=lambda k: k.on_page)}


def ids() -> list[str]:
    """The ids alone; nothing of another package is imported for them."""
    known = sorted({**_own(), **_registered}.values(), key=lambda k: k.on_page)
    names = [k.id for k in known]
    return names + [n for n in _offered(tuple(sys.path)) if n not in names]


def plot_kind(name: str) -> PlotKind:
    """The kind of this id; raises UnknownName."""
    known = kinds()
    if name not in known:
        raise unknown("plot", name, known)
    return known[name]


def register(added: PlotKind) -> None:
    """Add a kind for as long as this process runs; raises ParameterError when the id is taken."""
    if added.id in kinds():
        raise ParameterError(f"There is a plot {added.id!r} already: choose another id.")
    _registered[added.id] = added


def unregister(name: str) -> None:
    """Take back what was registered."""
    if name not in _registered:
        raise unknown("registered plot", name, _registered)
    del _registered[name]


def packed() -> bytes:
    """What was registered in this process, for one that it starts; see `adopt`."""
    if not _registered:
        return b""
    import cloudpickle

    return cloudpickle.dumps(list(_registered.values()))


def adopt(kinds_of_parent: bytes) -> None:
    """Register what `packed` was in the process that started this one."""
    if kinds_of_parent:
        import cloudpickle

        _registered.update((each.id, each) for each in cloudpickle.loads(kinds_of_parent))


def in_figure(run: Run) -> list[PlotKind]:
    """The kinds of which a run has data, in the order of a figure's panels."""
    drawn = (k for k in kinds().values() if k.static is not None and k.has_data(run))
    return sorted(drawn, key=lambda k: k.in_figure)


def live_views(
    info: NetworkInfo,
    *,
    colors: dict[str, str],
    dark: bool = False,
    link: SharedSelection | None = None,
    window_ms: float = 1000.0,
    more: Mapping[str, Mapping[str, Any]] | None = None,
    beside: NetworkInfo | None = None,
) -> dict[str, Any]:
    """A live plot of every kind that makes sense for this network, linked, in the page's order.

    more   : kind -> further options of its view
    beside : the network with the populations of a recording, for the kinds that show these
    """
    from .live.link import SharedSelection

    shared = link if link is not None else SharedSelection()
    return {
        k.id: k.view(
            beside if beside is not None and k.recorded else info,
            colors=colors, dark=dark, link=shared, window_ms=window_ms,
            **(more or {}).get(k.id, {}),
        )
        for k in kinds().values()
        if k.live is not None and k.available(info)
    }  # fmt: skip


@cache
def _own() -> dict[str, PlotKind]:
    """The folders of this package that declare a kind."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.ispkg:
            declared = getattr(
                importlib.import_module(f".{module.name}", __package__), "KIND", None
            )
            if isinstance(declared, PlotKind):
                found[declared.id] = declared
    return found


# Looked for once for each state of the path: this reads the metadata of all that is installed.
@lru_cache(maxsize=4)
def _offered(_path: tuple[str, ...]) -> dict[str, EntryPoint]:
    return {e.name: e for e in entry_points(group=GROUP)}


@lru_cache(maxsize=4)
def _installed(path: tuple[str, ...]) -> dict[str, PlotKind]:
    """The kinds of other packages; one that cannot be used is reported and left out."""
    found = {}
    for name, entry in _offered(path).items():
        try:
            declared = entry.load()
        except Exception:
            _log.exception(
                "The plot %r of %s cannot be imported; it is left out.", name, entry.value
            )
            continue
        if not isinstance(declared, PlotKind) or declared.id != name:
            _log.error(
                "The entry point %r does not lead to a PlotKind of this id: %s is left out.",
                name, entry.value,
            )  # fmt: skip
        elif name in _own():
            _log.error("There is a plot %r already: that of %s is left out.", name, entry.value)
        else:
            found[name] = declared
    return found
