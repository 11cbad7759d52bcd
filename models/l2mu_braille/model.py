"""L2MU: a spiking network with Legendre memory that reads Braille letters by touch.

Equations   every unit: V <- beta V + I - Theta [V > Theta] ; a spike where V > Theta. In a step
            u : I = e_x x + e_h s_h + e_m s_m ;  memory : I = A s_m + B s_u, for each unit of u ;
            h : I = W_x x + W_h s_h + W_m s_m ;  output : I = W_out s_h + b. x are the events of
            the finger's channels; s of the populations before are new, all others a step old.
            The letter with most output spikes is the one that is read.
Source      Leto, Urgese, Macii & Fra (NICE 2025) A LIF-based Legendre Memory Unit as neuromorphic
            state space model; after the network of arXiv:2407.04076 (ICANN 2024). The checkpoint
            and the recordings are those of the authors' repository neuromorphic-polito/
            L2MU-Braille (commit 72344f6, Apache-2.0). Written anew from a description.
Departures  A is the transpose of the discretised Legendre matrix: so the checkpoint has it and so
            its network was trained (263 instead of 264 letters of 280 are read with the other one).
            One step is called 1 ms; the files do not say how long it was. Without the files,
            letters are made up and the weights are drawn: an untrained network, that guesses.
Numerics    a recurrence of steps, float64; the plain recurrence is met vote for vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .letters import NAMES, SPLITS
from .network import network
from .operations import Numb, Show
from .tour import TOUR
from .weights import PUBLISHED

if TYPE_CHECKING:
    import brian2

CHECKPOINT = "published checkpoint, L2MU-Braille"


def _beta(default: float, population: str) -> Parameter:
    return Parameter(
        default, bounds=(0, 1), softbounds=(0, 1), symbol=f"β_{population[0]}", source=CHECKPOINT,
        group="Units", doc=f"share of its potential that a unit of {population} keeps in a step",
    )  # fmt: skip


def _theta(default: float, population: str) -> Parameter:
    return Parameter(
        default, bounds=(1e-3, 100), softbounds=(0.05, 1.5), symbol=f"Θ_{population[0]}",
        source=CHECKPOINT, group="Units", doc=f"threshold of a unit of {population}, and its reset",
    )  # fmt: skip


class L2MUBraille(Model):
    """Feels a letter step by step, keeps it in a Legendre memory, and votes for what it was."""

    slug = "l2mu-braille"
    title = "Braille reader with Legendre memory"
    topic = "Memory"
    purpose = (
        "A spiking network that reads Braille: a finger slides over a letter, a Legendre memory "
        "of 490 units holds what was felt, and seven output units race for the answer."
    )
    source = (
        "Leto, Urgese, Macii & Fra (2025) A LIF-based Legendre Memory Unit, NICE 2025; "
        "arXiv:2407.04076"
    )
    tick_ms = 1.0
    dt_ms = 1.0
    dt_fixed = "the network is a recurrence, trained on recordings of 256 steps a letter."
    pace = 100.0
    window_ms = 512.0
    watch = 7
    populations: ClassVar[tuple[str, ...]] = ("finger", "u", "memory", "hidden", "output")
    traces: ClassVar[dict[str, str]] = {
        "output.votes": "1",
        "output.V": "1",
        "memory.V": "1",
        "u.V": "1",
        "hidden.V": "1",
        "finger.touch": "1",
    }
    watched: ClassVar[dict[str, tuple[int, ...]]] = {"finger.touch": (0,)}
    unit_names: ClassVar[dict[str, tuple[str, ...]]] = {"output": NAMES}
    labels: ClassVar[dict[str, str]] = {
        "u": "memory input u",
        "output.votes": "output spikes (votes)",
        "output.V": "potential V (dimensionless)",
        "memory.V": "potential V (dimensionless)",
        "u.V": "potential V (dimensionless)",
        "hidden.V": "potential V (dimensionless)",
        "finger.touch": "number of the letter shown",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (Show, Numb)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    weights = Parameter(
        PUBLISHED, choices=("drawn", "published"), live=False,
        source=CHECKPOINT, group="Network",
        doc="published: those of the checkpoint, where its file is on this machine, else drawn",
    )  # fmt: skip
    n_memory = Parameter(
        70, bounds=(1, 1000), softbounds=(4, 100), live=False, integer=True, symbol="N_m",
        source="authors' program, best parameters for seven letters", group="Network",
        doc="units of u, each with a memory of its own",
    )  # fmt: skip
    order = Parameter(
        7, bounds=(1, 20), softbounds=(2, 12), live=False, integer=True, symbol="q",
        source="authors' program, best parameters for seven letters", group="Network",
        doc="Legendre coefficients of each memory",
    )  # fmt: skip
    n_hidden = Parameter(
        120, bounds=(1, 2000), softbounds=(10, 200), live=False, integer=True, symbol="N_h",
        source="authors' program, best parameters for seven letters", group="Network",
        doc="hidden units",
    )  # fmt: skip
    weight_seed = Parameter(
        1, bounds=(0, 2**31), softbounds=(0, 20), live=False, integer=True, symbol="seed_w",
        source="chosen", group="Network", doc="seed of the drawn, untrained weights",
    )  # fmt: skip
    beta_u = _beta(0.87824786, "u")
    Theta_u = _theta(0.17052403, "u")
    beta_memory = _beta(0.22062902, "memory")
    Theta_memory = _theta(0.44958326, "memory")
    beta_hidden = _beta(0.5372382, "hidden")
    Theta_hidden = _theta(0.71113396, "hidden")
    beta_output = _beta(0.6909909, "output")
    Theta_output = _theta(0.24051341, "output")
    letters = Parameter(
        0, choices=("recorded", "made up"), live=False, source="chosen",
        group="Finger", doc="recorded: those of the split, where its file is, else made-up ones",
    )  # fmt: skip
    split = Parameter(
        1, choices=SPLITS, live=False,
        source="the split on which the checkpoint was scored", group="Finger",
        doc="which of the authors' validation splits is felt",
    )  # fmt: skip
    hold = Parameter(
        0, bounds=(0, 1), softbounds=(0, 1), integer=True, source="chosen",
        group="Finger", doc="1: the same touch again and again",
    )  # fmt: skip
    lost = Parameter(
        0.0, bounds=(0, 1), softbounds=(0, 1), symbol="p_lost", source="chosen", group="Finger",
        doc="share of the events that are lost on their way",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)
