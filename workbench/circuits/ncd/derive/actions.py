"""Operations of a Brian2 network in one time step, as plain actions in execution order.

The statements are Brian2's own: its integration methods, its refractoriness, the code of its
pathways. They are executed by our own code (`workbench.circuits.ncd.term.program`), so that the
comparison of the two is a test.
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from workbench.brian import internals

from ...read.effect import assignments
from ...read.group_values import whole
from ..term.arrays import TermError
from ..term.program import Action, Draw, Ref, Statement
from .names import Names

_log = logging.getLogger(__name__)


@dataclass
class Step:
    """One action, its owner, and the arrays that it accesses.

    lags   : of a pathway, the distinct delays from a spike to its arrival, in steps
    events : key of the events that trigger a pathway
    added  : keys of its increments -> variables that they are added to
    target : of a sum over synapses, the variable that it is written to
    spiked : age of the spikes that it sees, in steps, before its delay
    """

    owner: str
    action: Action
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    pathway: Any = None
    events: str = ""
    lags: tuple[int, ...] = ()
    added: dict[str, str] = field(default_factory=dict)
    target: str = ""
    spiked: int = 1


def event_key(group: str, event: str = "spike") -> str:
    """Key of a group's events: a boolean array of the neurons that spike in a step."""
    return f"{group}!{event}"


class Actions:
    """Converts a network to `Step`s.

    values  : key -> array with its present values, or function
    sources : groups that only send, whose spikes are inputs: key of events -> size
    draws   : key of random numbers -> the object that draws them
    sums    : key of the total increment of a variable -> keys of the increments
    """

    def __init__(self, net: Any, namespace: Mapping[str, Any] | None = None):
        self.net = net
        self.values: dict[str, Any] = {}
        self.draws: dict[str, Draw] = {}
        self.sums: dict[str, list[str]] = {}
        self.steps: list[Step] = []
        self.objects = {o.name: o for o in net.sorted_objects if getattr(o, "active", True)}
        self.dt = min(float(o.clock.dt) for o in self.objects.values())
        self.sources = self._find_sources()
        self.names = Names(self.values, dict(namespace or {}))
        late = _lateness(net)
        before: list[Step] = []
        after: list[Step] = []
        for o in self.objects.values():
            made = self._steps(o, late(o))
            (before if late(o) else after).extend(made)
        self.steps = [*before, *after]
        self._find_spikes()
        self._gather_arrivals()

    # -- objects and their actions -------------------------------------------------------------

    def _find_sources(self) -> dict[str, int]:
        import brian2

        written = _written_from_outside(self.objects.values())
        found = {}
        for o in self.objects.values():
            sends = isinstance(o, brian2.PoissonGroup | brian2.SpikeGeneratorGroup)
            if isinstance(o, brian2.NeuronGroup) and not isinstance(o, brian2.Subgroup):
                still = not o.equations.diff_eq_names and "spike" in o.events
                sends = still and o.name not in written
            if sends:
                found[event_key(o.name)] = int(o.N)
        return found

    def _steps(self, o: Any, late: bool) -> list[Step]:
        import brian2
        from brian2.groups.group import CodeRunner
        from brian2.groups.neurongroup import Resetter, Thresholder
        from brian2.monitors.ratemonitor import PopulationRateMonitor
        from brian2.synapses.synapses import SummedVariableUpdater, SynapticPathway

        if isinstance(o, brian2.EventMonitor | brian2.StateMonitor | PopulationRateMonitor):
            return []
        if isinstance(o, brian2.NetworkOperation):
            if o.name.startswith("workbench_"):
                return []
            raise TermError(
                f"{o.name} is a Python function that runs inside the network: no term can be "
                "derived from it. Let the model declare its own, in term()."
            )
        if not isinstance(o, CodeRunner) or isinstance(o, brian2.SpikeSource):
            return []  # groups: the objects that they contain do the work
        if type(o).__name__ == "SpatialStateUpdater":
            raise TermError(
                f"{o.name} solves a cable equation: no term can be derived from it. Let the model "
                "declare its own, in term()."
            )
        group = o.group
        if event_key(whole(group).name) in self.sources:
            return []
        o.update_abstract_code(run_namespace=self.names.namespace)
        every = round(float(o.clock.dt) / self.dt)
        base = {
            "name": o.name, "dt": float(o.clock.dt), "every": every, "late": late,
            "opening": o.when == "before_start",
        }  # fmt: skip
        if isinstance(o, SynapticPathway):
            return self._pathway(o, base)
        if isinstance(o, SummedVariableUpdater):
            return self._summed(o, base)
        if not o.abstract_code.strip():
            return []
        owner = whole(group).name
        size = len(group) if internals.is_synapses(group) else int(group.N)
        if isinstance(o, Thresholder):
            key = event_key(owner, o.event)
            self._new(key, np.zeros(size, bool))
            more = []
            kept = internals.refractory(o.group) is not False and o.event == "spike"
            step = self._code(o, Action(**base, kind="threshold", size=size, target=key))
            step.writes.add(key)
            if kept:  # Brian2's code template for refractory groups also does this
                after = Action(**base, kind="event", size=size, events=key)
                more.append(self._lines(o, after, "lastspike = t\nnot_refractory = False", True))
                more[0].reads.add(key)
            return [step, *more]
        if isinstance(o, Resetter):
            key = event_key(owner, o.event)
            step = self._code(o, Action(**base, kind="event", size=size, events=key), True)
            step.reads.add(key)
            return [step]
        step = self._code(o, Action(**base, kind="all", size=size))
        products = step.action.products
        if len(products) == 1 and len(step.action.statements) == 1:
            # A matrix product of a projection belongs to the projection.
            step.owner = products[0][1].weight.partition(".")[0]
        return [step]

    def _code(self, o: Any, action: Action, override: bool = False) -> Step:
        return self._lines(o, action, o.abstract_code, override)

    def _lines(self, o: Any, action: Action, code: str, override: bool) -> Step:
        """Convert Brian2's abstract code to statements and resolve every name."""
        step = Step(whole(o.group).name, action)
        extra = getattr(o, "variables", None)
        scope = self.names.scope(o.group, extra, o.name)
        statements: list[Statement] = []
        for line in ast.parse("\n".join(x.strip() for x in code.splitlines())).body:
            statements += scope.statement(line, override)
        for s in statements:
            for _, ref in s.refs:
                step.reads |= {ref.key, *ref.index}
            for written in (s.ref, s.only):
                if written is not None:
                    step.reads |= set(written.index) | {written.key}
            if s.ref is not None:
                step.writes.add(s.ref.key)
        draws = tuple((local, f"{o.name}?{local}") for local, _, _ in scope.draws)
        for local, function, number in scope.draws:
            self.draws[f"{o.name}?{local}"] = Draw(
                o.name, function, number, action.size, action.late
            )
        step.reads |= {key for _, key in draws}
        for product in scope.products.values():
            step.reads |= {product.weight, *product.factors}
        step.action = replace(
            action,
            statements=tuple(statements),
            draws=draws,
            constants=tuple(sorted(scope.constants.items())),
            functions=tuple(sorted(scope.functions.items())),
            products=tuple(sorted(scope.products.items())),
        )
        return step

    def _summed(self, o: Any, base: dict[str, Any]) -> list[Step]:
        synapses = o.group
        target = self.names.key(o.target_var)
        places = self.names.key(o.template_kwds["_index_var"])
        start = int(o.template_kwds["_target_start"])
        stop = int(o.template_kwds["_target_stop"])
        if stop < 0:
            stop = len(self.values[target])
        action = Action(
            **base, kind="sum", size=len(synapses), target=target, source=places, start=start,
            stop=stop,
        )  # fmt: skip
        step = self._code(o, action)
        step.writes.add(target)
        step.target = target
        step.reads.add(places)
        if stop - start < len(self.values[target]):
            step.reads.add(target)  # elements outside the slice keep their values
        return [step]

    # -- synapses -----------------------------------------------------------------------------

    def _pathway(self, o: Any, base: dict[str, Any]) -> list[Step]:
        synapses, source = o.synapses, o.source
        n = len(synapses)
        if not n:
            return []
        if not hasattr(whole(source), "events") and event_key(whole(source).name) not in (
            self.sources
        ):
            raise TermError(f"{o.name} is driven by {source.name}, which has no spikes.")
        lags, window = self._lags(o, n)
        places = self.names.key(o.synapse_sources)
        own = f"{o.name}<"  # own copy of the events, shifted by the delay
        action = Action(
            **base, kind="pathway", size=n, events=own, source=places, window=window,
        )  # fmt: skip
        step = self._code(o, action)
        step.pathway, step.lags = o, lags
        step.events = event_key(whole(source).name, o.event)
        step.reads |= {places, *([window] if window else [])}
        return [step, *self._split(step, synapses)]

    def _lags(self, o: Any, n: int) -> tuple[tuple[int, ...], str]:
        """Distinct delays in steps, and the key of each synapse's index into them."""
        dt = float(o.source.clock.dt)
        delay = np.rint(np.asarray(o.variables["delay"].get_value(), float) / dt).astype(int)
        if dt != self.dt and delay.any():
            delay = delay * round(dt / self.dt)
        lags, window = np.unique(delay, return_inverse=True)
        if len(lags) == 1:
            return (int(lags[0]),), ""
        key = f"{o.name}#delay"
        self._new(key, window.reshape(-1))
        return tuple(int(x) for x in lags), key

    def _split(self, step: Step, synapses: Any) -> list[Step]:
        """Separate the increments of a pathway from their addition by the neurons.

        Only if an increment does not depend on the variable that it changes; otherwise the synapse
        writes to the neuron's variable directly, synapse by synapse as in Brian2.
        """
        action = step.action
        foreign = [
            s for s in action.statements
            if s.ref is not None and not s.ref.key.startswith(f"{step.owner}.") and s.ref.index
        ]  # fmt: skip
        if not foreign:
            return []
        written = {s.ref.key for s in foreign if s.ref}
        used = {ref.key for s in action.statements for _, ref in s.refs}
        if written & used or any(s.operator not in ("+=", "-=") for s in foreign):
            alone = all(s.operator in ("+=", "-=", "*=", "/=") for s in foreign)
            step.action = replace(action, one_by_one=bool(written & used) or not alone)
            return []
        arrivals, changed = [], []
        for s in action.statements:
            if s not in foreign:
                changed.append(s)
                continue
            assert s.ref is not None
            key = f"{action.name}>{s.ref.key}"
            if key not in step.added:
                self._new(key, np.zeros(len(self.values[s.ref.key])))
                step.added[key] = s.ref.key
                arrivals.append(self._arrival(step, key, s))
            changed.append(replace(s, ref=replace(s.ref, key=key), only=None))
            step.writes.add(key)
            step.writes.discard(s.ref.key)
            step.reads.discard(s.ref.key)
            if s.only is not None:
                step.reads.discard(s.only.key)
        for s in changed:  # names that other statements still read
            step.reads |= {r.key for _, r in s.refs} | ({s.only.key} if s.only else set())
        step.action = replace(action, statements=tuple(changed))
        return arrivals

    def _arrival(self, step: Step, key: str, s: Statement) -> Step:
        assert s.ref is not None
        owner, _, variable = s.ref.key.partition(".")
        only = Ref(s.only.key) if s.only is not None else None
        statement = Statement(
            target=variable, operator="+=", formula="arriving", refs=(("arriving", Ref(key)),),
            ref=Ref(s.ref.key), only=only,
        )  # fmt: skip
        action = Action(
            name=f"{step.action.name}_arrival", kind="all", size=len(self.values[s.ref.key]),
            statements=(statement,), dt=step.action.dt, every=step.action.every,
            late=step.action.late,
        )  # fmt: skip
        reads = {key, s.ref.key} | ({only.key} if only else set())
        return Step(owner, action, reads=reads, writes={s.ref.key})

    def _find_spikes(self) -> None:
        """Determine if a pathway sees the spikes of this step or, usually, of the previous step."""
        made = {key: k for k, s in enumerate(self.steps) for key in s.writes if "!" in key}
        order = list(self.objects)
        for k, step in enumerate(self.steps):
            if not step.events:
                continue
            if step.events in made:
                step.spiked = int(made[step.events] > k)
            else:
                group = self.objects[step.events.partition("!")[0]]
                maker = [o.name for o in group.contained_objects] or [group.name]
                first = order.index(step.pathway.name) < min(order.index(m) for m in maker)
                step.spiked = int(first or step.action.late)

    def _gather_arrivals(self) -> None:
        """Sum the increments of a variable if nothing accesses it in between."""
        waiting: dict[str, list[int]] = {}
        groups: list[list[int]] = []
        for k, step in enumerate(self.steps):
            key = _arrives_at(step)
            touched = (step.reads | step.writes) if key is None else set()
            for v in [
                v for v in waiting if v in touched or (key == v and _other(self, waiting[v], k))
            ]:
                groups.append(waiting.pop(v))
            if key is not None:
                waiting.setdefault(key, []).append(k)
        groups += waiting.values()
        gone = set()
        for group in groups:
            last = self.steps[group[-1]]
            if len(group) < 2:
                continue
            keys = [k for g in group for k in _arriving(self.steps[g])]
            (s,) = last.action.statements
            total = f"{s.ref.key}+" if s.ref else ""
            n = 2
            while total in self.values:
                total, n = f"{total}{n}", n + 1
            self._new(total, np.zeros_like(self.values[keys[0]]))
            self.sums[total] = keys
            last.action = replace(
                last.action,
                name=f"{total}arrival",
                statements=(replace(s, refs=(("arriving", Ref(total)),)),),
            )
            last.reads = (last.reads - set(keys)) | {total}
            gone |= set(group[:-1])
        self.steps = [s for k, s in enumerate(self.steps) if k not in gone]

    def _new(self, key: str, array: np.ndarray) -> None:
        self.values.setdefault(key, array)


def _other(actions: Actions, group: list[int], k: int) -> bool:
    """True if step ``k`` has another condition, time slot or clock than the steps of its group."""
    a, b = actions.steps[group[0]].action, actions.steps[k].action
    same = (a.statements[0].only, a.late, a.every) == (b.statements[0].only, b.late, b.every)
    return not same


def _arrives_at(step: Step) -> str | None:
    s = step.action.statements
    if step.action.name.endswith("arrival") and len(s) == 1 and s[0].ref is not None:
        return s[0].ref.key
    return None


def _arriving(step: Step) -> list[str]:
    return [ref.key for _, ref in step.action.statements[0].refs]


def _lateness(net: Any) -> Any:
    """Return a function that tests if an object runs in the synapses slot or later.

    The step of the term begins at that slot: the effects of a spike belong to the next step, so
    that a loop of spikes always takes at least one step.
    """
    slots = [f"{b}{s}" for s in net.schedule for b in ("before_", "", "after_")]
    cut = slots.index("synapses") if "synapses" in slots else len(slots)
    return lambda o: slots.index(o.when) >= cut


def _written_from_outside(objects: Any) -> set[str]:
    """Names of groups that other objects of the network modify."""
    import brian2
    from brian2.groups.neurongroup import Resetter, StateUpdater, SubexpressionUpdater, Thresholder

    found = set()
    for o in objects:
        if isinstance(o, brian2.Synapses):
            found.add(whole(o.target).name)
            changed = [name for p in internals.pathways(o) for name, _ in assignments(p.code)]
            if any(name.endswith("_pre") for name in changed):
                found.add(whole(o.source).name)
        elif isinstance(o, brian2.PoissonInput) or (
            hasattr(o, "abstract_code")
            and hasattr(o, "group")
            and not isinstance(o, Thresholder | Resetter | StateUpdater | SubexpressionUpdater)
            and not hasattr(o, "synapses")
        ):
            found.add(whole(o.group).name)
    return found
