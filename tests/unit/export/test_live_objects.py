"""Objects of Brian2 that are there already, as in a notebook: opened as a model."""

from __future__ import annotations

from types import SimpleNamespace

import brian2 as b2
import pytest

from workbench import notebook
from workbench.brian.internals import mark_used
from workbench.errors import BuildError, ParameterError
from workbench.export.live_objects import is_brian, open_objects


def test_a_list_of_objects_becomes_a_model():
    tau, drive = 10 * b2.ms, 1.5
    group = b2.NeuronGroup(
        4, "dv/dt = (drive - v)/tau : 1", threshold="v > 1", reset="v = 0", method="exact",
        name="objects_cells", dt=0.1 * b2.ms,
    )  # fmt: skip
    group.v = [0, 0.2, 0.4, 0.6]
    watch = b2.StateMonitor(group, "v", record=[1, 3], name="objects_watch")
    net = b2.Network(group, watch)
    mark_used(net)
    assert is_brian(net) and is_brian([group]) and not is_brian([]) and not is_brian("cuba")
    model = open_objects([group, watch], {"tau": tau, "drive": drive})
    live = {k: (p.default, p.unit) for k, p in model.parameters().items() if p.live}
    assert live == {"tau": (10.0, "ms"), "drive": (1.5, "1")}
    assert model.watched == {"objects_cells.v": (1, 3)}
    run = model.run(30)
    t_ms, i = run.spikes("objects_cells")
    # From v to 1 towards 1.5 in tau ln((1.5 - v)/0.5): 10.99 ms from 0, 5.88 ms from 0.6.
    first = {k: float(t_ms[i == k][0]) for k in (0, 3)}
    assert first == {0: pytest.approx(10.99, abs=0.15), 3: pytest.approx(5.88, abs=0.15)}


def test_the_magic_takes_what_is_in_the_notebook(monkeypatch):
    magics, opened = {}, []
    group = b2.NeuronGroup(1, "v : 1", name="magic_cells")
    mark_used(b2.Network(group))
    space = {"cells": group, "part": group[:1], "_": group, "n": 3}
    shell = SimpleNamespace(
        user_ns=space, register_magic_function=lambda f, kind: magics.update({kind: f})
    )
    monkeypatch.setattr(notebook, "open_objects", lambda *a: opened.append(a) or a[0])
    monkeypatch.setattr(notebook, "_page", lambda model: model)
    notebook.load_ipython_extension(shell)
    assert magics["line"]("")[0] is group and opened[0][2] == "notebook"
    with pytest.raises(ParameterError, match="%workbench n is not possible: give the name of"):
        magics["line"]("n")
    space.clear()
    with pytest.raises(ParameterError, match="no Brian2 objects in this notebook yet"):
        magics["line"]("")


def test_what_was_simulated_is_refused():
    group = b2.NeuronGroup(1, "v : 1", name="used_cells", dt=0.1 * b2.ms)
    b2.Network(group).run(1 * b2.ms)
    with pytest.raises(BuildError, match="used_cells has been simulated already"):
        open_objects([group], {})
