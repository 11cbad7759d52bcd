"""Names and sizes of the axes of a network, as its model writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.brian import internals

from ..term.arrays import Array, Axis
from ..term.terms import time


class Axes:
    """Axes and labels for the arrays of one network.

    symbols : length -> symbol, for lengths that a parameter of the model gives
    signs   : projection -> "excitatory", ...
    """

    def __init__(
        self, actions: Any, symbols: Mapping[int, str] | None = None,
        signs: Mapping[str, str] | None = None,
    ):  # fmt: skip
        self.actions = actions
        self.symbols, self.signs = dict(symbols or {}), dict(signs or {})
        self.time = time()
        self.weights: dict[str, str] = {}

    def of_group(self, name: str, size: int) -> Axis:
        return Axis(name, self.symbols.get(size, ""), size)

    def part(self, part: Any, whole: Any) -> Axis:
        """The axis of a part of a group."""
        size = int(part.N)
        return Axis(f"{whole.name}[{part.start}:{part.stop}]", self.symbols.get(size, ""), size)

    def part_label(self, part: Any) -> str:
        """A letter for a part of a group, its initial where no other part has it."""
        parts = {
            s.source.name for s in self.actions.objects.values()
            if internals.is_synapses(s) and getattr(s.source, "stop", None) is not None
            and int(s.source.N) != int(getattr(s.source, "source", s.source).N)
        }  # fmt: skip
        initials = [n[0].upper() for n in parts]
        one = part.name[0].upper()
        return one if initials.count(one) == 1 else f"{part.start}{{:}}{part.stop}"

    def array(self, key: str) -> Array:
        """The stream of what is kept under a key."""
        t = self.time
        if "!" in key:
            group = key.partition("!")[0]
            n = int(self.actions.objects[group].N)
            return Array((t, self.of_group(group, n)), "bool")
        if "?" in key:
            draw = self.actions.draws[key]
            owner = self.actions.objects[draw.object].group
            return Array((t, self._owned(owner, draw.size)), name="\\xi")
        plain = key.rstrip("+").partition(">")[2] or key.rstrip("+")
        if ">" in plain:
            plain = plain.partition(">")[2]
        owner_name, _, variable = plain.partition(".")
        size = len(self.actions.values[plain])
        datatype = {"b": "bool", "i": "int"}.get(self.actions.values[plain].dtype.kind, "real")
        owner = self.actions.objects.get(owner_name)
        name = "" if plain == key else f"\\Delta {variable}"
        if size == 1 and (owner is None or owner.variables[variable].scalar):
            return Array((t,), datatype, name)  # type: ignore[arg-type]
        return Array((t, self._owned(owner, size)), datatype, name)  # type: ignore[arg-type]

    def _owned(self, owner: Any, size: int) -> Axis:
        from ...read.group_values import whole

        if internals.is_synapses(owner):
            return Axis(f"{owner.name} synapses", "", size)
        group = whole(owner)
        if size != int(group.N):
            return Axis(
                f"{group.name}[{owner.start}:{owner.stop}]", self.symbols.get(size, ""), size
            )
        return self.of_group(group.name, size)

    def lag_label(self, lags: tuple[int, ...]) -> str:
        """``t - d``, the delay in milliseconds."""
        ms = [round(lag * self.actions.dt * 1e3, 9) for lag in (min(lags), max(lags))]
        if len(lags) == 1:
            return f"t-{ms[0]:g}"
        return f"t-[{ms[0]:g},{ms[1]:g}]"

    def title(self, owner: str, synapses: bool) -> str:
        return self.weight(owner, None) if synapses else self.name(owner)

    def weight(self, projection: str, part: int | None) -> str:
        """Letter of a projection: W with a number, the same each time."""
        number = self.weights.setdefault(projection, str(len(self.weights) + 1))
        return f"W_{{{number}}}" if part is None else f"W_{{{number}{chr(97 + part)}}}"

    def function(self, projection: str) -> str:
        """Letter of what a projection makes of its source before it weighs it."""
        return f"f_{{{self.weight(projection, None)[3:-1]}}}"

    def name(self, given: str) -> str:
        return given.replace("_", " ")

    def sign(self, projection: str) -> str:
        return self.signs.get(projection, "")
