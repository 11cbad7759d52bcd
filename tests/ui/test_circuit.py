"""The circuit's card without a browser: what is clicked, chosen and moved, and what follows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from panels.model_page import Explorer
from workbench.circuits import Circuit, Edge, Node
from workbench.plots.circuit.activity import Learning
from workbench.plots.circuit.details import details
from workbench.plots.circuit.live import ARRANGEMENTS

from .fakes import INFO, FakeSession, TwoGroups, frame

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

MODEL = "dv/dt = (E_L - v)/tau_m : volt (unless refractory)"
CIRCUIT = Circuit(
    (
        Node("exc", "exc", 10, sign="excitatory", model=MODEL, threshold="v > V_t",
             reset="v = V_r"),
        Node("inh", "inh", 5, sign="inhibitory"),
    ),
    (
        Edge("exc_to_inh", "exc", "inh", "excitatory", plastic=True, n_synapses=50,
             projection="exc_to_inh", on_pre="v_post += w"),
    ),
    "two groups",
)  # fmt: skip
PLASTIC = dataclasses.replace(
    INFO,
    circuit=CIRCUIT,
    projections=(dataclasses.replace(INFO.projections[0], plastic=True, limits=(0.0, 4.0)),),
)


@pytest.fixture
def page(monkeypatch):
    made: list[FakeSession] = []

    def start(self, **options):
        made.append(FakeSession(type(self)(**self.values()), **options))
        made[-1].info = PLASTIC
        return made[-1]

    monkeypatch.setattr(TwoGroups, "start", start, raising=False)
    explorer = Explorer(TwoGroups())
    explorer._begin(paused=True)
    explorer.heartbeat.heard = True
    made[-1].report(state="ready", engine="numpy")
    explorer.tick()
    yield explorer
    explorer.close()


def drawing(page):
    return page.plots.views["circuit"].drawing


def test_a_clicked_population_is_explained_with_its_equations_and_ways_on(page):
    drawing(page).selected = "node:exc"
    message = drawing(page).details
    assert "10 neurons, excitatory" in message
    assert r"\frac{\mathrm{d}v}{\mathrm{d}t} = \frac{E_{L} - v}{\tau_{m}}" in message
    for act in ("raster exc", "traces exc.v", "select edge:exc_to_inh", "close"):
        assert f'data-act="{act}"' in message
    drawing(page).selected = ""
    assert drawing(page).details == ""


def test_a_clicked_projection_leads_to_its_weights(page):
    message = details(CIRCUIT, "edge:exc_to_inh", PLASTIC)
    for act in ("weights exc_to_inh", "select node:exc", "select node:inh"):
        assert f'data-act="{act}"' in message
    assert "plastic" in message
    assert details(CIRCUIT, "edge:gone", PLASTIC) == ""


def test_a_button_marks_the_population_and_leaves_the_full_page(page):
    page.plots.cards["circuit"].expand(True)
    drawing(page)._handle_msg({"act": "raster inh"})
    page.tick()
    assert page.plots.link.marks == [("inh", 0, 4)]
    assert not page.plots.cards["circuit"].full


def test_plastic_weights_are_followed_and_shown_as_change(page):
    session = page.session
    asked = [reported[1] for reported in session.reported if reported[0] == "weights"]
    assert "exc_to_inh" in asked[-1]
    first, later = frame(1.0), frame(2.0)
    later.weights["exc_to_inh"] = np.full((5, 10), 2.0, dtype=np.float32)
    learning = Learning(PLASTIC)
    learning.take([first])
    assert learning.changes() == {"exc_to_inh": 0.0}
    learning.take([later])
    assert learning.changes()["exc_to_inh"] == pytest.approx(np.sqrt(1.0 / 4.0))
    assert learning.describe("exc_to_inh") == "mean weight 2 mV, +1 mV since the run began"


def test_the_notation_is_chosen_in_the_heading_and_kept_for_the_figure(page):
    page.plots.circuit.notation.value = "cpt"
    page.tick()
    assert drawing(page).notation == "cpt"
    assert page.plots.chosen("circuit")["notation"] == "cpt"


def test_a_moved_node_stays_for_the_figure_and_for_the_next_network(page):
    drawing(page)._handle_msg({"places": {"exc": [5, 5], "inh": [90, 60]}, "drawing": 0})
    page.tick()
    places = {"exc": (5.0, 5.0), "inh": (90.0, 60.0)}
    assert page.plots.chosen("circuit")["positions"] == places
    assert page.plots.circuit.put_back.visible
    other = dataclasses.replace(PLASTIC, dt_ms=0.2)
    page.plots.build(other)
    assert {n: (x, y) for n, x, y in drawing(page).circuit.positions} == places
    page.plots.circuit.plot.put_back()
    page.tick()
    assert page.plots.chosen("circuit")["positions"] is None
    assert not page.plots.circuit.put_back.visible
    assert len(drawing(page).drawings) == len(ARRANGEMENTS)


def test_the_same_network_with_other_values_is_drawn_with_them(page):
    edge = dataclasses.replace(CIRCUIT.edges[0], n_synapses=60)
    other = dataclasses.replace(CIRCUIT, edges=(edge,))
    page.plots.build(dataclasses.replace(PLASTIC, circuit=other))
    assert drawing(page).circuit.edges == (edge,)


def test_rates_are_reported_while_something_is_selected(page):
    page.plots.cards["circuit"].heading.seen = True
    page.session.report(state="running")
    drawing(page).selected = "node:inh"
    for t in (1.0, 201.0):
        page.session.arrive(frame(t, units=[10, 11]))
        page.tick()
        page.plots.views["circuit"]._fed_at = page.plots.views["circuit"]._read_at = 0.0
    page.session.arrive(frame(202.0))
    page.tick()
    # Two spikes of five neurons in 200 ms.
    assert drawing(page).readings == {"rate": "· 2 Hz"}


@pytest.mark.browser
@pytest.mark.parametrize(("model", "learns"), [("symmetric-stdp", True), ("cuba", False)])
def test_what_the_bands_of_weights_mean_is_said_where_there_are_any(shared_page, model, learns):
    page = shared_page(model)
    card = page.locator(".wb-card-circuit").first
    card.scroll_into_view_if_needed()
    drawn = card.locator("svg .node").first
    drawn.wait_for()
    key = card.get_by_text("Mean weight since the run began:")
    assert key.is_visible() == learns
    if learns:  # below the drawing, within the card
        box, within = key.bounding_box(), card.bounding_box()
        above = card.locator("svg:has(.node)").bounding_box()
        assert above["y"] + above["height"] <= box["y"] + 1
        assert box["y"] + box["height"] <= within["y"] + within["height"]
