"""Normalisation model of V1: each response is divided by what the population is driven with.

Equations   tau dr_i/dt = -(sigma^n + pool) r_i + R_max E_i,  E_i = [L_i]_+^n
            L_i = c f(theta_i - theta) + c_m f(theta_i - theta_m),  f(d) = exp(kappa (cos 2d - 1))
            pool = sum_i E_i / sum_i f_i^n, so one grating gives c^n
            steady state: R_i = R_max E_i / (sigma^n + pool); one grating, preferred orientation:
            R_max c^n / (c^n + sigma^n)
Source      Heeger (1992) Vis. Neurosci. 9:181-197; Carandini, Heeger & Movshon (1997) J. Neurosci.
            17:8621-8644 (abstracts); parameters as in the reference calculation
Departures  the pool acts at once, without a membrane of its own; tuning is of von Mises shape
Numerics    method exponential Euler, dt 1 ms: exact while drive and pool stand, which they do
            between ticks. No random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.brian import dense
from workbench.model.model import Experiment, Fact, Model
from workbench.model.operation import Operation, option
from workbench.model.parameter import Parameter
from workbench.model.units import brian_unit

from .._shared.geometric_sweep import ContrastSweep
from .._shared.orientation import orientations, von_mises
from .experiments import EXPERIMENTS
from .facts import FACTS
from .tour import TOUR

if TYPE_CHECKING:
    import brian2

__all__ = ["Normalisation", "SweepContrast"]

HEEGER = "Heeger 1992; Carandini, Heeger & Movshon 1997"
REFERENCE = "parameters of the reference calculation"

_NEURON = """
dr/dt = (-(sigma**n_power + pool)*r + R_max*drive)/tau : Hz
drive : 1
pool : 1
preferred : 1
R_max : Hz (shared)
sigma : 1 (shared)
n_power : 1 (shared)
tau : second (shared)
contrast : 1 (shared)
orientation : 1 (shared)
mask : 1 (shared)
mask_angle : 1 (shared)
kappa : 1 (shared)
"""
_DRIVE = """
first = exp(kappa*(cos(2*pi/180*(preferred - orientation)) - 1))
second = exp(kappa*(cos(2*pi/180*(preferred - orientation - mask_angle)) - 1))
drive = clip(contrast*first + mask*second, 0, 1e6)**n_power
"""
UPDATE_DRIVE, SUM, SHARE = -50, -40, -30


@dataclass(frozen=True)
class SweepContrast(ContrastSweep):
    """Raise the contrast in equal ratios, then put it back: a contrast response curve."""

    lowest: float = option(0.01, "first contrast, up to 1")
    highest: float = option(1.0, "last contrast, up to 1")

    groups: ClassVar[tuple[str, ...]] = ("neurons",)
    most: ClassVar[float] = 1.0


class Normalisation(Model):
    """Contrast saturates, masks suppress, selectivity stays: division by a pool explains all."""

    slug = "normalisation"
    title = "Normalisation model"
    topic = "Gain control"
    purpose = (
        "Each neuron's drive is divided by the drive of all. Responses saturate with contrast "
        "without losing their tuning, and a mask moves the contrast response to the right."
    )
    source = "Heeger (1992) Vis. Neurosci. 9:181; Carandini et al. (1997) J. Neurosci. 17:8621"
    tick_ms = 10.0
    dt_ms = 1.0
    pace = 1000.0
    window_ms = 2000.0
    populations: ClassVar[tuple[str, ...]] = ("neurons", "pool")
    traces: ClassVar[dict[str, str]] = {"neurons.r": "Hz", "pool.level": "1"}
    maps: ClassVar[dict[str, str]] = {"neurons.r": "Hz", "neurons.drive": "1", "pool.level": "1"}
    labels: ClassVar[dict[str, str]] = {
        "neurons.r": "response r", "neurons.drive": "drive E (dimensionless)",
        "pool.level": "pool (dimensionless)",
    }  # fmt: skip
    weight_unit: ClassVar[dict[str, str]] = {"": "1"}
    operations: ClassVar[tuple[type[Operation], ...]] = (SweepContrast,)
    tour = TOUR
    facts: ClassVar[tuple[Fact, ...]] = FACTS
    experiments: ClassVar[tuple[Experiment, ...]] = EXPERIMENTS

    contrast = Parameter(
        0.5, bounds=(0, 1), softbounds=(0, 1), symbol="c", source=HEEGER, group="Stimulus",
        doc="contrast of the grating, 0 to 1",
    )  # fmt: skip
    orientation = Parameter(
        0.0, unit="deg", bounds=(-180, 180), softbounds=(-90, 90), symbol="θ", source=HEEGER,
        group="Stimulus", doc="orientation of the grating",
    )  # fmt: skip
    mask = Parameter(
        0.0, bounds=(0, 1), softbounds=(0, 1), symbol="c_m", source=HEEGER, group="Stimulus",
        doc="contrast of a second grating over the first",
    )  # fmt: skip
    mask_angle = Parameter(
        90.0, unit="deg", bounds=(-180, 180), softbounds=(0, 90), symbol="Δθ", source=HEEGER,
        group="Stimulus", doc="angle from the grating to the mask",
    )  # fmt: skip
    sigma = Parameter(
        0.13, bounds=(0.001, 10), softbounds=(0.02, 0.5), symbol="σ", source=REFERENCE,
        group="Normalisation", doc="contrast of half the largest response, without a mask",
    )  # fmt: skip
    n_power = Parameter(
        2.0, bounds=(0.5, 6), softbounds=(1, 4), live=False, symbol="n", source=REFERENCE,
        group="Normalisation", doc="power of the drive",
    )  # fmt: skip
    R_max = Parameter(
        100.0, unit="Hz", bounds=(0, 1000), softbounds=(10, 200), symbol="R_max",
        source=REFERENCE, group="Neuron", doc="response to infinite contrast",
    )  # fmt: skip
    kappa = Parameter(
        2.0, bounds=(0.01, 100), softbounds=(0.5, 10), live=False, symbol="κ", source=REFERENCE,
        group="Neuron", doc="how narrow a neuron's tuning is",
    )  # fmt: skip
    tau = Parameter(
        2.0, unit="ms", bounds=(0.5, 1000), softbounds=(1, 20), symbol="τ", source="chosen",
        group="Neuron",
        doc="time constant at sigma^n + pool = 1; high contrast makes the response fast",
    )  # fmt: skip
    n_neurons = Parameter(
        60, bounds=(4, 2000), softbounds=(20, 200), live=False, integer=True, symbol="N",
        source="chosen", group="Network", doc="neurons, their preferred orientations evenly spaced",
    )  # fmt: skip

    def build(self) -> brian2.Network:
        import brian2 as b2

        ms = brian_unit("ms")
        clock = b2.Clock(self.dt_ms * ms, name="normalisation_clock")
        ticks = b2.Clock(self.tick_ms * ms, name="normalisation_ticks")
        neurons = b2.NeuronGroup(
            self.n_neurons,
            _NEURON,
            method="exponential_euler",
            clock=clock,
            namespace={},
            name="neurons",
        )
        pool = b2.NeuronGroup(1, "level : 1", clock=clock, namespace={}, name="pool")
        places = orientations(self.n_neurons)
        neurons.preferred = places
        for name in (
            "contrast", "orientation", "mask", "mask_angle", "sigma", "n_power", "R_max", "kappa",
            "tau",
        ):  # fmt: skip
            setattr(neurons, name, self.brian(name))
        neurons.run_regularly(
            _DRIVE, clock=ticks, when="start", order=UPDATE_DRIVE, name="drive_update"
        )
        share = 1 / np.sum(von_mises(places, self.kappa) ** self.n_power)
        into = dense.project(
            neurons, pool, np.full((1, self.n_neurons), share), of="drive", into="level",
            name="neurons_to_pool", clock=ticks, order=SUM,
        )  # fmt: skip
        out = dense.project(
            pool, neurons, np.ones((self.n_neurons, 1)), of="level", into="pool",
            name="pool_to_neurons", clock=ticks, order=SHARE,
        )  # fmt: skip
        return b2.Network(neurons, pool, into, out, name="normalisation")
