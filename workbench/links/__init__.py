"""Links: an address that holds all that a page of a model shows, and what was done to its run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..model.model import Model
from ..replay import class_of
from ..run import Run
from .state import Link
from .text import address_of, link_of

if TYPE_CHECKING:
    from ..engine.session import Session

__all__ = ["Link", "link", "link_of_run", "link_of_session", "read_link"]


def link(what: Session | Run) -> str:
    """A link to a run or a live session: the address of a page with its values and interventions.

    what    : a session, a finished run, or a saved one
    returns : ``/MODEL?...``, for ``http://localhost:PORT`` of ``workbench serve`` or for
              ``workbench open-link``; `read_link` reads it
    raises  : UnknownName if the model of a run is not known here; ParameterError where what was
              done is too much for an address
    """
    return address_of(link_of_run(what) if isinstance(what, Run) else link_of_session(what))


def read_link(text: str, model: type[Model] | Model | None = None) -> Link:
    """What a link holds, checked strictly: nothing that it says is executed.

    text   : a whole address, or what stands behind that of the server: ``/cuba?w_e=2.5&seed=7``
    model  : its model, where that is not one of the registry: of an opened script, of a notebook
    raises : UnknownName or ParameterError, a sentence of at most 300 characters
    """
    return link_of(text, type(model) if isinstance(model, Model) else model)


def link_of_run(run: Run) -> Link:
    """The `Link` of a run; raises UnknownName if its model is not known here."""
    cls = class_of(run)
    now = {**cls().values(), **run.parameters}
    for entry in sorted(run.interventions, key=lambda e: e.tick):
        if entry.is_change and entry.value is not None:
            now[entry.name] = entry.value
    return Link(
        cls, now, run.seed, t_ms=run.duration_ms, began_with=run.engine,
        log=tuple(run.interventions),
    )  # fmt: skip


def link_of_session(session: Session, **page: Any) -> Link:
    """The `Link` of a session.

    page : more fields of `Link`, in the place of those that the session has
    """
    status, mine = session.status(), session.interventions
    by_hand = {e.name for e in mine if e.is_change and e not in session.plan.log}
    now = session.model.values()
    # Unlike `Session.interventions`, with what is due now: it belongs to a run that stands here.
    due = [e for e in session.plan.log if e.tick * session.model.tick_ms <= status.t_ms + 1e-6]
    mine = [*due, *(e for e in mine if e not in due)]
    for entry in due:
        if entry.is_change and entry.value is not None and entry.name not in by_hand:
            now[entry.name] = entry.value
    fields: dict[str, Any] = {
        "values": now, "seed": session.seed, "engine": session.plan.engine,
        "speed": math.inf if session.speed is None else session.speed, "t_ms": status.t_ms,
        "began_with": session.began_with if status.t_ms else "", "log": tuple(mine),
    }  # fmt: skip
    return Link(type(session.model), **(fields | page))
