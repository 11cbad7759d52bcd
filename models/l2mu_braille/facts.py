"""What is known about the Braille reader, each with the way to measure it; none needs a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.variants import varied
from .letters import DOTS, NAMES, STEPS, made_up
from .replay import POPULATIONS, steps
from .weights import drawn

if TYPE_CHECKING:
    from workbench.model.model import Model

# Decay and threshold of each population, as the published checkpoint has them.
PUBLISHED = {
    "u": (0.87824786, 0.17052403),
    "memory": (0.22062902, 0.44958326),
    "hidden": (0.5372382, 0.71113396),
    "output": (0.6909909, 0.24051341),
}
SMALL = {"weights": 0, "letters": 1, "n_memory": 10, "order": 7, "n_hidden": 40}
PATTERNS = {  # raised dots of the seven letters in Braille
    "space": "", "A": "1", "E": "15", "I": "24", "O": "135", "U": "136", "Y": "13456",
}  # fmt: skip
COUNT = "counts"
ROUNDING = "rounding: sums in another order; a spike more or less would be a threshold"
RECURRENCE = "another computation: the published recurrence in NumPy (replay.py)"
_BEYOND = 40  # steps of the second letter that are looked at too


def _small(model: Model, **changed: float) -> Any:
    return varied(model, **{**SMALL, **changed})


def _recurrence(model: Model) -> float:
    """Largest difference of potentials and votes from the recurrence, over a letter and more."""
    small = _small(model)
    names = [f"{p}.V" for p in POPULATIONS]
    record = dict.fromkeys((*names, "output.votes"), "all")
    run = small.run(float(STEPS + _BEYOND), engine="numpy", record=record)
    sizes = (SMALL["n_memory"], SMALL["order"], SMALL["n_hidden"])
    w = drawn(*sizes, int(small.weight_seed))
    found = []
    for letter, (start, length) in enumerate(((0, STEPS), (STEPS, _BEYOND))):
        events = made_up().events[letter : letter + 1, :length]
        votes = np.zeros(7)
        for t, state in enumerate(steps(events, w, PUBLISHED), start + 1):
            if t >= len(run.state_t):
                break  # samples are taken at the beginning of a step
            if t - start == length and length == STEPS:
                continue  # by then the next letter has begun
            votes = votes + state.spikes["output"][0]
            found += [apart(run.state(f"{p}.V")[t], state.V[p][0]) for p in POPULATIONS]
            found.append(apart(run.state("output.votes")[t], votes))
    return max(found)


def _activity(model: Model) -> float:
    """Populations with more than 20 spikes in that run: agreement must not be that of silence."""
    run = _small(model).run(float(STEPS + _BEYOND), engine="numpy")
    return float(sum(len(run.spikes(p)[0]) > 20 for p in POPULATIONS))


def _sizes(model: Model) -> float:
    """Largest difference of the numbers of units from the published ones."""
    with built(varied(model, weights=0, letters=1)) as network:
        ours = [network[name].N for name in ("finger", *POPULATIONS)]
    return apart(ours, [12, 70, 490, 120, 7])


def _choices(model: Model) -> float:
    """Weights, letters and split by default, and what the finger does, less the declaration."""
    values: Any = model.values()
    ours = [values[k] for k in ("weights", "letters", "split", "hold", "lost")]
    return apart(ours, [1, 0, 1, 0, 0])


def _legendre(model: Model) -> float:
    """Largest difference of the memory's synapses from the integrals that define them.

    theta A_ij = (2i + 1) (integral of P_j P_i' over -1 to 1, less 1) and B_i = (2i + 1) P_i(-1):
    a window of 10 steps that moves on, its oldest value read from the memory itself.
    """
    from numpy.polynomial import legendre
    from scipy.linalg import expm

    x, weight = legendre.leggauss(20)
    n, theta = 7, 10.0
    P = legendre.legvander(x, n - 1)
    slope = np.array([legendre.legval(x, legendre.legder(np.eye(n)[i])) for i in range(n)])
    scale = 2 * np.arange(n) + 1
    A = scale[:, None] * ((slope * weight) @ P - 1) / theta
    B = scale * legendre.legvander(np.array([-1.0]), n - 1)[0] / theta
    stepped = expm(np.block([[A, B[:, None]], [np.zeros((1, n + 1))]]))
    found = []
    with built(_small(model)) as network:
        kept, fed = network["memory_to_memory"], network["u_to_memory"]
        for channel in (0, 3):
            at = slice(channel * n, (channel + 1) * n)
            matrix = np.zeros((network["memory"].N, network["memory"].N))
            matrix[np.array(kept.j), np.array(kept.i)] = kept.w
            found.append(apart(matrix[at, at], stepped[:n, :n].T))
            matrix[at, at] = 0
            found.append(float(np.abs(matrix[at]).max()))  # no channel reads another
            mine = np.array(fed.i) == channel
            found.append(apart(np.array(fed.w)[mine], stepped[:n, n]))
            found.append(apart(np.array(fed.j)[mine], np.arange(at.start, at.stop)))
    return max(found)


def _shown(model: Model) -> float:
    """Largest difference of the touches of three letters from 0, 1, 2."""
    with built(_small(model)) as network:
        seen = network.record("finger", "touch", steps=2 * STEPS + 1)[0][:, 0]
    return apart(seen[[0, STEPS - 1, STEPS, 2 * STEPS - 1, 2 * STEPS]], [0, 0, 1, 1, 2])


def _held(model: Model) -> float:
    """Number of the touch that is felt in the third letter while the first one is held."""
    with built(_small(model, hold=1)) as network:
        return float(network.record("finger", "touch", steps=2 * STEPS + 1)[0].max())


def _lost(model: Model) -> float:
    """Share of the events of two letters that reach the finger when three in ten are lost."""
    with built(_small(model, lost=0.3), seed=3) as network:
        felt = network.record("finger", "event", steps=2 * STEPS)[0].sum()
    return float(felt / made_up().events[:2].sum())


def _dots(_model: Model) -> float:
    """Raised dots of the seven letters that are not as in Braille."""
    return float(sum(
        set(dots) != {int(d) for d in PATTERNS[name]}
        for name, dots in zip(NAMES, DOTS, strict=True)
    ))  # fmt: skip


FACTS = (
    Fact("potentials and votes less the published recurrence, untrained weights", 0.0, 1e-9,
         ROUNDING, RECURRENCE + ", with the checkpoint's decays and thresholds", _recurrence),
    Fact("populations that fire in that run, of u, memory, h and output", 4.0, 0.0, COUNT,
         "more than 20 spikes each, so that agreement is not that of silence", _activity),
    Fact("numbers of channels and units less the published ones", 0.0, 0.0, COUNT,
         "published checkpoint: 12 channels, u 70, memory 70 x 7, h 120, 7 letters", _sizes),
    Fact("the memory's synapses less the integrals of Legendre's polynomials", 0.0, 1e-9,
         "rounding of a matrix exponential; a wrong sign is 0.1 or more",
         "closed form: a window of 10 steps, order 7, input held within a step; A transposed as "
         "in the checkpoint", _legendre),
    Fact("weights, letters, split, hold and losses by default less the declared ones", 0.0, 0.0,
         COUNT, "declaration: published weights, recorded letters, split 9, nothing held or lost",
         _choices),
    Fact("touches felt in the first three letters less 0, 1, 2", 0.0, 0.0, COUNT,
         "declaration: 256 steps a letter, one after the other", _shown),
    Fact("touch felt in the third letter while the first is held", 0.0, 0.0, COUNT,
         "declaration: the same touch again", _held),
    Fact("share of events felt while three in ten are lost", 0.7, 0.06,
         "three standard errors of some 600 events", "declaration: each is lost by itself", _lost),
    Fact("letters whose raised dots are not as in Braille", 0.0, 0.0, COUNT,
         "Braille's alphabet", _dots),
)  # fmt: skip
