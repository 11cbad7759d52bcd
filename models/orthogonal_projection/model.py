"""Orthogonal projection: a lateral circuit protects what was learnt while new tasks are.

Equations   y = H x;  dH = eta_h y (x - H'y)' for the rows of the present task, those of earlier
            ones stay (Hebbian and anti-Hebbian: Oja's subspace rule on what is left);
            protected:  dW = eta_w (target - W x) (x - P x)',  P = H_old' H_old
            control:    dV = eta_w (target - V x) x'
            x is a picture, one a step; the tasks follow one another, each with the pixels in an
            order of its own. Answers are W x and V x; the forward way is not projected.
Source      Xiao, Zhang, Meng, Di & Lin (2024) Hebbian learning based orthogonal projection for
            continual learning of spiking neural networks, ICLR, arXiv 2402.11984, and the authors'
            program (pkuxmq/HLOP-SNN, Apache 2.0). A *reconstruction* of its lateral circuit,
            written anew from a description.
Departures  The source trains networks of three layers of spiking neurons by gradients, ten tasks of
            permuted MNIST, with batches, momentum and five inner iterations for H. Here are one
            layer with rates and the delta rule, five tasks of permuted digits of 64 pixels, and
            pictures one by one. A second readout learns the same without projection, beside the
            first. y can be rounded to levels, as spikes of both signs would say it.
Numerics    discrete: one step, 1 ms, is one picture. No random number is drawn while it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import network
from .operations import StartTask
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["OrthogonalProjection", "StartTask"]

PROGRAM = "authors' program"
SMALLER = "chosen for 64 pixels"


class OrthogonalProjection(Model):
    """Two readouts of five tasks, one after the other: one is protected by a lateral circuit."""

    slug = "orthogonal-projection"
    title = "Orthogonal projection"
    topic = "Learning"
    purpose = (
        "Two readouts learn five tasks one after the other. One forgets; for the other a lateral "
        "circuit learns which directions of the input the earlier tasks live in, and keeps its "
        "synapses from changing along them. A reconstruction of one layer."
    )
    source = (
        "reconstruction of the lateral circuit of Xiao et al. (2024) ICLR, arXiv 2402.11984, and "
        "their program"
    )
    tick_ms = 10.0
    dt_ms = 1.0
    dt_fixed = "a step is one picture: there is no time within it."
    pace = 2000.0
    window_ms = 200.0
    populations: ClassVar[tuple[str, ...]] = ("input", "subspace", "readout", "control")
    traces: ClassVar[dict[str, str]] = {
        "readout.out": "1", "control.out": "1", "subspace.y": "1", "input.free": "1",
    }  # fmt: skip
    maps: ClassVar[dict[str, str]] = dict(traces)
    labels: ClassVar[dict[str, str]] = {
        "readout.out": "answer W x",
        "control.out": "answer V x",
        "subspace.y": "lateral response y = H x",
        "input.free": "unprotected input x − P x",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (StartTask,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    n_tasks = Parameter(
        5, bounds=(1, 20), softbounds=(2, 6), live=False, integer=True,
        symbol="n_tasks", source=f"{SMALLER}; source: 10", group="Tasks",
        doc="tasks, one after the other; after the last one nothing is learnt any more",
    )  # fmt: skip
    samples = Parameter(
        4000, bounds=(1, 10_000_000), softbounds=(200, 10_000), integer=True,
        source=f"{SMALLER}: three epochs of 1,297; source: one of 60,000", group="Tasks",
        doc="pictures of each task",
    )  # fmt: skip
    order_seed = Parameter(
        0, bounds=(0, 2**31), softbounds=(0, 100), live=False, integer=True, source="chosen",
        group="Tasks", doc="which orders of pixels and pictures, and which H at the start",
    )  # fmt: skip
    n_first = Parameter(
        20, bounds=(0, 64), softbounds=(2, 40), live=False, integer=True, symbol="m_1",
        source=f"{SMALLER}; source: 80 of 784", group="Lateral circuit",
        doc="subspace units of the first task",
    )  # fmt: skip
    n_more = Parameter(
        8, bounds=(0, 64), softbounds=(1, 11), live=False, integer=True, symbol="m",
        source=f"{SMALLER}; source: 70 down to 10 of 784", group="Lateral circuit",
        doc="subspace units of every further task; beyond 64 in all nothing is left to learn",
    )  # fmt: skip
    projection = Parameter(
        1.0, bounds=(0, 1), softbounds=(0, 1), source=f"{PROGRAM}: all of it",
        group="Lateral circuit", doc="how much of what earlier tasks need is taken off; 0: nothing",
    )  # fmt: skip
    eta_h = Parameter(
        0.01, bounds=(0, 1), softbounds=(0, 0.05), symbol="η_H",
        source=f"{PROGRAM}: 0.001 at the input, 0.01 above", group="Lateral circuit",
        doc="step of the lateral weights at each picture",
    )  # fmt: skip
    levels = Parameter(
        0, bounds=(0, 100_000), softbounds=(0, 1000), integer=True,
        source=f"{PROGRAM}: 40 or 1,000", group="Lateral circuit",
        doc="levels that y is rounded to, between -y_max and y_max; 0: none",
    )  # fmt: skip
    y_max = Parameter(
        20.0, bounds=(1e-3, 1e6), softbounds=(1, 40), symbol="y_max",
        source=f"{PROGRAM}, with levels",
        group="Lateral circuit", doc="largest y where it is rounded",
    )  # fmt: skip
    eta_w = Parameter(
        0.01, bounds=(0, 1), softbounds=(0, 0.05), symbol="η_W",
        source=f"{SMALLER}; source: 0.1, batches of 64", group="Readouts",
        doc="step of both readouts at each picture",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
