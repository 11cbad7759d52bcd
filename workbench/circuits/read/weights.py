"""Weights and delays of a projection, read from its synapses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rules import Param
from .effect import increments, weight_variable
from .factor import factor

ENOUGH = 50  # fewer values do not tell a distribution
SAMPLE = 50_000
_SAME = 1e-9  # relative difference below which two numbers are one


def delay(synapses: Any, pathway: Any, select: np.ndarray | None) -> Param | None:
    """Delay of one pathway, from the spike to what it does, ms; None where there is no synapse."""
    values = _values(pathway.variables["delay"], select, len(synapses)) * 1e3
    if not values.size:
        return None
    low, high = round(float(values.min()), 9), round(float(values.max()), 9)
    if low == high:
        return Param("constant", low, "ms", 0.0, low, high, variable="delay")
    form, family = _shape(values, *_ends(synapses, select, values.size))
    return Param(
        form, float(values.mean()), "ms", float(values.std()), low, high, family,
        "d(r)" if form == "function" else "", variable="delay",
    )  # fmt: skip


def weight(synapses: Any, select: np.ndarray | None, plastic: bool) -> Param | None:
    """The weight as it is now, in a unit that suits it; None where no number is the weight.

    plastic : whether anything changes it while the network runs
    """
    name = weight_variable(synapses)
    if name is None:
        return _fixed(synapses) or _factor_alone(synapses)
    variable = synapses.variables[name]
    values = _values(variable, select, len(synapses))
    dim, times, own, named = variable.dim, factor(synapses), "", ""
    if times is not None:
        by, value, more = times
        alone = values.size > 0 and np.all(values == 1) and not plastic
        # A resistance in the target makes another parameter of a weight, not another weight.
        if alone or more.is_dimensionless:
            values, dim = values * value, dim * more
            named, own = (by, "") if alone else ("", by)
    scale, unit = in_unit(values, dim)
    values = values / scale
    if not values.size:
        return None
    low, high = float(values.min()), float(values.max())
    mean, sd = float(values.mean()), float(values.std())
    if plastic:
        return Param("function", mean, unit, sd, low, high, "", f"{name}(t)", variable=name,
                     factor=own)  # fmt: skip
    if high - low <= _SAME * max(abs(low), abs(high)):
        return Param("constant", mean, unit, 0.0, low, high, name=named, variable=named or name,
                     factor=own)  # fmt: skip
    form, family = _shape(values, *_ends(synapses, select, values.size))
    text = f"{name}(r)" if form == "function" else ""
    return Param(form, mean, unit, sd, low, high, family, text, variable=name, factor=own)


def _fixed(synapses: Any) -> Param | None:
    """A weight that stands in the code as a number, such as ``v_post += 0.1*mV``."""
    from .group_values import GroupState, identifiers
    from .synapse_values import SynapseState

    found = increments(synapses)
    if len(found) != 1:
        return None
    name, expression = found[0]
    names = identifiers(expression)
    if any(n in synapses.variables for n in names):
        return None
    try:
        state = SynapseState(synapses, GroupState(synapses.target), None, None, 1)
        value = float(np.atleast_1d(state.evaluate(expression))[0])
        if state.unknown:
            return None
        dim = synapses.target.variables[name].dim
    except Exception:  # what cannot be read is left out; a drawing must not stop a simulation
        return None
    scale, unit = in_unit(np.array([value]), dim)
    return Param("constant", value / scale, unit, 0.0, value / scale, value / scale,
                 text=expression.strip("()"))  # fmt: skip


def _factor_alone(synapses: Any) -> Param | None:
    """A weight that stands in the target alone, such as J in ``J*from_e``."""
    found = factor(synapses)
    if found is None:
        return None
    name, value, dim = found
    scale, unit = in_unit(np.array([value]), dim)
    x = value / scale
    return Param("constant", x, unit, 0.0, x, x, name=name, variable=name)


def _values(variable: Any, select: np.ndarray | None, n: int) -> np.ndarray:
    values = np.atleast_1d(np.asarray(variable.get_value(), dtype=float))
    return values[select] if select is not None and values.size == n > 1 else values


def _ends(synapses: Any, select: np.ndarray | None, size: int) -> tuple[np.ndarray, np.ndarray]:
    i, j = (
        np.asarray(synapses.variables[v].get_value()) for v in ("_synaptic_pre", "_synaptic_post")
    )
    if select is not None:
        i, j = i[select], j[select]
    return (i, j) if i.size == size else (np.empty(0), np.empty(0))


def _shape(values: np.ndarray, i: np.ndarray, j: np.ndarray) -> tuple[Any, Any]:
    """``(form, family)`` of values that are not all equal."""
    if i.size == values.size and _of_distance(values, np.abs(i - j)):
        return "function", ""
    return "distributed", _family(values)


def _of_distance(values: np.ndarray, distance: np.ndarray) -> bool:
    """Is the value the same wherever the distance between the neurons' numbers is the same?"""
    different, which = np.unique(distance, return_inverse=True)
    if len(different) * 3 > len(values) or len(different) < 3:
        return False
    low = np.full(len(different), np.inf)
    high = np.full(len(different), -np.inf)
    np.minimum.at(low, which, values)
    np.maximum.at(high, which, values)
    return bool(np.all(high - low <= _SAME * np.abs(values).max()))


def _family(values: np.ndarray) -> Any:
    """The distribution that the first moments fit, "" for none or too few values.

    Skewness and excess kurtosis of a sample of n scatter by sqrt(6/n) and sqrt(24/n).
    """
    values = values[:: max(1, len(values) // SAMPLE)]
    n = len(values)
    if n < ENOUGH:
        return ""
    off = 3 * np.sqrt(np.array([6.0, 24.0]) / n)
    skew, tail = _moments(values)
    if abs(skew) < off[0] and abs(tail) < off[1]:
        return "N"
    if abs(skew) < off[0] and abs(tail + 1.2) < off[1] / 2:
        return "U"
    if values.min() > 0:
        skew, tail = _moments(np.log(values))
        if abs(skew) < off[0] and abs(tail) < off[1]:
            return "logN"
        spread = values.std() / values.mean()
        if abs(spread - 1) < 3 / np.sqrt(n) and values.min() < values.mean() * 10 / n:
            return "exp"
    return ""


def _moments(values: np.ndarray) -> tuple[float, float]:
    z = (values - values.mean()) / values.std()
    return float(np.mean(z**3)), float(np.mean(z**4)) - 3.0


def in_unit(values: np.ndarray, dim: Any) -> tuple[float, str]:
    """Size in SI units and name of the unit in which these values are short to write."""
    from brian2 import Quantity
    from brian2.units.fundamentalunits import DIMENSIONLESS

    if dim is DIMENSIONLESS:
        return 1.0, ""
    typical = float(np.abs(values).max()) if values.size else 0.0
    unit = Quantity(typical or 1e-3, dim=dim).get_best_unit()
    return float(unit), str(unit)
