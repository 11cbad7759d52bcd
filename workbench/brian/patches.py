"""What is used or changed of Brian2 beyond its documented interface: the table.

What cannot be done without is looked up when it is needed, and where it is missing, a
`MissingInternal` says so in one sentence. What only makes something better or faster is left out
where its target is missing, and one sentence in the log says so.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import WorkbenchError

_log = logging.getLogger("workbench")

TRIED = ("Brian2 2.9.0", "Brian2 2.10.1")


class MissingInternal(WorkbenchError):
    """Brian2 keeps something elsewhere than the versions that were tried."""


@dataclass(frozen=True)
class Patch:
    """One use of Brian2's inside.

    home    : the file with the code, beside this one
    target  : dotted names
    what    : what is done with them
    why     : why no documented way does the same
    without : "error" for a `MissingInternal`; otherwise what is lost where it is left out
    gain    : what it was measured to save, "" for what is not about speed
    how     : how the gain was measured
    test    : file of tests::function that takes the target away
    issue   : address of the upstream issue, "" when none is known
    """

    name: str
    home: str
    target: tuple[str, ...]
    what: str
    why: str
    without: str
    test: str
    gain: str = ""
    how: str = ""
    tried: tuple[str, ...] = TRIED
    issue: str = ""


_TESTS = "tests/unit/brian/test_internals.py::"

PATCHES = (
    Patch(
        "refractory", "internals.py", ("NeuronGroup._refractory",),
        what="reads the refractory period as it was given",
        why="the documented variables hold only its effect on each neuron",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "driven-by", "internals.py", ("PoissonInput._group",),
        what="reads which neurons a PoissonInput drives",
        why="the documented attributes name the variable, not its group",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "resolve-external", "internals.py", ("Group._resolve_external",),
        what="asks what a name means that is no variable of a group",
        why="the documented resolve() looks at the frames of its callers too",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "numpy-source", "internals.py", ("brian2.parsing.rendering.NumpyNodeRenderer",),
        what="writes an expression as NumPy does it",
        why="Brian2 has no documented way to evaluate an expression outside of a network",
        without="error", test=_TESTS + "test_a_missing_module_is_one_sentence",
    ),
    Patch(
        "numpy-function", "internals.py",
        ("brian2.codegen.runtime.numpy_rt.numpy_rt.NumpyCodeObject",),
        what="takes the NumPy implementation of a user's function",
        why="implementations are kept by code object class, and that of NumPy is not documented",
        without="error", test=_TESTS + "test_a_missing_module_is_one_sentence",
    ),
    Patch(
        "mark-used", "internals.py", ("BrianObject._network",),
        what="marks the objects of a network that could not be run as used",
        why="Brian2 would warn of each that nobody simulated it, after an error has said why",
        without="Brian2's warnings appear", test=_TESTS + "test_what_was_not_run_is_marked_as_used",
    ),
    Patch(
        "collected", "internals.py", ("BrianObject._network",),
        what="takes what a bare run() has collected out of Brian2's own network",
        why="nothing can be added to that network, and its objects can be in no other one",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "give-name", "internals.py", ("Nameable._name",),
        what="names the groups and synapses of a script as its variables are named",
        why="the name of an object cannot be changed, and those that Brian2 gives say nothing",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "empty-monitor", "internals.py", ("SpikeMonitor.resize",),
        what="empties a spike monitor after each tick",
        why="a monitor only grows, and a live simulation has no end",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "names", "internals.py", ("Nameable.__instances__",),
        what="hides the objects that are there from whoever makes up names for new ones",
        why="such names are part of generated code, which would be other code in each process",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "under-way", "internals.py", ("SpikeQueue._full_state",),
        what="reads which spikes are under way in a pathway",
        why="no documented way leads to them but store(), which a running network forbids",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "watch-connect", "watch_connect.py", ("Synapses.connect",),
        what="notes the arguments of connect() while a network is built",
        why="Brian2 forgets the rule as soon as the synapses are made",
        without="diagrams name the rules that can be told from the synapses",
        test=_TESTS + "test_a_connect_with_other_arguments_is_left_alone",
    ),
    Patch(
        "first-run", "first_run.py", ("Network.run", "brian2.devices.device.set_device"),
        what="takes over the runs of a script, and what it chooses as a device",
        why="no hook is called before a network is run",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "live-constants", "constants.py", ("CodeObject.namespace",),
        what="writes other values of constants into the code of a network that runs",
        why="a constant of a namespace is read once, when a run begins",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "numbers-at-start", "fast/numbers.py",
        ("objects.cpp: _num_", "code_objects: constants", "main.cpp: first values"),
        what="has a binary read numbers of neurons, probabilities and first values when it starts",
        why="the generated code contains them: each value would be a binary of its own",
        without="every size of a network is compiled by itself",
        test=_TESTS + "test_code_that_is_not_understood_keeps_its_numbers",
        gain="1 binary instead of 1 for each size or value, 4 to 20 s each",
        how="tests/unit/engine/test_compiled.py",
    ),
    Patch(
        "started", "device.py", ("CPPStandaloneDevice.has_been_run",),
        what="says that the binary has run, while it runs",
        why="Brian2 refuses to read arrays before build() has run the binary to its end",
        without="error", test=_TESTS + "test_a_missing_name_is_one_sentence",
    ),
    Patch(
        "solutions", "integration_cache.py",
        ("LinearStateUpdater.__call__", "IndependentStateUpdater.__call__"),
        what="keeps the code of an integration step on disk",
        why="SymPy takes seconds to solve linear equations, in each new process again",
        without="networks take longer to build",
        test=_TESTS + "test_other_solvers_are_left_alone",
        gain="cuba is built in 0.9 s of processor time instead of 3.7 s (medians of 3)",
        how="benchmarks/building.py",
    ),
    Patch(
        "cache-keys", "cache_keys.py", ("brian2.utils.caching._hashable",),
        what="makes the keys of Brian2's caches with less work",
        why="every piece of code is looked up by all variables that it may use",
        without="networks take longer to build",
        test=_TESTS + "test_other_keys_are_left_alone",
        gain="the memory is built in 0.81 to 0.93 s of processor time instead of 1.13 to 1.29 s "
        "(4 pairs), v1-spiking in 1.06 s instead of 1.38 s (medians of 4)",
        how="benchmarks/building.py",
    ),
    Patch(
        "fast-templates", "fast/device.py",
        (
            "CPPStandaloneCodeObject.templater.derive", "CPPStandaloneDevice.code_object",
            "CPPStandaloneDevice.generate_codeobj_source", "CPPCodeGenerator.arrays_helper",
            "templates: network, synapses_classes, common_group", "CSpikeQueue",
        ),
        what="makes the C++ code from templates of our own, with the same results",
        why="Brian2's device offers its templates to other devices, but describes no interface",
        without="compiled models run at the speed of Brian2's own code",
        test=_TESTS + "test_beside_other_templates_the_device_is_brian2_s",
        gain="0.049 s of processor time for a simulated second of CUBA instead of 0.154 s",
        how="benchmarks/device.py", tried=("Brian2 2.9.0",),
    ),
    Patch(
        "few-units", "makefile.py",
        ("makefile: SRCS", "makefile: OPTIMISATIONS", "makefile: LFLAGS"),
        what="compiles the generated code in a handful of files, not one for each code object",
        why="each of some hundred files reads the same headers and repeats the same functions",
        without="compiling takes longer",
        test=_TESTS + "test_a_makefile_that_is_not_understood_is_used_as_it_is",
        gain="4.5 s of processor time for CUBA instead of 19.4 s (one run of each)",
        how="benchmarks/device.py",
    ),
)  # fmt: skip
BY_NAME = {patch.name: patch for patch in PATCHES}

_missing: dict[str, str] = {}


def needed(name: str, owner: Any, attribute: str = "") -> Any:
    """The target of a patch, where it is to be found; raises `MissingInternal` where it is not.

    attribute : of ``owner``; by default the last part of the first target
    """
    attribute = attribute or BY_NAME[name].target[0].rpartition(".")[2]
    if not hasattr(owner, attribute):
        raise missing(attribute)
    return getattr(owner, attribute)


def missing(what: str) -> MissingInternal:
    import brian2

    return MissingInternal(
        f"Brian2 {brian2.__version__} has no {what!r} where 2.9 and 2.10 have it: install one of "
        "these, or report it to the workbench."
    )


def takes(function: Callable[..., Any], *names: str) -> bool:
    """Whether a function has exactly these arguments, in this order."""
    return tuple(inspect.signature(function).parameters) == names


def leave_out(name: str, why: str) -> None:
    """Do without this patch, and say so in one sentence, the first time."""
    if name in _missing:
        return
    import brian2

    _missing[name] = why
    _log.warning(
        "%s",
        f"Brian2 {brian2.__version__} is other inside than the versions that were tried "
        f"({name}: {why}): {BY_NAME[name].without}.",
    )
