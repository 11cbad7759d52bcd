"""What is built ahead, and what is left when that is interrupted."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.engine.compiled import ahead, built, cache
from workbench.model import registry
from workbench.model.model import Model
from workbench.model.parameter import Parameter


class Chosen(Model):
    """A choice that is live, one that is not, and a size."""

    slug = "chosen"
    rule = Parameter(0, choices=("slow", "fast", "none"), live=False, doc="of learning")
    shown = Parameter(0, choices=("a", "b"), doc="live")
    n = Parameter(2, bounds=(1, 100), live=False, integer=True, doc="neurons")


def place_of(binary):
    place = cache.folder() / binary
    place.mkdir(parents=True, exist_ok=True)
    (place / cache.BINARY).touch()
    (place / "model").write_text("chosen")


@pytest.fixture
def built_models(tmp_path, monkeypatch):
    """No compiler runs: a build leaves an empty binary; returns what was built."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "compiler", lambda: "a compiler")
    monkeypatch.setattr(ahead, "compiler", lambda: "a compiler")
    done = []

    def build(model):
        if model.rule == 2:
            failed = "it has no C++."
            return SimpleNamespace(
                look=lambda: SimpleNamespace(built=False), failed=failed, seconds=0.1
            )
        place_of(f"b{len(done)}")
        built.mark_compiled(model, "compiled", f"b{len(done)}")
        done.append(model.values())
        found = SimpleNamespace(built=True, failed="", seconds=1.5)
        found.look = lambda: found
        return found

    monkeypatch.setattr(ahead, "build_now", build)
    return done


def test_the_defaults_and_each_choice_are_likely_and_no_size_is():
    found = ahead.likely(Chosen)
    assert list(found) == ["", "rule = fast", "rule = none"]
    assert [m.rule for m in found.values()] == [0, 1, 2]


def test_what_is_there_is_not_built_again_and_what_cannot_be_is_said(built_models):
    first, second, third = ahead.build_ahead([Chosen])
    assert (first.seconds, second.choice, third.why) == (1.5, "rule = fast", "it has no C++.")
    again = list(ahead.build_ahead([Chosen]))
    assert [b.seconds for b in again[:2]] == [0.0, 0.0] and len(built_models) == 2


def test_an_interrupt_keeps_what_is_done(built_models, monkeypatch):
    ended = []

    def build(model, usual=ahead.build_now):
        if model.rule == 0:
            return usual(model)

        def interrupted(timeout):
            raise KeyboardInterrupt

        process = SimpleNamespace(join=interrupted)
        return SimpleNamespace(
            look=lambda: SimpleNamespace(built=False), failed="", process=process
        )

    monkeypatch.setattr(ahead, "build_now", build)
    monkeypatch.setattr(ahead, "end", ended.append)
    monkeypatch.setattr(registry, "model_class", lambda slug: Chosen)
    done = CliRunner().invoke(app, ["cache", "build", "chosen"])
    assert done.exit_code == 130 and "the 1 that were done are kept" in done.output
    assert len(ended) == 1 and built.is_compiled(Chosen(), "compiled")


def test_without_a_compiler_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setattr(cache, "compiler", lambda: None)
    done = CliRunner().invoke(app, ["cache", "build"])
    assert done.exit_code == 2 and "Install g++ and make" in done.output


def test_building_ahead_is_offered_once_and_only_where_nothing_is_built(built_models, monkeypatch):
    assert "workbench cache build" in ahead.offer()
    assert ahead.offer() == ""


def test_who_has_binaries_is_offered_nothing(built_models):
    place_of("b0")
    assert ahead.offer() == ""
