"""The objects of a Brian2 network as statements of a script that makes the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..brian.internals import pathways, refractory
from ..errors import BuildError
from .equations import block, equation, synaptic_equations
from .row_sums import RowSums
from .schedule import schedule
from .values import Data, number, quantity, unit

RESERVED = (
    "b2", "np", "data", "net", "spikes", "states", "Path", "changes", "ticks", "found", "here",
    "row_sums", "functions", "make_changes", "set_constant", "populations",
)  # fmt: skip
NOT_STATES = ("N", "i", "j", "t", "dt", "t_in_timesteps", "lastupdate")


class Objects:
    """Statements for the objects of a network, in an order in which they can be made.

    namespace : of the run
    own_names : name of an object -> the one that it has without the workbench; these decide the
                order in which Brian2 does what it does at the same time
    monitors  : with what records states, which has no effect
    raises    : BuildError, with the reason, for what cannot be written down
    """

    def __init__(
        self,
        net: Any,
        namespace: Mapping[str, Any],
        own_names: Mapping[str, str],
        monitors: bool = False,
    ):
        import brian2

        self.namespace, self.own_names, self.monitors = namespace, own_names, monitors
        self.data = Data()
        self.lines: list[str] = []
        self.variables: dict[str, str] = {}  # name of an object -> its variable
        self._functions: set[str] = set()
        self.row_sums = RowSums(self.variable)
        # Brian2 makes synapses with code of their own a part of their source.
        parts = {
            id(p) for o in net.objects for p in o.contained_objects
            if not isinstance(p, brian2.Synapses)
        }  # fmt: skip
        self.top = sorted(
            (o for o in net.objects if id(o) not in parts and not o.name.startswith("workbench_")),
            key=lambda o: o.name,
        )
        self._inside = list(net.sorted_objects)

    def write(self) -> None:
        """Fill ``lines``, ``data`` and ``variables``."""
        import brian2

        monitors = (brian2.EventMonitor, brian2.StateMonitor, brian2.PopulationRateMonitor)
        waiting = [
            o for o in self.top if not isinstance(o, monitors) and type(o).__name__ != "Subgroup"
        ]
        makers: list[tuple[Any, Any]] = [
            (brian2.SpatialNeuron, None),
            (brian2.NeuronGroup, self._neurons),
            (brian2.PoissonGroup, self._poisson_group),
            (brian2.SpikeGeneratorGroup, self._generator),
            (brian2.Synapses, self._synapses),
            (brian2.PoissonInput, self._poisson_input),
        ]
        known = tuple(kind for kind, _ in makers)
        for thing in waiting:
            if not isinstance(thing, known) and not _is_regular(thing):
                raise _not_possible(thing)
        links = [o for o in waiting if isinstance(o, brian2.NeuronGroup)]
        for kind, make in makers:
            if kind is brian2.Synapses:  # all groups are there, and conditions may use the links
                for group in links:
                    self._linked(group)
            mine = [o for o in waiting if isinstance(o, kind)]
            if mine and make is None:
                raise _not_possible(mine[0])
            while mine:  # synapses onto synapses wait for these
                ready = [o for o in mine if self._ends_known(o)] or mine[:1]
                for thing in ready:
                    make(thing)
                mine = [o for o in mine if o not in ready]
            waiting = [o for o in waiting if not isinstance(o, kind)]
        self.lines += self.row_sums.lines()
        for thing in waiting:
            self._regular(thing)
        for thing in list(self.top):
            for part in thing.contained_objects:
                if _is_regular(part):
                    self._regular(part)
        for thing in self.top if self.monitors else ():
            if isinstance(thing, brian2.StateMonitor):
                self._state_monitor(thing)

    @property
    def made(self) -> list[str]:
        """The variables of the objects that belong into a network."""
        return [self.variables[o.name] for o in self.top if o.name in self.variables]

    # -- names ---------------------------------------------------------------------------------

    def variable(self, thing: Any) -> str:
        """How the script calls an object or a part of a group."""
        import brian2

        if isinstance(thing, brian2.Subgroup):
            return f"{self.variable(thing.source)}[{int(thing.start)}:{int(thing.stop)}]"
        if thing.name not in self.variables:
            taken = {*self.variables.values(), *RESERVED}
            name = thing.name
            while name in taken:
                name += "_"
            self.variables[thing.name] = name
        return self.variables[thing.name]

    def _name(self, thing: Any) -> str:
        return repr(self.own_names.get(thing.name, thing.name))

    def _ends_known(self, thing: Any) -> bool:
        import brian2

        ends = (getattr(thing, "source", None), getattr(thing, "target", None))
        return all(e.name in self.variables for e in ends if isinstance(e, brian2.Synapses))

    def _clock(self, clock: Any) -> str:
        if clock.name not in self.variables:
            text = f"b2.Clock({quantity(clock.dt)}, name={clock.name!r})"
            if clock.name == "defaultclock":
                self.lines.append(f"b2.defaultclock.dt = {quantity(clock.dt)}")
                self.variables[clock.name] = "b2.defaultclock"
            else:
                self.lines.append(f"{self.variable(clock)} = {text}")
        return self.variables[clock.name]

    # -- kinds of objects --------------------------------------------------------------------------

    def _neurons(self, group: Any) -> None:
        events = dict(group.events)
        codes = [*(v for v in events.values() if v), *group.event_codes.values()]
        given: dict[str, str] = {"method": _method(group)}
        threshold = events.pop("spike", None)
        if threshold is not None:
            given["threshold"] = repr(threshold)
        if "spike" in group.event_codes:
            given["reset"] = repr(group.event_codes["spike"])
        if events:
            given["events"] = repr(events)
        rest = refractory(group)
        if rest is not False:
            plain = isinstance(rest, str | bool)
            given["refractory"] = repr(rest) if plain else quantity(rest)
            codes += [rest] if isinstance(rest, str) else []
        equations = list(group.user_equations.values())
        codes += [str(e.expr.code) for e in equations if e.expr is not None]
        text = "\n".join(equation(e) for e in equations)
        self._group(group, "NeuronGroup", [str(len(group)), block(text)], given, codes)
        me = self.variable(group)
        for event, code in group.event_codes.items():
            if event != "spike":
                self.lines.append(f"{me}.run_on_event({event!r}, {code!r})")
        self.lines += schedule(group, me)
        self._states(group)

    def _linked(self, group: Any) -> None:
        for e in group.user_equations.values():
            if "linked" in e.flags:
                variable = group.variables[e.varname]
                if group.variables.indices[e.varname] not in ("_idx", "0"):
                    raise BuildError(
                        f"{group.name}.{e.varname} is linked with an index of its own: such a "
                        "network cannot be written as a script."
                    )
                source = f"{self.variable(variable.owner)}, {variable.name!r}"
                self.lines.append(f"{self.variable(group)}.{e.varname} = b2.linked_var({source})")

    def _poisson_group(self, group: Any) -> None:
        expression = getattr(group.variables["rates"], "expr", None)
        rates = repr(expression) if expression is not None else "0 * b2.hertz"
        codes = [expression] if expression is not None else []
        self._group(group, "PoissonGroup", [str(len(group)), rates], {}, codes)
        self._states(group)

    def _generator(self, group: Any) -> None:
        values = {k: group.variables[k].get_value() for k in ("neuron_index", "spike_time")}
        texts = [self.data.text(f"{group.name}.{k}", np.array(v)) for k, v in values.items()]
        n = len(values["neuron_index"])
        if n and any(not t.startswith(("data[", "np.")) for t in texts):
            texts = [t if t.startswith(("data[", "np.")) else f"np.full({n}, {t})" for t in texts]
        given = {"period": f"{number(group.variables['period'].get_value()[0])} * b2.second"}
        if not n:
            texts = ["[]", "[]"]
        arguments = [str(group.N), texts[0], f"{texts[1]} * b2.second"]
        self._group(group, "SpikeGeneratorGroup", arguments, given, [])

    def _poisson_input(self, thing: Any) -> None:
        import brian2

        if type(thing) is not brian2.PoissonInput:
            self._regular(thing)
            return
        weight = thing.weight
        texts = [
            self.variable(thing.group), repr(thing.target_var), number(thing.N),
            quantity(thing.rate), repr(weight) if isinstance(weight, str) else quantity(weight),
            f"when={thing.when!r}", f"order={thing.order}",
        ]  # fmt: skip
        self.lines.append(f"{self.variable(thing)} = b2.PoissonInput({', '.join(texts)})")

    def _synapses(self, synapses: Any) -> None:
        found = pathways(synapses)
        given: dict[str, str] = {"method": _method(synapses)}
        codes, delays, events = [], {}, {}
        for side in ("pre", "post"):
            mine = {p.objname: p for p in found if p.prepost == side}
            if mine:
                given[f"on_{side}"] = repr({k: p.code for k, p in mine.items()})
            for name, p in mine.items():
                codes.append(p.code)
                delay = p.variables["delay"]
                if delay.scalar:
                    delays[name] = f"{number(delay.get_value()[0])} * b2.second"
                if p.event != "spike":
                    events[name] = p.event
        if delays:
            inner = ", ".join(f"{k!r}: {v}" for k, v in delays.items())
            given["delay"] = f"{{{inner}}}"
        if events:
            given["on_event"] = repr(events)
        if synapses.multisynaptic_index is not None:
            given["multisynaptic_index"] = repr(synapses.multisynaptic_index)
        lines, expressions = synaptic_equations(synapses)
        ends = [self.variable(synapses.source), self.variable(synapses.target)]
        arguments = [*ends, block("\n".join(lines))]
        self._group(synapses, "Synapses", arguments, given, [*codes, *expressions])
        self._connect(synapses, found)

    def _state_monitor(self, thing: Any) -> None:
        record = np.asarray(thing.record)
        self.lines.append(
            f"{self.variable(thing)} = b2.StateMonitor({self.variable(thing.source)}, "
            f"{list(thing.record_variables)!r}, record={record.tolist()!r}, "
            f"clock={self._clock(thing.clock)}, name={self._name(thing)})"
        )

    def _connect(self, synapses: Any, found: Iterable[Any]) -> None:
        me, name = self.variable(synapses), synapses.name
        if not len(synapses):
            self.lines.append(f'{me}.connect(condition="False")')
            return
        pairs = {k: np.asarray(getattr(synapses, k)[:]) for k in "ij"}
        for k, values in pairs.items():
            self.data.arrays[f"{name}.{k}"] = values
        self.lines.append(f"{me}.connect(i=data[{f'{name}.i'!r}], j=data[{f'{name}.j'!r}])")
        for p in found:
            delay = p.variables["delay"]
            if not delay.scalar and delay.get_value().any():
                text = self.data.text(f"{name}.{p.objname}.delay", delay.get_value())
                self.lines.append(f"{me}.{p.objname}.variables['delay'].set_value({text})")
        self.lines += schedule(synapses, me)
        self._states(synapses)

    def _regular(self, part: Any) -> None:
        """``run_regularly``, or what acts like it."""
        self._clock(part.clock)
        self.lines.append(
            f"{self.variable(part)} = {self.variable(part.group)}.run_regularly(\n"
            f"    {block(part.abstract_code)}, clock={self._clock(part.clock)},\n"
            f"    when={part.when!r}, order={part.order}, name={self._name(part)},\n)"
        )

    # -- what all have -----------------------------------------------------------------------------

    def _group(
        self, group: Any, kind: str, arguments: list[str], given: dict[str, str], codes: list[str]
    ) -> None:
        clock = self._clock(group.clock)
        if kind != "SpikeGeneratorGroup":
            given["namespace"] = self._names(group, codes)
        given |= {"clock": clock, "order": str(group.order), "name": self._name(group)}
        body = ",\n    ".join([", ".join(arguments), *(f"{k}={v}" for k, v in given.items())])
        self.lines += ["", f"{self.variable(group)} = b2.{kind}(\n    {body},\n)"]

    def _names(self, group: Any, codes: list[str]) -> str:
        """The names that its code uses and that are no variables of it."""
        import brian2
        from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS, DEFAULT_UNITS
        from brian2.utils.stringtools import get_identifiers

        own = getattr(group, "namespace", None) or {}
        usual = {**DEFAULT_CONSTANTS, **DEFAULT_FUNCTIONS, **DEFAULT_UNITS}
        codes = [*codes, *(o.abstract_code for o in self._inside if _runs_code_of(o, group))]
        used = sorted(set().union(*(get_identifiers(c) for c in codes)))
        found = []
        for name in used:
            space = own if name in own else self.namespace
            if name in group.variables or name not in space or space[name] is usual.get(name):
                continue
            value = space[name]
            if name in DEFAULT_FUNCTIONS and not isinstance(value, brian2.Function):
                continue  # ``sqrt`` of a package means that of Brian2
            if self.row_sums.take(name, value):
                continue
            if isinstance(value, brian2.TimedArray):
                found.append(f"{name!r}: {self._timed(value)}")
            elif isinstance(value, brian2.Function) or callable(value):
                raise BuildError(
                    f"{group.name} uses the function {name!r}, which is Python code: such a "
                    "network cannot be written as a script."
                )
            elif np.ndim(value) == 0 and not isinstance(value, str):
                found.append(f"{name!r}: {quantity(value)}")
        return "{" + ", ".join(found) + "}"

    def _timed(self, array: Any) -> str:
        name = self.variable(array)
        if array.name not in self._functions:
            self._functions.add(array.name)
            self.data.arrays[name] = np.asarray(array.values)
            scale = unit(array.dim)
            self.lines.append(
                f"{name} = b2.TimedArray(data[{name!r}]{f' * {scale}' if scale else ''}, "
                f"dt={number(float(array.dt))} * b2.second, name={array.name!r})"
            )
        return name

    def _states(self, group: Any) -> None:
        """Give its variables the values that they have."""
        from brian2.core.variables import ArrayVariable

        for name, variable in sorted(group.variables.items()):
            own = isinstance(variable, ArrayVariable) and variable.owner is not None
            if not own or variable.owner.name != group.name or variable.name != name:
                continue
            if variable.read_only or name.startswith("_") or name in NOT_STATES:
                continue
            values = np.array(variable.get_value())
            usual = {"lastspike": -1e4, "not_refractory": True}.get(name, 0)
            if values.size and (values != usual).any():
                text = self.data.text(f"{group.name}.{name}", values)
                self.lines.append(f"{self.variable(group)}.variables[{name!r}].set_value({text})")


def _is_regular(thing: Any) -> bool:
    from brian2.groups.group import CodeRunner

    return type(thing) is CodeRunner


def _runs_code_of(thing: Any, group: Any) -> bool:
    import brian2
    from brian2.groups.group import CodeRunner

    kinds = isinstance(thing, brian2.PoissonInput) or type(thing) is CodeRunner
    return kinds and thing.group.name == group.name


def _method(group: Any) -> str:
    updater = group.state_updater
    choice = ("exact", "euler", "heun") if updater is None else updater.method_choice
    options = getattr(updater, "method_options", None)
    names = isinstance(choice, str) or all(isinstance(c, str) for c in choice)
    if not names or options:
        raise BuildError(
            f"{group.name} is integrated by a method of its own: such a network cannot be "
            "written as a script."
        )
    return repr(choice)


def _not_possible(thing: Any) -> BuildError:
    what = type(thing).__name__
    return BuildError(f"{thing.name} is a {what}: such a network cannot be written as a script.")
