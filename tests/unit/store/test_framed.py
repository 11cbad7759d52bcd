"""Numbers that are written to a file from where they are."""

from __future__ import annotations

import mmap

import numpy as np
import pytest

from workbench.store.chunk_files import ChunkFiles, unpacked
from workbench.store.framed import BEFORE, PAGE, Framed, frame_bytes, frame_of
from workbench.store.shards import Shard

SHAPE = (96, 1024)
NUMBERS = np.random.default_rng(2).normal(size=SHAPE)


@pytest.fixture(params=["<f8", "<f4"])
def framed(request):
    """Two frames that follow one another; the first holds the numbers."""
    numbers = NUMBERS.astype(request.param)
    size = frame_bytes(numbers.nbytes)
    frame = memoryview(mmap.mmap(-1, 2 * size))[:size]
    np.frombuffer(frame, request.param, numbers.size, BEFORE)[:] = numbers.ravel()
    return Framed.of(frame, SHAPE, request.param)


def test_a_frame_is_whole_pages_with_room_for_header_and_checksum():
    for n in (1, 509, 510, 511, 512, 2**18):
        assert frame_bytes(8 * n) % PAGE == 0
        assert 0 <= frame_bytes(8 * n) - (8 * n + 20) < PAGE


@pytest.mark.parametrize(
    "same",
    [
        lambda x: x,
        np.asarray,
        lambda x: x[:],
        lambda x: x.reshape(-1),
        lambda x: np.ascontiguousarray(x[: len(x)], x.dtype),
    ],
)
def test_a_view_of_all_numbers_knows_its_frame(framed, same):
    assert frame_of(same(framed)) is framed.frame


@pytest.mark.parametrize(
    "other",
    [
        lambda x: x[:-1],  # the checksum would replace numbers
        lambda x: x[1:],
        lambda x: x.T,
        lambda x: x[:, ::2],
        np.array,
        lambda x: NUMBERS,
    ],
)
def test_part_of_the_numbers_or_a_copy_has_none(framed, other):
    assert frame_of(other(framed)) is None


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("compressed", [True, False])
def test_the_file_of_each_way_holds_the_numbers(tmp_path, framed, monkeypatch, compressed, direct):
    files = ChunkFiles()
    monkeypatch.setattr(files._choice, "way", lambda: (compressed, direct))
    file = Shard(tmp_path / "c" / "0")
    files.write(file, 0, framed)
    files.write(file, 1, framed[:80])
    numbers = NUMBERS.astype(framed.dtype)
    assert unpacked(file.read(0)) == numbers.tobytes()
    assert unpacked(file.read(1)) == numbers[:80].tobytes()
    assert np.array_equal(framed, numbers)
    with pytest.raises(ValueError, match="read-only"):
        framed[0, 0] = 1.0
