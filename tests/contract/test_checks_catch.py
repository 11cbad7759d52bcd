"""Each check notices a model that breaks it; a check that never fails protects nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import pytest

from workbench import Experiment, Operation, Option, Parameter, Write, option
from workbench.checks import CHECKS, CheckFailed
from workbench.cli.templates.neurons import TemplateNeuron
from workbench.errors import ParameterError
from workbench.model.experiment import no_progress

BY_NAME = {check.name: check for check in CHECKS}


def broken(name: str, cls: type) -> str:
    """The sentence with which a check refuses ``cls``."""
    with pytest.raises(CheckFailed) as caught:
        BY_NAME[name].run(cls)
    return str(caught.value)


def test_a_missing_purpose():
    class Mute(TemplateNeuron):
        """Says nothing."""

        purpose = ""

    assert broken("says_what_it_is", Mute) == "Mute.purpose is empty: write it."


def test_a_slug_that_is_no_address():
    class Odd(TemplateNeuron):
        """Has a bad name."""

        slug = "My Model"

    assert "cannot be an address" in broken("says_what_it_is", Odd)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({"doc": ""}, "extra has no doc."),
        ({"source": ""}, "extra has no source."),
        ({"bounds": None}, "extra has no bounds."),
        ({"softbounds": None}, "extra has no softbounds, so no slider."),
        ({"softbounds": (0, 20)}, "extra: the slider, 0 to 20, leaves the bounds."),
        ({"softbounds": (2, 3)}, "extra = 1 lies outside its slider, 2 to 3."),
    ],
)
def test_a_parameter_that_lacks_something(missing, message):
    whole = {"bounds": (0, 10), "softbounds": (0, 5), "doc": "more", "source": "here"}

    class Lacks(TemplateNeuron):
        """Has an incomplete parameter."""

        extra = Parameter(1.0, live=False, **{**whole, **missing})

    assert broken("declares_parameters_in_full", Lacks) == message


def test_no_fact():
    class Factless(TemplateNeuron):
        """Claims nothing."""

        facts = ()

    assert "Factless.facts is empty" in broken("has_facts", Factless)


def test_a_tolerance_without_a_reason():
    class Vague(TemplateNeuron):
        """Has a tolerance nobody explains."""

        facts = (replace(TemplateNeuron.facts[0], why_tol=""),)

    assert "does not say why its tolerance" in broken("has_facts", Vague)


@dataclass(frozen=True)
class Poke(Operation):
    """Raises one neuron's potential, and checks nothing."""

    neuron: int = option(0, "number of the neuron")

    def writes(self, model, tick):
        return [Write(tick, "neurons", "v", self.neuron, -0.05)]


@dataclass(frozen=True)
class CarefulPoke(Poke):
    """Raises one neuron's potential."""

    def check(self, model):
        if not 0 <= self.neuron < model.n_neurons:
            raise ParameterError(f"neuron = {self.neuron} is not one of them.")


def test_an_operation_that_checks_nothing():
    class Careless(TemplateNeuron):
        """Has a careless operation."""

        operations = (Poke,)

    class Careful(TemplateNeuron):
        """Has a careful operation."""

        operations = (CarefulPoke,)

    assert broken("operations_check_arguments", Careless) == "Poke accepts neuron = -1."
    BY_NAME["operations_check_arguments"].run(Careful)


@dataclass(frozen=True)
class Unexplained(CarefulPoke):
    """Raises one neuron's potential, by something."""

    by: float = 1.0


def test_an_option_that_nobody_explains():
    class Terse(TemplateNeuron):
        """Has an operation with a field that is not explained."""

        operations = (Unexplained,)

    message = broken("operations_check_arguments", Terse)
    assert message == "The field 'by' of Unexplained is not explained."

    def run(model, progress=no_progress, seeds: Annotated[int, Option("repeats")] = 1, n: int = 2):
        raise NotImplementedError

    class Short(TemplateNeuron):
        """Has an experiment with an option that is not explained."""

        experiments = (Experiment("one", "One", "none", run, list, print),)

    assert Short.experiments[0].options == {"seeds": (1, "repeats"), "n": (2, "")}
    message = broken("describes_experiments", Short)
    assert message == "The option 'n' of 'one' is not explained."


def test_an_object_without_a_name():
    class Unnamed(TemplateNeuron):
        """Leaves a name to Brian2."""

        def build(self):
            import brian2 as b2

            clock = b2.Clock(0.1 * b2.ms, name="unnamed_clock")
            return b2.Network(
                *super().build().sorted_objects,
                b2.NeuronGroup(1, "x : 1", clock=clock, namespace={}),
            )

    assert "pass name= when it is made" in broken("names_every_object", Unnamed)


def test_the_shared_clock():
    class Clockless(TemplateNeuron):
        """Relies on the default clock."""

        def build(self):
            import brian2 as b2

            return b2.Network(b2.NeuronGroup(1, "x : 1", namespace={}, name="neurons"))

    assert "neurons runs on Brian2's shared default clock" in broken("has_own_clocks", Clockless)


def test_a_live_parameter_that_reaches_nothing():
    class Unlinked(TemplateNeuron):
        """Declares a slider that moves nothing."""

        ghost = Parameter(1, bounds=(0, 2), softbounds=(0, 2), doc="nothing", source="none")

    assert "ghost" in broken("live_parameters_reach_the_network", Unlinked)


def test_a_slider_end_that_explodes():
    class Explodes(TemplateNeuron):
        """Has a slider that reaches a potential of minus infinity."""

        I_e = Parameter(-2, unit="nA", bounds=(-9, 0), softbounds=(-9, 0), doc="-", source="-")
        R_m = Parameter(
            10, unit="Mohm", bounds=(0, None), softbounds=(1, 1e305), doc="-", source="-"
        )

    assert "With R_m = 10³⁰⁵ MΩ: neurons.v" in broken("finite_at_both_ends", Explodes)


def test_spikes_that_differ_from_run_to_run():
    drawn = iter(range(-64, -50))

    class Restless(TemplateNeuron):
        """Starts elsewhere each time, whatever the seed."""

        def build(self):
            import brian2 as b2

            net = super().build()
            net["neurons"].v = next(drawn) * b2.mV
            return net

    assert "with one seed differ" in broken("repeats_for_a_seed", Restless)


def test_a_lesson_that_does_not_fit(tmp_path, monkeypatch):
    (tmp_path / "one.toml").write_text('title = "A"\n[[steps]]\ntext = "B"\nfree = ["ghost"]')
    given = {TemplateNeuron.slug: {"one": tmp_path / "one.toml"}}
    monkeypatch.setattr("workbench.lessons.finding._given", given)
    assert "one.toml, step 1: Unknown parameter" in broken("lessons_fit", TemplateNeuron)
    assert "one.toml, step 1: Unknown parameter" in broken("lessons_are_true", TemplateNeuron)


def test_whatever_goes_wrong_is_one_sentence():
    class Crashes(TemplateNeuron):
        """Cannot be built."""

        def build(self):
            raise ZeroDivisionError("by nought")

    message = broken("has_own_clocks", Crashes)
    assert message == "It could not be checked. ZeroDivisionError: by nought"


def test_a_network_that_ignores_the_step():
    class Stubborn(TemplateNeuron):
        """Has a step of its own."""

        def build(self):
            return TemplateNeuron(n_neurons=self.n_neurons).build()

    assert broken("runs_in_its_steps", Stubborn) == (
        "It could not be checked. dt_ms = 0.05 ms did not reach the network, whose steps are 0.1 "
        "ms: in Stubborn.build(), give its clock dt=self.brian('dt_ms'), or declare in dt_fixed "
        "why the step is part of the model."
    )


def test_a_network_in_other_steps_than_declared():
    class Other(TemplateNeuron):
        """Declares one step and takes another."""

        dt_ms = 0.5
        dt_fixed = "it is chosen so."

        def build(self):
            return TemplateNeuron().build()

    assert broken("runs_in_its_steps", Other) == (
        "dt_ms is 0.5 ms, but the steps of neurons are 0.1 ms: give its clock "
        "dt=self.brian('dt_ms')."
    )
