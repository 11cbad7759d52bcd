"""Training of the ELM neuron: forward, derivative, windows, budget, resuming; all of tiny size."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from models.elm_neuron.data.trials import Trial
from models.elm_neuron.recurrence import simulate
from models.elm_neuron.training.budget import Budget
from models.elm_neuron.training.evaluate import loss_of, predicted, raw_outputs
from models.elm_neuron.training.recipe import BETTER, PUBLISHED, recipe, started
from models.elm_neuron.training.recurrence import activation, jax_module, recurrence, traces
from models.elm_neuron.training.train import split, train
from models.elm_neuron.training.trainable import shape_of, trained_part, with_trained
from models.elm_neuron.training.windows import Windows, targets
from models.elm_neuron.weights import untrained
from workbench.errors import ParameterError, StoreError, UnknownName
from workbench.optional import NotInstalled

jax = pytest.importorskip("jax")
INPUTS = 12


def neuron(**options):
    sizes = {"n_memory": 3, "n_exc": 6, "n_inh": 6, "n_branch": 4, "per_branch": 5}
    return untrained(np.random.default_rng(3), **{**sizes, **options})


def trial(seed: int, n_ms: int = 400, n: int = 500) -> Trial:
    rng = np.random.default_rng(seed)
    return Trial(
        f"t{seed:02d}", rng.integers(0, INPUTS, n), rng.integers(0, n_ms, n),
        -67 + 5 * rng.normal(size=n_ms), np.sort(rng.uniform(0, n_ms, 5)),
    )  # fmt: skip


TRIALS = [trial(k) for k in range(8)]
SMALL = dataclasses.replace(
    BETTER, batch=2, window_ms=100, burn_in_ms=20, skip_ms=50, warmup=2, dropout=0.0
)


# -- forward and derivative --------------------------------------------------------------------


@pytest.mark.parametrize(("act", "variant"), [("silu", "v1"), ("relu2", "v2")])
def test_the_forward_pass_is_the_plain_recurrence(act, variant):
    weights = started(neuron(activation=act, variant=variant), BETTER, 1)
    one = trial(1, n_ms=601)
    plain = simulate(weights, one.channel, one.t_ms, one.n_ms)
    exact = predicted(weights, raw_outputs(weights, [one], double=True))[0]
    # float64 on both sides: what is left is the order of the sums.
    assert np.abs(exact.v_soma_mV - plain.v_soma_mV).max() < 1e-11
    assert np.abs(exact.p_spike - plain.p_spike).max() < 1e-13
    if act == "silu":
        return
    single = predicted(weights, raw_outputs(weights, [one]))[0]
    # float32 as in training: 1e-5 of the output, which is scaled by 10 mV.
    assert np.abs(single.v_soma_mV - plain.v_soma_mV).max() < 1e-4
    assert np.abs(single.p_spike - plain.p_spike).max() < 1e-5


@pytest.mark.parametrize("act", ["relu", "silu", "relu2"])
def test_the_derivative_is_that_of_the_loop(act):
    jnp, lax = jax.numpy, jax.lax
    rng = np.random.default_rng(0)
    T, B, d, H = 5, 2, 3, 4
    sizes = [(T, B, H), (B, d), (H, d), (d, H), (d,)]
    with jax.enable_x64(True), jax.disable_jit():  # compiling would take most of the time
        given = [rng.normal(size=s) for s in sizes]
        given += [rng.uniform(0.5, 1, d), rng.uniform(0, 1, d)]
        reported = rng.normal(size=(T, B, d))

        def plain(u, m0, W_m, W_o, c_o, kappa, gain):
            def step(m, u_t):
                z = activation(act)[0](u_t + (kappa * m) @ W_m.T) @ W_o.T + c_o
                m = kappa * m + gain * 1.7159 * jnp.tanh(2 * z / 3)
                return m, m

            return lax.scan(step, m0, u)[1]

        def slopes(function):
            total = lambda *a: (function(*a) * reported).sum()  # noqa: E731
            return jax.grad(total, argnums=tuple(range(7)))(*given)

        for ours, theirs in zip(slopes(recurrence(act)), slopes(plain), strict=True):
            # relu squared has large outputs here; 1e-10 of them is float64.
            assert np.abs(ours - theirs).max() <= 1e-10 * max(1, np.abs(theirs).max())


def test_traces_are_the_leaky_sum():
    rng = np.random.default_rng(0)
    drive, b = rng.normal(size=(23, 2, 3)), rng.normal(size=(2, 3))
    with jax.enable_x64(True), jax.disable_jit():
        found = np.asarray(traces(drive, 0.8, b, chunk=5))
    for t in range(len(drive)):
        b = 0.8 * b + drive[t]
        assert np.allclose(found[t], b, rtol=0, atol=1e-13)


def test_what_is_trained_goes_back_into_the_neuron():
    weights = neuron()
    trained = trained_part(weights, learn_tau=True, dtype=float)
    trained["synapse_weight"][:3] = (-1, 0.25, 2)
    trained["log_tau_m"][0] = -50
    back = with_trained(weights, trained)
    assert back.synapse_weight[:3].tolist() == [0, 0.25, 2]
    assert back.tau_m_ms[0] == pytest.approx(0.1)  # a tenth of the shortest, as published
    assert np.array_equal(back.hidden[0][0], weights.hidden[0][0])


def test_a_neuron_that_cannot_be_trained_is_refused():
    with pytest.raises(ParameterError, match="needs one hidden layer; this neuron has 2"):
        shape_of(neuron(layers=2))


# -- recipes, targets, windows --------------------------------------------------------------------


def test_the_rate_falls_along_half_a_cosine():
    assert PUBLISHED.rate(0, 0.0) == 5e-4
    assert PUBLISHED.rate(100, 0.5) == pytest.approx(2.5e-4)
    assert PUBLISHED.rate(100, 1.0) == pytest.approx(0.0)
    assert SMALL.rate(0, 0.0) == pytest.approx(BETTER.learning_rate / 3)


def test_a_wrong_recipe_is_refused_in_one_sentence():
    with pytest.raises(UnknownName, match=r"Unknown recipe: 'beter'\. Did you mean 'better'\?"):
        recipe("beter")
    with pytest.raises(ParameterError, match="burn_in_ms = 100 is not allowed"):
        dataclasses.replace(SMALL, burn_in_ms=100)


def test_targets_are_the_published_ones():
    one = Trial("x", np.zeros(0, int), np.zeros(0, int), np.array([-67.7, -57.7, 20.0]),
                np.array([1.6]))  # fmt: skip
    # (min(V, -55) + 67.7)/10, and the spike in bin floor(1.6 - 0.5).
    assert targets(one) == pytest.approx(np.array([[0, 0], [1, 1], [0, 1.27]]))


def test_the_loss_is_half_of_each():
    one = Trial("x", np.zeros(0, int), np.zeros(0, int), np.array([-67.7, -57.7]), np.array([0.7]))
    y = np.array([[0.0, 0.5], [2.0, 1.0]])
    entropy = (np.log(2) + np.log1p(np.exp(2))) / 2  # spike in bin 0: -log p; none in 1
    assert loss_of([y], [one], 0) == pytest.approx(0.5 * entropy + 0.5 * 0.25 / 2)


def test_a_window_holds_the_events_of_its_time():
    windows = Windows([trial(1)], INPUTS, SMALL, seed=0)
    first, again = windows.batch(4), windows.batch(4)
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, windows.batch(5).x)
    counts = np.zeros((400, INPUTS), int)
    np.add.at(counts, (trial(1).t_ms, trial(1).channel), 1)
    for b in range(2):
        starts = [s for s in range(301) if np.array_equal(counts[s : s + 100], first.x[:, b])]
        assert len(starts) == 1
        assert starts[0] >= 30  # 50 ms of the trial are skipped, 20 of them may be burn-in
        assert np.array_equal(first.y[:, b], targets(trial(1))[starts[0] : starts[0] + 100])
    assert first.mask[:20].sum() == 0
    assert first.mask[20:].min() == 1
    assert first.keep.tolist() == [0, 0]


def test_dropout_loses_events_but_makes_none():
    whole = Windows([trial(1)], INPUTS, SMALL, seed=0).batch(4)
    thinned = Windows([trial(1)], INPUTS, dataclasses.replace(SMALL, dropout=0.5), seed=0).batch(4)
    assert np.array_equal(whole.y, thinned.y)  # the same windows
    assert np.all(thinned.x <= whole.x)
    n = whole.x.sum()
    assert abs(thinned.x.sum() - n / 2) < 4 * np.sqrt(n / 4)  # four standard deviations


def test_carried_windows_follow_one_another():
    windows = Windows(TRIALS, INPUTS, dataclasses.replace(SMALL, carry=True), seed=0)
    batches = [windows.batch(k) for k in range(9)]
    for before, after in itertools.pairwise(batches):
        for b in range(2):
            if not after.keep[b]:
                assert after.mask[:20, b].sum() == 0
                continue
            both = np.concatenate([before.y[:, b], after.y[:, b]])
            whole = [targets(t) for t in TRIALS]
            assert any(
                np.array_equal(both, t[s : s + 200]) for t in whole for s in range(len(t) - 199)
            )
    assert sum(b.keep.sum() for b in batches) >= 9


def test_dropout_leaves_events_out():
    all_, some = (
        Windows(TRIALS, INPUTS, dataclasses.replace(SMALL, dropout=p), 0).batch(0).x.astype(int)
        for p in (0, 0.5)
    )
    assert (some <= all_).all()
    assert 0.35 < some.sum() / all_.sum() < 0.65


def test_data_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match="an event in channel 11, but the neuron has 4 inputs"):
        Windows(TRIALS, 4, SMALL, 0)
    with pytest.raises(ParameterError, match="The shortest trial lasts 400 ms"):
        Windows(TRIALS, INPUTS, dataclasses.replace(SMALL, window_ms=360), 0)


def test_the_split_is_fixed_and_shares_nothing():
    names = [f"l5pc_{k:05d}" for k in range(284)]
    trials = [dataclasses.replace(TRIALS[0], name=n) for n in names]
    parts = split(trials[::-1])
    assert [len(p) for p in parts] == [222, 15, 47]
    assert sorted(t.name for p in parts for t in p) == names
    assert [t.name for t in parts[2][:2]] == ["l5pc_00005", "l5pc_00011"]
    assert [len(p) for p in split(trials[:3])] == [1, 1, 1]


# -- budget, resuming -----------------------------------------------------------------------------


def test_a_budget_counts_what_was_used_before(monkeypatch):
    now = iter([0.0, 60.0])
    # Its clock alone: other threads of the process look at the real one.
    clock = SimpleNamespace(perf_counter=lambda: next(now))
    monkeypatch.setattr("models.elm_neuron.training.budget.time", clock)
    budget = Budget(minutes=4)
    budget._before["minutes"] = 1.0
    assert budget.done(7) == 0.5
    assert budget.used["minutes"] == 2.0
    with pytest.raises(ParameterError, match="give one of them, above 0"):
        Budget()


def test_training_learns_stops_and_goes_on_as_if_nothing_had_been(tmp_path):
    weights = started(neuron(variant="v2", activation="relu2"), SMALL, 0)

    def sitting(name, stop_at=10**9, resume=False):
        seen = []

        def progress(share, text):
            seen.append(text)
            return not (text.startswith(f"step {stop_at},"))

        return train(
            TRIALS, weights, SMALL, Budget(steps=12), out=tmp_path / name, resume=resume,
            judgements=3, progress=progress,
        )  # fmt: skip

    whole = sitting("whole")
    assert [row["step"] for row in whole.history] == [4, 8, 12]
    assert whole.history[-1]["loss"] < whole.history[0]["loss"]
    half = sitting("parts", stop_at=7)
    assert (half.stopped, half.used["steps"]) == ("asked to", 7)
    with pytest.raises(StoreError, match="holds a training already: resume it"):
        sitting("parts")
    rest = sitting("parts", resume=True)
    assert rest.used["steps"] == 12
    for a, b in zip(trained_part(whole.weights).values(), trained_part(rest.weights).values(),
                    strict=True):  # fmt: skip
        assert np.array_equal(a, b)
    from models.elm_neuron.checkpoints.files import open_weights

    kept = open_weights(rest.checkpoint)
    assert np.array_equal(kept.hidden[0][0], rest.weights.hidden[0][0])
    with pytest.raises(StoreError, match="with seed = 0, not 1: give that, or another folder"):
        train(TRIALS, weights, SMALL, Budget(steps=1), seed=1, out=tmp_path / "parts", resume=True)


def test_without_jax_there_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(
        NotInstalled,
        match=r"^Training needs jax, .*: install the extra train "
        r'\(pip install "circuit-workbench\[train\]"; in a clone, uv sync .*--extra train\)\.$',
    ):
        jax_module()


# -- learning curve -------------------------------------------------------------------------------


def test_the_learning_curve_is_drawn_from_what_training_keeps(tmp_path):
    import holoviews as hv

    from models.elm_neuron.training.figures import learning_curve
    from models.elm_neuron.training.state import write_history

    rows = [
        {"step": 100 * k, "training_loss": 1 / k, "loss": 2 / k, "auc": 1 - 0.1 / k, "rmse_mV": 1.0}
        for k in (1, 2, 3)
    ]
    test = {"loss": 0.5, "auc": 0.96, "rmse_mV": 1.1}
    write_history(tmp_path, rows, {"scores": {"test": test}})
    hv.extension("matplotlib")
    drawn = learning_curve(tmp_path / "history.json")
    curves = drawn.traverse(lambda e: (e.label, len(e)), [hv.Curve])
    assert curves == [("training", 3), ("validation", 3), ("validation", 3), ("validation", 3)]
    dots = drawn.traverse(lambda e: e.data, [hv.Scatter])
    assert [float(np.asarray(d)[0, 1] if not hasattr(d, "iloc") else d.iloc[0, 1])
            for d in dots] == [0.5, 0.96, 1.1]  # fmt: skip
    assert hv.render(drawn, backend="matplotlib") is not None
    (tmp_path / "history.json").write_text("{}")
    with pytest.raises(StoreError, match="holds no learning curve"):
        learning_curve(tmp_path / "history.json")
