"""Stabilised supralinear network: a ring of V1 units that normalises by its own recurrence.

Equations   tau_a dr_a/dt = -r_a + k [u_a]_+^n,
            u_a = c h(theta) + sum_theta' G(theta - theta') (J_aE r_E - J_aI r_I),  a = E, I
            h = exp(-d^2 / 2 sigma_FF^2), d the orientation difference on a circle of 180 degrees;
            a second grating adds its own c h. G is a Gaussian of width sigma_ori, peak 1.
Source      Rubin, Van Hooser & Miller (2015) Neuron 85:402-417; parameters as in a third-party
            re-implementation (P.-C. Kuo, ssn-model), for the paper's own were not at hand.
Departures  that program's text does not rectify, measures distances on 360 degrees and drops the
            old rate in its loop; the numbers here are those of the equations, from an independent
            integration.
Numerics    method euler, dt 0.5 ms against tau_I = 10 ms: steady states do not depend on dt,
            transients by a few per cent. Each projection is one matrix product. No random numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .._shared import supralinear as ssn
from .._shared.geometric_sweep import ContrastSweep
from .._shared.orientation import on_circle
from .experiments import EXPERIMENTS
from .facts import FACTS
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["SSN", "ContrastSweep"]

_STIMULUS = """
d_one = abs((place - orientation + 90 + 360) % 180 - 90)
d_two = abs((place - orientation - mask_angle + 90 + 720) % 180 - 90)
stimulus = contrast*exp(-0.5*(d_one/sigma_FF)**2) + mask*exp(-0.5*(d_two/sigma_FF)**2)
"""


def _coupling(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, unit="1/Hz", bounds=(0, 10), softbounds=(0, 0.1), symbol=symbol, source=ssn.KUO,
        group="Recurrence", doc=f"input for each Hz, {doc}",
    )  # fmt: skip


class SSN(Model):
    """Supralinear at low contrast, sublinear at high: one circuit for both, by its recurrence."""

    slug = "ssn"
    title = "SSN: a stabilised supralinear ring"
    topic = "Gain control"
    purpose = (
        "Every neuron's response grows faster than its input, and yet the network's does not: "
        "recurrent inhibition, which weak stimuli hardly wake, stabilises the strong ones. Two "
        "gratings together then yield less than their sum."
    )
    source = "Rubin, Van Hooser & Miller (2015) Neuron 85:402, doi:10.1016/j.neuron.2014.12.026"
    tick_ms = 10.0
    dt_ms = 0.5
    pace = 1000.0
    window_ms = 2000.0
    watch = 3
    populations: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    traces: ClassVar[dict[str, str]] = {"excitatory.r": "Hz", "inhibitory.r": "Hz"}
    maps: ClassVar[dict[str, str]] = {
        "excitatory.r": "Hz", "inhibitory.r": "Hz", "excitatory.stimulus": "1",
        "excitatory.rec_e": "1", "excitatory.rec_i": "1",
    }  # fmt: skip
    labels: ClassVar[dict[str, str]] = ssn.LABELS
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (ContrastSweep,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    contrast = Parameter(
        20.0, bounds=(0, 1000), softbounds=(0, 100), symbol="c", source=ssn.KUO,
        group="Stimulus", doc="stimulus strength of the grating, dimensionless",
    )  # fmt: skip
    orientation = Parameter(
        90.0, unit="deg", bounds=(-180, 180), softbounds=(0, 180), symbol="θ_1", source="chosen",
        group="Stimulus", doc="orientation of the grating",
    )  # fmt: skip
    mask = Parameter(
        0.0, bounds=(0, 1000), softbounds=(0, 100), symbol="c_2", source="chosen",
        group="Stimulus",
        doc="stimulus strength of a second grating over the first, the mask; dimensionless",
    )  # fmt: skip
    mask_angle = Parameter(
        90.0, unit="deg", bounds=(-180, 180), softbounds=(0, 90), symbol="Δθ", source="chosen",
        group="Stimulus", doc="angle from the first grating to the second",
    )  # fmt: skip
    extra_I = Parameter(
        0.0, bounds=(-1, 10), softbounds=(-0.2, 0.5), symbol="ΔI", source="chosen",
        group="Stimulus", doc="share by which the inhibitory units get more input than the others",
    )  # fmt: skip
    sigma_FF = Parameter(
        30.0, unit="deg", bounds=(1, 1000), softbounds=(10, 60), symbol="σ_FF", source=ssn.KUO,
        group="Stimulus", doc="width of the input about the grating's orientation",
    )  # fmt: skip
    J_EE = _coupling(0.044, "J_EE", "from excitatory to excitatory units")
    J_IE = _coupling(0.042, "J_IE", "from excitatory to inhibitory units")
    J_EI = _coupling(0.023, "J_EI", "from inhibitory to excitatory units")
    J_II = _coupling(0.018, "J_II", "from inhibitory to inhibitory units")
    sigma_ori = Parameter(
        32.0, unit="deg", bounds=(1, 1000), softbounds=(10, 60), live=False, symbol="σ_ori",
        source=ssn.KUO, group="Recurrence", doc="width of the recurrent connections",
    )  # fmt: skip
    k = Parameter(
        0.04, unit="Hz", bounds=(0, 10), softbounds=(0.005, 0.1), symbol="k", source=ssn.KUO,
        group="Unit", doc="response to an input of 1",
    )  # fmt: skip
    n_power = Parameter(
        2.0, bounds=(0.5, 5), softbounds=(1, 3), symbol="n", source=ssn.KUO, group="Unit",
        doc="power of the input that a unit responds with; above 1 it is supralinear",
    )  # fmt: skip
    tau_E = Parameter(
        20.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_E", source=ssn.KUO,
        group="Unit", doc="time constant of the excitatory units",
    )  # fmt: skip
    tau_I = Parameter(
        10.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_I", source=ssn.KUO,
        group="Unit", doc="time constant of the inhibitory units; slow ones oscillate",
    )  # fmt: skip
    n_sites = Parameter(
        180, bounds=(4, 2000), softbounds=(30, 360), live=False, integer=True, symbol="N",
        source=ssn.KUO, group="Network",
        doc="preferred orientations, an excitatory and an inhibitory unit each; connections are "
        "scaled so that the responses do not depend on it",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        places = 180.0 * np.arange(self.n_sites) / self.n_sites
        apart = on_circle(places[:, None] - places[None, :])
        # The published sums go over 180 sites; others get the same sum from more or fewer.
        kernel = np.exp(-0.5 * (apart / self.sigma_ori) ** 2) * (180 / self.n_sites)
        shared = dict.fromkeys(("contrast", "orientation", "mask", "mask_angle", "sigma_FF"), "1")
        return ssn.network(
            self, "ssn", places, dict.fromkeys(("ee", "ie", "ei", "ii"), kernel), _STIMULUS, shared
        )
