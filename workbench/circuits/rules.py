"""Connection rule, synaptic weight and delay of a projection as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Symbol = Literal["δ", "Ω", "X", "p", "N_syn", "K_in", "K_out", "f(r)"]
Allowed = Literal["yes", "no", "unknown"]

PROBABILISTIC: frozenset[str] = frozenset({"p", "N_syn", "K_in", "K_out"})
_NAMES = {"δ": "one-to-one", "Ω": "all-to-all", "X": "explicit list", "f(r)": "by distance"}
_VALUES = {"p": "p", "N_syn": "total number", "K_in": "in-degree", "K_out": "out-degree"}


@dataclass(frozen=True)
class Evidence:
    """Evidence for an inferred rule.

    n          : number of synapses examined
    p_hat      : number of synapses / number of possible pairs
    dispersion : in-degree variance / variance for independent pairs (1 for Bernoulli); None if
                 undefined
    """

    n: int
    p_hat: float
    dispersion: float | None = None


@dataclass(frozen=True)
class Rule:
    """A connection rule, in the notation of Senk et al. (2022).

    symbol     : δ one-to-one, Ω all-to-all, X explicit list, p pairwise Bernoulli, N_syn random
                 with fixed total number, K_in and K_out random with fixed in- or out-degree,
                 f(r) a function of positions or indices
    value      : p, or the fixed number; None if not applicable
    autapses   : may a neuron project to itself? Given only for recurrent projections
    multapses  : may a pair of neurons have several synapses in the same direction?
    source     : "declared" if the connect call was observed, "inferred" from the synapses otherwise
    certain    : False if there are too few synapses to tell this rule from another
    text       : the condition or function as written, for X and f(r)
    name       : the model's symbol of the value, such as "p_connect"
    chance     : probabilistic although its symbol does not show it (f(r) with a probability)
    """

    symbol: Symbol
    value: float | None = None
    autapses: Allowed = "unknown"
    multapses: Allowed = "unknown"
    source: Literal["declared", "inferred"] = "inferred"
    certain: bool = True
    evidence: Evidence | None = None
    text: str = ""
    name: str = ""
    chance: bool = False

    @property
    def probabilistic(self) -> bool:
        """True if another seed would give other synapses."""
        return self.symbol in PROBABILISTIC or self.chance

    @property
    def words(self) -> str:
        """The rule without its evidence, such as "all-to-all", "p = 0.02" or "in-degree 10"."""
        if self.symbol in _NAMES:
            message = _NAMES[self.symbol]
            return f"{message} ({self.text})" if self.text else message
        value = "" if self.value is None else f"{self.value:.3g}"
        if self.symbol == "p":
            return f"p = {value}"
        return f"{_VALUES[self.symbol]} {int(self.value or 0):,}"

    def describe(self) -> str:
        """Describe the rule, its autapse and multapse settings and whether it was inferred."""
        parts = [self.words]
        for what, allowed in (("autapses", self.autapses), ("multapses", self.multapses)):
            if allowed != "unknown":
                parts.append(what if allowed == "yes" else f"no {what}")
        if self.source == "inferred":
            parts.append("inferred" if self.certain else "inferred, uncertain")
        return parts[0] + (f" ({', '.join(parts[1:])})" if parts[1:] else "")


@dataclass(frozen=True)
class Pathway:
    """One synaptic pathway, with its own delays.

    name    : name in the model; Brian2's defaults are "pre" and "post"
    prepost : triggered by presynaptic or by postsynaptic events
    event   : name of the triggering event, "" for a spike
    adds    : (target variable, signed increment) for each variable that it changes
    """

    name: str
    prepost: Literal["pre", "post"]
    code: str
    event: str = ""
    delay: Param | None = None
    adds: tuple[tuple[str, Param], ...] = ()

    def describe(self) -> str:
        """Describe its effect, such as "adds -w = -1 mV to v, delay 2 ms"."""
        parts = [f"adds {p.added()} to {variable}" for variable, p in self.adds]
        if self.event:
            parts.append(f"at {self.event}")
        if self.delay is not None and (self.delay.low, self.delay.high) != (0, 0):
            parts.append(f"delay {self.delay.describe()}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Param:
    """A weight or a delay of a projection.

    form      : "constant", "distributed" or "function" (of distance, time or other variables)
    value     : the constant, or the mean, in ``unit``;  sd: standard deviation
    low, high : minimum and maximum
    family    : "N" normal, "U" uniform, "logN" lognormal, "exp" exponential; "" not recognised
    text      : the expression as written, if known
    name      : the model's symbol, such as "w_e";  variable: its name in the equations
    factor    : factor by which the target multiplies it; included in all numbers here
    """

    form: Literal["constant", "distributed", "function"]
    value: float | None = None
    unit: str = ""
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    family: Literal["", "N", "U", "logN", "exp"] = ""
    text: str = ""
    name: str = ""
    variable: str = ""
    factor: str = ""

    def added(self) -> str:
        """The expression and its values if known, such as "w = 3 mV"."""
        values = "" if self.form == "function" else self.describe()
        return " = ".join(dict.fromkeys(p for p in (self.text, values) if p))

    def describe(self) -> str:
        """The value or distribution, such as "1.5 ms", "N(1.5, 0.2) ms" or "0.5–2 ms"."""
        unit = f" {self.unit}" if self.unit and self.unit != "1" else ""
        if self.form == "function":
            return self.text or "a function"
        if self.form == "constant":
            return "" if self.value is None else f"{self.value:.4g}{unit}"
        if self.family == "N" and self.value is not None and self.sd is not None:
            return f"N({self.value:.3g}, {self.sd:.2g}){unit}"
        if self.low is None or self.high is None:
            return self.text or "distributed"
        return f"{self.low:.4g}–{self.high:.4g}{unit}"
