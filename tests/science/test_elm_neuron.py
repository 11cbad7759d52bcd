"""The ELM neuron: published outputs and scores, and the Brian2 form against the recurrence."""

from __future__ import annotations

import numpy as np
import pytest

from models.elm_neuron import Ablate, ELMNeuron, ExciteBranch, Stimulus
from models.elm_neuron.checkpoints.files import open_weights
from models.elm_neuron.data.trials import Trial, load_trials
from models.elm_neuron.facts import neuronio, random_input
from models.elm_neuron.layer import described
from models.elm_neuron.recurrence import branch_drive, simulate, simulate_trials
from models.elm_neuron.scores import Scored
from workbench.errors import BuildError, ParameterError
from workbench.replay import same_spikes

SIZES = (1, 5, 10, 20, 50)
SMALL = {"n_exc": 30, "n_inh": 20, "n_branch": 6, "per_branch": 12}
# The same float64 sums in another order differ in the last digits of numbers near 70.
MV, P = 1e-9, 1e-12


def reference(data, n_memory):
    return np.load(data / "elm" / f"branch_elm_m{n_memory}_reference.npz")


def need_same(run, p_spike, v_soma_mV):
    assert run.state("p_spike").shape == (len(p_spike), 1)
    assert np.abs(run.state("p_spike")[:, 0] - p_spike).max() < P
    assert np.abs(run.state("v_soma_mV")[:, 0] - v_soma_mV).max() < MV


@pytest.mark.parametrize("n_memory", SIZES)
def test_the_plain_recurrence_gives_the_published_output(data, n_memory):
    weights, r = (
        open_weights(data / "elm" / f"branch_elm_m{n_memory}.npz"),
        reference(data, n_memory),
    )
    out = simulate(weights, r["channel"], r["t_ms"], 1000)
    assert np.abs(out.p_spike - r["p_spike"]).max() < P
    assert np.abs(out.v_soma_mV - r["v_soma_mV"]).max() < MV


@pytest.mark.parametrize("n_memory", SIZES)
def test_brian2_gives_the_published_output(data, n_memory):
    r = reference(data, n_memory)
    model = ELMNeuron.from_checkpoint(data / "elm" / f"branch_elm_m{n_memory}.npz")
    ms = 1000 if n_memory == 20 else 300  # all of it for one; the slow test runs all of all
    run = model.run(inputs=(r["channel"], r["t_ms"]), duration_ms=ms, engine="numpy")
    need_same(run, r["p_spike"][:ms], r["v_soma_mV"][:ms])
    assert run.duration_ms == ms


def test_the_published_file_itself_gives_it_too(data):
    r = reference(data, 20)
    model = ELMNeuron.from_checkpoint(data / "elm" / "branch_elm_m20.pt")
    run = model.run(inputs=(r["channel"], r["t_ms"]), duration_ms=100, engine="numpy")
    need_same(run, r["p_spike"][:100], r["v_soma_mV"][:100])


@pytest.mark.slow
@pytest.mark.parametrize("n_memory", SIZES)
def test_the_compiled_engine_gives_the_published_output(data, n_memory):
    r = reference(data, n_memory)
    model = ELMNeuron.from_checkpoint(data / "elm" / f"branch_elm_m{n_memory}.npz")
    run = model.run(inputs=(r["channel"], r["t_ms"]), duration_ms=1000, engine="compiled")
    need_same(run, r["p_spike"], r["v_soma_mV"])


# Measured by an independent implementation of the recurrence on all 284 trials, to these digits.
SCORES = {
    1: (0.9372, 0.028, 1.491),
    5: (0.9701, 0.046, 0.973),
    10: (0.9841, 0.062, 0.810),
    20: (0.9890, 0.097, 0.684),
    50: (0.9910, 0.130, 0.638),
}


@pytest.mark.slow
def test_scores_on_all_trials_of_the_cell(data):
    trials = load_trials(data / "l5pc")
    for n_memory, (auc, precision, rmse) in SCORES.items():
        weights = open_weights(data / "elm" / f"branch_elm_m{n_memory}.npz")
        found = Scored(simulate_trials(weights, trials), trials).scores()
        assert found["auc"] == pytest.approx(auc, abs=0.00006)
        assert found["average_precision"] == pytest.approx(precision, abs=0.0006)
        assert found["rmse_mV"] == pytest.approx(rmse, abs=0.0006)


def test_brian2_scores_a_trial_as_the_recurrence_does(data):
    trials = load_trials(data / "l5pc", 2)
    trials = [Trial(t.name, *_until(t, 300)) for t in trials]
    weights = open_weights(data / "elm" / "branch_elm_m5.npz")
    model = ELMNeuron.from_weights(weights)
    for trial, plain in zip(trials, simulate_trials(weights, trials), strict=True):
        run = model.run(inputs=(trial.channel, trial.t_ms), duration_ms=300, engine="numpy")
        need_same(run, plain.p_spike, plain.v_soma_mV)


def _until(t, ms):
    early = t.t_ms < ms
    return t.channel[early], t.t_ms[early], t.v_soma_mV[:ms], t.spike_t_ms[t.spike_t_ms < ms]


@pytest.mark.parametrize(
    "parts",
    [
        {"n_memory": 1},
        {"n_memory": 4, "n_inh": 0},
        {"n_memory": 3, "n_exc": 0, "n_inh": 20},
        {"n_memory": 3, "n_branch": 50, "per_branch": 1, "variant": "v2"},
        {"n_memory": 5, "layers": 3, "activation": "relu2"},
        {"n_memory": 2, "n_branch": 1, "per_branch": 80, "activation": "silu"},
    ],
)
def test_brian2_is_the_recurrence_whatever_the_sizes(parts):
    weights = neuronio(**{**SMALL, **parts})
    channel, t_ms = random_input(weights.n_input, 60)
    run = ELMNeuron.from_weights(weights).run(60, inputs=(channel, t_ms), engine="numpy")
    plain = simulate(weights, channel, t_ms, 60)
    need_same(run, plain.p_spike, plain.v_soma_mV)


def test_traces_of_several_time_constants_on_a_branch():
    weights = neuronio(3, **SMALL)
    rng = np.random.default_rng(2)
    mixed = weights.changed(tau_s_ms=rng.choice([2.0, 5.0, 20.0], len(weights.tau_s_ms)))
    channel, t_ms = random_input(50, 60)
    run = ELMNeuron.from_weights(mixed).run(60, inputs=(channel, t_ms), engine="numpy")
    plain = simulate(mixed, channel, t_ms, 60, keep_branches=True)
    need_same(run, plain.p_spike, plain.v_soma_mV)
    # A trace for each synapse, as the equations are written.
    s, totals = np.zeros(len(mixed.synapse_weight)), []
    x = np.zeros((60, 50))
    np.add.at(x, (t_ms, channel), mixed.input_sign[channel])
    for t in range(60):
        s = s * np.exp(-1 / mixed.tau_s_ms)
        s += mixed.synapse_weight * x[t, mixed.input_to_synapse] * mixed.synapse_mask
        totals.append(np.bincount(mixed.synapse_branch, s, mixed.n_branch))
    assert np.abs(plain.branches - totals).max() < 1e-12


def test_no_input_and_events_after_the_end():
    weights = neuronio(3, **SMALL)
    model = ELMNeuron.from_weights(weights)
    silent = simulate(weights, [], [], 30)
    need_same(model.run(30, inputs=([], []), engine="numpy"), silent.p_spike, silent.v_soma_mV)
    late = model.run(30, inputs=([3, 3], [30, 999]), engine="numpy")
    need_same(late, silent.p_spike, silent.v_soma_mV)
    assert not branch_drive(weights, [3, 3], [30, 999], 30).any()


def test_events_of_one_channel_in_one_ms_add_up():
    weights = neuronio(3, **SMALL)
    once, thrice = (branch_drive(weights, [4] * n, [2] * n, 5) for n in (1, 3))
    assert np.allclose(thrice, 3 * once)
    assert once.any()
    run = ELMNeuron.from_weights(weights).run(
        20, inputs=([4, 45, 4, 4], [2, 2, 2.9, 2]), engine="numpy"
    )
    plain = simulate(weights, [4, 4, 4, 45], [2, 2, 2, 2], 20)
    need_same(run, plain.p_spike, plain.v_soma_mV)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (([0, 1], [1]), "inputs must be two arrays of one length"),
        (([50], [1]), "Stimulus.channel = 50 is not allowed: from 0 to 49."),
        (([-1], [1]), "Stimulus.channel = -1 is not allowed"),
        (([0.5], [1]), "inputs: channel must hold whole numbers."),
        (([0], [-1]), "Stimulus.after_ms = -1 is not allowed"),
        (([0], [np.nan]), "inputs: t_ms must hold finite numbers."),
        ((["a"], [1]), "inputs: channel must hold finite numbers."),
    ],
)
def test_input_that_cannot_be_is_refused(inputs, message):
    with pytest.raises(ParameterError) as caught:
        ELMNeuron.from_weights(neuronio(2, **SMALL)).run(10, inputs=inputs)
    assert str(caught.value).startswith(message)


def test_a_layer_gives_spikes_by_chance_and_answers_by_rule():
    weights = neuronio(3, **SMALL)
    often = weights.changed(out=(weights.out[0], np.array([-1.0, 0.0])))
    model = ELMNeuron.from_weights(often, n_neurons=6)
    run = model.run(400, engine="numpy")
    p = run.state("p_spike")
    assert p.shape == (400, 6)
    assert np.array_equal(p, np.repeat(p[:, :1], 6, axis=1))  # one input, equal weights
    # 2,400 draws: the count lies within four standard deviations of its expectation.
    n = len(run.spikes("neurons")[0])
    assert abs(n - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    above = ELMNeuron.from_weights(often, theta=0.27).run(400, engine="numpy")
    t_ms, _ = above.spikes("neurons")
    assert np.array_equal(t_ms, np.flatnonzero(above.state("p_spike")[:, 0] > 0.27))


def test_untrained_neurons_of_a_layer_differ():
    model = ELMNeuron(weights=0, n_memory=3, n_neurons=2, **SMALL)
    first, second = model.layer()
    assert not np.array_equal(first.memory[0], second.memory[0])
    channel, t_ms = random_input(50, 40)
    run = model.run(40, inputs=(channel, t_ms), engine="numpy")
    for k, weights in enumerate((first, second)):
        plain = simulate(weights, channel, t_ms, 40)
        assert np.abs(run.state("v_soma_mV")[:, k] - plain.v_soma_mV).max() < MV


def test_knocked_out_units_are_silent_and_come_back():
    weights = neuronio(4, **SMALL)
    model = ELMNeuron.from_weights(weights)
    channel, t_ms = random_input(50, 60)
    ablate = Ablate(t_ms=0.0, memory=(1, 3), branches=(0, 5))
    record = {"memory.m": "all", "neurons.p_spike": "all", "neurons.v_soma_mV": "all"}
    options = {"inputs": (channel, t_ms), "engine": "numpy", "record": record}
    run = model.run(60, operations=[ablate], **options)
    alive = weights.changed(
        memory_alive=np.array([1.0, 0, 1, 0]), branch_alive=np.array([0.0, 1, 1, 1, 1, 0])
    )
    plain = simulate(alive, channel, t_ms, 60, keep_memory=True)
    need_same(run, plain.p_spike, plain.v_soma_mV)
    assert np.abs(run.state("m") - plain.memory).max() < 1e-12
    back = model.run(60, operations=[ablate, Ablate(t_ms=30.0)], **options)
    assert not back.state("m")[:30, 1].any()
    assert back.state("m")[30:, 1].any()


def test_a_branch_is_excited_by_all_its_excitatory_channels():
    model = ELMNeuron.from_weights(neuronio(2, **SMALL), rate_e=0, rate_i=0)
    run = model.run(10, operations=[ExciteBranch(t_ms=3.0, branch=2)], engine="numpy",
                    record={"branches.b": "all"})  # fmt: skip
    t_ms, i = run.spikes("excitatory")
    w = model.first_weights()
    channels = w.input_to_synapse[w.synapse_mask & (w.synapse_branch == 2)]
    assert set(t_ms) == {3.0}
    assert set(i) == set(channels[channels < 30])
    assert run.state("b")[3].argmax() == 2


def test_a_run_is_replayed_from_its_numbers():
    model = ELMNeuron.from_weights(neuronio(2, **SMALL), theta=0.2)
    channel, t_ms = random_input(50, 40)
    run = model.run(40, inputs=(channel, t_ms), engine="numpy")
    assert same_spikes(run, run.replay())
    assert [e["name"] for e in run.interventions] == ["Stimulus"]


def test_sliders_change_the_neuron_as_they_say():
    """Time constants keep their places in the range; lambda is the neuron's."""
    weights = neuronio(5, **SMALL)
    model = ELMNeuron.from_weights(weights, lambda_m=2.5, tau_m_max=300.0, tau_s=10.0)
    present = model.present_weights()
    assert present.tau_m_ms == pytest.approx(np.geomspace(1, 300, 5))
    channel, t_ms = random_input(50, 40)
    run = model.run(40, inputs=(channel, t_ms), engine="numpy")
    plain = simulate(present, channel, t_ms, 40)
    need_same(run, plain.p_spike, plain.v_soma_mV)


def test_sizes_that_do_not_fit_a_checkpoint_are_refused():
    model = ELMNeuron.from_weights(neuronio(2, **SMALL))
    assert described(model.first_weights())["n_memory"] == 2
    with pytest.raises(BuildError, match="n_memory = 3 does not fit the checkpoint, which has 2"):
        ELMNeuron(**{**model.values(), "n_memory": 3}).layer()
    with pytest.raises(BuildError, match="weights = 7 is no checkpoint"):
        ELMNeuron(weights=7).layer()


def test_names_of_choices():
    model = ELMNeuron(activation="silu", variant="v2")
    assert (model.activation, model.variant) == (1, 1)
    assert model.parameter("activation").text(2) == "relu2"
    with pytest.raises(LookupError, match="Allowed: relu, silu or relu2"):
        ELMNeuron(activation="sillu")


def test_a_stimulus_needs_a_time_for_each_event():
    with pytest.raises(ParameterError, match="give one time for each event"):
        Stimulus(t_ms=0.0, channel=(1, 2), after_ms=(0,)).check(ELMNeuron())
