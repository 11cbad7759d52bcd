"""What is freed goes back to the system, in a process whose pages come and go."""

from __future__ import annotations

import json
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="of the malloc of glibc, which Linux has"
)
# Blocks that are small enough to come from a heap, and not from the system one by one.
BLOCK, BLOCKS = 50_000, 1000
BEGIN = """
import ctypes, json, threading
from pathlib import Path
from workbench.engine.process import give_freed_memory_back, trim_memory
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = (
    ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p])

def taken_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))

def blocks():
    found = [c.malloc(BLOCK) for _ in range(BLOCKS)]
    for block in found:
        ctypes.memset(block, 1, BLOCK)
    return found
"""
THREADS = """
found = []
threads = [threading.Thread(target=lambda: found.extend(blocks())) for _ in range(3)]
[t.start() for t in threads], [t.join() for t in threads]
(heap,) = (line for line in Path("/proc/self/maps").read_text().splitlines() if "[heap]" in line)
low, high = (int(x, 16) for x in heap.split()[0].split("-"))
print(json.dumps(sum(low <= block < high for block in found) / len(found)))
"""
TRIM = """
before = taken_mb()
found = blocks()
most = taken_mb() - before
for block in found[:-1]:  # the last one, at the end of the heap, keeps it from becoming shorter
    c.free(block)
freed = taken_mb() - before
trim_memory()
print(json.dumps([most, freed, taken_mb() - before]))
"""


def said(*code: str):
    names = f"BLOCK, BLOCKS = {BLOCK}, {BLOCKS}\n"
    done = subprocess.run(
        [sys.executable, "-c", names + "".join(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_all_threads_share_one_heap():
    assert said(BEGIN, THREADS) < 0.5, "by itself each thread has a heap of its own"
    assert said(BEGIN, "give_freed_memory_back()", THREADS) == 1


def test_what_is_free_amid_what_is_in_use_is_given_back():
    whole_mb = BLOCK * BLOCKS / 2**20
    most, freed, trimmed = said(BEGIN, "give_freed_memory_back()", TRIM)
    assert most > 0.9 * whole_mb
    assert freed > 0.9 * whole_mb, "it is kept, although it is free"
    assert trimmed < 0.1 * whole_mb
