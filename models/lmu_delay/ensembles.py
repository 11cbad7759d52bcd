"""Ensembles of neurons that represent a number each: their tuning, their decoders, their input.

A neuron fires at max(0, gain e x + bias), e being +1 or -1: 0 at its intercept, its largest rate
where e x = 1. Decoders are least squares over the range -1 to 1, regularised for noise of a tenth
of the largest rate, as is usual in the Neural Engineering Framework.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POINTS = 400  # of the range, over which decoders are fitted
NOISE = 0.1  # of the largest rate
PERIOD_S = 50.0  # the input repeats after so long


@dataclass(frozen=True)
class Ensembles:
    """gain, bias (n,) Hz;  encoder (n,) +-1;  decoder (n,) s;  of n = order * neurons neurons"""

    gain: np.ndarray
    bias: np.ndarray
    encoder: np.ndarray
    decoder: np.ndarray


def ensembles(
    order: int, neurons: int, rates_Hz: tuple[float, float], intercepts: tuple[float, float],
    seed: int,
) -> Ensembles:  # fmt: skip
    """Draw ``order`` ensembles of ``neurons`` each; largest rates and intercepts are uniform."""
    rng = np.random.default_rng([seed, 1])
    n = order * neurons
    top = rng.uniform(min(rates_Hz), max(rates_Hz), n)
    intercept = rng.uniform(min(intercepts), max(intercepts), n)
    encoder = rng.choice([-1.0, 1.0], n)
    gain = top / (1 - intercept)
    bias = -gain * intercept
    decoder = np.concatenate([
        decoders(rates(gain[k], bias[k], encoder[k]), max(rates_Hz))
        for k in (slice(i * neurons, (i + 1) * neurons) for i in range(order))
    ])  # fmt: skip
    return Ensembles(gain, bias, encoder, decoder)


def rates(gain: np.ndarray, bias: np.ndarray, encoder: np.ndarray) -> np.ndarray:
    """(POINTS, n) rates over the range, Hz."""
    x = np.linspace(-1, 1, POINTS)
    return np.maximum(0, gain * encoder * x[:, None] + bias)


def decoders(rate: np.ndarray, top: float) -> np.ndarray:
    """(n,) weights, s, that give x from rates (POINTS, n) in Hz."""
    x = np.linspace(-1, 1, len(rate))
    # Not with @, whose last digits depend on how many threads multiply: so would every state.
    gram = np.einsum("ki,kj->ij", rate, rate)
    gram += len(rate) * (NOISE * top) ** 2 * np.eye(rate.shape[1])
    return np.linalg.solve(gram, np.einsum("ki,k->i", rate, x))


def band_limited(cutoff_Hz: float, dt_s: float, seed: int) -> np.ndarray:
    """(PERIOD_S/dt,) noise of mean 0 and rms 1 with nothing above the cutoff; it is periodic.

    The spectrum is drawn frequency by frequency, so that the signal is the same at any step.
    """
    rng = np.random.default_rng([seed, 2])
    n = round(PERIOD_S / dt_s)
    top = min(max(1, int(cutoff_Hz * PERIOD_S)), (n - 1) // 2)
    drawn = rng.standard_normal((top, 2))
    spectrum = np.zeros(n // 2 + 1, complex)
    spectrum[1 : top + 1] = drawn[:, 0] + 1j * drawn[:, 1]
    signal = np.fft.irfft(spectrum, n)
    return signal / signal.std()
