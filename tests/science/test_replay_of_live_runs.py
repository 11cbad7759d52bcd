"""Ten random interventions while a model runs live; the replay has the same spikes, one for one.

Exact equality is asked for: both runs take the same numbers through the same code. Without the
interventions the run must come out differently, or the test would prove nothing.
"""

from __future__ import annotations

import numpy as np
import pytest

from models.cuba import CUBA
from models.hippocampal_cam import HippocampalCAM, Learn, RecallByContent, RecallByCue
from workbench.engine.compiled.cache import compiler
from workbench.replay import same_spikes

compiled = pytest.param(
    "compiled",
    marks=[pytest.mark.slow, pytest.mark.skipif(compiler() is None, reason="no C++ compiler")],
)
N = 10


def set_something(session, rng):
    name, low, high = [("w_e", 1.4, 1.8), ("tau_m", 18, 22), ("w_i", -10, -8)][rng.integers(3)]
    session.set(name, float(rng.uniform(low, high)))


def teach_or_ask(session, rng):
    kind = rng.integers(3)
    if kind == 0:
        content = tuple(int(k) for k in np.flatnonzero(rng.random(10) < 0.4))
        session.do(Learn(cue=int(rng.integers(5)), content=content or (0,)))
    elif kind == 1:
        session.do(RecallByCue(cue=int(rng.integers(5))))
    else:
        session.do(RecallByContent(content=(int(rng.integers(10)),)))


@pytest.mark.parametrize("engine", ["numpy", compiled])
@pytest.mark.parametrize(
    ("model", "act"),
    [
        pytest.param(CUBA(n_neurons=1000, p_connect=0.08), set_something, id="cuba"),
        pytest.param(HippocampalCAM(), teach_or_ask, id="hippocampal-cam", marks=pytest.mark.slow),
    ],
)
def test_replayed_spikes_are_identical(model, act, engine, go_on):
    rng = np.random.default_rng(20)
    # Slow enough that ten interventions fall into a short run.
    session = model.start(engine=engine, seed=5, speed=200.0)
    try:
        assert session.wait(300, until="running")
        for _ in range(N):
            go_on(session, float(rng.uniform(4, 24)))
            act(session, rng)
        go_on(session, 40)
        run = session.stop()
    finally:
        session.close()
    assert len(run.interventions) == N
    assert len({e["tick"] for e in run.interventions}) > N // 2
    again = run.replay()
    assert again.engine == engine
    assert len(run.steps) > 20
    assert same_spikes(run, again)
    untouched = type(model)(**run.parameters).run(run.duration_ms, seed=5, engine=engine)
    assert not same_spikes(run, untouched)
