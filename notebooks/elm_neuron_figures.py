"""What the notebook on the ELM neuron shows: which neuron and trial, and two figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.elm_neuron.checkpoints.sources import checkpoints_for, trials_for
from models.elm_neuron.data.trials import Trial
from models.elm_neuron.experiments.figures import OURS, SHADES, TRUE
from models.elm_neuron.scores import CLIP_MV, DROP_MS
from models.elm_neuron.weights import Weights
from workbench.errors import ParameterError
from workbench.plots import style

LOOKED_AT = 6  # trials among which the one with most spikes is shown
SHOWN_UNITS = 5
SHOWN_MS, BEFORE_MS = 1500, 700  # from rest, with the first spike after so long
SETTLED_MS = 300


def best_weights(n_memory: int) -> Weights:
    """A trained neuron of that size, or of the next one there is; released before shipped."""
    _, cell = trials_for("", 1, _quiet)
    found = checkpoints_for("", cell)
    return min(found, key=lambda w: (abs(w.n_memory - n_memory), w.n_memory))


def shown_trial(weights: Weights) -> Trial:
    """A stretch of a trial of the cell that these weights were trained on, with spikes."""
    found, _ = trials_for("", LOOKED_AT, _quiet)
    fitting = [t for t in found if not len(t.channel) or t.channel.max() < weights.n_input]
    if not fitting:
        raise ParameterError("The trials have other input channels than this neuron.")
    trial = max(fitting, key=lambda t: t.spikes()[DROP_MS:].sum())
    spikes = np.flatnonzero(trial.spikes())
    first = spikes[spikes >= BEFORE_MS][:1]
    start = int(first[0]) - BEFORE_MS if len(first) else 0
    return cut(trial, start, min(start + SHOWN_MS, trial.n_ms))


def cut(trial: Trial, start: int, stop: int) -> Trial:
    """The ms from ``start`` to ``stop`` of a trial, as a trial of its own."""
    mine = (trial.t_ms >= start) & (trial.t_ms < stop)
    return Trial(
        f"{trial.name}, {start} to {stop} ms", trial.channel[mine], trial.t_ms[mine] - start,
        trial.v_soma_mV[start:stop], trial.spike_t_ms - start,
    )  # fmt: skip


def _quiet(fraction: float, text: str) -> None:
    """A few files are read at once."""


def answers(run: Any, trial: Trial) -> Any:
    """Voltage of the cell and of the neuron, and the probability of a spike below."""
    import holoviews as hv

    t = np.arange(len(run.state_t), dtype=float)
    x = hv.Dimension("t", label="Time", unit="ms")
    v, p = hv.Dimension("v", label="Voltage", unit="mV"), hv.Dimension("p", label="p_spike")
    true = np.minimum(trial.v_soma_mV[: len(t)], CLIP_MV)
    message = run.state("v_soma_mV")[:, 0]
    voltage = hv.Overlay(
        [
            style(hv.Curve((t, true), x, v, label="cell"), {"color": TRUE}),
            style(hv.Curve((t, message), x, v, label="ELM neuron"), {"color": SHADES[4]},
                  mpl={"linewidth": 0.9}),
        ]
    )  # fmt: skip
    at = np.flatnonzero(trial.spikes()[: len(t)]).astype(float)
    top = max(0.01, 1.15 * float(run.state("p_spike")[:, 0].max()))
    chance = hv.Overlay(
        [
            style(hv.Curve((t, run.state("p_spike")[:, 0]), x, p, label="ELM neuron"),
                  {"color": SHADES[4]}),
            style(hv.Scatter((at, np.full(len(at), top)), x, p, label="spikes of the cell"),
                  {"color": TRUE}, bokeh={"size": 6}, mpl={"s": 14, "marker": "v"}),
        ]
    )  # fmt: skip
    return hv.Layout(
        [
            style(voltage, {"show_legend": True, "ylabel": "Voltage (mV)", "xlabel": "Time (ms)"},
                  mpl={"aspect": 3}),
            style(chance, {"show_legend": True, "ylabel": "p_spike", "xlabel": "Time (ms)",
                           "ylim": (0, 1.1 * top)}, mpl={"aspect": 3}),
        ]
    ).cols(1)  # fmt: skip


def memories(run: Any, weights: Weights) -> Any:
    """A few memory units from fast to slow, each about its mean in its own deviations."""
    import holoviews as hv

    t = np.arange(len(run.state_t), dtype=float)
    m = run.state("m")
    order = np.argsort(weights.tau_m_ms)
    chosen = order[np.unique(np.linspace(0, len(order) - 1, SHOWN_UNITS).round().astype(int))]
    x, y = hv.Dimension("t", label="Time", unit="ms"), hv.Dimension("m", label="Memory unit")
    lines, ticks = [], []
    for k, unit in enumerate(chosen):
        late = m[min(SETTLED_MS, len(m) // 2) :, unit]
        spread = late.std() or 1.0
        row = np.clip((m[:, unit] - late.mean()) / spread / 5, -0.6, 0.6) + k
        lines.append(style(hv.Curve((t, row), x, y), {"color": OURS}, mpl={"linewidth": 0.8}))
        ticks.append((float(k), f"{weights.tau_m_ms[unit]:.3g} ms"))
    return style(
        hv.Overlay(lines),
        {"yticks": ticks, "ylabel": "Time constant", "xlabel": "Time (ms)",
         "ylim": (-0.8, len(chosen) - 0.2)},
        mpl={"aspect": 1.8},
    )  # fmt: skip
