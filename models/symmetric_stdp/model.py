"""Symmetric STDP: a spiking network that learns digits and their names by one growing-only rule.

Equations   tau_e dv/dt = (V_rest,e - v) + g_e (0 - v) + g_i (E_i - v) for the excitatory layer,
            likewise without g_i for inhibitory and class units; g decays by itself. A spike of the
            layer when v > V_t,e + theta - 20 mV: v = V_reset,e for t_ref, theta grows by
            theta_plus 10/|theta - 10 mV|; theta decays with tau_theta while the layer learns.
            Input fires as a Poisson process at pixel/8 x intensity Hz (pixels 0 to 255).
            Plasticity, input to layer and layer to classes: a spike of the source adds nu x_target
            to w, a spike of the target adds nu x_source; each spike adds 0.1 to its unit's trace
            x, which decays with tau_x. Before each presentation all weights into a unit are scaled
            to a fixed sum. While the readout learns, the class unit of the label fires as a
            Poisson process at the teacher's rate and the others are silent; else all are free.
Source      Hao, Huang, Dong & Xu (2020) Neural Networks 121:387, arXiv:1812.06574. Equations and
            parameters are those of the authors' program (haoyz/sym-STDP-SNN, Apache 2.0), written
            anew; of the paper only the abstract was at hand.
Departures  By default the pictures are scikit-learn's digits of 8 x 8 pixels, which need no
            download: with 64 inputs in place of 784, w_mean_input and start_intensity are chosen
            so that the layer answers with some ten spikes. With data = mnist and these two at
            0.1 and 2 all numbers are the program's. A Poisson unit may fire in two steps that
            follow one another; the program's cannot, and so fires 3 % less at 64 Hz and 9 % less
            at 200 Hz. A spike of both ends in one step is no pair. Refractory time is 2 ms, the
            program's clock makes it 2.5 ms.
Numerics    method euler, dt 0.5 ms, as in the source; events are drawn with probability rate dt.
            Nothing but spikes and initial weights is random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .experiments import EXPERIMENTS
from .facts import FACTS
from .network import network
from .operations import ForgetReadout, Show
from .pictures import DATA
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["ForgetReadout", "Show", "SymmetricSTDP"]

PROGRAM = "authors' program"
NEURON = f"{PROGRAM}, global.h and model.cc"
MNIST = "; the source has 60,000 and 10,000 pictures of MNIST"
CHOSEN = "chosen for digits of 64 pixels"


def _potential(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, unit="mV", bounds=(-200, 100), softbounds=(default - 15, default + 15),
        symbol=symbol, source=NEURON, group="Neuron", doc=doc,
    )  # fmt: skip


def _time(default: float, symbol: str, doc: str, soft: tuple[float, float]) -> Parameter:
    return Parameter(
        default, unit="ms", bounds=(0.1, 1e9), softbounds=soft, symbol=symbol, source=NEURON,
        group="Neuron", doc=doc,
    )  # fmt: skip


def _number(
    default: float, symbol: str, doc: str, soft: tuple[float, float], source: str = NEURON,
    group: str = "Plasticity",
) -> Parameter:  # fmt: skip
    return Parameter(
        default, bounds=(0, 1e6), softbounds=soft, symbol=symbol, source=source, group=group,
        doc=doc,
    )  # fmt: skip


def _count(default: int, doc: str, soft: tuple[int, int], source: str, low: int = 0) -> Parameter:
    return Parameter(
        default, bounds=(low, 10_000_000), softbounds=soft, integer=True, source=source,
        group="Protocol", doc=doc,
    )  # fmt: skip


class SymmetricSTDP(Model):
    """Receptive fields of digits grow by competition; class units learn to read them."""

    slug = "symmetric-stdp"
    title = "Symmetric STDP"
    topic = "Learning"
    purpose = (
        "A hundred neurons compete for the pictures they are shown until each has become a digit, "
        "and ten class units, told the right answers by a teacher, learn to read them: with one "
        "rule for both, which only ever strengthens synapses."
    )
    source = "Hao, Huang, Dong & Xu (2020) Neural Networks 121:387, arXiv:1812.06574"
    tick_ms = 1.0
    dt_ms = 0.5
    pace = 5000.0
    window_ms = 1500.0
    populations: ClassVar[tuple[str, ...]] = (
        "input", "excitatory", "inhibitory", "classes", "protocol",
    )  # fmt: skip
    traces: ClassVar[dict[str, str]] = {
        "excitatory.theta": "mV",
        "excitatory.v": "mV",
        "classes.v": "mV",
        "protocol.picture": "1",
        "protocol.testing": "1",
    }
    labels: ClassVar[dict[str, str]] = {
        "excitatory.theta": "threshold θ",
        "excitatory.v": "potential v",
        "classes.v": "potential v",
        "protocol.picture": "number of the picture",
        "protocol.testing": "testing (1) or learning (0)",
    }
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (Show, ForgetReadout)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    data = Parameter(
        0, choices=DATA, live=False, source=CHOSEN, group="Pictures",
        doc="8 x 8 digits that come with scikit-learn, or MNIST, 28 x 28, from a folder",
    )  # fmt: skip
    n_train = Parameter(
        1297, bounds=(1, 60_000), softbounds=(100, 1297), live=False, integer=True,
        symbol="n_train", source=f"all digits but the last 500{MNIST}", group="Pictures",
        doc="pictures to learn from, one after the other, then from the first again",
    )  # fmt: skip
    n_test = Parameter(
        500, bounds=(1, 10_000), softbounds=(50, 500), live=False, integer=True,
        symbol="n_test", source=f"the last 500 digits{MNIST}", group="Pictures",
        doc="pictures to be tested with, which are never learnt",
    )  # fmt: skip
    n_hidden = Parameter(
        100, bounds=(2, 10_000), softbounds=(16, 400), live=False, integer=True, symbol="N",
        source=f"{PROGRAM}: 100, 400, 1,600, 6,400, 10,000", group="Network",
        doc="neurons of the excitatory layer, and as many of the inhibitory one",
    )  # fmt: skip

    mode = Parameter(
        0, choices=("joint", "two stages"), source=f"{PROGRAM}, which can do both",
        group="Protocol",
        doc="whether layer and readout learn at once, or the readout on a layer that is fixed",
    )  # fmt: skip
    hidden_pictures = _count(
        2000, "pictures from which the layer learns in the first of two stages", (100, 5000),
        "chosen",
    )  # fmt: skip
    learn_pictures = _count(
        200, "pictures to learn from before each test", (20, 2000),
        "chosen; the source tests every 10,000", low=1,
    )  # fmt: skip
    test_pictures = _count(
        50, "pictures of each test, in which nothing is learnt; 0: never", (0, 500),
        "chosen; the source tests with 10,000",
    )  # fmt: skip
    stimulus_ms = Parameter(
        350, unit="ms", bounds=(5, 10_000), softbounds=(50, 500), live=False, integer=True,
        source=NEURON, group="Protocol", doc="how long a picture is shown",
    )  # fmt: skip
    rest_ms = Parameter(
        150, unit="ms", bounds=(5, 10_000), softbounds=(50, 500), live=False, integer=True,
        source=NEURON, group="Protocol", doc="how long there is no input, after each picture",
    )  # fmt: skip
    start_intensity = _number(
        8.0, "I", "brightness of a picture: an input fires at pixel/8 times this, in Hz", (0, 16),
        f"{CHOSEN}; source: 2", "Protocol",
    )  # fmt: skip
    least = _count(
        5, "spikes of the layer below which a picture is shown again, brighter by 1", (0, 30),
        f"{PROGRAM}, train.cc",
    )  # fmt: skip
    brightest = _count(
        32, "intensity from which on a picture is not shown again", (8, 64), f"{PROGRAM}, train.cc"
    )
    teacher_rate = Parameter(
        200.0, unit="Hz", bounds=(0, 2000), softbounds=(0, 400), symbol="r_t", source=NEURON,
        group="Protocol", doc="rate of the class unit that is the right one, while it learns",
    )  # fmt: skip

    tau_e = _time(100.0, "τ_e", "membrane time constant of the excitatory layer", (20, 200))
    tau_i = _time(10.0, "τ_i", "membrane time constant of inhibitory and class units", (2, 50))
    V_rest_e = _potential(-65.0, "V_rest,e", "resting potential of the excitatory layer")
    V_reset_e = _potential(-65.0, "V_reset,e", "reset of the excitatory layer")
    V_t_e = _potential(-52.0, "V_t,e", "threshold of the excitatory layer at theta = 20 mV")
    V_rest_i = _potential(-60.0, "V_rest,i", "resting potential of inhibitory and class units")
    V_reset_i = _potential(-45.0, "V_reset,i", "reset of inhibitory and class units")
    V_t_i = _potential(-40.0, "V_t,i", "threshold of inhibitory and class units")
    V_floor = _potential(-100.0, "V_min", "no excitatory neuron is hyperpolarised further")
    E_i = _potential(-100.0, "E_i", "reversal potential of inhibition; that of excitation is 0")
    t_ref = _time(2.0, "t_ref", "refractory time of both layers", (0.5, 10))
    tau_ge = _time(1.0, "τ_ge", "decay of excitatory conductances", (0.5, 5))
    tau_gi = _time(2.0, "τ_gi", "decay of inhibitory conductances", (0.5, 10))
    theta_plus = Parameter(
        0.07, unit="mV", bounds=(0, 100), softbounds=(0, 0.5), symbol="θ+",
        source=f"{NEURON}: 0.07 up to 1,600 neurons, 0.05 above", group="Neuron",
        doc="what a spike adds to its neuron's threshold, at theta = 20 mV; less above",
    )  # fmt: skip
    tau_theta = _time(
        6e6, "τ_θ", "decay of the adaptive part of the threshold, while learning", (1e5, 1e7)
    )

    nu_input = _number(
        0.005, "ν_PE", "growth of input weights per spike and trace", (0, 0.02),
        f"{NEURON}: 0.005 for 100 and 400 neurons",
    )  # fmt: skip
    nu_class = _number(
        0.04, "ν_EC", "growth of readout weights per spike and trace", (0, 0.2),
        f"{NEURON}: 0.04 for 100 and 400 neurons",
    )  # fmt: skip
    tau_x = _time(20.0, "τ_x", "how long a spike is remembered for plasticity", (5, 100))
    w_mean_input = _number(
        0.15, "w̄_PE", "mean weight that the sum into each excitatory neuron is kept at", (0.05, 1),
        f"{CHOSEN}; source: 0.1, a sum of 78.4",
    )  # fmt: skip
    w_mean_class = _number(
        0.8, "w̄_EC", "mean weight that the sum into each class unit is kept at", (0.1, 2),
        f"{NEURON}: 0.1 of the largest",
    )  # fmt: skip
    w_max_input = _number(1.0, "w_max,PE", "largest input weight", (0.2, 2))
    w_max_class = _number(8.0, "w_max,EC", "largest readout weight", (1, 16))
    w_start = Parameter(
        0.3, bounds=(1e-6, 100), softbounds=(0.05, 1), live=False, symbol="w_0", source=NEURON,
        group="Plasticity", doc="weights begin between 0 and this, and are scaled at once",
    )  # fmt: skip
    g_EI = _number(
        10.4, "g_EI", "conductance of a spike at its neuron's inhibitory partner", (0, 20),
        group="Network",
    )  # fmt: skip
    g_IE = _number(
        17.0, "g_IE", "conductance of an inhibitory spike at all other neurons", (0, 40),
        group="Network",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        return network(self)

    def weight_limits(self, projection: str) -> tuple[float, float] | None:
        # Weights of the readout stay far below their largest: its limits would be one dark colour.
        return (0.0, self.w_max_input) if projection == "input_to_excitatory" else None
