"""The page's address: what it asks for when the page opens, and what the page is from then on."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.errors import ParameterError, WorkbenchError
from workbench.links import Link
from workbench.links.python import python_of
from workbench.links.text import link_from, query_of
from workbench.model.model import Model
from workbench.plots.in_words import clock

from ..access.visitor import in_words
from ..theme import css

# Browsers take a few addresses a second, and refuse more for a while.
EVERY_S = 0.5
RUNNING_S = 2.0  # while nothing changes but the time


@dataclass(frozen=True)
class Asked:
    """What an address asks for.

    link    : what it holds; None for nothing
    refused : why it is not followed: one sentence
    names_model : the address says which model, so that it has to go on saying so
    """

    link: Link | None = None
    refused: str = ""
    names_model: bool = False


def asked(model: type[Model], names_model: bool) -> Asked:
    """What the address asks for with which the page of ``model`` was opened."""
    given = pn.state.session_args if pn.state.curdoc is not None else {}
    pairs = [(name, value.decode(errors="replace")) for name, all_ in given.items()
             for value in all_ if name != "model"]  # fmt: skip
    if not pairs:
        return Asked(names_model=names_model)
    try:
        return Asked(link_from(model, pairs), names_model=names_model)
    except WorkbenchError as error:
        return Asked(refused=f"The address was not followed. {error}", names_model=names_model)


class Address:
    """Has the address follow the page, and offers to repeat the run that it held.

    link_now : returns what the page is now
    tell     : sends a query, "" or "?...", to the browser
    replay   : repeats the run of a link, when the page may be changed
    view     : the offer, or why the address was not followed; hidden otherwise
    """

    def __init__(
        self,
        begun: Asked,
        link_now: Callable[[], Link],
        tell: Callable[[str], Any],
        replay: Callable[[Link], Any],
    ):
        self._link_now, self._tell, self._replay = link_now, tell, replay
        self.names_model = begun.names_model
        self._told: str | None = None
        self._due = 0.0
        link = begun.link
        has_run = link is not None and link.t_ms > 0 and not link.lesson  # which runs by itself
        self.offered = link if has_run else None
        self._text = pn.pane.HTML(
            "", stylesheets=[css("text")], sizing_mode="stretch_width", margin=(4, 12),
            css_classes=["wb-offer-text"],
        )  # fmt: skip
        again = pmui.Button(
            label="Repeat it", size="small", variant="contained", margin=(2, 8),
            css_classes=["wb-replay-link"], visible=self.offered is not None,
        )  # fmt: skip
        leave = pmui.Button(
            label="No" if self.offered is not None else "Close", size="small", variant="text",
            margin=(2, 12, 2, 0), css_classes=["wb-leave-link"],
        )  # fmt: skip
        again.on_click(lambda _e: self._accept())
        leave.on_click(lambda _e: self.close())
        self.view = pn.Row(
            self._text, again, leave, sizing_mode="stretch_width", visible=False, margin=0,
            css_classes=["wb-offer"], styles={"align-items": "center"},
        )  # fmt: skip
        if text := _offer(self.offered) if self.offered is not None else begun.refused:
            self.say(text)

    def say(self, text: str) -> None:
        """Show a sentence above the plots."""
        self._text.object = f'<div role="status">{html.escape(in_words(text))}</div>'
        self.view.visible = True

    def _accept(self) -> None:
        link = self.offered
        self.close()
        if link is not None:
            self._replay(link)

    def close(self) -> None:
        """Nothing is offered any more; the address says what the page is."""
        self.offered = None
        self.view.visible = False
        self._told, self._due = self._told or "", 0.0

    def follow(self, running: bool, t_ms: float) -> None:
        """Called at every drawing: have the browser show the address of what there is."""
        if self.offered is not None:
            if not t_ms > 0:
                return  # a reload offers it again
            self.close()
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + (RUNNING_S if running else EVERY_S)
        text = self.query()
        if self._told is None:
            self._told = text  # that of the page as it opened, which may be written otherwise
        elif text != self._told:
            self._told = text
            self._tell(text)

    def query(self) -> str:
        """The query of the page as it is, without its run where that is too much for one."""
        link = self._link_now()
        if link.lesson:
            link = replace(link, t_ms=0.0, began_with="", log=())
        try:
            text = query_of(link)
        except ParameterError:
            text = query_of(replace(link, t_ms=0.0, began_with="", log=()))
        parts = [f"model={link.model.slug}"] if self.names_model else []
        parts += [text] if text else []
        return f"?{'&'.join(parts)}" if parts else ""

    def texts(self) -> dict[str, str]:
        """What can be copied: a query for the link, and statements of Python."""
        link = self._link_now()
        try:
            return {"link": self.query() or "?", "python": python_of(link)}
        except ParameterError as error:
            return {"link": self.query() or "?", "python": f"# {error}\n"}


def _offer(link: Link) -> str:
    # While the run stands, a slider may stop on its way: only where it came to rest counts.
    moved = {(e.tick, e.name) for e in link.log if e.is_change}
    done = len(moved) + sum(not (e.is_change or e.is_engine) for e in link.log)
    what = {0: "nothing was changed", 1: "one intervention"}.get(done, f"{done:,} interventions")
    return f"This link holds a run of {clock(link.t_ms)} with seed {link.seed} ({what})."
