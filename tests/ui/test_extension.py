"""What a model adds to its page needs nothing of the explorer but what the protocol says."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import panel as pn
import pytest
from bokeh.models import CustomJSTicker, CustomLabelingPolicy, Plot

from panels.alone import APPS
from panels.extension import Added, ModelPage
from panels.model_page import Explorer
from workbench.errors import WorkbenchError
from workbench.model import registry
from workbench.plots.live.time_labels import unit_of

from .fakes import TwoGroups
from .test_explorer import built, page, sessions  # noqa: F401

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

MODULES = [n for n, slug in APPS.items() if slug in registry.models()]
EXTENDED = [n for n in MODULES if hasattr(importlib.import_module(f"panels.{n}"), "extend")]
MEMBERS = {n for n in dir(ModelPage) if not n.startswith("_")} | set(ModelPage.__annotations__)


class Narrow:
    """A page that has what the protocol says, and nothing else; remembers what it was asked."""

    def __init__(self, model):
        self.hooks = hooks = {"info": [], "frames": [], "reset": [], "dark": []}
        self.asked: list[str] = []
        given = {
            "model_class": type(model), "values": model.values(), "info": None, "network": None,
            "model": model,
            "interventions": [], "t_ms": 0.0, "dark": False,
        }  # fmt: skip
        given |= {f"on_{n}": hooks[n].append for n in hooks}
        acts = MEMBERS - given.keys()
        given |= {n: (lambda *_a, n=n: self.asked.append(n)) for n in acts}
        self.page = SimpleNamespace(**given)
        assert given.keys() == MEMBERS


@pytest.mark.parametrize("name", EXTENDED)
def test_a_model_s_page_touches_nothing_else(name):
    module = importlib.import_module(f"panels.{name}")
    narrow = Narrow(registry.load(APPS[name]))
    added = module.extend(narrow.page)
    assert added.cards and isinstance(added.leading, tuple) and isinstance(added.weights, tuple)
    for dark in (True, False):
        for hook in narrow.hooks["dark"]:
            hook(dark)
    for hook in narrow.hooks["reset"]:
        hook()
    assert narrow.hooks["frames"]


@pytest.mark.parametrize("name", EXTENDED)
def test_a_model_s_own_plots_of_time_count_as_the_raster_does(name):
    module = importlib.import_module(f"panels.{name}")
    added = module.extend(Narrow(registry.load(APPS[name])).page)
    plain = added.cards.values() if isinstance(added.cards, dict) else added.cards
    views = [pn.panel(getattr(card, "view", card)) for card in plain]
    panes = [pane for view in views for pane in view.select(pn.pane.Bokeh)]
    figures = [fig for pane in panes for fig in pane.object.select({"type": Plot})]
    assert figures or name == "hippocampal_cam"
    for fig in figures:
        (axis,) = fig.below
        assert isinstance(axis.major_label_policy, CustomLabelingPolicy), fig.name
        if unit_of(axis.axis_label or ""):
            assert isinstance(axis.ticker, CustomJSTicker), fig.name


def test_most_models_add_something():
    assert len(EXTENDED) > 8 and "cuba" in MODULES and "cuba" not in EXTENDED


def test_what_a_model_adds_is_on_its_page(sessions, monkeypatch):  # noqa: F811
    seen = []

    def extend(explorer):
        seen.append(explorer)
        return Added(
            cards={"Mine": "text"}, controls="mine", leading=("own",), weights=("w",),
            followed={"exc_to_inh": 5.0}, hints={"raster": "Press Mine.", "weights": "Nothing."},
        )  # fmt: skip

    monkeypatch.setattr("panels.model_page.extension_of", extend)
    explorer = Explorer(TwoGroups())
    assert seen == [explorer] and explorer.controls == ["mine"]
    assert [card.title for card in explorer.own] == ["Mine"]
    explorer._begin(paused=True)
    built(explorer, sessions[-1])
    assert "w" in dict(sessions[-1].reported)["weights"]
    assert ("follow", {"exc_to_inh": 5.0}) in sessions[-1].reported
    raster = explorer.plots.views["raster"]
    assert raster._empty.text == "Press Mine."
    raster.reset()
    assert raster._empty.text == "Press Mine."
    explorer.close()


def test_the_explorer_does_what_the_protocol_says(page, sessions):  # noqa: F811
    assert all(hasattr(page, name) for name in MEMBERS - {"network"})
    with pytest.raises(WorkbenchError, match="network of two-groups has not been built yet"):
        _ = page.network
    assert page.model is sessions[-1].model and page.interventions == [] and not page.dark
    built(page, sessions[-1])
    assert page.network is page.info
    page.watch({"inh.v": (1,)})
    kind, watched = sessions[-1].reported[-1]
    assert kind == "watch" and watched["inh.v"] == (1,) and "exc.v" in watched
    page.resume()
    assert sessions[-1].status().state == "running"
