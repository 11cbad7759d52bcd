"""What the simulation is asked to send along: the weights and the neurons' states that are seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..model_page import Explorer


class Sampled:
    """Of one page."""

    def __init__(self, page: Explorer):
        self._page = page

    def ask_weights(self) -> None:
        """Those of the projection that is chosen, of the model's own cards, and of what learns."""
        page = self._page
        chosen = page.plots.selected("weights")
        wanted = () if chosen is None else (chosen, *page.extension.weights, *page.plots.learned())
        if wanted:
            page.session.show_weights(tuple(dict.fromkeys(wanted)))

    def follow_weights(self) -> None:
        """Those of the model's own cards that are curves over all of the run."""
        if self._page.extension.followed:
            self._page.session.follow_weights(self._page.extension.followed)

    def on_select(self, view: str, _name: str) -> None:
        """Something else was chosen in the heading of a card."""
        if view == "weights" and self._page.session is not None:
            self.ask_weights()

    def on_pick(self, marks: list[tuple[str, int, int]]) -> None:
        """A clicked neuron is watched: its states join the traces."""
        page = self._page
        if not marks or page.session is None or page.info is None:
            return
        population, neuron, _last = marks[0]
        view = page.plots.views.get("traces")
        names = [n for n in page.info.traces if n.split(".")[0] == population]
        if view is None or not names:
            return
        watched = dict(view.watched)
        for name in names:
            if neuron not in watched[name]:
                watched[name] = tuple(sorted((neuron, *watched[name][1:])))
        self._watch(watched)
        view.watch(watched)
        if view.selected not in names:
            page.plots.selectors["traces"].value = names[0]

    def go_on(self) -> None:
        """Ask the session that took another's place for the same."""
        view = self._page.plots.views.get("traces")
        if view is not None and self._page.info is not None:
            self._watch(view.watched)
        self.ask_weights()
        self.follow_weights()

    def _watch(self, watched: Mapping[str, Any]) -> None:
        info = self._page.network
        # What is sampled of every neuron, for a map, stays so.
        rest = {n: w for n, w in info.watched.items() if n in info.maps}
        self._page.session.watch({**watched, **rest})
