"""The first minute: a model shows by itself what it does, until somebody touches it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import panel as pn
import panel_material_ui as pmui

from workbench.engine.frames import Status
from workbench.model.tour import Step

from ..theme import css
from ..widgets.icons import icon

if TYPE_CHECKING:
    from ..model_page import Explorer

OVER = "That was it. Now it is yours: every slider acts while the model runs."


class Shown:
    """The tour of one page's model.

    button : begins it; goes beside the model's purpose
    view   : what is to be seen at this moment; hidden while nothing is shown
    """

    def __init__(self, page: Explorer):
        self._page = page
        self._tour = page.model_class.tour
        self._next = -1  # the step that comes next; -1 while nothing is shown
        self._marked = ""
        self._acting = False  # the changes are the tour's own
        seconds = 0.0 if self._tour is None else self._tour.seconds
        self.button = pmui.Button(
            label="Show me", icon=icon("run"), size="small", variant="outlined",
            margin=(6, 14, 0, 0), css_classes=["wb-tour"], visible=self._tour is not None,
            description=f"Show me: a run of {seconds:.0f} s with what this model does; any touch "
            "takes over", width=124,
        )  # fmt: skip
        self.button.on_click(lambda _e: page.later(self.begin))
        self._text = pn.pane.HTML(
            "", stylesheets=[css("tour")], sizing_mode="stretch_width", margin=(2, 0, 2, 12)
        )
        leave = pmui.Button(
            label="Close", size="small", variant="text", margin=(2, 12, 2, 8),
            css_classes=["wb-leave-tour"],
        )  # fmt: skip
        leave.on_click(lambda _e: page.later(self.end))
        self.view = pn.Row(
            self._text, leave, sizing_mode="stretch_width", visible=False, margin=0,
            css_classes=["wb-tour-text"], styles={"align-items": "center"},
        )  # fmt: skip

    @property
    def going_on(self) -> bool:
        return self._next >= 0

    def begin(self) -> None:
        """A new run with default values and those of the beginning, at the tour's speed."""
        page, tour = self._page, self._tour
        if tour is None:
            return
        page.tabs.active = 0
        first = tour.steps[0]
        values = {**page.model_class().values(), **(first.values if first.t_ms == 0 else {})}
        page.changes.show(values, taken_back=True)
        page.transport.show_speed(tour.speed)
        page.restart(True, "a run that shows what the model does")
        self._next = 0

    def touched(self) -> None:
        """Somebody did something: from here on it is their run."""
        if self.going_on and not self._acting:
            self.end()

    def end(self) -> None:
        """Show nothing more; the run goes on as it is."""
        self._next = -1
        self.view.visible = False
        self._mark("")

    def follow(self, status: Status) -> None:
        """Called at every drawing: do what is due, and say what is to be seen."""
        tour, page = self._tour, self._page
        if tour is None or not self.going_on or page.info is None:
            return
        if status.over:
            self.end()
            return
        while self._next < len(tour.steps) and tour.steps[self._next].t_ms <= status.t_ms:
            self._do(tour.steps[self._next])
            self._next += 1
        if status.t_ms >= tour.until_ms:
            page.session.pause()
            self._next = -1
            self._mark("")
            self._say(OVER, 1.0)
        elif self._next:
            self._say(tour.steps[self._next - 1].caption, status.t_ms / tour.until_ms)

    # -- inside ----------------------------------------------------------------------------------

    def _do(self, step: Step) -> None:
        self._acting = True
        try:
            if step.values and step.t_ms > 0:  # the others are there from the beginning
                self._page.changes.set_all(step.values, "what the model shows")
            if step.operation is not None:
                self._page.session.do(step.operation)
        finally:
            self._acting = False
        self._mark(step.card)

    def _say(self, text: str, share: float) -> None:
        # A bar that moves with every drawing would be sent with every drawing.
        width = 5 * round(20 * min(share, 1.0))
        said = (
            f'<div class="tour" role="status"><p>{html.escape(text)}</p>'
            f'<div class="bar"><div style="width:{width}%"></div></div></div>'
        )
        if said != self._text.object:
            self._text.object = said
        if not self.view.visible:
            self.view.visible = True

    def _mark(self, title: str) -> None:
        if title == self._marked:
            return
        self._marked = title
        for card in (*self._page.plots.cards.values(), *self._page.own):
            card.mark(bool(title) and card.title == title)
