"""What is known about learning with an orthogonal projection, each with the way to measure it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import Built, apart, built
from .._shared.variants import fast_engine, key_of, varied
from .network import start_weights
from .reference import Plain
from .tasks import CLASSES, PIXELS, accuracies, captured, most_captured, tasks_of

if TYPE_CHECKING:
    from workbench.model.model import Model

ROUNDING = "rounding, over so many steps; another order of events is off by far more"
LATERAL = ("input_to_subspace", "subspace_to_input", "protection")


def weights(network: Built, name: str) -> np.ndarray:
    """(target, source) weights of a projection of a built network."""
    synapses = network[name]
    return network.get(name, "w").reshape(synapses.target.N, synapses.source.N)


def _equations(**changed: float) -> Callable[[Model], float]:
    """Largest difference of all weights from `Plain`, through three tasks and beyond."""

    def measure(model: Model) -> float:
        sizes = {"n_tasks": 3, "n_first": 5, "n_more": 4}
        small = varied(model, **sizes, samples=30, **changed)
        plain = Plain(tasks_of(small), start_weights(small), 5, 4, 30, **changed)
        with built(small) as network:
            network.run(network.steps(100))
            ours = [weights(network, n) for n in (*LATERAL, "input_to_readout", "input_to_control")]
        for _ in range(100):
            plain.step()
        theirs = (plain.H, plain.H.T, plain.H.T, plain.W, plain.V)
        return max(apart(a, b) for a, b in zip(ours, theirs, strict=True))

    return measure


def _unchanged(model: Model) -> float:
    """Largest change of an answer to a picture in the protected span, over 60 pictures.

    The rows of the first task are exactly orthonormal here; the second task is learnt.
    """
    small = varied(model, n_tasks=2, samples=60)
    rng = np.random.default_rng(1)
    basis = np.linalg.qr(rng.standard_normal((PIXELS, 20)))[0].T
    H = start_weights(small)
    H[:20] = basis
    with built(small) as network:
        for name in LATERAL:
            network.put(name, w=(H if name == LATERAL[0] else H.T).ravel())
        network.put("input_to_readout", w=rng.standard_normal(CLASSES * PIXELS))
        for group in ("input", "subspace", "readout", "control"):
            network.put(group, shown=59.0)
        before = weights(network, "input_to_readout")
        network.run(network.steps(60))
        after = weights(network, "input_to_readout")
    if apart(before, after) < 0.01:  # nothing was learnt at all
        return float("inf")
    return apart(before @ basis.T, after @ basis.T)


def _without(model: Model) -> float:
    """Largest difference of the two readouts when nothing is projected, after 100 pictures."""
    with built(varied(model, projection=0.0, samples=40, n_tasks=3)) as network:
        network.run(network.steps(100))
        return apart(weights(network, "input_to_readout"), weights(network, "input_to_control"))


def _numbers(model: Model) -> float:
    """Largest difference of sizes from those that are documented."""
    m: Any = model
    return apart([m.n_tasks, m.samples, m.n_first, m.n_more, m.order_seed], [5, 4000, 20, 8, 0])


# -- on the compiled engine ------------------------------------------------------------------------

# Five principal components: the sixth is far enough from the fifth to be told from it.
ALONE = {"n_tasks": 1, "n_first": 5, "samples": 1_000_000, "eta_h": 0.001}
SHOWN = 60_000


@lru_cache(maxsize=2)
def _alone(key: Any) -> tuple[np.ndarray, np.ndarray]:
    """(H, pictures) of five units that learn the first task for a long time, by small steps."""
    kind, values = key
    model = kind(**{**dict(values), **ALONE})
    run = model.run(float(SHOWN), engine=fast_engine(), record={})
    return run.weight_matrix("input_to_subspace"), tasks_of(model).train[0]


def _orthonormal(model: Model) -> float:
    """Largest entry of H H' - 1."""
    H, _ = _alone(key_of(model))
    return apart(H @ H.T, np.eye(len(H)))


def _angle(model: Model) -> float:
    """Smallest cosine of an angle between the span of H and the principal components."""
    H, x = _alone(key_of(model))
    axes = np.linalg.svd(x, full_matrices=False)[2][: len(H)]
    span = np.linalg.svd(H, full_matrices=False)[2]
    return float(np.linalg.svd(span @ axes.T, compute_uv=False).min())


def _variance(model: Model) -> float:
    """Share of the pictures' squared length in the span of H, over the most that can be."""
    H, x = _alone(key_of(model))
    return captured(H, x) / most_captured(len(H), x)


def _kept(model: Model) -> float:
    """Accuracy on the tasks before the last, protected less control, in points, after all."""
    values: Any = model.values()
    run = model.run(float(values["samples"] * values["n_tasks"]), engine=fast_engine(), record={})
    given = tasks_of(model)
    protected, control = (
        accuracies(run.weight_matrix(f"input_to_{name}"), given) for name in ("readout", "control")
    )
    return float((protected - control)[:-1].mean())


FACTS = (
    Fact("all weights less the equations, over 100 pictures of three tasks", 0.0, 1e-11, ROUNDING,
         "another computation: the rules in NumPy (reference.py)", _equations()),
    Fact("the same with y rounded to 1,000 levels and half of the projection", 0.0, 1e-11, ROUNDING,
         "another computation: as before, with levels of 0.04",
         _equations(levels=1000, projection=0.5)),
    Fact("change of the answers to what is protected, over 60 pictures of the next task", 0.0,
         1e-12, "rounding", "closed form: dW P = 0 where the rows of H are orthonormal",
         _unchanged),
    Fact("readout less control without projection", 0.0, 0.0, "the same arithmetic",
         "declaration: the control differs in nothing else", _without),
    Fact("numbers of tasks, pictures and units less those documented", 0.0, 0.0, "counts",
         "declaration: 20 units, and 8 more a task", _numbers),
    Fact("largest entry of H H' - 1, five units", 0.0, 0.02,
         "steps of 0.001 keep it moving about the fixed point", "closed form: fixed point of Oja's "
         "subspace rule", _orthonormal, slow=True),
    Fact("smallest cosine between the span of H and five principal components", 1.0, 0.01,
         "0.99 was asked for", "closed form: fixed point of Oja's subspace rule; SVD", _angle,
         slow=True),
    Fact("share of the pictures in the span of H over that of principal components", 1.0, 0.01,
         "second order in the angle", "closed form: sum of the first eigenvalues over all",
         _variance, slow=True),
    Fact("accuracy on the first four tasks, protected less control", 28.0, 18.0,
         "ours, with one order of pixels: what is asked for is at least 10 points", "sign of the "
         "effect, from the source's abstract: hardly any forgetting with projection", _kept,
         unit="%", slow=True),
)  # fmt: skip
