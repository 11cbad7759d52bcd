"""What can go wrong, said in one sentence: what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WorkbenchError(Exception):
    """Base of every error that the workbench raises on purpose; ``message`` is one sentence."""

    def __init__(self, message: str = ""):
        super().__init__(message)


class UnknownName(WorkbenchError, LookupError):
    """A model, parameter, view or file that does not exist."""


class ParameterError(WorkbenchError, ValueError):
    """A value that is not allowed: out of bounds, of the wrong kind or in the wrong unit."""


class BuildError(WorkbenchError, RuntimeError):
    """The model could not be turned into a network."""


class SimulationError(WorkbenchError, RuntimeError):
    """The simulation failed while running; ``run`` keeps what was recorded until then."""

    def __init__(self, message: str, details: str = "", run=None):
        super().__init__(message)
        self.details = details
        self.run = run


class StoreError(WorkbenchError, OSError):
    """A run could not be written or read."""


class PlaceTaken(StoreError):
    """There is something already where a run was to be written."""


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that is most like ``name``, or None when nothing comes close."""
    folded = {a.casefold().replace("-", "_"): a for a in allowed}
    wanted = str(name).casefold().replace("-", "_")
    hits = difflib.get_close_matches(wanted, list(folded), n=5, cutoff=0.55)
    if not hits:
        return None

    def likeness(hit: str) -> tuple[float, int]:
        # Among equals the one that begins as the name does: J_EII is J_EI rather than J_II.
        ratio = difflib.SequenceMatcher(None, hit, wanted).ratio()
        same = next((k for k, (a, b) in enumerate(zip(hit, wanted, strict=False)) if a != b), 99)
        return ratio, same

    return folded[max(hits, key=likeness)]


def listed(names: Iterable[object], limit: int = 12) -> str:
    """``a``, ``a or b``, ``a, b or c``; long lists are cut and counted."""
    items = [str(n) for n in names]
    if not items:
        return "(none)"
    if len(items) > limit:
        return ", ".join(items[:limit]) + f" and {len(items) - limit} more"
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + " or " + items[-1]


def unknown(kind: str, name: object, allowed: Iterable[str], owner: str = "") -> UnknownName:
    """Build the error for a name that is not known, with the nearest one that is."""
    allowed = list(allowed)
    of = f" of {owner}" if owner else ""
    guess = nearest(str(name), allowed)
    hint = f" Did you mean {guess!r}?" if guess else ""
    shown = name if len(str(name)) <= 100 else f"{str(name)[:99]}…"
    return UnknownName(f"Unknown {kind}{of}: {shown!r}.{hint} Allowed: {listed(allowed)}.")


def message(error: BaseException) -> str:
    """What to show of an error: ours is a sentence by itself, another one needs its kind too."""
    return str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
