"""Stabilised supralinear networks of rate units: what the ring and the line share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.brian import dense
from workbench.model.units import brian_unit

if TYPE_CHECKING:
    import brian2

RUBIN = "Rubin, Van Hooser & Miller (2015) Neuron 85:402, as re-implemented by others"
KUO = "a third-party re-implementation of Rubin et al. 2015 (P.-C. Kuo, ssn-model)"

# What is drawn, as the paper writes it.
LABELS = {
    "excitatory.r": "rate r", "inhibitory.r": "rate r",
    "excitatory.stimulus": "stimulus c h (dimensionless)",
    "excitatory.rec_e": "recurrent E, Σ G r (Hz)",
    "excitatory.rec_i": "recurrent I, Σ G r (Hz)",
}  # fmt: skip

# u is rectified and raised to a power that is above 1; the response is in Hz, the input in units
# of stimulus strength, and so is a coupling times a rate; the sums over rates are numbers of Hz.
# `stimulus` is set at the ticks, for it only changes there.
_UNITS = """
dr/dt = (-r + k*clip(u, 0, 1e6)**n_power)/{tau} : Hz
u = stimulus + {from_e}*rec_e*Hz - {from_i}*rec_i*Hz : 1
stimulus : 1
rec_e : 1
rec_i : 1
place : 1
k : Hz (shared)
n_power : 1 (shared)
{shared}
"""
# A rate that dies away would end in numbers too small for fast arithmetic.
_QUIET = "r = r*int(r > 1e-30*Hz)"
UPDATE_STIMULUS, SUM = -50, 0


def network(
    model: Any,
    prefix: str,
    place: np.ndarray,
    kernels: dict[str, np.ndarray],
    stimulus: str,
    shared: dict[str, str],
) -> brian2.Network:
    """Excitatory and inhibitory units at the same places, joined by four dense projections.

    place    : (N,) where the units are: preferred orientation in degrees, or position in degrees
    kernels  : "ee", "ie", "ei", "ii" -> (N, N), target x source; multiplied by J or W of that name
    stimulus : code that sets ``stimulus`` from ``place`` and the shared variables
    shared   : parameter -> unit, of what the stimulus code reads
    """
    import brian2 as b2

    ms = brian_unit("ms")
    clock = b2.Clock(model.dt_ms * ms, name=f"{prefix}_clock")
    ticks = b2.Clock(model.tick_ms * ms, name=f"{prefix}_ticks")
    declared = "".join(f"{name} : {unit} (shared)\n" for name, unit in shared.items())
    groups = {}
    for name, tau, from_e, from_i, own in (
        ("excitatory", "tau_E", "J_EE", "J_EI", ""),
        ("inhibitory", "tau_I", "J_IE", "J_II", "extra_I : 1 (shared)\n"),
    ):
        equations = _UNITS.format(
            tau=tau, from_e=from_e, from_i=from_i,
            shared="".join(f"{name} : second (shared)\n" for name in (tau, from_e, from_i))
            + declared + own,
        )  # fmt: skip
        group = b2.NeuronGroup(
            len(place), equations, method="euler", clock=clock, namespace={}, name=name
        )
        group.place = place
        for parameter in ("k", "n_power", tau, from_e, from_i, *shared, *(["extra_I"] * bool(own))):
            setattr(group, parameter, model.brian(parameter))
        code = _QUIET + stimulus + ("\nstimulus = stimulus*(1 + extra_I)" if own else "")
        group.run_regularly(
            code, clock=ticks, when="start", order=UPDATE_STIMULUS, name=f"{name}_stimulus"
        )
        groups[name[0]] = group
    projections = [
        _projection(groups[pair[1]], groups[pair[0]], kernels[pair], f"rec_{pair[1]}")
        for pair in ("ee", "ie", "ei", "ii")
    ]
    return b2.Network(*groups.values(), *projections, name=prefix)


def _projection(source: Any, target: Any, kernel: np.ndarray, into: str) -> Any:
    import brian2 as b2

    name = f"{source.name}_to_{target.name}"
    if np.count_nonzero(kernel) > len(kernel):
        return dense.project(source, target, kernel, of="r", into=into, name=name, order=SUM)
    # Local connections are few: a sum over a list of pairs costs nothing, and says what they are.
    local = b2.Synapses(
        source, target, f"w : 1\n{into}_post = w*r_pre/Hz : 1 (summed)", clock=target.clock,
        namespace={}, name=name,
    )  # fmt: skip
    local.connect(j="i")
    local.w = np.diagonal(kernel)
    return local
