"""What is measured of a run: rates, how the population fluctuates, what of the input is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from .._shared.memory import memory
from .._shared.variants import fast_engine, key_of
from .theory import alternation

BIN_MS = 1.0
SEGMENT_MS = 1000.0  # spectra are means over segments of this length
BAND_HZ = 3.0  # around the frequency of theory
SMOOTH = 5  # neighbouring frequencies that are averaged before the highest is looked for
DELAYS = 6
RIDGE = 1.0  # of the readout: counts of single spikes are noisy


@dataclass(frozen=True)
class Seen:
    """rate : Hz; rates : of each neuron; power : of the population rate at the frequency of theory,
    relative to independent Poisson neurons; frequency : of its highest peak, Hz; memory : samples
    """

    rate: float
    rates: np.ndarray
    power: float
    frequency: float
    memory: float


def seen(model: Any, duration_ms: float, skip_ms: float, seed: int = 1) -> Seen:
    """Run a model, and measure all but the first ``skip_ms``."""
    return _seen(*key_of(model), duration_ms, skip_ms, seed)


@lru_cache(maxsize=16)
def _seen(kind: Any, values: Any, duration_ms: float, skip_ms: float, seed: int) -> Seen:
    model = kind(**dict(values))
    run = model.run(duration_ms, seed=seed, engine=fast_engine(), record={"signal.u": "all"})
    n_exc = round(0.8 * model.n_units)
    fired = [run.spikes(p) for p in ("excitatory", "inhibitory")]
    t_ms = np.concatenate([t for t, _ in fired])
    neuron = np.concatenate([fired[0][1], fired[1][1] + n_exc])
    late = t_ms >= skip_ms
    t_ms, neuron = t_ms[late], neuron[late]
    rates = np.bincount(neuron, minlength=model.n_units) / (duration_ms - skip_ms) * 1e3
    bins = np.arange(skip_ms, duration_ms + BIN_MS / 2, BIN_MS)
    whole = np.histogram(t_ms, bins)[0] / model.n_units / BIN_MS * 1e3
    f_Hz, power = spectrum(whole, BIN_MS, model.n_units)
    expected = alternation(model)[1]
    near = np.abs(f_Hz - expected) < BAND_HZ
    at = float(power[near].mean()) if near.any() else float("nan")
    return Seen(
        float(rates.mean()), rates, at, peak(f_Hz, power),
        _known(model, t_ms, neuron, run.state("signal.u")[:, 0], skip_ms, duration_ms),
    )  # fmt: skip


def spectrum(rate_Hz: np.ndarray, bin_ms: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Power of a population rate, (f,) Hz and (f,); 1 for ``n`` independent Poisson neurons."""
    length = min(round(SEGMENT_MS / bin_ms), len(rate_Hz))
    parts = rate_Hz[: len(rate_Hz) // length * length].reshape(-1, length)
    mean = float(rate_Hz.mean())
    power = (np.abs(np.fft.rfft(parts - mean, axis=1)) ** 2).mean(axis=0)
    power *= bin_ms / 1e3 / length * n / max(mean, 1e-9)
    return np.fft.rfftfreq(length, bin_ms / 1e3), power


def peak(f_Hz: np.ndarray, power: np.ndarray) -> float:
    """Frequency between 8 and 100 Hz at which a spectrum is highest."""
    smooth = np.convolve(power, np.ones(SMOOTH) / SMOOTH, "same")
    band = (f_Hz >= 8) & (f_Hz <= 100)
    return float(f_Hz[band][np.argmax(smooth[band])])


def _known(
    model: Any, t_ms: np.ndarray, neuron: np.ndarray, u: np.ndarray, skip: float, end: float
) -> float:
    """Samples of the input that a readout of spike counts knows."""
    first, last = int(np.ceil(skip / model.sample)), int(end / model.sample)
    if last - first < 4 * DELAYS:
        return float("nan")
    number = (t_ms // model.sample).astype(int)
    inside = (number >= first) & (number < last)
    counts = np.zeros((last - first, model.n_units))
    np.add.at(counts, (number[inside] - first, neuron[inside]), 1)
    # u is sampled each tick; the middle of a sample is safely in it.
    middle = ((np.arange(first, last) + 0.5) * model.sample / model.tick_ms).astype(int)
    return float(memory(counts, u[np.minimum(middle, len(u) - 1)], DELAYS, RIDGE).sum())
