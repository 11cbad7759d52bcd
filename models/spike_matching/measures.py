"""How alike two networks fire in a pass, as the source measures it, and how alike they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from workbench.run import Run

# The source's kernel is named after steps -20 to 20, but has 100 samples, one a step: a Gaussian of
# some 25 steps, 74 ms.
KERNEL = np.exp(-(np.linspace(-20, 20, 100) ** 2) / 200)


def fired_in(run: Run, name: str, number: int) -> np.ndarray:
    """(steps, N) bool: which neurons of a network fired in which step of a pass.

    number : of the pass, from 0
    """
    steps = int(run.parameters["pass_steps"])
    length_ms = steps * run.info.dt_ms
    t_ms, i = run.spikes(name, (number * length_ms, (number + 1) * length_ms))
    fired = np.zeros((steps, run.info.population(name).size), bool)
    k = np.rint(t_ms / run.info.dt_ms).astype(int) - number * steps
    mine = (k >= 0) & (k < steps)
    fired[k[mine], i[mine]] = True
    return fired


def distances(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float]:
    """(D_P, D_A): van Rossum distances of all neurons, and of the activity of the population.

    D_P = sum over neurons of the mean over time of the squared difference of the smoothed trains;
    D_A = mean over time of the squared difference of their sums, over the number of neurons.

    ours, theirs : (steps, N) bool
    """
    difference = ours.astype(float) - theirs
    steps, n = difference.shape
    length = steps + len(KERNEL) - 1
    smooth = np.fft.irfft(
        np.fft.rfft(difference, length, axis=0) * np.fft.rfft(KERNEL, length)[:, None], length,
        axis=0,
    )  # fmt: skip
    if not difference.any():
        return 0.0, 0.0
    return float((smooth**2).sum() / steps), float((smooth.sum(axis=1) ** 2).sum() / steps / n)


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """D_P of `distances`, from pairs of spikes: many times as fast where these are few.

    ours, theirs : (steps, N) bool
    """
    difference = ours.astype(np.int8) - theirs
    neuron, step = np.nonzero(difference.T)
    sign = difference[step, neuron].astype(float)
    overlap = np.correlate(KERNEL, KERNEL, "full")[len(KERNEL) - 1 :]
    total = overlap[0] * np.sum(sign**2)
    for k in range(1, len(step)):
        apart = step[k:] - step[:-k]
        near = (neuron[k:] == neuron[:-k]) & (apart < len(overlap))
        if not near.any():
            break
        total += 2 * np.sum((sign[k:] * sign[:-k])[near] * overlap[apart[near]])
    return float(total / len(difference))


def alike(ours: np.ndarray, theirs: np.ndarray, effect: np.ndarray) -> float:
    """Correlation of the weights from excitatory neurons.

    ours, theirs : (source, target);  effect : (N,) 1 or -1
    """
    chosen = effect > 0
    return float(np.corrcoef(ours[chosen].ravel(), theirs[chosen].ravel())[0, 1])
