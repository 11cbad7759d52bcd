"""The About tab: what a model says of itself, and its equations, as in print."""

from __future__ import annotations

import dataclasses

import pytest

import workbench as wb
from panels.tabs.about import AboutTab, about
from workbench.circuits.tables import models_html
from workbench.model import registry

from .fakes import INFO
from .test_explorer import page, sessions  # noqa: F401
from .test_journey import until

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


@pytest.mark.parametrize(
    ("model", "written"),
    [
        ("cuba", "<i>τ</i><sub>m</sub> dv/dt = (<i>E</i><sub>L</sub> − v)"),
        ("cuba", "v &gt; <i>V</i><sub>t</sub> → v = "),
        ("ssn-pair", "k [<i>V</i><sub>a</sub> − <i>V</i><sub>rest</sub>]<sub>+</sub><sup>n</sup>"),
        ("elm-neuron", "<i>s</i><sub>t</sub> = <i>κ</i><sub>s</sub> s<sub>t-1</sub>"),
        ("active-dendrites", "<i>∑</i><sub>b ≥ <i>θ</i></sub>"),
        ("adaptive-reservoir", "(<i>A</i><sub>E</sub> <i>ρ</i>)<sub>i</sub>"),
        ("adaptive-whitening", "<sup>-1</sup> x"),
        ("symmetric-stdp", "to a fixed sum."),
        ("ssn-line", "<code>ssn</code>"),
    ],
)
def test_what_is_written_as_code_is_set_as_in_print(model, written):
    assert written in about(registry.models()[model])


@pytest.mark.parametrize("model", sorted(registry.models()))
def test_every_part_of_a_docstring_is_there(model):
    shown = about(registry.models()[model])
    assert [p for p in ("Equations", "Source", "Departures", "Numerics") if f"<h3>{p}<" in shown]
    assert "<pre" not in shown


def test_a_model_that_says_nothing_in_parts_is_shown_as_it_says_it():
    class Plain(registry.models()["cuba"]):
        """Says <this>,

        and that.
        """

    Plain.__module__ = __name__
    assert "<p class=plain>" in about(Plain) and "The About tab" in about(Plain)


def test_the_equations_of_the_network_are_typeset():
    made = models_html(wb.circuit(wb.load("ssn-pair")))
    assert made.count('<svg class="tex"') > 10
    assert "Neuron model N1" in made and "Measurements" not in made


def test_they_are_added_when_the_network_is_known(page):  # noqa: F811
    tab = AboutTab(page)
    view = tab.build()
    known = dataclasses.replace(INFO, circuit=wb.circuit(wb.load("ssn-pair")))
    for info in (INFO, known, known):
        assert 'class="tex"' not in view.object
        for hook in page.hooks["info"]:
            hook(info)
    until(lambda: page.tick() or 'class="tex"' in view.object)
    assert view.object.count("Neuron model N1") == 1
