"""A run of an opened script as that script itself, with what was done to the run at its times.

For networks whose objects cannot be written down one by one: those with Python code that runs at
every step, or with a morphology.
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..engine.simulation import Simulation
from ..interventions import Intervention
from ..model.model import Model
from ..scripts.literals import with_values
from ..scripts.model import ScriptModel
from .script import changes_of, other_sample, prose

if TYPE_CHECKING:
    from ..run import Run

TEXT = '''"""{title}: a run of the circuit workbench, as its own script with what was done to it.

{duration_ms:g} ms, seed {seed}.

Needs Brian2, what the script needs, and the file {name}.npz beside it. Writes the spikes of its
first run to {name}.results.npz, and ends.
{note}"""
{future}
GO_ON = False  # True: what follows in the script is run too


def repeat():
    """Have the first run of the script be the one that was recorded."""
    import os
    import sys
    from pathlib import Path

    import brian2
    import numpy as np

    brian2.prefs.codegen.target = "numpy"
    here, script = Path(__file__), Path({path!r})
    data = np.load(here.with_suffix(".npz"))
    names = globals()
    sys.argv = [str(script), *{args!r}]
    if script.exists():  # its modules and data are found where they are
        names["__file__"] = str(script)
        sys.path.insert(0, str(script.parent))
        os.chdir({folder!r})
    for module in ("brian2", "brian2.devices", "brian2.devices.device"):
        sys.modules[module].set_device = lambda *args, **options: None  # NumPy simulates
    # Population: (group, first neuron, end)
    populations = {{
{places}
    }}
    kept = {{"run": brian2.run, "Network.run": brian2.Network.run}}

    def added(objects):
        """What watches the network, and does to it what was done."""
        inside = [part for o in objects for part in o.contained_objects]
        things = {{o.name: o for o in [*objects, *inside]}}

        def set_constant(name, value):
            """Brian2 reads constants once, when a run begins: replace the number in its code."""
            for item in things.values():
                for code in getattr(item, "code_objects", ()):
                    if name in code.namespace:
                        code.namespace[name] = type(code.namespace[name])(value)

        # In steps of {tick_ms:g} ms; values in SI units.
        changes = {{}}
        for step, item, name, entries, values in [
{rows}
        ]:
            changes.setdefault(step, []).append((item, name, entries, values))

        def make_changes(t):
            now = round(float(t / brian2.ms) / {tick_ms!r})
            for item, name, entries, values in changes.get(now, ()):
                if item is None:
                    set_constant(name, values)
                else:
                    item.variables[name].get_value()[entries] = values

        clock = brian2.Clock({tick_ms!r} * brian2.ms, name="ticks_of_the_run")
        found = {{
            f"spikes_of_{{group}}": brian2.SpikeMonitor(things[group], name=f"spikes_of_{{group}}")
            for group in {groups!r}
        }}
        found["changes_of_the_run"] = brian2.NetworkOperation(
            make_changes, clock=clock, when="start", order=-1000, name="changes_of_the_run"
        )
        return found

    def finish(monitors):
        found = {{}}
        for name, (group, first, end) in populations.items():
            spikes = monitors[f"spikes_of_{{group}}"]
            mine = (spikes.i >= first) & (spikes.i < end)
            found[f"{{name}}.t_ms"] = np.round(spikes.t[mine] / brian2.ms, 9)
            found[f"{{name}}.i"] = spikes.i[mine] - first
            print(f"{{name}}: {{mine.sum()}} spikes")
        np.savez(here.with_suffix(".results.npz"), **found)
        if not GO_ON:
            raise SystemExit

    def put_back():
        brian2.run = names["run"] = kept["run"]
        brian2.Network.run = kept["Network.run"]

    def run(duration, *args, level=0, **options):
        objects = brian2.collect(level=level + 1)
        put_back()
        monitors = added(objects)
        names.update(monitors)  # where Brian2 looks for the objects of a bare run()
        kept["run"]({duration_ms!r} * brian2.ms, *args, level=level + 1, **options)
        finish(monitors)

    def run_network(net, duration, *args, level=0, **options):
        put_back()
        monitors = added(net.objects)
        net.add(monitors.values())
        kept["Network.run"](net, {duration_ms!r} * brian2.ms, *args, level=level + 1, **options)
        finish(monitors)

    brian2.run, brian2.Network.run = run, run_network
    brian2.seed({seed})


repeat()

# ---- the script {stem} {rule}
'''


@dataclass(frozen=True)
class Placed:
    """Where in the network of a script its populations and parameters are, by Brian2's names.

    objects   : name -> expression of the exported script, of all that interventions may write
    places    : population that spikes -> (group, first neuron, end)
    live      : live parameter -> (object, variable of it) that it writes
    constants : live parameters that are constants of namespaces
    """

    objects: dict[str, str]
    places: dict[str, tuple[str, int, int]]
    live: dict[str, list[tuple[str, str]]]
    constants: tuple[str, ...]


def placed(simulation: Simulation) -> Placed:
    """Find the places in a simulation that stands at t = 0."""
    model = simulation.model
    own = model.own_names()
    spiking = [p.name for p in simulation.info.spikers]
    parts = {n: s for n, s in simulation.slices.items() if n in spiking}
    return Placed(
        objects={
            o.name: f"things[{own.get(o.name, o.name)!r}]" for o in simulation.net.sorted_objects
        },
        places={
            name: (own.get(s.group.name, s.group.name), s.start, s.stop)
            for name, s in parts.items()
        },
        live={
            name: [(v.owner.name, v.name) for v in simulation.live_variables(name)]
            for name, parameter in model.parameters().items()
            if parameter.live
        },
        constants=model.constants,
    )


def own_text(found: Placed, model: Model, run: Run, name: str) -> tuple[str, dict[str, Any]]:
    """The text of the exported script, and the arrays that it reads.

    model : a `ScriptModel` with the values that the run began with
    """
    assert isinstance(model, ScriptModel)
    opening, arrays = model.opening, dict[str, Any]()
    changed = model.changed()
    fixed = {k: v for k, v in changed.items() if not model.parameter(k).live}
    begun = [
        Intervention.of_change(model, 0, 0.0, k, model.parameter(k).default, v)
        for k, v in changed.items()
        if k not in fixed
    ]
    rows = changes_of(found, model, run, arrays, begun)
    future, source = without_future(with_values(opening.source, fixed))
    head = TEXT.format(
        title=prose(model.title), seed=run.seed, duration_ms=run.duration_ms, name=prose(name),
        note=f"\n{textwrap.fill(other_sample(run), 99)}\n" if other_sample(run) else "",
        future="".join(f"{line}\n" for line in future), path=opening.path,
        args=list(opening.args), folder=opening.folder,
        places="\n".join(f"        {k!r}: {v!r}," for k, v in found.places.items()),
        rows="\n".join(f"            ({row})," for row in rows), tick_ms=model.tick_ms,
        groups=list(dict.fromkeys(group for group, _, _ in found.places.values())),
        stem=prose(opening.path.rpartition("/")[2]), rule="-" * 40,
    )  # fmt: skip
    return head + source, arrays


def without_future(source: str) -> tuple[list[str], str]:
    """The statements of a script that have to come first in a file, and the script without them."""
    lines, found = source.splitlines(keepends=True), []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            found.append(ast.unparse(node))
            for k in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[k] = "\n"
    return found, "".join(lines)
