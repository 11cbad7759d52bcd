"""What is added to a model's code: the hook that calls ``live.cpp``, and what it has to know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import BuildError

if TYPE_CHECKING:
    from ...model.model import Model

_UNUSED = re.compile(
    r"^(void (?:_write_arrays|set_variable_by_name)\([^)]*\)\s)\{\n.*?^\}\n",
    re.MULTILINE | re.DOTALL,
)
_LOOK = "Network::running->look_at_clocks();"


def only_what_cpp_can(net: Any, model: Model) -> None:
    """Brian2's standalone mode leaves out network operations without a word; we say it."""
    import brian2

    if model.run_length_s() is not None:
        raise BuildError(
            f"{model.title or model.slug} cannot be compiled with all runs of its script: choose "
            "its first run, or use engine='numpy'."
        )
    for thing in net.sorted_objects:
        if isinstance(thing, brian2.NetworkOperation):
            raise BuildError(
                f"{model.title or model.slug} cannot be compiled: {thing.name!r} runs Python code "
                "at every step. Use engine='numpy'."
            )


def hook(clock: Any, first_step: int, number: int = 0) -> Any:
    """One neuron whose only work is to call ``live.cpp`` before everything else of a step.

    first_step : what counts as step 0
    number     : of the clock; 0 for the fastest, where the ticks are
    """
    import brian2

    name, given, suffix = "workbench_at_step", "", ""
    if number:
        name, given, suffix = "workbench_at_clock", f", {number}", f"_{number}"
    call = brian2.Function(
        _never_clock if number else _never,
        arg_units=[1, 1] if number else [1], return_unit=1, stateless=False,
    )  # fmt: skip
    call.implementations.add_implementation("cpp", "", name=name)
    group = brian2.NeuronGroup(
        1, "called : 1", clock=clock, namespace={name: call}, name=f"workbench_hook{suffix}"
    )
    # Other clocks' variables are sampled before the fastest one, where the simulation may stand.
    group.run_regularly(
        f"called = {name}(t_in_timesteps - {first_step}{given})",
        clock=clock, when="start", order=-1001 if number else -1000,
        name=f"workbench_tick{suffix}",
    )  # fmt: skip
    return group


def _never_clock(step: float, clock: float) -> float:
    return _never(step)


def _never(step: float) -> float:
    raise NotImplementedError("only exists in C++")


def without_files_and_arguments(sources: Path) -> None:
    """Have the binary write no results to files, and take no values from its command line.

    It is asked for both while it runs. Brian2's code for them has lines for every array, which
    take most of the time to compile the file that they are in.
    """
    objects = sources / "objects.cpp"
    objects.write_text(_UNUSED.sub(r"\1{\n}\n", objects.read_text()))


def table(
    arrays: list[tuple[str, str, bool]], pathways: list[tuple[str, str, str]],
    monitors: Mapping[str, Any], offsets: Mapping[str, int],
    device: Any, steps_per_tick: int, dt_s: float, per_step: int,
    first_step: int, n_clocks: int, own_loop: bool,
) -> str:  # fmt: skip
    """The part of ``live.cpp`` that is about this network."""
    lines = []
    for name, letter, vector in arrays:
        size = "nullptr" if vector else f"&brian::_num_{name}"
        lines.append(f"  {{'{letter}', &brian::{name}, {size}}},")
    paths = [
        f"  {{[](const Arriving& arriving) {{ take_over(brian::{name}, brian::{delay}, "
        f"brian::{dt}[0], arriving); }}}},"
        for name, delay, dt in pathways
    ]
    spikes = []
    for name, monitor in monitors.items():
        i, t = (device.get_array_name(monitor.variables[v], access_data=False) for v in "it")
        n = device.get_array_name(monitor.variables["N"])
        spikes.append(f"  {{&brian::{i}, &brian::{t}, nullptr, {offsets[name]}}},  // {n}")
    counters = [
        f"  monitors[{k}].n = brian::{device.get_array_name(m.variables['N'])};"
        for k, m in enumerate(monitors.values())
    ]
    return "\n".join(
        [
            f"const int n_arrays = {len(lines)};",
            f"const Array arrays[{max(1, len(lines))}] = {{", *lines, "};",
            f"const int n_monitors = {len(spikes)};",
            f"Monitor monitors[{max(1, len(spikes))}] = {{", *spikes, "};",
            "inline void find_counters() {", *counters, "}",
            f"const int n_pathways = {len(paths)};",
            f"const Pathway pathways[{max(1, len(paths))}] = {{", *paths, "};",
            f"inline void look_at_clocks() {{ {_LOOK if own_loop else ''} }}",
            f"const int n_clocks = {n_clocks};",
            f"const int steps_per_tick = {steps_per_tick};",
            f"const double dt = {dt_s!r};",
            f"const int per_step = {per_step};",
            f"const int64_t first_step = {first_step};",
        ]
    ) + "\n"  # fmt: skip
