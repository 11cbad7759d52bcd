"""What is known about the delay line, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.legendre import transfer
from .._shared.variants import varied
from .network import WINDOW

if TYPE_CHECKING:
    from workbench.model.model import Model

PADE = "closed form: Padé's approximation of a delay, |1 - F(i omega) exp(i omega theta)|"
PRINTED = "half of the last printed digit"
DECLARED = {
    "order": 6, "theta": 1000, "tau": 100, "n_neurons": 100, "neurons": 0, "rate_low": 100,
    "rate_high": 120, "intercept_low": -1, "intercept_high": 0.5, "signal": 0, "amplitude": 0.3,
    "cutoff": 1, "frequency": 1,
}  # fmt: skip
_LAST = WINDOW - 1


def matrices(network: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A and B as the built network has them, per unit of theta, and the readout at theta."""
    memory, inner, read = (
        network[name] for name in ("memory", "memory_to_memory", "memory_to_window")
    )
    A = np.zeros((memory.N, memory.N))
    A[np.array(inner.j), np.array(inner.i)] = inner.A1
    C = np.zeros((WINDOW, memory.N))
    C[np.array(read.j), np.array(read.i)] = read.w
    return A, np.array(memory.B1), C[_LAST]


def _pade(order: int, cycles: float) -> Callable[[Model], float]:
    """Error at so many cycles within theta of a line of that order."""

    def measure(model: Model) -> float:
        with built(varied(model, order=order, n_neurons=2)) as network:
            A, B, C = matrices(network)
        found = transfer(A, B, C, np.array([cycles]))[0]
        return float(abs(1 - found * np.exp(2j * np.pi * cycles)))

    return measure


def _stable(model: Model) -> float:
    """How many eigenvalues of the network's A do not decay."""
    with built(varied(model, n_neurons=2)) as network:
        A = matrices(network)[0]
    return float((np.linalg.eigvals(A).real >= 0).sum())


def _graded(model: Model) -> float:
    """Largest difference, without neurons, from SciPy's exact steps of the published equations."""
    from scipy.signal import cont2discrete, dlsim

    n, dt, f, steps = 6, 1e-3, 1.7, 1200
    sine = varied(model, neurons=2, signal=1, frequency=f, n_neurons=2, dt_ms=1.0)
    run = sine.run(float(steps), engine="numpy", record={"memory.x": "all", "window.y": "all"})
    i, j = np.indices((n, n))
    A = (2 * i + 1) * np.where(i < j, -1.0, np.where((i - j) % 2, 1.0, -1.0))
    B = ((2 * np.arange(n) + 1) * np.array([1, -1, 1, -1, 1, -1]))[:, None]
    system = cont2discrete((A, B, np.eye(n), np.zeros((n, 1))), dt, method="zoh")
    u = 0.3 * np.sqrt(2) * np.sin(2 * np.pi * f * dt * np.arange(steps))
    theirs = dlsim(system, u)[2]
    t = np.rint(run.state_t / 1.0).astype(int)
    x = run.state("memory.x")[t < steps]
    # Legendre's polynomials at 0, theta/2 and theta: P_n(-1), P_n(0), P_n(1).
    read = {0: (-1.0) ** np.arange(n), _LAST // 2: [1, 0, -0.5, 0, 0.375, 0], _LAST: np.ones(n)}
    t = t[t < steps]
    y = run.state("window.y")[: len(t)]
    found = [apart(x, theirs[t])]
    found += [apart(y[:, k], theirs[t] @ np.asarray(p)) for k, p in read.items()]
    return max(found)


def _past(model: Model) -> float:
    """Largest difference of ``past`` from the input so long ago, in the second theta of two."""
    theta = 200.0
    line = varied(model, n_neurons=2, dt_ms=1.0, theta=theta)
    run = line.run(2 * theta, engine="numpy", record={"window.past": "all"})
    true = run.state("window.past")[1:]  # nothing was compared before the first step
    per = round(theta / (run.state_t[1] - run.state_t[0]))
    return max(
        apart(true[per:, k], true[per - k * per // _LAST : len(true) - k * per // _LAST, 0])
        for k in (0, _LAST // 2, _LAST)
    )


def _power(model: Model) -> float:
    """Root mean square of the noise, from the table that the network was built with."""
    with built(varied(model, n_neurons=2)) as network:
        table = np.array(network["memory"].namespace["noise"].values)
        return float(network.get("memory", "amplitude") * table.std())


def _above(model: Model) -> float:
    """Share of the noise's power above 1 Hz."""
    with built(varied(model, n_neurons=2)) as network:
        table = np.array(network["memory"].namespace["noise"].values)
        power = np.abs(np.fft.rfft(table)) ** 2
        f = np.fft.rfftfreq(len(table), network.dt_ms / 1e3)
    return float(power[f > 1.0 + 1e-9].sum() / power.sum())


def _tuning(model: Model) -> float:
    """Neurons whose largest rate or intercept is outside the published ranges."""
    with built(model) as network:
        gain, bias = network.get("ensembles", "gain"), network.get("ensembles", "bias")
    top, intercept = gain + bias, -bias / gain
    inside = (top >= 100) & (top <= 120) & (intercept >= -1) & (intercept <= 0.5)
    return float((~inside).sum())


def _rates(model: Model) -> float:
    """Largest difference, Hz, of the neurons' rates from their tuning curves at eleven values."""
    found = []
    with built(varied(model, n_neurons=20)) as network:
        gain, bias, encoder = (network.get("ensembles", k) for k in ("gain", "bias", "encoder"))
        for x in np.linspace(-1, 1, 11):
            network.put("ensembles", x=x)
            wanted = np.maximum(0, gain * encoder * x + bias)
            found.append(apart(network.get("ensembles", "rate"), wanted))
    return max(found)


def _decoded(model: Model) -> float:
    """Root mean square error of what the ensembles' rates decode to, over -1 to 1."""
    x = np.linspace(-1, 1, 81)
    with built(model) as network:
        gain, bias, encoder, decoder = (
            network.get("ensembles", k) for k in ("gain", "bias", "encoder", "decoder")
        )
    rate = np.maximum(0, gain * encoder * x[:, None] + bias)
    decoded = (rate * decoder).reshape(len(x), 6, 100).sum(axis=2)
    return float(np.sqrt(np.mean((decoded - x[:, None]) ** 2)))


def _scaled(model: Model) -> float:
    """Spikes that differ when every time is doubled: theta, tau, the step, and 1/rates."""
    runs = []
    for k in (1, 2):
        line = varied(
            model, dt_ms=1.0 * k, theta=1000.0 * k, tau=100.0 * k, rate_low=100 / k,
            rate_high=120 / k, signal=1, frequency=1.0 / k, n_neurons=20,
        )  # fmt: skip
        run = line.run(150.0 * k, engine="numpy")
        t, i = run.spikes("ensembles")
        runs.append(set(zip(np.rint(t / k).astype(int).tolist(), i.tolist(), strict=True)))
    return float(len(runs[0] ^ runs[1]) if runs[0] else np.inf)


def _volley(model: Model) -> float:
    """Largest difference of the memory from closed form, one step after every neuron has fired.

    Each spike is worth its decoder; x <- (1 - a) A' xhat, (1 - a) A' = (1 - a) I + exp(A h) - I.
    """
    from scipy.linalg import expm

    with built(varied(model, amplitude=0, n_neurons=20, dt_ms=1.0)) as network:
        network.put("ensembles", phase=2.0, gain=0.0, bias=0.0)
        network.run(2)
        x, decoder = network.get("memory", "x"), network.get("ensembles", "decoder")
        A = matrices(network)[0]
    decoded = decoder.reshape(6, 20).sum(axis=1) / 1e-3
    step = (1 - np.exp(-0.01)) * np.eye(6) + expm(A * 1e-3) - np.eye(6)
    return apart(x, step @ decoded)


def _spikes_for_rates(kind: int) -> Callable[[Model], float]:
    """Spikes in half a second over those that the tuning curves ask for, at an empty memory."""

    def measure(model: Model) -> float:
        still = varied(model, neurons=kind, amplitude=0, theta=1e5, tau=1e4, dt_ms=1.0)
        run = still.run(500.0, engine="numpy")
        with built(still) as network:
            rate = np.maximum(0, network.get("ensembles", "bias")).sum() / 2
        return float(len(run.spikes("ensembles")[0]) / rate)

    return measure


def nrmse(model: Model, seconds: float, seed: int = 1, engine: str = "numpy") -> float:
    """Error of the input a time theta ago as read from the window, over the input's rms.

    The first two times theta are left out.
    """
    record = {"window.y": [_LAST], "window.past": [_LAST]}
    values: Any = model.values()
    run = model.run(1e3 * seconds, seed=seed, engine=engine, record=record)
    used = run.state_t > 2 * values["theta"]
    y, true = run.state("window.y")[used, -1], run.state("window.past")[used, -1]
    return float(np.sqrt(np.mean((y - true) ** 2)) / np.sqrt(np.mean(true**2)))


def _without_neurons(model: Model) -> float:
    return nrmse(varied(model, neurons=2, n_neurons=2), 6.0)


def _declared(model: Model) -> float:
    """Parameters that are not as published by default."""
    values: Any = model.values()
    return float(sum(values[k] != v for k, v in DECLARED.items()))


def _share(name: str, cycles: float, order: int, value: float, tol: float) -> Fact:
    return Fact(name, value, tol, PRINTED, PADE, _pade(order, cycles))


FACTS = (
    _share("error of a delay of one period, order 6", 1.0, 6, 0.00704, 5e-6),
    _share("error of a delay of one period, order 4", 1.0, 4, 0.344, 5e-4),
    _share("error of a delay of half a period, order 4", 0.5, 4, 0.0048, 5e-5),
    _share("error of a delay of one period, order 8", 1.0, 8, 2.3e-5, 5e-7),
    Fact("eigenvalues of A that do not decay", 0.0, 0.0, "counts",
         "closed form: all real parts are negative", _stable),
    Fact("memory and window without neurons less exact steps, 1.2 s of a sine", 0.0, 1e-6,
         "the series leaves out (11 dt/theta)^4/24 = 6e-10 of the memory a step, which it "
         "forgets in some 200 steps; a wrong sign is 0.01 or more",
         "another computation: SciPy's discretisation of the published equations", _graded),
    Fact("input that the window is compared with less that of theta/2 and theta ago", 0.0, 1e-9,
         "rounding", "closed form: the same noise, later", _past),
    Fact("root mean square of the noise", 0.3, 1e-9, "rounding", "authors' notebook", _power),
    Fact("share of the noise's power above 1 Hz", 0.0, 1e-9, "rounding", "authors' notebook",
         _above),
    Fact("neurons whose tuning is outside the published ranges", 0.0, 0.0, "counts",
         "authors' notebook: largest rates 100 to 120 Hz, intercepts -1 to 0.5", _tuning),
    Fact("rates less max(0, gain e x + bias)", 0.0, 1e-9, "rounding", "closed form", _rates,
         unit="Hz"),
    Fact("error of what the rates decode to, over the range", 0.0, 0.02,
         "least squares of 100 neurons with the usual regularisation leave about 0.01",
         "closed form: decoders invert the tuning curves", _decoded),
    Fact("spikes that differ when every time is doubled", 0.0, 0.0, "counts",
         "closed form: nothing but ratios of times is in the equations", _scaled),
    Fact("memory after a spike of every neuron less what they decode to", 0.0, 1e-5,
         "(dt/theta)^4 of the series, of a memory of about 10",
         "closed form: decoders, passed on as A' says", _volley),
    Fact("regular spikes over those the rates ask for", 1.0, 0.01,
         "half a spike in some 10 of each neuron, by random first phases, of 600: 0.001",
         "closed form: bias of each neuron", _spikes_for_rates(0)),
    Fact("Poisson spikes over those the rates ask for", 1.0, 0.05,
         "four standard errors of some 7,500 spikes, and the memory that noise fills",
         "closed form: bias of each neuron", _spikes_for_rates(1)),
    Fact("error of the delay without neurons, noise up to 1 Hz", 0.0, 0.01,
         "Padé's error is at most 0.7 % up to the cutoff", PADE, _without_neurons, slow=True),
    Fact("parameters that are not as published", 0.0, 0.0, "counts", "authors' notebook",
         _declared),
)  # fmt: skip
