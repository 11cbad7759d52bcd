"""An operator with state: statements that run once per step, on arrays kept between steps.

It represents a neuron model or a plastic synapse in a diagram, as a scan over time. Statements are
text in NumPy syntax; everything here is plain data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .arrays import Axis, TermError
from .formula import evaluate_formula
from .operators import Operator, Values, lookup
from .stepping import Stepper
from .terms import time

Keys = str | tuple[str, ...]
WATCH = "watch"  # key of the values for the lists that `watched` returns


@dataclass(frozen=True)
class Ref:
    """Location of a name's values.

    key    : of an array
    index  : keys of index arrays, innermost last; () is the element's own index
    scalar : one number for all elements
    """

    key: str
    index: tuple[str, ...] = ()
    scalar: bool = False


@dataclass(frozen=True)
class Statement:
    """``target operator formula``.

    target : name;  ``ref``: its location, None for a temporary name
    refs   : names in the formula -> their locations; all others are temporary
    only   : written only where this is true
    """

    target: str
    operator: Literal["=", "+=", "-=", "*=", "/="]
    formula: str
    refs: tuple[tuple[str, Ref], ...] = ()
    ref: Ref | None = None
    only: Ref | None = None


@dataclass(frozen=True)
class Product:
    """A function of a row index: that row of a matrix times a vector, or its sum of squares.

    weight  : key of the matrix, row-major;  ``shape``: (rows, columns)
    factors : keys of the arrays whose product is the vector, from element ``start`` on; () for the
              sum of squares
    """

    weight: str
    factors: tuple[str, ...]
    start: int
    shape: tuple[int, int]

    def rows(self, memory: Mapping[str, Any]) -> np.ndarray:
        """Values for all rows, (rows,)."""
        w = np.asarray(memory[self.weight], float).reshape(self.shape)
        if not self.factors:
            return (w * w).sum(axis=1)
        x = np.ones(self.shape[1])
        for key in self.factors:
            x = x * memory[key][self.start : self.start + self.shape[1]]
        return w @ x


@dataclass(frozen=True)
class Action:
    """Statements that run at one point of the step.

    kind    : "all" on every element; "threshold" sets ``target`` to the value of ``_cond``;
              "event" on elements where ``events`` is true; "pathway" on elements whose
              ``source`` (and ``window``) has an event; "sum" sums ``_synaptic_var`` at the
              indices ``source`` into ``target[start:stop]``; "clear" sets ``target`` to zero
    size    : number of elements
    draws   : names in the formulas -> keys of the random numbers
    every   : interval in steps
    late    : belongs to the previous step: does nothing at step 0, and uses its time
    opening : runs at the start of the step, before its states are recorded
    one_by_one : elements depend on each other and are processed in order
    """

    name: str
    kind: Literal["all", "threshold", "event", "pathway", "sum", "clear"]
    size: int
    statements: tuple[Statement, ...] = ()
    target: str = ""
    events: str = ""
    source: str = ""
    window: str = ""
    start: int = 0
    stop: int = 0
    draws: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[str, float], ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    products: tuple[tuple[str, Product], ...] = ()
    dt: float = 0.0
    every: int = 1
    late: bool = False
    opening: bool = False
    one_by_one: bool = False


@dataclass(frozen=True)
class Draw:
    """Random numbers that an object of the network draws in every step.

    object   : its name;  function : that draws them;  call : index of the call in the code
    size     : number of values per call, if all elements take part
    late     : drawn in the step before the one of the term that uses them
    """

    object: str
    function: str
    call: int
    size: int
    late: bool = False


@dataclass(frozen=True)
class Machine(Operator):
    """An operator with state that runs along time.

    program   : its actions in a step, in order
    state     : keys of the arrays that it keeps; their initial values are looked up in the values
    constants : keys of its read-only arrays
    reads     : for each input its key in the program; several keys for an array with an axis of
                variables after time, "" for those that are not read
    writes    : for each output the key returned at the end of the step, or several keys
    single    : keys in ``writes`` that are one number instead of one for each element
    shows     : keys that `watched` can record here
    """

    program: tuple[Action, ...] = ()
    state: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    reads: tuple[Keys, ...] = ()
    writes: tuple[Keys, ...] = ()
    single: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    kind: Literal["neurons", "synapses"] = "neurons"
    equations: str = ""

    def __post_init__(self) -> None:
        for name, keys, arrays in (
            ("takes", self.reads, self.inputs), ("gives", self.writes, self.outputs),
        ):  # fmt: skip
            if len(keys) != len(arrays):
                raise TermError(f"{self.words} {name} {len(arrays)} arrays and names {len(keys)}.")

    @property
    def along(self) -> Axis:  # type: ignore[override]
        return time()

    @property
    def glyph(self) -> str:  # type: ignore[override]
        return "plastic" if self.kind == "synapses" and self.learned else "scan"

    def start(self, values: Values) -> Stepper:
        return _Running(self, values)


class _Running(Stepper):
    def __init__(self, machine: Machine, values: Values):
        self.machine = machine
        self.memory = {k: np.array(lookup(values, k, machine.words)) for k in machine.state}
        self.memory |= {k: np.asarray(lookup(values, k, machine.words)) for k in machine.constants}
        self.functions = {
            key: lookup(values, key, machine.words)
            for a in machine.program
            for _, key in a.functions
        }
        watch = values.get(WATCH, {})
        self.watch = {k: watch[k] for k in machine.shows if k in watch}
        self.k = 0

    def step(self, arrays: list[Any]) -> list[Any]:
        for keys, x in zip(self.machine.reads, arrays, strict=True):
            for key, row in [(keys, x)] if isinstance(keys, str) else zip(keys, x, strict=True):
                if key:
                    self.memory[key] = np.array(row).reshape(
                        -1 if np.ndim(row) == 0 else np.shape(row)
                    )
        looked = not self.watch
        for action in self.machine.program:
            if not (looked or action.late or action.opening):
                self._look()
                looked = True
            self._act(action)
        if not looked:
            self._look()
        self.k += 1
        return [
            self._given(keys) if isinstance(keys, str) else np.stack([self._given(k) for k in keys])
            for keys in self.machine.writes
        ]

    def _given(self, key: str) -> np.ndarray:
        x = np.array(self.memory[key])
        return x.reshape(()) if key in self.machine.single else x

    def _look(self) -> None:
        for key, (every, kept) in self.watch.items():
            if self.k % every == 0:
                kept.append(self.memory[key].copy())

    def _act(self, action: Action) -> None:
        step = self.k - 1 if action.late else self.k
        if step < 0 or step % action.every:
            return
        if action.kind == "clear":
            self.memory[action.target][...] = 0
            return
        chosen = self._chosen(action)
        if chosen is not None and not len(chosen):
            return
        fixed: dict[str, Any] = dict(action.constants)
        fixed |= {name: self.functions[key] for name, key in action.functions}
        fixed |= {name: _Rows(product, self.memory) for name, product in action.products}
        t = (step // action.every) * action.dt
        fixed |= {"t": t, "dt": action.dt, "t_in_timesteps": step // action.every}
        if action.one_by_one and chosen is not None:
            for one in chosen:
                self._run(action, np.array([one]), dict(fixed))
        else:
            self._run(action, chosen, fixed)

    def _chosen(self, action: Action) -> np.ndarray | None:
        """Indices of the elements that an action runs on; None for all."""
        if action.kind == "event":
            return np.flatnonzero(self.memory[action.events])
        if action.kind == "pathway":
            events = self.memory[action.events]
            row = self.memory[action.source] - action.start
            hit = events[self.memory[action.window], row] if action.window else events[row]
            return np.flatnonzero(hit)
        if action.one_by_one:
            return np.arange(action.size)
        return None

    def _run(self, action: Action, chosen: np.ndarray | None, scope: dict[str, Any]) -> None:
        for name, key in action.draws:
            drawn = self.memory[key]
            scope[name] = drawn if chosen is None or drawn.ndim == 0 else drawn[chosen]
        for s in action.statements:
            for name, ref in s.refs:
                scope[name] = self._get(ref, chosen)
            value = evaluate_formula(s.formula, scope)
            if s.ref is None:
                scope[s.target] = value
            else:
                self._put(s, value, chosen)
        if action.kind == "threshold":
            found = np.asarray(scope["_cond"], dtype=bool)
            self.memory[action.target] = np.array(np.broadcast_to(found, (action.size,)))
        elif action.kind == "sum":
            values = np.broadcast_to(np.asarray(scope["_synaptic_var"], float), (action.size,))
            places = self.memory[action.source] - action.start
            self.memory[action.target][action.start : action.stop] = np.bincount(
                places, weights=values, minlength=action.stop - action.start
            )

    def _place(self, ref: Ref, chosen: np.ndarray | None) -> Any:
        if ref.scalar:
            return 0
        place: Any = chosen
        for key in reversed(ref.index):
            table = self.memory[key]
            place = table if place is None else table[place]
        return place

    def _get(self, ref: Ref, chosen: np.ndarray | None) -> Any:
        array = self.memory[ref.key]
        place = self._place(ref, chosen)
        return array if place is None else array.reshape(-1)[place]

    def _put(self, s: Statement, value: Any, chosen: np.ndarray | None) -> None:
        assert s.ref is not None
        array = self.memory[s.ref.key]
        place = self._place(s.ref, chosen)
        if place is None:
            place = np.arange(len(array))
        if s.only is not None:
            allowed = np.asarray(self._get(s.only, chosen), dtype=bool)
            allowed = np.broadcast_to(allowed, np.shape(place))
            value = np.broadcast_to(value, np.shape(place))[allowed]
            place = place[allowed]
        if s.operator == "=":
            array[place] = value
        else:
            _ADDING[s.operator].at(array, place, value)


class _Rows:
    """A `Product` as a function for formulas."""

    def __init__(self, product: Product, memory: Mapping[str, Any]):
        self.product, self.memory = product, memory

    def __call__(self, row: Any) -> np.ndarray:
        return self.product.rows(self.memory)[np.asarray(row, int)]


_ADDING = {"+=": np.add, "-=": np.subtract, "*=": np.multiply, "/=": np.divide}


def watched(values: Values, keys: Mapping[str, int]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Prepare values so that an evaluation also records internal states.

    keys    : key of an array, such as "neurons.v" -> recording interval in steps
    returns : the values for the evaluation, and lists filled with the states at the start of steps
    """
    lists: dict[str, list[Any]] = {k: [] for k in keys}
    return {**values, WATCH: {k: (keys[k], kept) for k, kept in lists.items()}}, lists


def increments(action: Action, values: Values, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Increment of each synapse of a pathway that only adds.

    keys    : keys of the increments
    returns : key -> (n_synapses,)
    """
    machine = Machine(name=action.name, constants=tuple(k for k in _keys(action) if k in values))
    running = _Running(machine, values)
    scope: dict[str, Any] = {**dict(action.constants), "dt": action.dt}
    added = {key: np.zeros(action.size) for key in keys}
    for s in action.statements:
        for name, ref in s.refs:
            scope[name] = running._get(ref, np.arange(action.size))
        value = evaluate_formula(s.formula, scope)
        if s.ref is None:
            scope[s.target] = value
        else:
            added[s.ref.key] = added[s.ref.key] + (value if s.operator == "+=" else -value)
    return added


def _keys(action: Action) -> set[str]:
    return {k for s in action.statements for _, r in s.refs for k in (r.key, *r.index)}
