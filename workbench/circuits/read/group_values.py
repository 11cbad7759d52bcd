"""Evaluate names in Brian2 code without running it: values of groups and of synapses."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from ...brian import internals
from ...engine.cells import membrane_equation

_MEMBRANE = ("v", "V", "vm", "Vm", "V_m", "v_m", "u", "U")
# Names given only at the run are assumed positive if their prefix implies it.
_POSITIVE = ("tau", "R", "C", "dt", "t_")
_REST_V = -0.06  # membrane potential at which equations in volts are evaluated by default


def whole(group: Any) -> Any:
    """Parent group of a subgroup; other groups are returned unchanged."""
    return group.source if hasattr(group, "start") and hasattr(group, "source") else group


def identifiers(expression: str) -> list[str]:
    """Names in an expression, in order, without repetition."""
    tree = ast.parse(expression.strip(), mode="eval")
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    names.sort(key=lambda n: (n.lineno, n.col_offset))
    return list(dict.fromkeys(n.id for n in names))


class Values:
    """Evaluates expressions with NumPy; subclasses provide the variables."""

    def __init__(self, namespace: dict[str, Any] | None, size: int):
        self.namespace = dict(namespace or {})
        self.size = size
        self.rng = np.random.default_rng(0)  # not Brian2's generator: reading must not affect a run
        self.unknown: dict[str, float] = {}

    def evaluate(self, expression: str, **fixed: Any) -> Any:
        """Value of an expression in SI units; ``fixed`` overrides variables."""
        return self._evaluate(expression, fixed, frozenset())

    def variable(self, name: str) -> Any:
        """Brian2 variable of that name, or None."""
        raise NotImplementedError

    def array(self, name: str, variable: Any) -> Any:
        """Present value of an array variable."""
        raise NotImplementedError

    def _evaluate(self, expression: str, fixed: dict[str, Any], seen: frozenset[str]) -> Any:
        scope = {n: self._value(n, fixed, seen) for n in identifiers(expression)}
        scope |= {"logical_and": np.logical_and, "logical_or": np.logical_or}
        scope |= {"logical_not": np.logical_not}
        rendered = internals.numpy_source(expression.replace("\n", " "))
        with np.errstate(all="ignore"):
            return eval(rendered, {"__builtins__": {}}, scope)

    def _value(self, name: str, fixed: dict[str, Any], seen: frozenset[str]) -> Any:
        if name in fixed:
            return fixed[name]
        if name in seen:
            raise ValueError(f"{name} is defined by itself")
        variable = self.variable(name)
        kind = type(variable).__name__
        if kind == "Subexpression":
            return self._evaluate(variable.expr, fixed, seen | {name})
        if kind == "AuxiliaryVariable" and name.split("_")[0] == "xi":
            return 0.0  # white noise at its mean
        if variable is not None and hasattr(variable, "get_value"):
            return self.array(name, variable)
        return self._constant(name)

    def _constant(self, name: str) -> Any:
        from brian2.core.functions import DEFAULT_CONSTANTS, Function
        from brian2.units.allunits import all_units
        from brian2.units.stdunits import stdunits

        if name in _FUNCTIONS:
            return _FUNCTIONS[name](self)
        if name in self.namespace:
            value = self.namespace[name]
            if isinstance(value, Function):
                return value.pyfunc
            return value if callable(value) else np.asarray(value, dtype=float)[()]
        if name in DEFAULT_CONSTANTS:
            return DEFAULT_CONSTANTS[name].get_value()
        if name in stdunits:
            return float(stdunits[name])
        for unit in all_units:
            if str(unit) == name or getattr(unit, "name", "") == name:
                return float(unit)
        return self._guess(name)

    def _guess(self, name: str) -> float:
        """Random value for a name known only at the run; redrawn after ``unknown`` is cleared."""
        if name not in self.unknown:
            value = float(10 ** self.rng.uniform(-2, 2))
            signed = not name.startswith(_POSITIVE) and self.rng.random() < 0.5
            self.unknown[name] = -value if signed else value
        return self.unknown[name]


_FUNCTIONS: dict[str, Any] = {
    name: (lambda values, f=f: f)
    for name, f in {
        "abs": np.abs, "arccos": np.arccos, "arcsin": np.arcsin, "arctan": np.arctan,
        "ceil": np.ceil, "clip": np.clip, "cos": np.cos, "cosh": np.cosh, "exp": np.exp,
        "exprel": lambda x: np.where(np.abs(x) < 1e-9, 1.0, np.expm1(x) / np.where(x == 0, 1, x)),
        "expm1": np.expm1, "floor": np.floor, "int": lambda x: np.asarray(x).astype(int),
        "log": np.log, "log10": np.log10, "log1p": np.log1p, "sign": np.sign, "sin": np.sin,
        "sinh": np.sinh, "sqrt": np.sqrt, "tan": np.tan, "tanh": np.tanh,
    }.items()
} | {
    "rand": lambda values: lambda *_: values.rng.random(values.size),
    "randn": lambda values: lambda *_: values.rng.standard_normal(values.size),
    "poisson": lambda values: lambda lam, *_: values.rng.poisson(lam, values.size),
}  # fmt: skip


class GroupState(Values):
    """The typical neuron of a group: medians, with the membrane between reset and threshold."""

    def __init__(self, group: Any, namespace: dict[str, Any] | None = None):
        super().__init__({**(namespace or {}), **(group.namespace or {})}, 1)
        self.group = group
        self.whole = whole(group)
        self.slice = slice(getattr(group, "start", 0), getattr(group, "stop", None))
        equations = group.equations
        self.derivatives = (
            {n: str(equations[n].expr) for n in equations.diff_eq_names} if equations else {}
        ) | membrane_equation(self.whole)
        self.replace_zeros = False
        self.membrane = self._membrane()
        self.probes = self._probes(self.membrane) if self.membrane else []

    def variable(self, name: str) -> Any:
        return self.whole.variables.get(name)

    def array(self, name: str, variable: Any) -> Any:
        value = np.atleast_1d(np.asarray(variable.get_value()))
        if not variable.scalar and value.size == self.whole.N:
            value = value[self.slice]
        typical = float(np.median(value)) if value.size else 0.0
        if self.replace_zeros and typical == 0 and name not in self.derivatives:
            return typical if _in_volt(variable) else 1.0
        return typical

    def effect(self, name: str, change: float) -> str:
        """Effect on the membrane of adding ``change`` to a variable: "rise", "fall" or "none"."""
        if self.membrane is None:
            return _direction(change) if self._is_algebraic(name) else "none"
        if name == self.membrane or name not in self.whole.variables:
            return _direction(change) if name == self.membrane else "none"
        effects = set()
        for _ in range(5):  # names given only at the run take new random values each time
            self.unknown = {}
            effects.add(self._effect(name, change))
            if not self.unknown:
                break
        return effects.pop() if len(effects) == 1 else "none"

    def response(self, name: str, step: float) -> str:
        """Effect of increasing a given function of time by ``step``: "rise", "fall" or "none".

        name : a function in the equations, such as a ``TimedArray``
        """
        rates = []
        for v in self.probes:
            values = [
                float(self.evaluate(expression, **{str(self.membrane): v, "not_refractory": True,
                                                   name: lambda *_, s=s: s}))
                for s in (0.0, step)
                for expression in (self.derivatives[str(self.membrane)],)
            ]  # fmt: skip
            rates.append(values[1] - values[0])
        return _direction(next((r for r in rates if r), 0.0))

    def _is_algebraic(self, name: str) -> bool:
        """True for a variable of a group without dynamics, whose input is its output."""
        return not self.derivatives and name in self.whole.variables

    def _effect(self, name: str, change: float) -> str:
        for self.replace_zeros in (False, True):  # a gain that is zero now may change later
            for v in self.probes:
                rate = self._reach(name, change, v)
                if rate:
                    return _direction(rate)
        return "none"

    def _reach(self, name: str, change: float, v: float) -> float:
        """Change of dv/dt, directly or through other variables of the neuron."""
        seen, front = {name}, {name: change}
        for _ in range(4):
            following: dict[str, float] = {}
            for via, step in front.items():
                for state, expression in self.derivatives.items():
                    difference = self._difference(expression, via, step, v)
                    if not difference:
                        continue
                    if state == self.membrane:
                        return difference
                    if state not in seen:
                        following[state] = difference * 1e-3  # after one millisecond
            seen |= set(following)
            front = following
        return 0.0

    def _difference(self, expression: str, name: str, step: float, v: float) -> float:
        from brian2 import DimensionMismatchError

        fixed: dict[str, Any] = {str(self.membrane): v, "not_refractory": True}
        try:
            now = fixed[name] if name in fixed else self._value(name, fixed, frozenset())
            before = float(self.evaluate(expression, **{**fixed, name: now}))
            after = float(self.evaluate(expression, **{**fixed, name: now + step}))
        except (TypeError, NameError, AttributeError, ValueError, DimensionMismatchError):
            return 0.0  # the last one from a function that wants units, as a TimedArray does
        difference = after - before
        scale = max(abs(before), abs(after))
        return difference if np.isfinite(difference) and abs(difference) > 1e-12 * scale else 0.0

    def _membrane(self) -> str | None:
        threshold = getattr(self.whole, "events", {}).get("spike")
        asked = identifiers(threshold) if isinstance(threshold, str) else []
        states = [n for n in asked if n in self.derivatives]
        for name in _MEMBRANE:
            if name in states or (not states and name in self.derivatives):
                return name
        if states:
            return states[0]
        if not asked and self.derivatives:  # a rate unit: the first state variable is its activity
            return next(n for n in self.whole.equations if n in self.derivatives)
        # A unit without equations that spikes when driven: the drive itself.
        plain = [n for n in asked if n in self.whole.variables]
        return plain[0] if plain and not self.derivatives else None

    def _probes(self, membrane: str) -> list[float]:
        """Membrane values at which the effect is evaluated, in order of preference."""
        threshold = self._compared()
        codes = getattr(self.whole, "event_codes", {}) or {}
        reset = None
        for line in ast.parse(str(codes.get("spike", "")) or "pass").body:
            if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == membrane:
                reset = self._number(ast.unparse(line.value))
        present = self.array(membrane, self.variable(membrane))
        probes = [(threshold + reset) / 2] if threshold is not None and reset is not None else []
        if _in_volt(self.variable(membrane)):
            return [*probes, present, _REST_V] if present else [*probes, _REST_V, present]
        # A divisive effect is visible only if the value is not zero.
        return [*probes, present, 1.0]

    def _compared(self) -> float | None:
        threshold = getattr(self.whole, "events", {}).get("spike")
        if not isinstance(threshold, str):
            return None
        for node in ast.walk(ast.parse(threshold.strip(), mode="eval")):
            if isinstance(node, ast.Compare) and getattr(node.left, "id", "") == self.membrane:
                return self._number(ast.unparse(node.comparators[0]))
        return None

    def _number(self, expression: str) -> float | None:
        self.unknown = {}
        try:
            value = float(np.asarray(self.evaluate(expression)).ravel()[0])
        except Exception:
            return None
        return value if np.isfinite(value) and not self.unknown else None


def _direction(change: float) -> str:
    return "rise" if change > 0 else "fall" if change < 0 else "none"


def _in_volt(variable: Any) -> bool:
    from brian2 import have_same_dimensions, volt

    return bool(have_same_dimensions(variable.dim, volt.dim))
