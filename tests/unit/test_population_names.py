"""Names for people that a model declares of its populations, and of their units, are shown."""

from __future__ import annotations

import json
from typing import ClassVar

import numpy as np
import pytest
from toys import Toy

from workbench.engine.frames import Frame
from workbench.errors import BuildError
from workbench.model import registry
from workbench.network import NetworkInfo, Population, Projection
from workbench.palette import population_colors
from workbench.plots.registry import live_views
from workbench.store.network_info import info_from_json, info_to_json


class Named(Toy):
    """A toy whose populations have names for people."""

    labels: ClassVar[dict[str, str]] = {"source": "finger", "cells.v": "potential v"}
    unit_names: ClassVar[dict[str, tuple[str, ...]]] = {"source": ("A", "E", "I")}


INFO = NetworkInfo(
    dt_ms=0.1, tick_ms=1.0,
    populations=(
        Population("out", 3, 0, "neurons", title="letters", unit_names=("A", "E", "I")),
        Population("deep_cells", 9, 3, "neurons"),
    ),
    projections=(
        Projection(
            "feedback", "deep_cells", "out", 27, "w", bins=(3, 9), titles=("deep cells", "letters")
        ),
    ),
    traces={"out.v": "mV", "deep_cells.v": "mV"},
    watched={"out.v": (0, 1, 2), "deep_cells.v": (0, 1)},
)  # fmt: skip


def test_what_a_model_declares_is_in_the_description_of_its_network_and_in_files():
    info = Named().run(1, engine="numpy").info
    source, cells = info.population("source"), info.population("cells")
    assert (source.label, cells.label) == ("finger", "cells")
    assert [source.unit_label(k) for k in (0, 2, 7)] == ["A", "I", "7"]
    assert info.projections[0].label == "finger → cells"
    assert info.circuit.node("source").label == "finger"
    assert "finger excites cells" in info.circuit.describe()
    assert info.population_label("source") == "finger" and info.population_label("a_b") == "a b"
    kept = info_from_json(json.loads(json.dumps(info_to_json(info))))
    assert kept.populations == info.populations and kept.projections == info.projections


class Misnamed(Toy):
    """Names units of what it has not."""

    unit_names: ClassVar[dict[str, tuple[str, ...]]] = {"sauce": ("A",)}


def test_a_name_of_what_is_not_there_is_refused():
    with pytest.raises(BuildError, match="'sauce', which is no population"):
        Misnamed().run(1, engine="numpy")


def test_plots_say_these_names():
    views = live_views(INFO, colors=population_colors(INFO.populations))
    t = np.arange(0.0, 50.0)
    states = {"out.v": np.tile([1.0, 2.0, 3.0], (50, 1)), "deep_cells.v": np.zeros((50, 2))}
    none = np.empty(0, np.int64)
    weights = {"feedback": np.arange(27.0).reshape(3, 9)}
    frame = Frame(50, 50.0, none, none.astype(np.int32), t, states, weights, {})
    for view in views.values():
        view.update([frame], 50.0)
    lines = views["traces"]._lines.data
    assert list(lines["key"]) == ["letters A", "letters E", "letters I"]
    assert len(set(lines["color"])) == 3
    views["traces"].set_dark(True)
    assert len(set(views["traces"]._lines.data["color"])) == 3
    views["traces"].select("deep_cells.v")
    assert list(views["traces"]._lines.data["label"]) == ["deep cells 0", "deep cells 1"]
    weights_axes = [
        a.axis_label for a in (*views["weights"].root.xaxis, *views["weights"].root.yaxis)
    ]
    assert weights_axes == ["presynaptic neuron, deep cells", "postsynaptic, letters"]


@pytest.mark.parametrize(
    ("slug", "population", "label"),
    [("hippocampal-cam", "content_cond_int", "gate interneuron"),
     ("l2mu-braille", "u", "memory input u")],
)  # fmt: skip
def test_models_whose_names_say_too_little_have_others(slug, population, label):
    assert registry.load(slug).labels[population] == label


def test_no_two_populations_of_the_memory_have_one_name():
    from models.hippocampal_cam.network import POPULATIONS

    labels = [label for _size, _kind, label in POPULATIONS.values()]
    assert len(set(labels)) == len(labels) == 12
