"""The liquid against a plain NumPy transcription of its source, spike for spike."""

from __future__ import annotations

import numpy as np
import pytest

from models.astrocyte_lsm import AstrocyteLSM
from models.astrocyte_lsm.reference import Plain
from models.astrocyte_lsm.wiring import wiring

STEPS, SAMPLE_MS = 1000, 250
# Small and lively: close together, so that 64 neurons excite one another, and a busy input.
SMALL = {
    "n_neurons": 64,
    "n_inputs": 40,
    "C_exc_exc": 0.3,
    "sample_ms": SAMPLE_MS,
    "input_events": 0,
}


def events() -> np.ndarray:
    """(STEPS, n_inputs) bool: input that both are given."""
    return np.random.default_rng(5).random((STEPS, SMALL["n_inputs"])) < 0.1


def plain_run(values: dict[str, float], given: np.ndarray) -> tuple[np.ndarray, Plain]:
    """Spikes (STEPS, N + N_in) of the transcription, and its last state."""
    plain = Plain(values, wiring(values))
    raster = np.zeros((len(given), plain.n + plain.n_in), dtype=bool)
    for t, row in enumerate(given):
        if t % SAMPLE_MS == 0:
            plain.anew()
        raster[t] = plain.step(row)
    return raster, plain


def raster_of(run, n: int, n_in: int) -> np.ndarray:
    """The same of a run."""
    raster = np.zeros((STEPS, n + n_in), dtype=bool)
    for name, first in (("excitatory", 0), ("inhibitory", round(0.8 * n)), ("input", n)):
        t, i = run.spikes(name)
        raster[np.rint(t).astype(int), first + i] = True
    return raster


def compare(model: AstrocyteLSM, engine: str) -> None:
    given = events()
    t, i = np.nonzero(given)
    run = model.run(STEPS, engine=engine, input_spikes={"input": (t.astype(float), i)})
    values = model.values()
    raster, plain = plain_run(values, given)
    n, n_in = values["n_neurons"], values["n_inputs"]
    ours = raster_of(run, n, n_in)
    wrong = np.argwhere(ours != raster)
    assert not len(wrong), f"first differs at (step, unit) {wrong[0]}, {len(wrong)} in all"
    # It must have been a lively run, or agreement would say little.
    assert 10 * n < raster[:, :n].sum() < 150 * n
    # Weights are the sum of thousands of changes: rounding alone tells them apart.
    w = plain.w
    found = np.full(w.shape, np.nan)
    starts = {"excitatory": 0, "inhibitory": round(0.8 * n), "input": n}
    for p in run.info.projections:
        if "astrocyte" not in (p.source, p.target):
            part = run.weights[p.name]
            found[starts[p.target] + part["j"], starts[p.source] + part["i"]] = part["w"][-1]
    assert np.array_equal(~np.isnan(found), plain.mask)
    np.testing.assert_allclose(found[plain.mask], w[plain.mask], atol=1e-9)
    moved = np.abs(np.abs(w[plain.mask]) - values["w_0"]) > 1e-3
    assert moved.any() == (values["rule"] > 0)
    A = run.state("astrocyte.A")[:, 0]
    assert abs(A[-1] - plain.A) < 0.2 and A.std() > 1e-3


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        (0, {}),
        (1, {"rate_decay": 0.99}),
        (2, {"C_theta": 60, "dC": 40}),
        (3, {"rate_decay": 0.99, "density": 0.5}),
        (3, {"tau_u": 1.7, "t_ref": 4, "w_astro": 0.05}),
    ],
)
def test_it_is_the_source_spike_for_spike(rule, changed):
    compare(AstrocyteLSM(**SMALL, rule=rule, w_0=1.5, **changed), "numpy")


@pytest.mark.slow  # compiles for most of a minute
def test_the_compiled_engine_too():
    compare(AstrocyteLSM(**SMALL, rule=3, w_0=1.5), "compiled")
