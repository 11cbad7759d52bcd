"""The delay line as a Brian2 network: a memory of ``order`` numbers, each kept by an ensemble.

In a step of dt the memory obeys x <- a x + (1 - a)(A' xhat + B' u) with a = exp(-dt/tau): a lowpass
synapse whose input is what the ensembles decode, xhat, and the input u. With
A' = I + (exp(A dt/theta) - I)/(1 - a), and B' likewise, this is the delay line itself where
xhat = x. The exponential is taken to its third order in dt/theta, so that theta can be a slider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.units import brian_unit

from .._shared.legendre import readout, state_space
from .ensembles import PERIOD_S, band_limited, ensembles

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

REGULAR, POISSON, GRADED = 0, 1, 2
WINDOW = 21  # points of the past that are read

# h and the three orders of the exponential; the same text for A and for B.
_SERIES = "h*{0}1 + h**2/2*{0}2 + h**3/6*{0}3"
_INPUT = (
    "amplitude*(int(signal < 0.5)*noise({t} - PERIOD*floor(({t})/PERIOD))"
    " + int(signal > 0.5)*1.4142135623730951*sin(2*pi*frequency*({t})))"
)
_MEMORY = f"""
x : 1
arrived : 1
graded : 1
u = {_INPUT.format(t="t")} : 1
h = dt/theta : 1
keep = exp(-dt/tau) : 1
B1 : 1
B2 : 1
B3 : 1
tau : second (shared)
theta : second (shared)
amplitude : 1 (shared)
frequency : Hz (shared)
signal : 1 (shared)
neurons : 1 (shared)
"""
_UPDATE = f"""
heard = int(neurons < 1.5)*arrived + int(neurons > 1.5)*graded
x = keep*x + heard + ({_SERIES.format("B")})*u
arrived = 0
"""
_ENSEMBLE = """
dphase/dt = rate : 1
rate = alive*clip(gain*encoder*x + bias, 0*Hz, inf*Hz) : Hz
x : 1
gain : Hz
bias : Hz
encoder : 1
decoder : second
alive : 1
neurons : 1 (shared)
"""
_FIRES = "int(neurons < 0.5)*int(phase >= 1) + int(neurons > 0.5)*int(rand() < rate*dt) > 0"
_WINDOW = """
y : 1
past : 1
share : 1
theta : second (shared)
amplitude : 1 (shared)
frequency : Hz (shared)
signal : 1 (shared)
"""
_PAST = f"past = {_INPUT.format(t='t - share*theta')}"
_LINE = f"(same*(1 - keep_post) + {_SERIES.format('A').replace('h', 'h_post')})"
_RECURRENT = f"""
w = decoder_pre/dt*{_LINE} : 1
same : 1
A1 : 1
A2 : 1
A3 : 1
"""
_GRADED = f"""
graded_post = x_pre*{_LINE} : 1 (summed)
same : 1
A1 : 1
A2 : 1
A3 : 1
"""


def network(model: Model) -> brian2.Network:
    """Build the network of ``model``, its memory empty."""
    import brian2 as b2

    values: Any = model.values()
    order, size = int(values["order"]), int(values["n_neurons"])
    second, hertz = brian_unit("second"), brian_unit("Hz")
    step_s = model.dt_ms / 1e3
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="lmu_delay_clock")
    noise = band_limited(values["cutoff"], step_s, int(values["input_seed"]))
    known = {
        "noise": b2.TimedArray(noise, dt=clock.dt, name="lmu_delay_noise"),
        "PERIOD": PERIOD_S * second,
    }
    A, B = state_space(order)
    memory = b2.NeuronGroup(order, _MEMORY, clock=clock, namespace=known, name="memory")
    for k, column in enumerate((B, A @ B, A @ A @ B), 1):
        setattr(memory, f"B{k}", column)
    memory.run_regularly(_UPDATE, when="groups", order=0, name="memory_update")
    drawn = ensembles(
        order, size, (values["rate_low"], values["rate_high"]),
        (values["intercept_low"], values["intercept_high"]), int(values["neuron_seed"]),
    )  # fmt: skip
    ensemble = b2.NeuronGroup(
        order * size, _ENSEMBLE, threshold=_FIRES, reset="phase -= int(neurons < 0.5)",
        method="euler", clock=clock, namespace={}, name="ensembles",
    )  # fmt: skip
    ensemble.gain, ensemble.bias = drawn.gain * hertz, drawn.bias * hertz
    ensemble.encoder, ensemble.decoder = drawn.encoder, drawn.decoder * second
    ensemble.alive = 1
    ensemble.phase = np.random.default_rng([int(values["neuron_seed"]), 3]).random(order * size)
    window = b2.NeuronGroup(WINDOW, _WINDOW, clock=clock, namespace=known, name="window")
    window.share = np.linspace(0, 1, WINDOW)
    window.run_regularly(_PAST, when="groups", order=1, name="window_past")
    ensemble.state_updater.order = 2  # after what it reads

    powers = (A, A @ A, A @ A @ A)
    own = np.repeat(np.arange(order), size)
    represented = _synapses(memory, ensemble, "memory_to_ensembles", "x_post = x_pre : 1 (summed)",
                            own, np.arange(order * size))  # fmt: skip
    _at(represented, "x_post", 1)
    i, j = np.repeat(np.arange(order * size), order), np.tile(np.arange(order), order * size)
    recurrent = _synapses(ensemble, memory, "ensembles_to_memory", _RECURRENT, i, j,
                          on_pre="arrived_post += w")  # fmt: skip
    _matrices(recurrent, powers, own[i], j)
    i, j = np.repeat(np.arange(order), order), np.tile(np.arange(order), order)
    graded = _synapses(memory, memory, "memory_to_memory", _GRADED, i, j)
    _matrices(graded, powers, i, j)
    _at(graded, "graded_post", -1)
    i, j = np.tile(np.arange(order), WINDOW), np.repeat(np.arange(WINDOW), order)
    read = _synapses(memory, window, "memory_to_window", "w : 1\ny_post = w*x_pre : 1 (summed)",
                     i, j)  # fmt: skip
    read.w = readout(order, np.linspace(0, 1, WINDOW)).ravel()
    _at(read, "y_post", 1)
    made = (memory, ensemble, window, represented, recurrent, graded, read)
    for owner in made:
        _set_shared(model, owner)
    return b2.Network(*made, name="lmu_delay")


def _synapses(
    source: Any, target: Any, name: str, equations: str, i: np.ndarray, j: np.ndarray, **code: str
) -> Any:
    import brian2 as b2

    synapses = b2.Synapses(
        source, target, equations, clock=target.clock, namespace={}, name=name, **code
    )
    synapses.connect(i=i, j=j)
    return synapses


def _matrices(synapses: Any, powers: tuple[np.ndarray, ...], i: np.ndarray, j: np.ndarray) -> None:
    """The first three powers of A, from coefficient i to j, and whether both are the same."""
    for k, power in enumerate(powers, 1):
        setattr(synapses, f"A{k}", power[j, i])
    synapses.same = (i == j).astype(float)


def _at(synapses: Any, variable: str, order: int) -> None:
    """When in the slot of the groups a sum over synapses is taken; the memory's turn is 0."""
    updater = synapses.summed_updaters[variable]
    updater.when, updater.order = "groups", order


def _set_shared(model: Model, owner: Any) -> None:
    for name in model.parameters():
        variable = owner.variables.get(name)
        if variable is not None and variable.scalar and variable.owner.name == owner.name:
            setattr(owner, name, model.brian(name))
