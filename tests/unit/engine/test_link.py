"""Samples that the binary leaves in shared memory, and those that it sends through the pipe."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from workbench.engine.compiled import link as module
from workbench.engine.compiled.link import BinaryLink
from workbench.recordings import CHUNK_BYTES

# Answers H as a binary does that sampled a stream: in the second slot, or without one in the pipe.
SAMPLED = """#!{python}
import array, mmap, os, struct
out, said = int(os.environ["WORKBENCH_OUT"]), struct.pack("<q", 7)
given = [int(n) for n in os.environ["WORKBENCH_SHARED"].split()]
slot = 1 if len(given) == 5 else -1
rows = {rows}
samples = array.array("d", range(3 * rows)).tobytes()
sent = struct.pack("<IiQQ", 5, slot, rows, 3) + array.array("q", range(rows)).tobytes()
if slot < 0:
    sent += samples
message = b"D" + struct.pack("<qdqQQQQ3q", 7, 0.0, 0, 0, 0, 0, len(sent), -1, 0, 0) + sent
with open(int(os.environ["WORKBENCH_IN"]), "rb") as commands:
    commands.read(4)
    while command := commands.read(1):
        if command == b"Q":
            break
        if slot == 1:
            file, slots, size, before, apart = given
            shared = mmap.mmap(file, mmap.PAGESIZE + slots * apart)
            assert shared[4:8] == bytes(4), "the slot is in use"
            shared[4:8] = struct.pack("<i", 1)
            begin = mmap.PAGESIZE + apart + before
            shared[begin : begin + len(samples)] = samples
        os.write(out, message + b"H" + said + b"A" + said)
"""


ROWS = CHUNK_BYTES // 8 // 3  # that fill a slot


@pytest.mark.parametrize(("shared", "rows"), [(True, ROWS), (True, 2), (False, 2)])
def test_samples_come_through_shared_memory_where_there_is_some(
    tmp_path, monkeypatch, shared, rows
):
    if not shared:
        monkeypatch.delattr(module.os, "memfd_create", raising=False)
    elif not hasattr(module.os, "memfd_create"):
        pytest.skip("this system shares no memory in this way")
    binary = tmp_path / "main"
    binary.write_text(SAMPLED.format(python=sys.executable, rows=rows))
    binary.chmod(0o700)
    link = BinaryLink(binary, tmp_path, 1)
    try:
        for _ in range(2):  # the second time the slot is free again
            assert link.hold() == ("H", 7)
            (data,) = link.data
            ((number, steps, samples),) = data.streams
            assert (number, steps.tolist()) == (5, list(range(rows)))
            assert np.array_equal(samples, np.arange(3.0 * rows).reshape(rows, 3))
            part, in_use = samples[1:], slot_in_use(link)
            assert in_use == (shared and rows == ROWS)  # what is little is copied at once
            if in_use:
                assert not part.flags.writeable
            link.data = []
            del data, steps, samples
            assert slot_in_use(link) == in_use  # for a part of the samples is still here
            del part
            assert not slot_in_use(link)
    finally:
        link.close()


def slot_in_use(link):
    return link._shared is not None and link._shared[4:8] != bytes(4)
