"""What the network answered to each picture, counted from a run; and how well it can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.recordings import Recording

from .pictures import CLASSES

if TYPE_CHECKING:
    from workbench.run import Run

KNOWN = ("picture", "label", "testing", "number")
SAMPLED_MS = 25.0  # a part of every presentation that is a multiple of 50 ms
RECORD = {f"protocol.{name}": Recording("all", every_ms=SAMPLED_MS) for name in KNOWN}


@dataclass(frozen=True)
class Answers:
    """One row a picture, of its last presentation where it was shown again, brighter.

    picture, label : (P,) int
    testing        : (P,) bool
    spikes         : (P, N) int, spikes of each neuron of the excitatory layer
    votes          : (P, 10) int, spikes of each class unit
    """

    picture: np.ndarray
    label: np.ndarray
    testing: np.ndarray
    spikes: np.ndarray
    votes: np.ndarray

    def __len__(self) -> int:
        return len(self.picture)

    def where(self, chosen: Any) -> Answers:
        """Some of the rows."""
        return Answers(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def answers(run: Run) -> Answers:
    """Count what a run has answered; it must have recorded `RECORD`.

    The last presentation is left out: it may not be over.
    """
    values = run.parameters
    length_ms = values["stimulus_ms"] + values["rest_ms"]
    done = int(run.duration_ms // length_ms)
    known = {k: told(run, k)[:done].astype(int) for k in KNOWN}
    last = np.append(np.diff(known["number"]) > 0, True)[:done]
    n_hidden = run.info.population("excitatory").size
    counted = [
        _counts(run, name, size, done, length_ms)[last]
        for name, size in (("excitatory", n_hidden), ("classes", CLASSES))
    ]
    return Answers(
        known["picture"][last], known["label"][last], known["testing"][last] > 0, *counted
    )


def told(run: Run, name: str) -> np.ndarray:
    """(presentations,) one of `KNOWN`, as it is in the middle of each presentation."""
    length_ms = run.parameters["stimulus_ms"] + run.parameters["rest_ms"]
    sampled = run.samples(f"protocol.{name}")
    middles = (np.arange(int(run.duration_ms // length_ms)) + 0.5) * length_ms
    found: np.ndarray = sampled.values[np.searchsorted(sampled.t_ms, middles - 1e-6), 0]
    return found


def _counts(run: Run, name: str, size: int, presentations: int, length_ms: float) -> np.ndarray:
    t_ms, unit = run.spikes(name)
    which = (t_ms // length_ms).astype(int)
    kept = which < presentations
    found = np.zeros((presentations, size), dtype=int)
    np.add.at(found, (which[kept], unit[kept]), 1)
    return found


def class_means(spikes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(10, N) mean spikes of each neuron for each label; 0 for a label that is not there.

    spikes : (P, N);  labels : (P,)
    """
    is_of = np.arange(CLASSES)[:, None] == np.asarray(labels)
    return (is_of @ np.asarray(spikes, float)) / np.maximum(is_of.sum(axis=1, keepdims=True), 1)


def read_by_means(means: np.ndarray, w_sum: float) -> np.ndarray:
    """(10, N) weights at which the readout stands still: class means, scaled to a fixed sum.

    The growth of a weight is the same for every spike of its source while its class is told, so
    that in the long run it is in proportion to the source's mean count for that class.
    """
    whole = means.sum(axis=1, keepdims=True)
    return w_sum * means / np.where(whole > 0, whole, 1.0)


def accuracy(found: np.ndarray, labels: np.ndarray) -> float:
    """Share of pictures that are read rightly, in %; an even vote counts as its share.

    found  : (P, 10) votes, or input to the class units
    labels : (P,)
    """
    if not len(labels):
        return float("nan")
    best = found == found.max(axis=1, keepdims=True)
    best &= found.max(axis=1, keepdims=True) > 0
    right = best[np.arange(len(labels)), labels] / np.maximum(best.sum(axis=1), 1)
    return 100 * float(right.mean())


def gini(values: np.ndarray) -> float:
    """Gini coefficient: 0 when all are alike, 1 - 1/n when one has everything."""
    x = np.sort(np.asarray(values, float))
    total = x.sum()
    if not total:
        return 0.0
    n = len(x)
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * total))
