"""A live parameter writes the shared variables of its name and dimension, and nothing else."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from workbench import Model, Parameter
from workbench.checks import CHECKS, CheckFailed
from workbench.cli.templates.neurons import TemplateNeuron
from workbench.engine.runtime import Runtime
from workbench.errors import BuildError, SimulationError

CHECK = next(check for check in CHECKS if check.name == "live_parameters_reach_the_network")
PLASTIC = (np.arange(100) % 7) * 0.3e-3  # V, the weights of the plastic projection


class TwoWeights(Model):
    """One parameter w; a projection with a shared w, and a plastic one with a w of its own."""

    slug = "two-weights"
    title = "Two weights"
    traces: ClassVar[dict] = {"post.v": "mV"}
    w = Parameter(1.0, unit="mV", bounds=(0, 5), softbounds=(0, 5), doc="weight")

    def build(self):
        import brian2 as b2

        clock = b2.Clock(0.1 * b2.ms, name="two_weights_clock")
        pre = b2.PoissonGroup(10, rates=20 * b2.Hz, clock=clock, name="pre")
        post = b2.NeuronGroup(
            10, "dv/dt = -v/(10*ms) : volt", threshold="v > 5*mV", reset="v = 0*mV",
            method="exact", clock=clock, namespace={}, name="post",
        )  # fmt: skip
        static = b2.Synapses(
            pre, post, "w : volt (shared)", on_pre="v_post += w", clock=clock, namespace={},
            name="static",
        )  # fmt: skip
        static.connect(j="i")
        static.w = self.brian("w")
        plastic = b2.Synapses(
            pre, post, "w : volt", on_pre="v_post += w", on_post="w = clip(w*1.01, 0*mV, 3*mV)",
            clock=clock, namespace={}, name="plastic",
        )  # fmt: skip
        plastic.connect()
        plastic.w = PLASTIC * b2.volt
        return b2.Network(pre, post, static, plastic, name="two_weights")


class Cells(Model):
    """A group whose equations a test gives, with a live parameter ``a`` in mV."""

    slug = "cells"
    title = "Cells"
    traces: ClassVar[dict] = {"cells.v": "1"}
    equations: ClassVar[str] = "a : volt (shared)"
    more: ClassVar[str] = "x : 1"
    namespace: ClassVar[dict] = {}
    a = Parameter(7.0, unit="mV", bounds=(0, 50), softbounds=(0, 50), doc="drive")

    def build(self):
        import brian2 as b2

        clock = b2.Clock(0.1 * b2.ms, name="cells_clock")
        cells, others = (
            b2.NeuronGroup(
                4, f"dv/dt = -v/(10*ms) : 1\n{equations}", threshold="v > 1", reset="v = 0",
                method="euler", clock=clock, namespace=self.namespace, name=name,
            )
            for name, equations in (("cells", self.equations), ("others", self.more))
        )  # fmt: skip
        return self.finish(b2, cells, others)

    def finish(self, b2, cells, others):
        """The network; a test may set variables first."""
        return b2.Network(cells, others, name="cells_network")


@pytest.fixture
def built():
    """``built(model)`` is its runtime on NumPy; Brian2's settings are put back afterwards."""
    from contextlib import ExitStack

    import brian2

    from workbench.engine.runtime import brian_settings_kept

    brian2.BrianLogger.suppress_name("unused_brian_object")

    with ExitStack() as stack:

        def build(model):
            stack.enter_context(brian_settings_kept())
            runtime = Runtime(model, 1, "numpy")
            runtime.build()
            return runtime

        yield build


def refused(built, **declared) -> str:
    """The sentence with which a network of `Cells` is refused."""
    with pytest.raises(BuildError) as caught:
        built(type("Cells", (Cells,), declared)())
    return str(caught.value)


def test_an_array_of_the_same_name_is_left_alone_at_build_and_later(built):
    runtime = built(TwoWeights())
    plastic, static = (runtime.net[n].variables["w"] for n in ("plastic", "static"))
    assert np.array_equal(plastic.get_value(), PLASTIC)
    runtime.set_parameter("w", 3.0)
    assert np.array_equal(plastic.get_value(), PLASTIC)
    assert static.get_value() == pytest.approx(3e-3)


@pytest.mark.parametrize(
    "engine", ["numpy", pytest.param("compiled", marks=pytest.mark.slow)]
)  # fmt: skip
def test_weights_of_a_run_begin_as_the_model_says(engine):
    run = TwoWeights(w=2.0).run(5, engine=engine)
    assert run.weights["plastic"]["w"][0] == pytest.approx(PLASTIC, rel=1e-12)
    assert run.weights["static"]["w"][0] == pytest.approx(2e-3, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_live_change_leaves_the_array_alone(engine, go_on):
    with TwoWeights().start(engine=engine, paused=True) as session:
        session.set("w", 4.0)
        session.step(3)
        session.reach(3, 60)
        run = session.stop()
    assert run.interventions[0]["value"] == 4.0
    grown = run.weights["plastic"]["w"][-1] / np.where(PLASTIC > 0, PLASTIC, 1)
    assert np.all(grown[PLASTIC > 0] >= 1 - 1e-12) and np.all(grown <= 1.01**5)
    assert run.weights["static"]["w"][-1] == pytest.approx(4e-3)


def test_another_dimension_is_refused_with_both_names(built):
    message = refused(built, more="a : 1 (shared)")
    assert message == (
        "Cells.a is in mV, but the shared variable of its name, others.a, is a plain number: "
        "give one of them another name, or both the same dimension."
    )
    message = refused(built, more="a : amp (shared)")
    assert "Cells.a is in mV" in message and "others.a, is in amp:" in message


def test_a_plain_number_for_a_variable_with_a_unit_is_refused(built):
    message = refused(built, a=Parameter(0.5, unit="1", bounds=(0, 1), doc="-"))
    assert "Cells.a is a plain number" in message and "cells.a, is in volt" in message


@pytest.mark.parametrize(
    ("equations", "message"),
    [
        ("a : volt", "(cells.a is one for each element)"),
        ("a = 3*mV*v : volt", "(cells.a is one for each element)"),
        ("a = 3*mV : volt (shared)", "(cells.a is computed or fixed)"),
        ("a = 3*mV : volt (shared, constant over dt)", "(cells.a is computed or fixed)"),
        ("x : 1", "a shared variable named 'a': declare it as 'a : volt (shared)'"),
    ],
)
def test_what_only_has_the_name_is_not_written(built, equations, message):
    assert message in refused(built, equations=equations)


def test_a_constant_of_the_namespace_is_not_written(built):
    import brian2

    given = {"a": 3 * brian2.mV}
    message = refused(built, equations="b = a : volt", namespace=given)
    assert "(in cells it is a constant of the namespace)" in message


@pytest.mark.parametrize("name", ["i", "N", "lastspike", "t", "delay", "not_refractory"])
def test_brian2s_own_variables_are_not_written(built, name):
    other = Parameter(2.0, unit="ms", bounds=(0, 9), softbounds=(0, 9), doc="-")
    message = refused(built, **{name: other})
    assert f"no object of the network has a shared variable named {name!r}" in message


def test_a_delay_of_that_name_stays(built):
    class Delayed(TwoWeights):
        """Its parameter is called as Brian2 calls delays."""

        delay = Parameter(2.0, unit="ms", bounds=(0, 9), softbounds=(0, 9), doc="-")

        def build(self):
            net = super().build()
            net["static"].pre.delay = 2 * self.brian("delay")
            return net

    with pytest.raises(BuildError, match="no object of the network has a shared variable named"):
        built(Delayed())


def test_a_constant_shared_variable_is_refused(built):
    assert "'(constant, shared)', which Brian2 reads once" in refused(
        built, equations="a : volt (constant, shared)"
    )


def test_a_whole_number_takes_no_fraction(built):
    message = refused(
        built, equations="a : integer (shared)",
        a=Parameter(1.5, unit="1", bounds=(0, 3), doc="-"),
    )  # fmt: skip
    assert message.startswith("Cells.a may be any number, but cells.a holds whole numbers only")


def test_a_linked_variable_follows_and_its_group_is_not_written(built):
    class Linked(Cells):
        """Its second group reads the first one's a."""

        more = "a : volt (linked)"

        def finish(self, b2, cells, others):
            others.a = b2.linked_var(cells, "a")
            return b2.Network(cells, others, name="cells_network")

    runtime = built(Linked())
    runtime.set_parameter("a", 20.0)
    assert np.asarray(runtime.net["others"].a[:]) == pytest.approx(20e-3)


def test_every_group_with_the_shared_variable_follows(built):
    runtime = built(type("Both", (Cells,), {"more": "a : volt (shared)"})())
    runtime.set_parameter("a", 20.0)
    for name in ("cells", "others"):
        assert runtime.net[name].variables["a"].get_value() == pytest.approx(20e-3)


# -- the check -------------------------------------------------------------------------------------


def test_the_check_holds_for_two_weights():
    CHECK.run(TwoWeights)


def test_the_check_notices_whoever_writes_by_name_alone(monkeypatch):
    import workbench.engine.simulation as engine

    def by_name(model, objects, name):
        return [o.variables[name] for o in objects if name in getattr(o, "variables", {})]

    monkeypatch.setattr(engine, "live_variables", by_name)
    with pytest.raises(CheckFailed) as caught:
        CHECK.run(TwoWeights)
    assert str(caught.value) == (
        "When the network was built, the live parameters changed plastic.w, which is no shared "
        "variable of that name."
    )


def test_the_check_notices_a_change_that_reaches_too_far(monkeypatch):
    original = Runtime.set_parameter

    def also(self, name, value):
        original(self, name, value)
        self.net["neurons"].variables["v"].get_value()[0] = value

    build = Runtime.write_live_parameters

    def quietly(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Runtime, "set_parameter", original)
            build(self)

    monkeypatch.setattr(Runtime, "set_parameter", also)
    monkeypatch.setattr(Runtime, "write_live_parameters", quietly)
    with pytest.raises(CheckFailed, match=r"changed neurons\.v, which is no shared variable"):
        CHECK.run(TemplateNeuron)


def test_a_run_says_why_it_cannot_be_built():
    with pytest.raises((BuildError, SimulationError), match=r"others\.a, is a plain number"):
        type("Cells", (Cells,), {"more": "a : 1 (shared)"})().run(1, engine="numpy")
