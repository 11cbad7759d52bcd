"""No card is stale: paused, each shows the moment of the status strip and the sliders' values.

With real simulations and no browser. The pages of all models take half a minute: they are slow.
"""

from __future__ import annotations

import time

import numpy as np
import panel as pn
import pytest
from bokeh.models import ColumnDataSource, Plot

from panels.model_page import Explorer
from panels.widgets.pace import LONGEST_S, Pace
from workbench.figures import as_seen
from workbench.model import registry
from workbench.plots.circuit import KIND as CIRCUIT
from workbench.plots.in_words import clock

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

SMALLER = {"n_neurons": 200}  # for models that have many
QUICK = "ssn-pair"
ALL = [pytest.param(s, marks=[pytest.mark.slow] * (s != QUICK)) for s in registry.models()]
NOW = "workbench.engine.present:circuit_now"
PATIENCE_S = 120.0


class Opened:
    """A page whose drawing clock is turned by hand."""

    def __init__(self, slug: str):
        cls = registry.model_class(slug)
        known = cls.parameters()
        self.explorer = page = Explorer(
            cls(**{k: v for k, v in SMALLER.items() if k in known and known[k].default > v})
        )
        page._begin(paused=True)
        page.heartbeat.heard = True
        page.heartbeat.ready = lambda: True
        for card in (*page.plots.cards.values(), *page.own):
            card.heading.seen = True
        self.turn_until(lambda: page.moments.of)

    def turn_until(self, there) -> None:
        end = time.monotonic() + PATIENCE_S
        while not there():
            assert time.monotonic() < end, self.explorer.session.status()
            self.explorer.tick()
            time.sleep(0.01)

    def pause_at(self, t_ms: float) -> None:
        """Run until then, pause, and wait until the page has settled."""
        page = self.explorer
        page.on_button("run")
        self.turn_until(lambda: page.session.status().t_ms >= t_ms)
        page.on_button("pause")
        self.settle()

    def settle(self) -> None:
        page = self.explorer
        self.turn_until(lambda: page.session.status().state == "paused")
        end = time.monotonic() + 0.8  # longer than the circuit waits for the last change
        self.turn_until(lambda: time.monotonic() > end and not page.moments._asking)

    def close(self) -> None:
        self.explorer.close()


def test_a_slider_that_moves_often_between_two_drawings_asks_for_one_network(monkeypatch):
    page, begun = Explorer(registry.load("cuba")), []
    page._begin(paused=True)
    monkeypatch.setattr(page, "restart", lambda *_why: begun.append(page.values["n_neurons"]))
    try:
        for last in (500, 600):
            for k in range(last - 30, last + 1):
                page.changes.move("n_neurons", float(k), True)
            page.tick()
    finally:
        page.close()
    assert begun == [500, 600]


@pytest.fixture(scope="module", params=ALL)
def opened(request):
    page = Opened(request.param)
    yield page
    page.close()


def sources(card) -> dict[str, ColumnDataSource]:
    """Everything that a card draws, but what follows the pointer."""
    found = {}
    for pane in card._body.select(pn.pane.Bokeh) if hasattr(card._body, "select") else ():
        for k, fig in enumerate(pane.object.select({"type": Plot})):
            for n, renderer in enumerate(fig.renderers):
                source = getattr(renderer, "data_source", None)
                if source is not None and source.syncable:
                    found[f"{pane.name} {k} {n}"] = source
    return found


def content(card) -> dict[str, dict[str, list]]:
    return {
        name: {k: [np.array(part, copy=True) for part in v] for k, v in source.data.items()}
        for name, source in sources(card).items()
    }


def changed(page) -> dict[str, float]:
    """Another value for every live parameter, within its slider's range."""
    found = {}
    for name, parameter in page.model_class.parameters().items():
        low, high = parameter.softbounds or (None, None)
        if parameter.live and not parameter.choices and low is not None:
            by = 0.05 * (high - low)
            by = max(1, round(by)) if parameter.integer else by
            value = page.values[name] + by
            found[name] = value if value <= high else page.values[name] - by
    return found


def numbers(circuit) -> dict[str, tuple]:
    return {
        e.name: (e.sign, e.weight and (e.weight.value, e.weight.low), e.delay and e.delay.value)
        for e in circuit.edges
    }


def shown(page) -> None:
    """Every card has the moment and the values of the strip, and nothing waits to be drawn."""
    status = page.session.status()
    cards = {**page.plots.cards, **{card.key: card for card in page.own}}
    visible = {k for k, card in cards.items() if card.view.visible}
    wanted = {k for k in visible if k in page.plots.views or k not in page.plots.cards}
    assert wanted <= set(page.moments.of)
    for key in wanted:
        moment = page.moments.of[key]
        assert moment.t_ms == pytest.approx(status.t_ms), key
        assert moment.values == page.session.model.values() == page.values, key
        assert cards[key].heading.moment == ""
    before = {key: content(cards[key]) for key in wanted}
    for view in page.plots.views.values():
        view.settle()
    for pace in page.moments.paces:
        pace.now(status.t_ms)
    for key in wanted:
        np.testing.assert_equal(content(cards[key]), before[key], err_msg=key)


def test_paused_page_shows_the_present_and_every_value(opened):
    page = opened.explorer
    opened.pause_at(20 * page.model_class.tick_ms)
    shown(page)
    new = changed(page)
    assert new
    page.set_values(new, "a test")
    opened.turn_until(lambda: sum(e.is_change for e in page.session.interventions) == len(new))
    opened.settle()
    assert {k: page.session.model.values()[k] for k in new} == new
    shown(page)
    plot = page.plots.views[CIRCUIT.id]
    assert numbers(plot.circuit) == numbers(page.session.read(NOW))
    parameters = {p.name: p.value for p in plot.circuit.notes.parameters}
    for name, value in new.items():
        assert parameters[name] == page.model_class.parameter(name).text(value)
    opened.pause_at(page.session.status().t_ms + 20 * page.model_class.tick_ms)
    shown(page)
    at, window = page.session.status().t_ms, page.plots.window_ms
    for view in page.plots.views.values():
        axis = getattr(view, "window", None)
        if axis is not None and view.seen:
            assert axis.range.end >= at - 1e-6
            assert axis.range.end - max(at, window) <= getattr(view.time, "quantum_ms", 0.0) + 1e-6


def test_every_card_saves_what_it_shows(opened):
    page = opened.explorer
    for card in (*page.plots.cards.values(), *page.own):
        assert card.can_be_saved, card.title
    for card in page.own:
        shown = card.shown()
        if isinstance(shown, str):
            assert "<" in shown.partition("</style>")[2], card.title
        else:
            same(shown, card.title)
    for key, view in page.plots.views.items():
        if page.plots.kinds[key].redrawn or not page.plots.cards[key].view.visible:
            continue
        shown = page.plots.shown(key)
        same(shown, key)
        if hasattr(view, "window"):
            ends = view.window.range.start, view.window.range.end
            assert shown[0].x == pytest.approx(ends), key


def same(shown, what: str) -> None:
    """The file has the ranges and values of the card."""
    drawn = [a for a in as_seen.draw(shown, 120.0).axes if a.get_label() != "<colorbar>"]
    assert shown, what
    for part in shown:
        if part.words or part.equal:
            continue
        wanted = sorted(x * part.x_scale for x in part.x), sorted(part.y)
        assert any(
            (sorted(a.get_xlim()), sorted(a.get_ylim()))
            == (pytest.approx(wanted[0]), pytest.approx(wanted[1]))
            for a in drawn
        ), what
        lines = [layer for layer in part.layers if layer.kind == "line"]
        found = [line.get_ydata() for a in drawn for line in a.lines]
        for layer in lines:
            assert any(np.array_equal(y, layer.data["y"], equal_nan=True) for y in found), what


def test_circuit_says_the_value_of_the_slider(opened):
    explorer = opened.explorer
    if explorer.slug != QUICK:
        pytest.skip("the values of every model are compared above")
    before = explorer.plots.views[CIRCUIT.id].drawing.drawings[0]
    explorer.set_values({"W_EE": 1.55}, "a test")
    opened.settle()
    plot = explorer.plots.views[CIRCUIT.id]
    edge = next(e for e in plot.circuit.edges if e.weight and e.weight.name == "W_EE")
    assert edge.weight.value == pytest.approx(1.55)
    assert plot.drawing.drawings[0] != before


def test_a_card_that_is_behind_says_so(opened):
    explorer = opened.explorer
    heading = explorer.plots.cards[CIRCUIT.id].heading
    late = explorer.moments.of[CIRCUIT.id]
    explorer.moments._say(late.t_ms + explorer.plots.window_ms)
    assert heading.moment == f"at t = {clock(late.t_ms)}"
    explorer.moments._say(late.t_ms)
    assert heading.moment == ""


def test_one_slow_drawing_is_no_reason_to_wait(monkeypatch):
    import panels.widgets.pace as module

    now, cost, drawn = [0.0], [5.0], []

    def draw(t_ms):
        drawn.append(t_ms)
        now[0] += cost[0]

    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    pace = Pace(draw, 0.2, share=0.2)
    assert pace.due(1.0)  # the first one takes five seconds
    cost[0] = 0.1
    assert pace.due(2.0)
    assert not pace.due(3.0)
    now[0] += 0.45  # a fifth of the time goes into it
    assert pace.due(4.0)
    cost[0] = 10.0
    now[0] += 10
    assert pace.due(5.0)
    assert pace.due(6.0)
    assert not pace.due(7.0)
    now[0] += LONGEST_S + 0.01
    assert pace.due(8.0)
    pace.now(9.0)
    assert drawn[-1] == 9.0
