"""Brian2's private names: each is there, says what it should, and is missed in one sentence."""

from __future__ import annotations

import re
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

import brian2 as b2
import numpy as np
import pytest
from brian2.core.tracking import Trackable
from brian2.core.variables import Constant
from brian2.groups.group import Group
from brian2.stateupdaters.exact import LinearStateUpdater
from brian2.synapses.spikequeue import SpikeQueue
from brian2.utils import caching

from workbench.brian import (
    cache_keys,
    constants,
    device,
    first_run,
    integration_cache,
    internals,
    patches,
)
from workbench.brian.fast import device as fast_device
from workbench.brian.fast import numbers
from workbench.brian.makefile import Recipe, recipe
from workbench.circuits.read import declared_rule
from workbench.engine.compiled import makefile as compiled_makefile
from workbench.engine.compiled.cache import BINARY
from workbench.engine.runtime import brian_settings_kept


@pytest.fixture
def parts():
    """A group, synapses with three pathways, and an input; never simulated."""
    clock = b2.Clock(0.1 * b2.ms, name="parts_clock")
    cells = b2.NeuronGroup(
        3, "dv/dt = -v / (scale * ms) : 1 (unless refractory)", threshold="v > 1",
        reset="v = 0", refractory=2 * b2.ms, clock=clock, name="parts_cells",
        namespace={"scale": 10.0, "ms": b2.ms}, method="exact",
    )  # fmt: skip
    synapses = b2.Synapses(
        cells, cells, "w : 1", on_pre={"fast": "v += w", "slow": "v += 2 * w"}, on_post="w += 1",
        clock=clock, name="parts_synapses",
    )  # fmt: skip
    drive = b2.PoissonInput(cells, "v", 10, 5 * b2.Hz, 0.1)
    net = b2.Network(cells, synapses, drive)
    for item in net.objects:
        item._network = net.id  # else Brian2 warns that it was never simulated
    return cells, synapses, drive


def test_pathways_are_those_that_were_given(parts):
    cells, synapses, _ = parts
    assert internals.is_synapses(synapses) and not internals.is_synapses(cells)
    found = {(p.prepost, str(p.code)) for p in internals.pathways(synapses)}
    assert found == {("pre", "v += w"), ("pre", "v += 2 * w"), ("post", "w += 1")}
    assert internals.pathways(cells) == ()


def test_the_refractory_period_is_as_given(parts):
    cells, synapses, _ = parts
    assert internals.refractory(cells) == 2 * b2.ms
    assert internals.refractory(synapses) is False


def test_an_input_knows_whom_it_drives(parts):
    cells, _, drive = parts
    assert internals.driven_by(drive) is cells


def test_an_external_name_is_what_the_namespace_says(parts):
    cells, _, _ = parts
    assert float(internals.resolve_external(cells, "scale", {}).get_value()) == 10.0


def test_an_expression_and_a_function_are_as_numpy_has_them(parts):
    cells, _, _ = parts
    source = internals.numpy_source("a and b ** 2 > 1")
    assert eval(source, {"a": np.array([True, True]), "b": np.array([1, 2])}).tolist() == [
        False, True
    ]  # fmt: skip
    double = b2.Function(lambda x: 2 * x, arg_units=[1], return_unit=1)
    assert internals.numpy_function(double, cells)(np.array([1.5])) == 3.0


def test_what_was_not_run_is_marked_as_used(monkeypatch, caplog):
    cells = b2.NeuronGroup(1, "v : 1", clock=b2.Clock(b2.ms, name="c"), name="unused")
    net = b2.Network(cells, name="never_run")
    internals.mark_used(net)
    assert cells._network == net.id
    for _ in range(2):
        internals.mark_used(SimpleNamespace(objects=[SimpleNamespace()]))
    (message,) = logged(caplog)
    assert "(mark-used: _network is not there): Brian2's warnings appear." in message


def test_a_monitor_is_empty_and_goes_on():
    with brian_settings_kept():
        clock = b2.Clock(1 * b2.ms, name="m_clock")
        cells = b2.NeuronGroup(2, "v : 1", threshold="True", clock=clock, name="m_cells")
        monitor = b2.SpikeMonitor(cells, name="m_monitor")
        net = b2.Network(cells, monitor)
        net.run(3 * b2.ms, namespace={})
        assert len(monitor.i) == 6
        internals.empty(monitor)
        net.run(1 * b2.ms, namespace={})
        assert list(monitor.i) == [0, 1] and list(monitor.t / b2.ms) == [3.0, 3.0]


def test_objects_are_named_as_if_there_were_no_others(parts):
    with internals.names_as_if_alone():
        alone = b2.Clock(1 * b2.ms, name="parts_clock*")
    assert alone.name == "parts_clock"
    assert b2.Clock(1 * b2.ms, name="parts_clock*").name == "parts_clock_1"


@pytest.mark.parametrize("in_python", [False, True])
def test_spikes_under_way_are_known_by_the_step_at_which_they_arrive(in_python):
    queue = SpikeQueue(0, 3) if in_python else b2.get_device().spike_queue(0, 3)
    queue.prepare(np.array([1.0, 3.0, 3.0, 2.0]), 1.0, np.array([0, 0, 1, 2], np.int32))
    for spikes in ([0, 1], [2], [0]):  # a step: spikes come in, some arrive, and it is over
        queue.push(np.array(spikes, np.int32))
        queue.advance()
    steps = [part.tolist() for part in internals.arriving(SimpleNamespace(queue=queue))]
    assert steps == [[1, 2, 3, 0], [], [1], []]


def test_the_code_does_not_depend_on_the_order_of_clocks():
    made = device.activate()
    try:
        groups = [
            b2.NeuronGroup(
                1, "v : 1", clock=b2.Clock(k * b2.ms, name=f"clock_{k}"), namespace={},
                name=f"group_{k}",
            )
            for k in (1, 2, 3, 5, 7)
        ]  # fmt: skip
        b2.Network(groups, name="clocks").run(10 * b2.ms, namespace={})
    finally:
        b2.set_device("runtime")
    found = [str(args[0]) for kind, args in made.main_queue if kind.startswith("set_by")]
    assert [name for name in found if name.endswith("timestep")] == [
        f"_array_clock_{k}_timestep" for k in (1, 2, 3, 5, 7)
    ]


# -- where something is missing --------------------------------------------------------------------


@pytest.fixture(autouse=True)
def nothing_left_out(monkeypatch):
    monkeypatch.setattr(patches, "_missing", {})


@pytest.mark.parametrize("patch", patches.PATCHES, ids=lambda p: p.name)
def test_each_use_is_described_and_its_code_and_test_exist(patch):
    for text in (patch.target, patch.what, patch.why, patch.without, patch.tried):
        assert text
    root = Path(__file__).resolve().parents[3]
    assert f'"{patch.name}"' in (root / "workbench/brian" / patch.home).read_text()
    file, _, function = patch.test.partition("::")
    assert root / file == Path(__file__).resolve() and callable(globals()[function])
    # What is done for speed says how much it saves, and how that was measured.
    assert not patch.gain or (re.search(r"\d", patch.gain) and (root / patch.how).is_file())


def sentence_of(name: str) -> str:
    return (
        f"Brian2 {b2.__version__} has no {name!r} where 2.9 and 2.10 have it: install one of "
        "these, or report it to the workbench."
    )


CODE = SimpleNamespace(variables={"tau": Constant("tau", 2.0)})
USES = {
    "refractory": lambda: internals.refractory(object.__new__(b2.NeuronGroup)),
    "driven-by": lambda: internals.driven_by(SimpleNamespace()),
    "resolve-external": lambda: internals.resolve_external(None, "x", {}),
    "empty-monitor": lambda: internals.empty(SimpleNamespace()),
    "collected": lambda: internals.network_of_its_own(
        SimpleNamespace(objects=[SimpleNamespace(contained_objects=[])]), "own"
    ),
    "give-name": lambda: internals.give_name(SimpleNamespace(), "P"),
    "live-constants": lambda: constants.write_constant(
        SimpleNamespace(sorted_objects=[SimpleNamespace(code_objects=[CODE])]), {}, "tau", 1.0
    ),
    "first-run": lambda: first_run.Runs(pytest.fail, dict).taken_over().__enter__(),
    "names": lambda: internals.names_as_if_alone().__enter__(),
    "under-way": lambda: internals.arriving(SimpleNamespace(queue=SimpleNamespace())),
    "started": lambda: device.LiveDevice.show_values(SimpleNamespace(), None),
}


@pytest.mark.parametrize("name", USES)
def test_a_missing_name_is_one_sentence(name, monkeypatch):
    attribute = patches.BY_NAME[name].target[0].rpartition(".")[2]
    for owner in (Group, b2.Network, Trackable):
        if attribute in vars(owner):
            monkeypatch.delattr(owner, attribute)
    with pytest.raises(patches.MissingInternal) as caught:
        USES[name]()
    assert str(caught.value) == sentence_of(attribute)


def test_every_use_that_cannot_be_left_out_is_tried_without_its_target():
    modules = {"numpy-source", "numpy-function"}
    assert set(USES) | modules == {p.name for p in patches.PATCHES if p.without == "error"}


@pytest.mark.parametrize("name", ["numpy-source", "numpy-function"])
def test_a_missing_module_is_one_sentence(name, monkeypatch):
    target = patches.BY_NAME[name].target[0]
    monkeypatch.setitem(sys.modules, target.rpartition(".")[0], None)
    use = {
        "numpy-source": lambda: internals.numpy_source("a"),
        "numpy-function": lambda: internals.numpy_function(SimpleNamespace(implementations={}), 0),
    }
    with pytest.raises(patches.MissingInternal) as caught:
        use[name]()
    assert str(caught.value) == sentence_of(target)


def logged(caplog) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "workbench"]


def test_a_connect_with_other_arguments_is_left_alone(parts, monkeypatch, caplog):
    def connect(self, condition=None, *, quick=False):
        pass

    monkeypatch.setattr(b2.Synapses, "connect", connect)
    for _ in range(2):
        with declared_rule.watched():
            assert b2.Synapses.connect is connect
            parts[1].connect("i != j")
    assert declared_rule.calls(parts[1]) == ()
    (message,) = logged(caplog)
    assert "(watch-connect: connect takes other arguments): diagrams name the rules" in message


def test_code_that_is_not_understood_keeps_its_numbers(tmp_path, caplog):
    (tmp_path / "objects.cpp").write_text("size_t size_of_v = 7;\n")
    for _ in range(2):
        numbers.read_at_start(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["objects.cpp"]
    (message,) = logged(caplog)
    assert "(numbers-at-start: objects.cpp has no constants" in message


CODE_OBJECT = """\
    const int64_t N = 7;
const size_t _numv = 7;
const int64_t n_levels = 7;
    const double _iter_p = 0.25;
    v = x + 7;
"""
SET = """\
    _array_v[0] = - 0.009000000000000001;
    _array_v[i] = 1e-05;
    _array_v[1] = 12345678901234567;
    _array_v[2] = true;
"""


def test_only_sizes_probabilities_and_first_values_are_read_at_the_start(tmp_path):
    (tmp_path / "code_objects").mkdir()
    (tmp_path / "code_objects" / "a.cpp").write_text(CODE_OBJECT)
    (tmp_path / "objects.cpp").write_text("const int _num__array_v = 7;\n")
    (tmp_path / "main.cpp").write_text(SET)
    (tmp_path / "run.cpp").write_text("")
    numbers.read_at_start(tmp_path)
    code = (tmp_path / "code_objects" / "a.cpp").read_text().splitlines()[1:]
    assert code[2] == "const int64_t n_levels = 7;" and code[4] == "    v = x + 7;"
    assert code[0] == "    const int64_t N = workbench::sizes[0];"
    assert code[3] == "    const double _iter_p = workbench::numbers[0];"
    values = (tmp_path / "main.cpp").read_text().splitlines()[1:]
    assert values[2:] == SET.splitlines()[2:]  # not exact as a double; no number
    kept = (tmp_path / numbers.FILE).read_bytes()
    assert struct.unpack("<3q3d", kept) == (7, 7, 7, 0.25, -0.009000000000000001, 1e-05)


def test_beside_other_templates_the_device_is_brian2_s(monkeypatch, caplog):
    if fast_device.digest() in fast_device.KNOWN:  # else this Brian2 itself is the case
        assert fast_device.FastStandalone().code_object_class() is fast_device.FastCodeObject
        assert logged(caplog) == []
        monkeypatch.setattr(fast_device, "KNOWN", {})
    for _ in range(2):
        made = fast_device.FastStandalone()
        assert made.code_object_class() is fast_device.CPPStandaloneCodeObject
    (message,) = logged(caplog)
    assert "(fast-templates: its C++ templates are other ones): compiled models run" in message


MAKEFILE = "SRCS = main.cpp\nOPTIMISATIONS = -O3 -std=c++17\nLFLAGS = -lm\n"


@pytest.mark.parametrize(
    "makefile, written, why",
    [
        (MAKEFILE.replace("SRCS", "FILES"), True, "has no SRCS"),
        (MAKEFILE.replace("OPTIMISATIONS", "FLAGS"), True, "has no OPTIMISATIONS"),
        (MAKEFILE.replace("LFLAGS", "LIBRARIES"), True, "has no LFLAGS"),
        (MAKEFILE, False, "there is no main.cpp"),
    ],
)
def test_a_makefile_that_is_not_understood_is_used_as_it_is(
    tmp_path, makefile, written, why, caplog, monkeypatch
):
    (tmp_path / "makefile").write_text(MAKEFILE)
    for name in ("main.cpp", "hot.cpp.in", "cold.cpp.in"):
        (tmp_path / name).touch()
    found = recipe(tmp_path)
    assert found == Recipe(["main.cpp"], ["-O3", "-std=c++17"], ["-lm"]) and logged(caplog) == []
    commands = []

    def run(command, cwd):
        commands.append(command)
        (cwd / BINARY).touch()
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(compiled_makefile, "run_guarded", run)
    assert compiled_makefile.make(tmp_path, "a model") == tmp_path / BINARY
    assert "make" not in [c[0] for c in commands] and "-O1" in commands[1]
    (tmp_path / "makefile").write_text(makefile)
    if not written:
        (tmp_path / "main.cpp").unlink()
    commands.clear()
    for _ in range(2):
        assert compiled_makefile.make(tmp_path, "a model") == tmp_path / BINARY
    assert [c[0] for c in commands] == ["make", "make"]
    (message,) = logged(caplog)
    assert f"{why}): compiling takes longer." in message


def test_other_solvers_are_left_alone(monkeypatch, caplog):
    def solve(self, equations, names):
        """As another release has it."""

    monkeypatch.setattr(patches, "_missing", {})
    monkeypatch.setattr(LinearStateUpdater, "__call__", solve)
    integration_cache.keep_solutions()
    assert LinearStateUpdater.__call__ is solve
    assert "(solutions: LinearStateUpdater takes other arguments)" in caplog.text


@pytest.mark.parametrize("other", [None, repr, lambda obj: (obj,)])
def test_other_keys_are_left_alone(monkeypatch, caplog, other):
    monkeypatch.setattr(patches, "_missing", {})
    if other is None:
        monkeypatch.delattr(caching, "_hashable")
    else:
        monkeypatch.setattr(caching, "_hashable", other)
    cache_keys.quick_keys()
    assert getattr(caching, "_hashable", None) is other
    assert "(cache-keys: _hashable " in caplog.text


def test_the_keys_are_those_that_brian2_makes(parts):
    slow = getattr(caching._hashable, "before", caching._hashable)
    with cache_keys.quick_keys_meanwhile():
        quick = caching._hashable
    assert quick is not slow
    group, synapses = parts[:2]

    class Named(tuple):
        """A sequence of a type of its own."""

    for value in (
        group.variables, dict(synapses.variables), group.equations, {1: [2 * b2.mV]}, Named("ab"),
        np.float64(2), np.array(3), b2.mV, b2.DEFAULT_FUNCTIONS, frozenset("ab"), (None, True, 1.5),
    ):  # fmt: skip
        try:
            wanted = slow(value)
        except TypeError:
            with pytest.raises(TypeError):
                quick(value)
        else:
            assert quick(value) == wanted
