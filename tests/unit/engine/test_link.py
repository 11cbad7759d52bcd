"""Samples that the binary leaves in shared memory, and those that it sends through the pipe."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from workbench.engine.compiled import link as module
from workbench.engine.compiled.link import BinaryLink

# Answers H as a binary does that sampled a stream: in the second slot, or without one in the pipe.
SAMPLED = """#!{python}
import mmap, os, struct
out, said = int(os.environ["WORKBENCH_OUT"]), struct.pack("<q", 7)
samples = struct.pack("<IQQ2q6d", 5, 2, 3, 10, 20, *range(6))
given = [int(n) for n in os.environ["WORKBENCH_SHARED"].split()]
slot = 1 if len(given) == 3 else -1
head = struct.pack("<qdqQQQQ3qi", 7, 0.0, 0, 0, 0, 0, len(samples), -1, 0, 0, slot)
with open(int(os.environ["WORKBENCH_IN"]), "rb") as commands:
    commands.read(4)
    while command := commands.read(1):
        if command == b"Q":
            break
        if slot == 1:
            shared = mmap.mmap(given[0], mmap.PAGESIZE + given[1] * given[2])
            assert shared[4:8] == bytes(4), "the slot is in use"
            shared[4:8] = struct.pack("<i", 1)
            begin = mmap.PAGESIZE + given[2]
            shared[begin : begin + len(samples)] = samples
        os.write(out, b"D" + head + (b"" if slot == 1 else samples) + b"H" + said + b"A" + said)
"""


@pytest.mark.parametrize("shared", [True, False])
def test_samples_come_through_shared_memory_where_there_is_some(tmp_path, monkeypatch, shared):
    if not shared:
        monkeypatch.delattr(module.os, "memfd_create", raising=False)
    elif not hasattr(module.os, "memfd_create"):
        pytest.skip("this system shares no memory in this way")
    binary = tmp_path / "main"
    binary.write_text(SAMPLED.format(python=sys.executable))
    binary.chmod(0o700)
    link = BinaryLink(binary, tmp_path, 1)
    try:
        for _ in range(2):  # the second time the slot is free again
            assert link.hold() == ("H", 7)
            (data,) = link.data
            assert data.slot == (1 if shared else -1)
            ((number, steps, samples),) = data.streams
            assert (number, steps.tolist()) == (5, [10, 20])
            assert np.array_equal(samples, [[0, 1, 2], [3, 4, 5]])
            assert not (shared and samples.flags.writeable)
            del steps, samples
            link.release(data)
            link.data = []
    finally:
        link.close()
