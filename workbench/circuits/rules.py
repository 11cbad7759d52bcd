"""How a projection is made and what its synapses carry: rule, weight and delay as plain data."""

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
    """What an inferred rule rests on.

    n          : synapses that were looked at
    p_hat      : synapses over possible pairs
    dispersion : variance of the in-degree over that of independent pairs (1 for Bernoulli), None
                 where it cannot be said
    """

    n: int
    p_hat: float
    dispersion: float | None = None


@dataclass(frozen=True)
class Rule:
    """A connection rule, in the symbols of Senk et al. 2022.

    symbol     : δ one-to-one, Ω all-to-all, X explicit list, p pairwise Bernoulli, N_syn random
                 with fixed total number, K_in and K_out random with fixed in- or out-degree,
                 f(r) a function of positions or numbers
    value      : p, or the number that is fixed; None where there is none
    autapses   : may a neuron project to itself? Only said where a population projects to itself
    multapses  : may two neurons be joined more than once in the same direction?
    source     : "declared" where the call that made it was seen, else "inferred" from the synapses
    certain    : False where the synapses are too few to tell this rule from another
    text       : the condition or function as it was written, for X and f(r)
    name       : the model's own symbol of the value, such as "p_connect"
    chance     : probabilistic although its symbol does not say so (f(r) with a probability)
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
        """Whether another seed would give other synapses."""
        return self.symbol in PROBABILISTIC or self.chance

    @property
    def words(self) -> str:
        """ "all-to-all", "p = 0.02", "in-degree 10": the rule without its evidence."""
        if self.symbol in _NAMES:
            message = _NAMES[self.symbol]
            return f"{message} ({self.text})" if self.text else message
        value = "" if self.value is None else f"{self.value:.3g}"
        if self.symbol == "p":
            return f"p = {value}"
        return f"{_VALUES[self.symbol]} {int(self.value or 0):,}"

    def describe(self) -> str:
        """The rule, its switches and how it is known, in words."""
        parts = [self.words]
        for what, allowed in (("autapses", self.autapses), ("multapses", self.multapses)):
            if allowed != "unknown":
                parts.append(what if allowed == "yes" else f"no {what}")
        if self.source == "inferred":
            parts.append("inferred" if self.certain else "inferred, uncertain")
        return parts[0] + (f" ({', '.join(parts[1:])})" if parts[1:] else "")


@dataclass(frozen=True)
class Pathway:
    """One of the things that a spike sets off in synapses, with its own delays.

    name    : what the model calls it; Brian2's are "pre" and "post"
    prepost : at a spike of the source, or of the target
    event   : what sets it off, "" for a spike
    adds    : (variable of the target, how much with its sign) for each that it changes
    """

    name: str
    prepost: Literal["pre", "post"]
    code: str
    event: str = ""
    delay: Param | None = None
    adds: tuple[tuple[str, Param], ...] = ()

    def describe(self) -> str:
        """ "adds -w = -1 mV to v, delay 2 ms": what it does, in words."""
        parts = [f"adds {p.added()} to {variable}" for variable, p in self.adds]
        if self.event:
            parts.append(f"at {self.event}")
        if self.delay is not None and (self.delay.low, self.delay.high) != (0, 0):
            parts.append(f"delay {self.delay.describe()}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Param:
    """A weight or a delay of a projection.

    form      : "constant", "distributed" or "function" (of distance, of time, of anything)
    value     : the constant, or the mean, in ``unit``;  sd: standard deviation
    low, high : smallest and largest
    family    : "N" normal, "U" uniform, "logN" lognormal, "exp" exponential; "" not recognised
    text      : the expression as it was written, where it was seen
    name      : the model's own symbol, such as "w_e";  variable: its name in the equations
    factor    : what the target multiplies it with, which all numbers here contain
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
        """ "w = 3 mV": the expression, and its values where these are known."""
        values = "" if self.form == "function" else self.describe()
        return " = ".join(dict.fromkeys(p for p in (self.text, values) if p))

    def describe(self) -> str:
        """ "1.5 ms", "N(1.5, 0.2) ms", "0.5–2 ms" or the function."""
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
