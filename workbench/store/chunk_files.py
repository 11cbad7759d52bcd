"""Chunks of large recordings, written to files in whichever way takes the least time here.

A chunk is compressed or plain, and goes through the system's cache of files or past it. Where
memory is quick the cache is quicker, and compressing takes longer than writing what it saves; where
each fresh page of memory is slow, as on some virtual machines, it is the other way round. So the
time of each way is measured. All files are Zarr's ``blosc`` and ``crc32c``.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import multiprocessing
import os
import statistics
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from numcodecs import blosc

from .framed import BEFORE, PAGE, frame_of
from .shards import Shard, write_at

SHUFFLE, CLEVEL = blosc.BITSHUFFLE, 5
DIRECT_FROM = 2**19  # bytes; of less, the time is that of the file's making
THREADS = 2  # one waits for the disk while the other compresses
TRY_AFTER = 16  # chunks: then a way that was not the quickest is measured again
LAST = 5  # chunks of a way that are counted
TRY_AT_LEAST = 512  # so seldom, where it was slower each time
WORTH_IT = 0.75  # what is left when compressing saves a quarter: then it is always done

Way = tuple[bool, bool]  # compressed, past the cache


def packed(block: np.ndarray) -> bytes:
    """LZ4 of the transposed bits.

    Some five times as fast as Zstandard on states of neurons, and a tenth smaller: what is recorded
    may come as fast as a compiled simulation makes it.
    """
    with _one_thread():
        return blosc.compress(block, b"lz4", CLEVEL, SHUFFLE)


def checksum(packed: Any) -> bytes:
    return google_crc32c.value(packed).to_bytes(4, "little")


def unpacked(stored: bytes) -> bytes:
    """The numbers of a file; raises OSError if the checksum is another."""
    if checksum(stored[:-4]) != stored[-4:]:
        raise OSError("A chunk does not match its checksum.")
    return blosc.decompress(stored[:-4])


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """The other processors simulate, and threads do not survive a fork.

    Outside of the main thread Blosc uses one anyway.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, blosc.use_threads = blosc.use_threads, False
    try:
        yield
    finally:
        blosc.use_threads = before


def _lock_without_a_name() -> None:
    """Have Blosc make its lock now, in a worker, as one that ends with the process.

    A worker is killed in the end. Made as its own start method has it, the lock would have a name
    in the system, and Python would warn of a leaked semaphore when the worker's parent ends.
    """
    if multiprocessing.parent_process() is None or not hasattr(blosc, "get_mutex"):
        return
    if "fork" not in multiprocessing.get_all_start_methods():  # Windows, where no lock is left
        return
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("fork", force=True)
    try:
        blosc.get_mutex()
    finally:
        multiprocessing.set_start_method(before, force=True)


class ChunkFiles:
    """Writes chunks; those that are handed to ``begin`` in threads, two at a time."""

    def __init__(self) -> None:
        _lock_without_a_name()
        self._choice = Choice()
        self._pool: ThreadPoolExecutor | None = None
        self._begun: list[Future[None]] = []
        self._buffers = threading.local()
        self._plain_header: dict[tuple[int, int], bytes] = {}  # by size, and that of a number

    def write(self, file: Shard, chunk: int, block: np.ndarray) -> None:
        """Store ``block``, in one piece in memory, as a chunk of a file; raises OSError."""
        way = self._choice.way()
        began = time.perf_counter()
        parts = self._parts(block, way[0])
        size = sum(memoryview(p).nbytes for p in parts)
        frame = None if way[0] else frame_of(block)
        direct = way[1] and size >= DIRECT_FROM

        def put(path: Path, at: int) -> None:
            nonlocal direct
            direct = direct and self._write_past_cache(path, at, parts, size, frame)
            if not direct:
                write_at(path, at, *parts)

        file.store(chunk, size, put)
        took = time.perf_counter() - began
        self._choice.note((way[0], direct), took / block.nbytes, size / block.nbytes)

    def begin(self, file: Shard, chunk: int, block: np.ndarray) -> None:
        """The same in another thread; ``block`` is to stay as it is while it is waited for."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, "workbench-chunks")
        self._begun.append(self._pool.submit(self.write, file, chunk, block))

    @contextlib.contextmanager
    def waited_for(self) -> Iterator[None]:
        """When the block ends, all that was begun is written; raises OSError where one failed."""
        try:
            yield
        finally:
            begun, self._begun = self._begun, []
            errors = [e for e in [future.exception() for future in begun] if e is not None]
        if errors:
            raise errors[0]

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _parts(self, block: np.ndarray, compressed: bool) -> tuple[Any, ...]:
        if compressed:
            body = packed(block)
            return body, checksum(body)
        kind = block.nbytes, block.itemsize
        header = self._plain_header.get(kind)
        if header is None:
            with _one_thread():
                plain = blosc.compress(block, b"lz4", 0, SHUFFLE)
            header = plain[:BEFORE]  # followed by the numbers
            self._plain_header[kind] = header
        numbers = block.reshape(-1).view(np.uint8)
        crc = google_crc32c.extend(google_crc32c.value(header), numbers)
        return header, numbers, crc.to_bytes(4, "little")

    def _write_past_cache(
        self, path: Path, at: int, parts: Sequence[Any], size: int, frame: memoryview | None
    ) -> bool:
        """False where this system or this disk cannot do it.

        frame : the memory around the middle one of three parts, if they can be written from there
        """
        whole = -(-size // PAGE) * PAGE
        if frame is None:
            pages = self._pages(whole)
            end = 0
            for part in parts:
                pages[end : (end := end + len(part))] = part
        else:
            pages = frame
            pages[:BEFORE], pages[size - len(parts[2]) : size] = parts[0], parts[2]
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT, 0o666)
            try:
                if os.pwrite(fd, pages[:whole], at) != whole:
                    raise OSError("Not all of a chunk was written.")
            finally:
                os.close(fd)
        except OSError as error:  # a full disk is told by the other way
            if error.errno in (errno.EINVAL, errno.EOPNOTSUPP):
                self._choice.forbid_direct()
            return False
        return True

    def _pages(self, n_bytes: int) -> memoryview:
        """Memory of this thread, from the start of a page on."""
        buffer = getattr(self._buffers, "memory", None)
        if buffer is None or len(buffer) < n_bytes:
            buffer = self._buffers.memory = mmap.mmap(-1, n_bytes)
        return memoryview(buffer)


class Choice:
    """Which way took the least time lately."""

    def __init__(self) -> None:
        self._last: dict[Way, deque[float]] = {}  # seconds a byte that chunks took lately, by way
        self._took: dict[Way, float] = {}  # their median: a disk that pauses once changes nothing
        self._left = 1.0  # of a chunk, when it was compressed last
        self._direct = hasattr(os, "O_DIRECT")
        self._n = 0
        self._wait: dict[Way, int] = {}  # chunks until a way is measured again
        self._due: dict[Way, int] = {}  # the chunk at which that is

    def way(self) -> Way:
        ways = [(True, d) for d in (False, True) if self._direct or not d]
        if self._left > WORTH_IT:
            ways += [(False, d) for _, d in ways]
        self._n += 1
        for way in ways:
            if way not in self._took:
                return way
        best = min(ways, key=self._took.__getitem__)
        for way in ways:
            if way != best and self._n >= self._due.get(way, 0):
                self._due[way] = self._n + self._wait.get(way, TRY_AFTER)
                return way
        return best

    def note(self, way: Way, took: float, left: float) -> None:
        """What a chunk took, in seconds a byte, and what was left of it."""
        last = self._last.setdefault(way, deque(maxlen=LAST))
        last.append(took)
        self._took[way] = statistics.median_low(last)
        # A way that is slower again and again is tried less and less often.
        slower = self._took[way] > 1.5 * min(self._took.values())
        self._wait[way] = (
            min(2 * self._wait.get(way, TRY_AFTER), TRY_AT_LEAST) if slower else TRY_AFTER
        )
        self._due[way] = self._n + self._wait[way]
        if way[0]:
            self._left = left

    def forbid_direct(self) -> None:
        self._direct = False


def replace_file(path: Path, *parts: Any, lasting: bool = False) -> None:
    """Replace a file atomically by ``parts``; ``lasting`` syncs it to disk before returning."""
    draft = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.writelines(parts)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
