"""Errors of the Python API: one sentence, the same as on the command line and in the app."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from toys import Toy

import workbench as wb
from workbench import Inject, Model, Parameter
from workbench.brian.errors import sentence
from workbench.checks import CHECKS, CheckFailed
from workbench.errors import BuildError, ParameterError, SimulationError, UnknownName

outside = 10.0  # a constant of the script's scope, which no network sees


class LocalNames(Model):
    """Uses a constant that is in the scope of its script only."""

    slug = "local-names"
    title = "Script style"
    drive = Parameter(1.2, bounds=(0, 3))

    def build(self):
        import brian2 as b2

        neurons = b2.NeuronGroup(
            10, "dv/dt = (drive - v) / (outside*ms) : 1\ndrive : 1 (shared)", threshold="v > 1",
            reset="v = 0", method="exact", clock=b2.Clock(0.1 * b2.ms, name="local_clock"),
            name="neurons",
        )  # fmt: skip
        return b2.Network(neurons, name="local_names")


class PythonFunction(Model):
    """Calls a function of Python in its equations."""

    slug = "python-function"
    title = "Python function"
    k = Parameter(20.0, unit="mV", bounds=(0, 50))

    def build(self):
        import brian2 as b2

        @b2.check_units(x=b2.volt, result=b2.volt)
        def squash(x):
            return np.tanh(np.asarray(x) / 0.02) * 0.02 * b2.volt

        cells = b2.NeuronGroup(
            5, "dv/dt = (squash(k * 2) - v) / (10*ms) : volt\nk : volt (shared)",
            threshold="v > 15*mV", reset="v = 0*mV", method="euler",
            clock=b2.Clock(0.1 * b2.ms, name="squash_clock"), namespace={"squash": squash},
            name="cells",
        )  # fmt: skip
        return b2.Network(cells, name="squashed")


class Inputs(Toy):
    """A population that takes spikes, and two that make their own."""

    title = "Inputs"
    populations = ("source", "cells", "noise", "script")

    def build(self):
        import brian2 as b2

        net = super().build()
        clock = net["cells"].clock
        noise = b2.PoissonGroup(4, 10 * b2.Hz, clock=clock, name="noise", namespace={})
        script = b2.SpikeGeneratorGroup(4, [0], [1] * b2.ms, clock=clock, name="script")
        net.add(noise, script)
        return net


class OwnFault(Toy):
    """Fails in its own code."""

    title = "Own fault"

    def build(self):
        raise KeyError("w_ee")


NAME_NOT_FOUND = (
    "Script style could not be built. 'neurons' uses the name 'outside', which neither its "
    "equations nor its namespace say: pass namespace={'outside': ...} to neurons, for variables "
    "of the script around it are not seen."
)


def message_of(call) -> str:
    with pytest.raises(wb.WorkbenchError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    return text


# -- what Brian2 and the model complain of ---------------------------------------------------------


def test_a_name_that_is_not_found_is_named_with_its_object():
    assert message_of(lambda: LocalNames().run(5.0, engine="numpy")) == NAME_NOT_FOUND
    with pytest.raises(BuildError) as caught:
        LocalNames().run(5.0, engine="numpy")
    assert caught.value.__cause__ is not None  # for who wants to know more


def test_a_session_says_the_same():
    with LocalNames().start(engine="numpy", duration_ms=5.0, speed=None) as session:
        assert session.wait(60)
        assert session.status().message == NAME_NOT_FOUND


def test_the_checks_say_the_same():
    (check,) = [a for a in CHECKS if a.name == "has_own_clocks"]
    with pytest.raises(CheckFailed) as caught:
        check.run(LocalNames)
    assert str(caught.value) == f"It could not be checked. {NAME_NOT_FOUND}"


@pytest.mark.parametrize(
    ("engine", "language", "target"), [("cython", "Cython", "cython"), ("compiled", "C++", "cpp")]
)
def test_a_function_that_cannot_be_compiled_is_named(engine, language, target):
    assert message_of(lambda: PythonFunction().run(5.0, engine=engine)) == (
        "Python function cannot be compiled: the function 'squash' of 'cells' is written in Python "
        f"and has no implementation in {language}. Give it one with Brian2's "
        f"@implementation({target!r}, ...), or use engine='numpy'."
    )


def test_what_is_compiled_in_the_background_fails_in_silence():
    code = (
        "import sys, types; sys.path.insert(0, sys.argv[1])\n"
        "from test_api_errors import PythonFunction\n"
        "from workbench.engine.compiled import background\n"
        "from workbench.model.transfer import pack_model\n"
        "session = types.SimpleNamespace(close=list, send=print)\n"
        "background._build(session, pack_model(PythonFunction()), 0.0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    (reason,) = done.stdout.splitlines()  # for whoever asks why it stays on NumPy
    assert "the function 'squash' of 'cells' is written in Python" in reason


def test_on_numpy_the_function_runs():
    assert PythonFunction().run(5.0, engine="numpy").outcome == "finished"


def test_a_fault_of_the_models_own_code():
    assert message_of(lambda: OwnFault().run(5.0, engine="numpy")) == (
        "Own fault could not be built. KeyError: w_ee"
    )


def test_a_circuit_says_the_same():
    assert (
        message_of(lambda: wb.circuit(OwnFault())) == "Own fault could not be built. KeyError: w_ee"
    )


def test_what_fails_while_it_runs_has_stopped():
    class Stumbles(Toy):
        title = "Stumbles"

        def build(self):
            import brian2 as b2

            net = super().build()

            def stumble(t):
                if t > 3 * b2.ms:
                    raise ZeroDivisionError("by nought")

            net.add(b2.NetworkOperation(stumble, clock=net["cells"].clock, name="stumble"))
            return net

    with pytest.raises(SimulationError) as caught:
        Stumbles().run(5.0, engine="numpy")
    assert str(caught.value) == "Stumbles stopped. ZeroDivisionError: by nought"


def test_lack_of_memory_is_reported_wherever_it_arose():
    error = RuntimeError("inner")
    error.__cause__ = MemoryError()
    assert "needs more memory" in sentence(error, Toy, built=True)


# -- arguments of run --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"duration_ms": "abc"}, "duration_ms = 'abc' cannot be read: write a number in ms."),
        ({"duration_ms": "1,5"}, "duration_ms = '1,5' cannot be read: it has a decimal comma; did "
                                 "you mean '1.5'?"),
        ({"duration_ms": "5 mV"}, "duration_ms = '5 mV' has the wrong unit: it is measured in ms."),
        ({"duration_ms": [5]}, "duration_ms must be a number in ms; got [5]."),
        ({"duration_ms": True}, "duration_ms must be a number in ms; got True."),
        ({"duration_ms": float("nan")}, "duration_ms must be finite; got nan."),
        ({"duration_ms": -1}, "duration_ms = -1 is not allowed: it must be above 0."),
        ({"seed": 1.5}, "seed must be a whole number; got 1.5."),
        ({"seed": "one"}, "seed = 'one' cannot be read: write a whole number."),
        ({"seed": None}, "seed must be a number; got None."),
        ({"seed": -1}, "seed = -1 is not allowed: a whole number from 0 to 2**32 - 1."),
        ({"engine": "fast"}, "Unknown engine: 'fast'. Allowed: auto, numpy, cython or compiled."),
        ({"engine": None}, "Unknown engine: 'None'. Allowed: auto, numpy, cython or compiled."),
        ({"engine": ["numpy"]}, "Unknown engine: \"['numpy']\"."),
        ({"operations": Inject(5, "source", (0,))}, "operations = Inject("),
        ({"operations": "inject"}, "operations = inject is not allowed: give a list"),
        ({"operations": ["inject"]}, "inject is not an operation; Toy knows Inject."),
        ({"input_spikes": [1, 2]}, "input_spikes = [1, 2] is not allowed: give a dict, such as "
                                   "{'population': (t_ms, i)}."),
        ({"input_spikes": {"source": 3}}, "input_spikes['source'] must be two arrays, (t_ms, i); "
                                          "got 3."),
        ({"input_spikes": {"source": (["a"], [0])}}, "input_spikes['source'] must be two arrays"),
        ({"input_spikes": {"source": ([1.0], [0.5])}}, "input_spikes['source'] must have whole "
                                                       "numbers of neurons; got 0.5."),
        ({"record": "cells.v"}, "record = cells.v is not allowed: give a dict, such as "
                                "{'population.v': [0, 1]}."),
    ],
)  # fmt: skip
def test_wrong_arguments_of_run_are_one_sentence(arguments, message):
    found = message_of(lambda: Toy().run(**{"duration_ms": 5.0, "engine": "numpy", **arguments}))
    assert found.startswith(message)


def test_times_may_have_a_unit():
    import brian2 as b2

    for duration in ("5 ms", "0.005 s", 5 * b2.ms, 0.005 * b2.second, np.float32(5)):
        assert Toy().run(duration, engine="numpy").duration_ms == 5.0
    run = Toy().run(
        5.0, engine="numpy", seed=np.int64(3), input_spikes={"source": ([1, 2] * b2.ms, [0, 1])}
    )
    assert [round(float(t), 3) for t in run.spikes("source")[0]] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("tau", "change = tau is not allowed: give a dict of parameters"),
        ({"tau": "1,5"}, "Toy.tau = '1,5' cannot be read: it has a decimal comma"),
    ],
)
def test_wrong_arguments_of_compare_are_one_sentence(change, message):
    assert message_of(lambda: wb.compare(Toy(), change, duration_ms=5)).startswith(message)


# -- who takes spikes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("population", "kind"),
    [("noise", "PoissonGroup"), ("script", "SpikeGeneratorGroup"), ("cells", "NeuronGroup")],
)
def test_input_spikes_say_who_takes_them(population, kind):
    spikes = {population: ([1.0], [0])}
    assert message_of(lambda: Inputs().run(5.0, engine="numpy", input_spikes=spikes)) == (
        f"{population!r} takes no input spikes, being a {kind} without a variable 'drive'; "
        "'source' does. One that takes them has 'drive : 1' in its equations, "
        "threshold='drive > 0' and reset='drive = 0'."
    )


def test_input_spikes_of_no_population():
    with pytest.raises(UnknownName, match=r"'sauce'.* Did you mean 'source'\?"):
        Inputs().run(5.0, engine="numpy", input_spikes={"sauce": ([1.0], [0])})


# -- names of parameters -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "title", "slug", "build", "name", "param", "set", "facts"])
def test_a_parameter_cannot_have_the_name_of_something_that_every_model_has(name):
    with pytest.raises(ParameterError) as caught:
        type("Taken", (Model,), {name: Parameter(1.0)})
    assert str(caught.value) == (
        f"Taken.{name} cannot be a parameter: every model has something else of the name {name!r}, "
        f"so give it another one, such as {name}_value."
    )


def test_a_parameter_may_be_declared_anew():
    class Slower(Toy):
        tau = Parameter(20.0)

    assert Slower().tau == 20.0
    assert Slower.parameter("tau").unit == "ms"
