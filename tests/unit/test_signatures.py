"""What Shift-Tab shows in Jupyter: arguments and help of everything that the library offers."""

from __future__ import annotations

import inspect
import types

import pytest

import workbench as wb

OFFERED = [name for name in wb.__all__ if callable(getattr(wb, name))]


def test_everything_offered_is_callable():
    assert set(OFFERED) == set(wb.__all__)


@pytest.mark.parametrize("name", OFFERED)
def test_arguments_and_help_are_shown(name):
    thing = getattr(wb, name)
    assert isinstance(thing, types.FunctionType | type)
    parameters = inspect.signature(thing).parameters.values()
    assert not any(p.kind == p.VAR_POSITIONAL for p in parameters)
    assert (inspect.getdoc(thing) or "").strip()
    assert thing.__doc__, "its own, not that of a base"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("figure", ["what", "view", "path", "width_mm", "height_mm"]),
        ("sweep", ["model", "vary", "repeats", "measure", "duration_ms"]),
        ("compare", ["model", "change", "duration_ms", "bin_ms", "seed", "engine"]),
        ("circuit", ["x"]),
        ("load", ["slug"]),
        ("explore", ["model"]),
        ("runs", ["model", "tag"]),
    ],
)
def test_functions_show_their_own_arguments(name, first):
    thing = getattr(wb, name)
    assert list(inspect.signature(thing).parameters)[: len(first)] == first


@pytest.mark.parametrize("name", [n for n in OFFERED if inspect.isfunction(getattr(wb, n))])
def test_the_help_names_every_argument(name):
    function = getattr(wb, name)
    help = inspect.getdoc(function) or ""
    named = [p for p in inspect.signature(function).parameters if len(p) > 1]
    if len(named) > 2:
        assert [p for p in named if p not in help] == []
