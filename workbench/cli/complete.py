"""What the shell offers when Tab is pressed: models, plots, saved runs, experiments and choices.

The shell asks in a process of its own at every Tab, so each of these imports only what it needs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..model.listing import listed_models

if TYPE_CHECKING:
    from ..model.model import Model


def models(incomplete: str) -> list[tuple[str, str]]:
    """Models that begin so, with their titles."""
    return [(m.slug, m.title) for m in listed_models() if m.slug.startswith(incomplete)]


def plots(incomplete: str) -> list[str]:
    """Kinds of plots."""
    from ..plots.registry import ids

    return _beginning(ids(), incomplete)


def runs(incomplete: str) -> list[tuple[str, str]]:
    """Saved runs of the catalogue, with their models."""
    from ..catalogue import Catalogue

    return [(e.id, e.model) for e in Catalogue().entries() if e.id.startswith(incomplete)]


def runs_and_models(incomplete: str) -> list[tuple[str, str]]:
    """What a figure can be drawn of."""
    return [*models(incomplete), *runs(incomplete)]


def engines(incomplete: str) -> list[str]:
    """Engines."""
    from ..engine.plan import ENGINES

    return _beginning(ENGINES, incomplete)


def notations(incomplete: str) -> list[str]:
    """Notations of circuit diagrams."""
    from ..circuits import notations as known

    return _beginning(known(), incomplete)


def measures(incomplete: str) -> list[str]:
    """Measures of a sweep."""
    from ..sweeps.measures import NAMED

    return _beginning(NAMED, incomplete)


def experiments(incomplete: str) -> list[str]:
    """Experiments of the model that the command line names already, and its facts."""
    found = _model_named()
    names = [] if found is None else ["facts", *(e.name for e in found.experiments)]
    return _beginning(names, incomplete)


def settings(incomplete: str) -> list[tuple[str, str]]:
    """Parameters of the model that the command line names already, as ``name=``."""
    found = _model_named()
    known = {} if found is None else found.parameters()
    return [
        (f"{name}=", (q.doc or "").strip())
        for name, q in known.items()
        if name.startswith(incomplete)
    ]


def stories(incomplete: str) -> list[str]:
    """Stories of which there are notebooks."""
    from .stories import stories as known

    return _beginning(known(), incomplete)


def _model_named() -> type[Model] | None:
    """The model among the words typed so far.

    The parser has no values yet where the option to be completed lacks its own.
    """
    from ..model import registry

    typed = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    known = {m.slug for m in listed_models()}
    named = next((word for word in typed.split() if word in known), None)
    return registry.model_class(named) if named else None


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
