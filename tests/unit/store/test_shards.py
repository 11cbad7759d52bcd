"""Files of many chunks: their parts, what an end at any moment leaves, what is found missing."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.store.framed import PAGE
from workbench.store.shards import Places, Shard, Shards, lacks, write_at

SIZES = st.integers(1, 5 * PAGE)


# How long a machine takes to make the examples says nothing about them.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(SIZES, st.booleans()), max_size=30))
def test_places_never_overlap_and_start_at_pages(asked):
    places, taken = Places(), []
    for size, give in asked:
        at = places.take(size)
        assert at % PAGE == 0
        assert at >= PAGE
        assert all(at + size <= other or other + n <= at for other, n in taken)
        taken.append((at, size))
        if give:
            places.give_back(*taken.pop(len(taken) // 2))


def test_places_that_are_free_side_by_side_become_one():
    places = Places()
    first, second, third = (places.take(PAGE) for _ in range(3))
    places.give_back(first, PAGE)
    places.give_back(third, PAGE)
    places.give_back(second, PAGE)
    assert places.take(3 * PAGE) == first


def stored(file, chunk, content):
    file.store(chunk, len(content), lambda path, at: write_at(path, at, content))


def at_any_moment(file):
    """What is found of the file as it is now, by somebody who has its index only."""
    again = Shard(file.path, 4)
    raw = file.path.read_bytes()
    for k in range(4):
        at, size = (int.from_bytes(raw[n : n + 8], "little") for n in (16 * k, 16 * k + 8))
        again._index[k] = at, size
    return again


def test_what_is_written_again_does_not_touch_what_the_index_names(tmp_path):
    file = Shard(tmp_path / "c" / "0", 4)
    stored(file, 0, b"a" * 100)
    file.seal()
    for content in (b"b" * 200, b"c" * PAGE, b"d" * 10):
        stored(file, 0, content)
        assert file.read(0) == content
        assert at_any_moment(file).read(0) == b"a" * 100  # if it ended here
    file.seal()
    assert at_any_moment(file).read(0) == b"d" * 10
    before = file.path.stat().st_size
    for n in range(50):  # what is not named any more is used again
        stored(file, 0, b"e" * n)
        file.seal()
    assert file.path.stat().st_size <= before


def test_a_failed_write_leaves_what_was_there(tmp_path):
    file = Shard(tmp_path / "c" / "0", 4)
    stored(file, 1, b"before")
    file.seal()

    def full(path, at):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space"):
        file.store(1, 3, full)
    file.seal()
    assert file.read(1) == b"before"
    assert not lacks(file.path, 4, [1])


def test_what_is_missing_is_found(tmp_path):
    file = Shard(tmp_path / "c" / "0", 4)
    for chunk in (0, 1, 3):
        stored(file, chunk, b"x" * 5000)
    file.seal()
    assert not lacks(file.path, 4, [0, 1, 3])
    assert lacks(file.path, 4, [1, 2])
    whole = file.path.read_bytes()
    for damaged in (
        whole[:-1],  # the end of the last chunk
        whole[:20],  # no whole index
        whole[:3] + b"x" + whole[4:],  # another index than the checksum says
    ):
        file.path.write_bytes(damaged)
        assert lacks(file.path, 4, [0, 1, 3])


def test_a_long_array_keeps_few_files_in_mind(tmp_path):
    shards = Shards(tmp_path, 2, 4)
    for chunk in range(40):
        file, within = shards.of(chunk)
        assert (file.path, within) == (tmp_path / "c" / str(chunk // 4) / "0", chunk % 4)
        stored(file, within, bytes([chunk]))
        shards.seal()
    assert len(shards._files) == 2
    assert not any(lacks(tmp_path / "c" / str(k) / "0", 4, range(4)) for k in range(10))
