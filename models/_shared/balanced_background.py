"""Balanced synaptic background: many weak excitatory and inhibitory spikes onto every neuron.

Shared by the models whose gain it sets. Conductances B_e and B_i are shot noise: Poisson spikes
of rates lam_e and lam_i add u_e and u_i, which decay with tau_be and tau_bi.
"""

from __future__ import annotations

from typing import Any

from workbench.model.model import Model
from workbench.model.parameter import Parameter

CHANCE = "Chance, Abbott & Reyes (2002) Neuron 35:773-782"
# The paper's own sizes give a plain integrate-and-fire neuron too little noise, and shift its f-I
# curve; spikes six times larger at a sixth of the rate have the same mean and divide it.
TUNED = f"after {CHANCE}, recalled: its methods were not at hand; x 6, so that gain is divided"

# The mean is part of the equations and the noise is added without a mean: so ``noise`` = 0 leaves
# the mean conductance exactly as it is. Where X is defined is up to the model.
EQUATIONS = """
dB_e/dt = lam_e*u_e - B_e/tau_be : siemens
dB_i/dt = lam_i*u_i - B_i/tau_bi : siemens
lam_e = X*balance*r_e : Hz
lam_i = X*r_i : Hz
r_e : Hz (shared)
r_i : Hz (shared)
u_e : siemens (shared)
u_i : siemens (shared)
tau_be : second (shared)
tau_bi : second (shared)
balance : 1 (shared)
noise : 1 (shared)
"""
SHARED = ("r_e", "r_i", "u_e", "u_i", "tau_be", "tau_bi", "balance", "noise")


class Background(Model):
    """What the models with a balanced background have in common; no model by itself."""

    balance = Parameter(
        1.0, bounds=(0, 100), softbounds=(0, 2), symbol="b", source="chosen: 1 is balanced",
        group="Background", doc="excitatory rate relative to the balanced one",
    )  # fmt: skip
    noise = Parameter(
        1.0, bounds=(0, 1), softbounds=(0, 1), symbol="ν", source="chosen: 1 is Poisson",
        group="Background",
        doc="share of the fluctuations that is left; 0 keeps the mean conductances alone",
    )  # fmt: skip
    r_e = Parameter(
        7000 / 6, unit="Hz", bounds=(0, 1e5), softbounds=(0, 3000), symbol="r_e", source=TUNED,
        group="Background", doc="excitatory background spikes onto a neuron at level 1",
    )  # fmt: skip
    r_i = Parameter(
        500.0, unit="Hz", bounds=(0, 1e5), softbounds=(0, 3000), symbol="r_i", source=TUNED,
        group="Background", doc="inhibitory background spikes onto a neuron at level 1",
    )  # fmt: skip
    u_e = Parameter(
        1.2, unit="nS", bounds=(0, 1000), softbounds=(0, 4), symbol="u_e", source=TUNED,
        group="Background", doc="conductance of one excitatory background spike",
    )  # fmt: skip
    u_i = Parameter(
        3.6, unit="nS", bounds=(0, 1000), softbounds=(0, 12), symbol="u_i", source=TUNED,
        group="Background", doc="conductance of one inhibitory background spike",
    )  # fmt: skip
    tau_be = Parameter(
        5.0, unit="ms", bounds=(0.2, 1000), softbounds=(1, 20), symbol="τ_be", source=TUNED,
        group="Background", doc="decay of the excitatory background",
    )  # fmt: skip
    tau_bi = Parameter(
        10.0, unit="ms", bounds=(0.2, 1000), softbounds=(1, 40), symbol="τ_bi", source=TUNED,
        group="Background", doc="decay of the inhibitory background",
    )  # fmt: skip

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """As for every model; those of the background after the model's own first group."""
        found = super().parameters()
        shared = {k: q for k, q in found.items() if k in vars(Background)}
        own = {k: q for k, q in found.items() if k not in shared}
        first = next(iter(own.values())).group if own else ""
        return {
            **{k: q for k, q in own.items() if q.group == first},
            **{k: q for k, q in own.items() if q.group == "Background"},
            **shared,
            **own,
        }

    def mean_conductances_nS(self, level: float = 1.0) -> tuple[float, float]:
        """Mean excitatory and inhibitory background conductance at a level, nS (closed form)."""
        return (
            level * self.balance * self.r_e * self.u_e * self.tau_be * 1e-3,
            level * self.r_i * self.u_i * self.tau_bi * 1e-3,
        )


def inputs(group: Any) -> list[Any]:
    """The two Poisson inputs of a group that has the equations above, one for each sign."""
    return [
        _poisson(group, f"{group.name}_{name}", f"B_{s}", f"lam_{s}", f"u_{s}")
        for name, s in (("excitation", "e"), ("inhibition", "i"))
    ]


def _poisson(group: Any, name: str, variable: str, rate: str, weight: str) -> Any:
    """A ``PoissonInput`` whose rate is a variable of the group, so that it can change live.

    Brian2's own draws from a binomial distribution that is fixed when it is made. To everything
    else, as to the circuit diagram, this is one.
    """
    import brian2
    from brian2.groups.group import CodeRunner

    class Input(brian2.PoissonInput):
        def __init__(self) -> None:
            self._group, self._target_var = group, variable
            self._N, self._rate, self._weight = 1, rate, weight
            self._stored_dt = group.dt_[:]
            code = f"{variable} += noise*{weight}*(poisson({rate}*dt) - {rate}*dt)"
            CodeRunner.__init__(
                self, group=group, template="stateupdate", code=code, user_code="",
                when="synapses", order=0, name=name, clock=group.clock,
            )  # fmt: skip

    return Input()
