"""What is remembered of binaries, and for which values of a model one may be there."""

from __future__ import annotations

import pytest

from workbench.engine.compiled import built, cache
from workbench.model.model import Model
from workbench.model.parameter import Parameter


class Sized(Model):
    """Two parameters that are not live, and a live one."""

    slug = ""
    n = Parameter(2, bounds=(1, 100), live=False, integer=True, doc="neurons")
    form = Parameter(0, bounds=(0, 9), live=False, integer=True, doc="in its equations")
    tau = Parameter(10.0, unit="ms", bounds=(1, 50), doc="time constant")


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """``compiled(binary, values)`` remembers that binary, which is there, for those values."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))

    def remember(binary, **values):
        place = cache.folder() / binary
        place.mkdir(parents=True, exist_ok=True)
        (place / cache.BINARY).touch()
        (place / "model").write_text("sized")
        built.mark_compiled(Sized(**values), "compiled", binary)

    return remember


def test_nothing_is_there_before_something_was_compiled(compiled):
    assert not built.may_have_binary(Sized())
    compiled("a")
    assert built.is_compiled(Sized(), "compiled") and built.may_have_binary(Sized())


def test_live_values_make_no_difference(compiled):
    compiled("a")
    assert built.is_compiled(Sized(tau=20.0), "compiled")


def test_another_size_may_be_served_and_is_not_yet_known_to_be(compiled):
    compiled("a")
    assert built.may_have_binary(Sized(n=5)) and not built.is_compiled(Sized(n=5), "compiled")


def test_a_parameter_that_led_to_another_binary_is_not_tried_again(compiled):
    compiled("a")
    compiled("b", form=1)
    assert not built.may_have_binary(Sized(form=2))
    assert built.may_have_binary(Sized(form=1, n=7)) and built.may_have_binary(Sized(n=7))


def test_where_two_parameters_differ_neither_is_known_to_matter(compiled):
    compiled("a")
    compiled("b", form=1, n=3)
    assert built.may_have_binary(Sized(form=2))


def test_a_binary_that_was_removed_is_not_counted(compiled):
    compiled("a")
    cache.clear()
    assert not built.may_have_binary(Sized()) and not built.may_have_binary(Sized(n=5))


def test_the_marker_of_an_older_version_is_passed_over(compiled):
    compiled("a")
    built.marker(Sized(n=9), "compiled").write_text("a")
    assert not built.is_compiled(Sized(n=9), "compiled")
    assert built.may_have_binary(Sized(n=9))
