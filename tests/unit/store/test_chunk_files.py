"""Files of chunks: each way of writing them, and which is taken."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import numpy as np
import pytest
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, ShardingCodec

from workbench.store import chunk_files
from workbench.store.chunk_files import TRY_AFTER, Choice, ChunkFiles, unpacked
from workbench.store.shards import PER_FILE, Shard, Shards

NOISE = np.random.default_rng(1).normal(size=(128, 1024))
COMPRESSED, PLAIN = True, False
CACHED, DIRECT = False, True


class Fixed(Choice):
    """Always the same way."""

    def __init__(self, *way):
        super().__init__()
        self.fixed, self.noted = way, []

    def way(self):
        return self.fixed

    def note(self, way, took, left):
        self.noted.append(way)


def files(*way):
    made = ChunkFiles()
    made._choice = Fixed(*way)
    return made


@pytest.mark.parametrize("cache", [CACHED, DIRECT])
@pytest.mark.parametrize("compressed", [COMPRESSED, PLAIN])
def test_zarr_reads_every_way(tmp_path, compressed, cache):
    rows, width = NOISE.shape
    codecs = [BytesCodec(), BloscCodec(cname="lz4", shuffle="bitshuffle"), Crc32cCodec()]
    array = zarr.create_array(
        str(tmp_path / "a"), shape=(3 * rows, width), chunks=(PER_FILE * rows, width), dtype=float,
        compressors=None, fill_value=np.nan,
        serializer=ShardingCodec(chunk_shape=NOISE.shape, codecs=codecs, index_location="start"),
    )  # fmt: skip
    file, within = Shards(tmp_path / "a", 2).of(1)
    files(compressed, cache).write(file, within, NOISE)
    file.seal()
    assert np.array_equal(array[rows : 2 * rows], NOISE)
    assert np.isnan(array[:rows]).all()
    assert np.isnan(array[2 * rows :]).all()
    stored = file.read(within)
    assert unpacked(stored) == NOISE.tobytes()
    assert (len(stored) == NOISE.nbytes + 16 + 4) == (compressed is PLAIN)
    assert [p.name for p in file.path.parent.iterdir()] == ["0"]
    with pytest.raises(OSError, match="checksum"):
        unpacked(stored[:99] + bytes([stored[99] ^ 1]) + stored[100:])


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSPC])
def test_what_cannot_go_past_the_cache_goes_through_it(tmp_path, monkeypatch, code):
    real = os.open

    def refuses(path, flags, *mode, **more):
        if flags & getattr(os, "O_DIRECT", 0):
            raise OSError(code, os.strerror(code))
        return real(path, flags, *mode, **more)

    monkeypatch.setattr(chunk_files.os, "open", refuses)
    written = files(PLAIN, DIRECT)
    file = Shard(tmp_path / "c" / "0")
    written.write(file, 0, NOISE)
    assert unpacked(file.read(0)) == NOISE.tobytes()
    assert written._choice.noted == [(PLAIN, CACHED)]
    assert written._choice._direct == (code == errno.ENOSPC and hasattr(os, "O_DIRECT"))


def test_the_first_error_of_several_threads_is_told(tmp_path):
    bad, good = (Shard(tmp_path / "c" / name) for name in "01")
    bad.path.mkdir()
    written = ChunkFiles()
    with pytest.raises(OSError), written.waited_for():
        for file in (bad, good):
            written.begin(file, 5, NOISE)
    assert unpacked(good.read(5)) == NOISE.tobytes()
    with written.waited_for():  # it is told once
        pass
    written.close()


def chosen(took, left, n=40 * TRY_AFTER):
    """How often each way was taken, of ``n`` chunks that took so long."""
    choice, found = Choice(), dict.fromkeys(took, 0)
    choice._direct = True
    for _ in range(n):
        way = choice.way()
        found[way] += 1
        choice.note(way, took[way], left if way[0] else 1.0)
    return {way: count / n for way, count in found.items()}


@pytest.mark.parametrize("best", [(c, d) for c in (False, True) for d in (False, True)])
def test_the_quickest_way_is_taken(best):
    ways = [(c, d) for c in (False, True) for d in (False, True)]
    share = chosen({way: 1.0 + (way != best) for way in ways}, left=0.9)
    assert share[best] > 0.9
    assert all(share.values())  # the others are tried now and then


def test_where_it_is_worth_it_chunks_are_compressed():
    took = {(c, d): 2.0 if c else 1.0 for c in (False, True) for d in (False, True)}
    share = chosen(took, left=0.5)
    assert share[PLAIN, CACHED] + share[PLAIN, DIRECT] < 0.01


def test_a_way_that_is_slower_each_time_is_tried_seldom():
    ways = [(c, d) for c in (False, True) for d in (False, True)]
    share = chosen({way: 1.0 + 3 * (way != ways[0]) for way in ways}, left=0.9, n=4000)
    assert 0.98 < share[ways[0]] < 0.999


def test_a_way_that_becomes_quicker_is_found():
    choice = Choice()
    choice._direct = True
    took = {(True, False): 1.0, (True, True): 2.0}
    for n in range(20 * TRY_AFTER):
        if n == 5 * TRY_AFTER:
            took[True, False] = 4.0
        way = choice.way()
        choice.note(way, took[way], 0.5)
    assert choice.way() == (True, True)


WORKER = """
import time
import numpy as np
from workbench.engine.process import launch
from workbench.store.chunk_files import ChunkFiles, packed

def pack(connection):
    ChunkFiles()
    packed(np.zeros(1000))
    connection.send("done")
    time.sleep(600)

def main():
    process, connection = launch(pack, name="packs")
    assert connection.recv() == "done"
"""


def test_a_worker_that_is_killed_leaves_no_lock(tmp_path):
    (tmp_path / "packs.py").write_text(WORKER)
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", "import packs; packs.main()"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
