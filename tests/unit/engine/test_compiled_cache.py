"""A cache of binaries that cannot be written: a sentence, and simulations that run all the same."""

from __future__ import annotations

import pytest
from toys import Toy

from workbench.engine.compiled import cache
from workbench.engine.compiled.built import is_compiled, mark_compiled
from workbench.errors import StoreError

SAID = r"binaries cannot be written: not a directory\.$"


@pytest.fixture
def unwritable(tmp_path, monkeypatch):
    place = tmp_path / "cache"
    place.write_text("a file, where a folder is needed")
    monkeypatch.setenv("WORKBENCH_CACHE", str(place))


def test_it_is_said_before_anything_is_compiled(unwritable):
    with pytest.raises(StoreError, match=SAID), cache.building("key"):
        raise AssertionError("it cannot be built")


def test_it_is_said_when_a_binary_cannot_be_kept(unwritable, tmp_path):
    built = tmp_path / "main"
    built.write_text("")
    with pytest.raises(StoreError, match=SAID):
        cache.keep("key", built, "toy")


def test_what_needs_no_compiler_does_not_notice(unwritable):
    mark_compiled(Toy(), "compiled")
    assert not is_compiled(Toy(), "compiled")
    assert (cache.kept(), cache.clear()) == ([], 0)
    assert len(Toy().run(20, engine="numpy").steps) > 0
