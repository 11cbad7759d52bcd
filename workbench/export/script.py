"""The text of the script: its objects, what was done to the run, and its spikes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..interventions import Intervention, happened, schedule
from ..model.operation import Operation
from ..model.units import brian_unit
from .described import Described
from .values import FEW, Data, number

if TYPE_CHECKING:
    from ..model.model import Model
    from ..run import Run

NOTES = """{title}: a run of the circuit workbench as a Brian2 script.

{duration_ms:g} ms, seed {seed}.

Needs Brian2 and the file {name}.npz beside it. Writes the spikes and what was recorded at every
tick, in the units of the workbench, to {name}.results.npz.
{note}"""
IMPORTS = """
from pathlib import Path

import brian2 as b2
import numpy as np

b2.prefs.codegen.target = "numpy"
here = {here}
data = np.load(here.with_suffix(".npz"))
"""
OTHER_SAMPLE = (
    "The run was simulated on the engine {engine}, which draws other random numbers than NumPy. "
    "Where connections or first values are drawn, or noise, the script has another sample of them "
    "and other spikes. A run with the engine numpy is repeated exactly."
)
TICKS = """
ticks = b2.Clock({tick_ms!r} * b2.ms, name="ticks_of_the_run")
"""
CHANGES = """
# What was done while it ran. Time in steps of {tick_ms:g} ms; values in SI units.
changes = {{}}
for step, item, name, entries, values in [
{rows}
]:
    changes.setdefault(step, []).append((item, name, entries, values))


@b2.network_operation(clock=ticks, when="start", order=-1000, name="changes_of_the_run")
def make_changes(t):
    for item, name, entries, values in changes.get(round(float(t / b2.ms) / {tick_ms!r}), ()):
        {constant}item.variables[name].get_value()[entries] = values
"""
CONSTANT = """if item is None:
            set_constant(name, values)
            continue
        """
SET_CONSTANT = '''

def set_constant(name, value):
    """Brian2 reads constants once, when a run begins: replace the number in the code that runs."""
    for item in net.sorted_objects:
        for code in getattr(item, "code_objects", ()):
            if name in code.namespace:
                code.namespace[name] = type(code.namespace[name])(value)
'''
STATES = """
# Recorded at every tick: what, of which neurons, and the factor from SI to the unit shown.
states = {{
{rows}
}}
for name, (group, variable, entries, factor) in states.items():
    monitor = b2.StateMonitor(
        group, variable, record=entries, clock=ticks, when="start", order=-1001,
        name="state_" + name.replace(".", "_"),
    )
    states[name] = (monitor, variable, factor)
"""
RUN = """
net = b2.Network({net})
spikes = {{
{monitors}
}}
net.add(spikes.values(){states})
np.random.set_state(("MT19937", data["random.keys"], {random}))
net.run({duration_ms!r} * b2.ms, namespace={namespace})
"""
RESULTS = """
# Population: (group, first neuron, end)
populations = {{
{places}
}}
found = {{}}
for name, (group, first, end) in populations.items():
    mine = (spikes[group].i >= first) & (spikes[group].i < end)
    found[f"{{name}}.t_ms"] = np.round(spikes[group].t[mine] / b2.ms, 9)
    found[f"{{name}}.i"] = spikes[group].i[mine] - first
    print(f"{{name}}: {{mine.sum()}} spikes")
"""
RECORDED = """
for name, (monitor, variable, factor) in states.items():
    found[f"{name}.state_t_ms"] = np.round(monitor.t / b2.ms, 9)
    found[f"{name}.state"] = np.asarray(getattr(monitor, variable)).T * factor
"""
SAVED = """
np.savez(here.with_suffix(".results.npz"), **found)
"""


def text_of(content: Described, model: Model, run: Run, name: str) -> tuple[str, dict[str, Any]]:
    """The text of the script of a run, and the arrays that it reads.

    model : with the values that the run began with
    """
    note, parts, arrays = parts_of(content, model, run, name, "Path(__file__)")
    text = "\n".join([f'"""{note}"""\n', *parts.values()])
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text, arrays


def other_sample(run: Run) -> str:
    """Why a script of the run may have other spikes; "" where it has the same."""
    return "" if run.engines == "numpy" else OTHER_SAMPLE.format(engine=prose(run.engines))


def parts_of(
    content: Described, model: Model, run: Run, name: str, here: str
) -> tuple[str, dict[str, str], dict[str, Any]]:
    """What the script says of itself, its parts by their headings, and the arrays it reads.

    here : expression for a path whose suffix can be replaced by ".npz"
    """
    data = Data()
    data.arrays |= content.arrays
    _, keys, *random = content.random
    data.arrays["random.keys"] = keys
    note = NOTES.format(
        title=prose(model.title or model.slug), seed=run.seed, duration_ms=run.duration_ms,
        name=prose(name),
        note=f"\n{textwrap.fill(other_sample(run), 99)}\n" if other_sample(run) else "",
    )  # fmt: skip
    made = changes_of(content, model, run, data.arrays)
    states = _states(content, run, data)
    parts = {"Packages": IMPORTS.format(here=here), "Network": "\n".join([*content.lines, ""])}
    if made or states:
        parts["Network"] += TICKS.format(tick_ms=model.tick_ms)
    if made:
        rows = "\n".join(f"    ({row})," for row in made)
        constants = any(row.split(", ")[1] == "None" for row in made)
        parts["What was done"] = (SET_CONSTANT if constants else "") + CHANGES.format(
            tick_ms=model.tick_ms, rows=rows, constant=CONSTANT if constants else ""
        )
    if states:
        parts["What was recorded"] = STATES.format(rows="\n".join(states))
    spiking = {k: v for k, v in content.places.items() if k in content.spiking}
    groups = dict.fromkeys(group for group, _, _ in spiking.values())
    monitors = "\n".join(f'    "{g}": b2.SpikeMonitor({g}, name="spikes_of_{g}"),' for g in groups)
    parts["Simulation"] = RUN.format(
        net=", ".join([*content.net, *(["make_changes"] if made else [])]), monitors=monitors,
        states=", [monitor for monitor, *_ in states.values()]" if states else "",
        random=", ".join(number(v) for v in random), duration_ms=run.duration_ms,
        namespace=content.namespace,
    )  # fmt: skip
    places = "\n".join(f"    {k!r}: {v!r}," for k, v in spiking.items())
    parts["Results"] = RESULTS.format(places=places) + (RECORDED if states else "") + SAVED
    return note, parts, data.arrays


def _states(content: Described, run: Run, data: Data) -> list[str]:
    """A row for each state that the run recorded at ticks."""
    rows = []
    for name in run.states:
        population, _, variable = name.rpartition(".")
        group, first, _ = content.places[population]
        entries = np.asarray(run.samples(name).index) + first
        factor = 1.0 / float(brian_unit(run.info.unit_of(name)))
        few = len(entries) <= FEW
        which = repr(entries.tolist()) if few else data.text(f"{name}.entries", entries)
        rows.append(f"    {name!r}: ({group}, {variable!r}, {which}, {factor!r}),")
    return rows


def prose(text: str) -> str:
    """The text, which may come from a file, as it may stand in the script's docstring."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "'")


class Places(Protocol):
    """Of a network, where interventions act; see `Described`."""

    @property
    def objects(self) -> Mapping[str, str]: ...
    @property
    def live(self) -> Mapping[str, Sequence[tuple[str, str]]]: ...
    @property
    def constants(self) -> Sequence[str]: ...


def changes_of(
    content: Places, model: Model, run: Run, arrays: dict[str, Any],
    begun: Sequence[Intervention] = (),
) -> list[str]:  # fmt: skip
    """A row for each write into the network, in the order in which they take effect.

    model  : with the values that the run began with;  begun : changes before its first step
    arrays : takes the arrays that rows read from ``data``
    """
    log = [*begun, *happened(run.interventions, model.tick_ms, run.duration_ms)]
    rows: list[tuple[int, int, str]] = []
    later: Any = type(model)(**model.values())  # operations see the values of their time
    for entry in sorted(log, key=lambda e: e.tick):
        operations, changes = schedule([entry], later)
        for tick, parameter, value in changes:
            later.set(parameter, value)
            si = float(value * brian_unit(later.parameter(parameter).unit))
            for thing, variable in content.live.get(parameter, ()):
                place = f"{content.objects[thing]}, {variable!r}, slice(None), {si!r}"
                rows.append((tick, 0, place))
            if parameter in content.constants:
                rows.append((tick, 0, f"None, {parameter!r}, None, {si!r}"))
        for tick, operation in operations:
            rows += _writes(content, later, tick, operation, arrays)
    rows = [row for row in rows if row[0] * model.tick_ms < run.duration_ms]
    rows.sort(key=lambda row: row[:2])  # an operation's writes follow all commands
    return [f"{tick}, {place}" for tick, _, place in rows]


def _writes(
    content: Places, model: Any, tick: int, operation: Operation, arrays: dict[str, Any]
) -> list[tuple[int, int, str]]:
    found = []
    for write in operation.writes(model, tick):
        texts = []
        for what in (write.index, write.value):
            array = np.asarray(what)
            if array.ndim == 0 or array.size == 1:
                texts.append(number(array.flat[0]))
            else:
                key = f"change.{len(arrays)}"
                arrays[key] = array
                texts.append(f"data[{key!r}]")
        place = f"{content.objects[write.target]}, {write.variable!r}, {', '.join(texts)}"
        found.append((write.tick, 1, place))
    return found
