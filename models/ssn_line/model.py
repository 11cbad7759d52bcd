"""Supralinear network along a line of visual space: surround suppression.

Equations   as for `ssn`: tau_a dr_a/dt = -r_a + k [u_a]_+^n,
            u_a = c h(x) + J_aE sum K_aE(x - x') r_E - J_aI r_I, with inhibition local
            h(x): a disc of light about the centre with soft edges, and a ring around it
            K: Gaussians whose row sums are 1 far from the ends
Source      Rubin, Van Hooser & Miller (2015) Neuron 85:402-417, the line; parameters as in a
            third-party re-implementation (P.-C. Kuo, ssn-model)
Departures  reconstruction: inhibitory weights act on the unit's own site (J_EI), as J_II; the
            power is 2.2; the paper's own numbers could not be read. Sites near the ends of the line
            lack neighbours, which a stimulus of less than 20 degrees does not reach.
Numerics    method euler, dt 0.5 ms; as for `ssn`. No random numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation
from workbench.model.parameter import Parameter

from .._shared import supralinear as ssn
from .experiments import EXPERIMENTS
from .facts import FACTS
from .operations import SizeSweep
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["SSNLine", "SizeSweep"]

# A disc of `size` and, outside of it, a surround out to `surround_size`.
_STIMULUS = """
inside = 1/(1 + exp(-(size/2 - abs(place))/soft))
outside = (1 - inside)/(1 + exp(-(surround_size/2 - abs(place))/soft))
stimulus = contrast*inside*int(inside > 1e-9) + surround*outside*int(outside > 1e-9)
"""


def _coupling(default: float, symbol: str, doc: str) -> Parameter:
    return Parameter(
        default, unit="1/Hz", bounds=(0, 10), softbounds=(0, 2), symbol=symbol, source=ssn.KUO,
        group="Recurrence", doc=f"input for each Hz, {doc}",
    )  # fmt: skip


class SSNLine(Model):
    """Responses grow with a stimulus' size and shrink again when it reaches the surround."""

    slug = "ssn-line"
    title = "SSN: surround suppression"
    topic = "Gain control"
    purpose = (
        "A line of supralinear units across the visual field. A small patch excites its centre the "
        "more the larger it is; a large one wakes inhibition from the surround, and the response "
        "falls."
    )
    source = "Rubin, Van Hooser & Miller (2015) Neuron 85:402, doi:10.1016/j.neuron.2014.12.026"
    tick_ms = 10.0
    dt_ms = 0.5
    pace = 1000.0
    window_ms = 2000.0
    populations: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    traces: ClassVar[dict[str, str]] = {"excitatory.r": "Hz", "inhibitory.r": "Hz"}
    maps: ClassVar[dict[str, str]] = {
        "excitatory.r": "Hz", "inhibitory.r": "Hz", "excitatory.stimulus": "1",
        "excitatory.rec_e": "1", "excitatory.rec_i": "1",
    }  # fmt: skip
    labels: ClassVar[dict[str, str]] = ssn.LABELS
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (SizeSweep,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    contrast = Parameter(
        50.0, bounds=(0, 1000), softbounds=(0, 100), symbol="c", source="chosen",
        group="Stimulus", doc="stimulus strength of the centre, dimensionless",
    )  # fmt: skip
    size = Parameter(
        3.0, unit="deg", bounds=(0.1, 100), softbounds=(0.3, 16), symbol="d", source="chosen",
        group="Stimulus", doc="diameter of the centre in the visual field",
    )  # fmt: skip
    surround = Parameter(
        0.0, bounds=(0, 1000), softbounds=(0, 100), symbol="c_s", source="chosen",
        group="Stimulus", doc="stimulus strength of the surround, dimensionless",
    )  # fmt: skip
    surround_size = Parameter(
        16.0, unit="deg", bounds=(0.1, 100), softbounds=(1, 20), symbol="d_s", source="chosen",
        group="Stimulus", doc="outer diameter of the surround",
    )  # fmt: skip
    soft = Parameter(
        0.0417, unit="deg", bounds=(0.005, 10), softbounds=(0.02, 1), symbol="σ_RF",
        source=f"{ssn.KUO}: 0.125 of the distance between sites", group="Stimulus",
        doc="softness of the edges",
    )  # fmt: skip
    extra_I = Parameter(
        0.0, bounds=(-1, 10), softbounds=(-0.2, 0.5), symbol="ΔI", source="chosen",
        group="Stimulus", doc="share by which the inhibitory units get more input than the others",
    )  # fmt: skip
    J_EE = _coupling(1.0, "J_EE", "from excitatory to excitatory units")
    J_IE = _coupling(1.25, "J_IE", "from excitatory to inhibitory units")
    J_EI = _coupling(1.0, "W_EI", "from the inhibitory to the excitatory unit of a site")
    J_II = _coupling(0.75, "W_II", "from the inhibitory unit of a site to itself")
    sigma_EE = Parameter(
        0.667, unit="deg", bounds=(0.01, 100), softbounds=(0.2, 3), live=False, symbol="σ_EE",
        source=ssn.KUO, group="Recurrence", doc="reach of excitation to excitatory units",
    )  # fmt: skip
    sigma_IE = Parameter(
        1.333, unit="deg", bounds=(0.01, 100), softbounds=(0.2, 3), live=False, symbol="σ_IE",
        source=ssn.KUO, group="Recurrence", doc="reach of excitation to inhibitory units",
    )  # fmt: skip
    k = Parameter(
        0.01, unit="Hz", bounds=(0, 10), softbounds=(0.002, 0.05), symbol="k", source=ssn.KUO,
        group="Unit", doc="response to an input of 1",
    )  # fmt: skip
    n_power = Parameter(
        2.2, bounds=(0.5, 5), softbounds=(1, 3), symbol="n",
        source="the rate model of Obeid & Miller (DiObeid/SSN_2d_V1)", group="Unit",
        doc="power of the input that a unit responds with",
    )  # fmt: skip
    tau_E = Parameter(
        20.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_E", source=ssn.KUO,
        group="Unit", doc="time constant of the excitatory units",
    )  # fmt: skip
    tau_I = Parameter(
        10.0, unit="ms", bounds=(1, 1000), softbounds=(5, 50), symbol="τ_I", source=ssn.KUO,
        group="Unit", doc="time constant of the inhibitory units",
    )  # fmt: skip
    n_sites = Parameter(
        101, bounds=(3, 2000), softbounds=(31, 201), live=False, integer=True, symbol="N",
        source=ssn.KUO, group="Network", doc="sites along the line",
    )  # fmt: skip
    spacing = Parameter(
        0.3333, unit="deg", bounds=(0.001, 10), softbounds=(0.1, 1), live=False, symbol="Δx",
        source=ssn.KUO, group="Network", doc="distance between neighbouring sites",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        places = (np.arange(self.n_sites) - self.n_sites // 2) * self.spacing
        local = np.eye(self.n_sites)
        kernels = {
            "ee": self._kernel(places, self.sigma_EE), "ie": self._kernel(places, self.sigma_IE),
            "ei": local, "ii": local,
        }  # fmt: skip
        names = ("contrast", "size", "surround", "surround_size", "soft")
        return ssn.network(self, "ssn_line", places, kernels, _STIMULUS, dict.fromkeys(names, "1"))

    def _kernel(self, places: np.ndarray, sigma: float) -> np.ndarray:
        apart = places[:, None] - places[None, :]
        reach = np.arange(-1000, 1001) * self.spacing
        kernel = np.exp(-0.5 * (apart / sigma) ** 2) / np.exp(-0.5 * (reach / sigma) ** 2).sum()
        # What is left of it far away is no number that fast arithmetic can do with.
        return np.where(kernel > 1e-15, kernel, 0.0)
