"""Exceptions; each message states in one sentence what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST_NAME = 100  # characters of it in a message


class WorkbenchError(Exception):
    """Base class of the errors that the workbench raises; ``message`` is one sentence."""

    def __init__(self, message: str = ""):
        super().__init__(message)


class UnknownName(WorkbenchError, LookupError):
    """A model, parameter, view or file that does not exist."""


class ParameterError(WorkbenchError, ValueError):
    """A value that is not allowed: out of bounds, of the wrong type or in the wrong unit."""


class BuildError(WorkbenchError, RuntimeError):
    """The network of a model could not be built."""


class SimulationError(WorkbenchError, RuntimeError):
    """The simulation failed while running; ``run`` holds the data recorded until then."""

    def __init__(self, message: str, details: str = "", run=None):
        super().__init__(message)
        self.details = details
        self.run = run


class StoreError(WorkbenchError, OSError):
    """A run could not be written or read."""


class PlaceTaken(StoreError):
    """The path at which a run was to be written already exists."""


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name most similar to ``name``, or None if none is similar."""
    folded = {a.casefold().replace("-", "_"): a for a in allowed}
    wanted = str(name).casefold().replace("-", "_")
    hits = difflib.get_close_matches(wanted, list(folded), n=5, cutoff=0.55)
    if not hits:
        return None

    def likeness(hit: str) -> tuple[float, int]:
        # Break ties by the length of the common prefix: J_EII is matched to J_EI, not to J_II.
        ratio = difflib.SequenceMatcher(None, hit, wanted).ratio()
        same = next((k for k, (a, b) in enumerate(zip(hit, wanted, strict=False)) if a != b), 99)
        return ratio, same

    return folded[max(hits, key=likeness)]


def shortened(name: str) -> str:
    """A name that somebody else may have given, short enough for a sentence."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def listed(names: Iterable[object], limit: int = 12) -> str:
    """Join names as ``a``, ``a or b``, ``a, b or c``; long lists are truncated and counted."""
    items = [str(n) for n in names]
    if not items:
        return "(none)"
    if len(items) > limit:
        return ", ".join(items[:limit]) + f" and {len(items) - limit} more"
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + " or " + items[-1]


def unknown(kind: str, name: object, allowed: Iterable[str], owner: str = "") -> UnknownName:
    """Create the error for an unknown name, suggesting the most similar allowed name."""
    allowed = list(allowed)
    of = f" of {shortened(owner)}" if owner else ""
    guess = nearest(str(name), allowed)
    hint = f" Did you mean {shortened(guess)!r}?" if guess else ""
    shown = name if len(str(name)) <= LONGEST_NAME else shortened(str(name))
    known = listed(shortened(str(a)) for a in allowed)
    return UnknownName(f"Unknown {kind}{of}: {shown!r}.{hint} Allowed: {known}.")


def message(error: BaseException) -> str:
    """Text of an error; for errors other than the workbench's own, preceded by the type."""
    return str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"


def in_brief(error: BaseException, most: int = 120) -> str:
    """Type and beginning of an error of another package, for a sentence of ours."""
    text = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".")
    return text if len(text) <= most else f"{text[: most - 1]}…"
