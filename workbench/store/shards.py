"""Many chunks of an array in one file: Zarr's ``sharding_indexed``, with the index in front.

With a file for each chunk, a fast recording spends more on making files than on writing them. Here
chunks follow one another, each from the start of a page on. One that is written again, as the last
one of a growing array is, goes to another place first; where it was is used again once the index
says where it is now, so that whatever ends the program leaves a file that can be read.
Source of the format: the Zarr specification, version 3, codec ``sharding_indexed``.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np

from .framed import PAGE

PER_FILE = 64  # chunks; their index fits into the first page
ABSENT = np.iinfo(np.uint64).max  # in the index, of a chunk that is not there


class Places:
    """Which parts of a file are free; sizes in whole pages, the first page is taken."""

    def __init__(self) -> None:
        self._end = PAGE
        self._free: list[tuple[int, int]] = []  # where, how many bytes; in order, never touching

    def take(self, n_bytes: int) -> int:
        """Where so many bytes have room: in the first part that is large enough, or at the end."""
        need = _whole(n_bytes)
        for k, (at, size) in enumerate(self._free):
            if size >= need:
                self._free[k : k + 1] = [(at + need, size - need)] if size > need else []
                return at
        at, self._end = self._end, self._end + need
        return at

    def give_back(self, at: int, n_bytes: int) -> None:
        joined: list[tuple[int, int]] = []
        for start, size in sorted([*self._free, (at, _whole(n_bytes))]):
            if joined and sum(joined[-1]) == start:
                joined[-1] = (joined[-1][0], joined[-1][1] + size)
            else:
                joined.append((start, size))
        self._free = joined


class Shard:
    """One file of an array that is being written.

    Several threads may store chunks in it at a time; ``seal`` and ``read`` are for when none does.
    """

    def __init__(self, path: Path, count: int = PER_FILE):
        self.path = path
        self._index = np.full((count, 2), ABSENT, "<u8")  # of each chunk: where, how many bytes
        self._places = Places()
        self._left: list[tuple[int, int]] = []  # places that the index in the file still names
        self._lock = threading.Lock()
        self._sealed = True
        path.parent.mkdir(parents=True, exist_ok=True)

    def store(self, chunk: int, n_bytes: int, write: Callable[[Path, int], None]) -> None:
        """Have ``write`` put so many bytes into the file, from where it is told on.

        raises : OSError, of ``write``; the chunk that was there before stays
        """
        with self._lock:
            at = self._places.take(n_bytes)
        try:
            write(self.path, at)
        except BaseException:
            with self._lock:
                self._places.give_back(at, n_bytes)
            raise
        with self._lock:
            before = self._index[chunk].tolist()
            if before[0] != ABSENT:
                self._left.append((before[0], before[1]))
            self._index[chunk] = at, n_bytes
            self._sealed = False

    def read(self, chunk: int) -> bytes:
        """A chunk as it was stored last, sealed or not; raises OSError."""
        at, n_bytes = self._index[chunk].tolist()
        with self.path.open("rb") as file:
            file.seek(at)
            return file.read(n_bytes)

    def seal(self) -> None:
        """Write the index, so that what was stored is found; raises OSError."""
        if self._sealed:
            return
        numbers = self._index.tobytes()
        write_at(self.path, 0, numbers, _checksum(numbers))
        for place in self._left:
            self._places.give_back(*place)
        self._left, self._sealed = [], True


class Shards:
    """The files of an array of ``dims`` axes, of which only the first one is divided."""

    def __init__(self, folder: Path, dims: int, count: int = PER_FILE):
        self._folder, self._beside, self._count = folder, ("0",) * (dims - 1), count
        self._files: dict[int, Shard] = {}

    def of(self, chunk: int) -> tuple[Shard, int]:
        """The file that a chunk belongs to, and its number there."""
        which, within = divmod(chunk, self._count)
        if which not in self._files:
            path = self._folder.joinpath("c", str(which), *self._beside)
            self._files[which] = Shard(path, self._count)
        return self._files[which], within

    def seal(self) -> None:
        for file in self._files.values():
            file.seal()
        # Only the last one is written to again, or the one before, when the last rows are replaced.
        for which in sorted(self._files)[:-2]:
            del self._files[which]


def lacks(path: Path, count: int, needed: Sequence[int]) -> bool:
    """Whether one of the ``needed`` chunks is not in the file, of ``count``; raises OSError.

    An index that does not match its checksum has none.
    """
    length = 16 * count
    with path.open("rb") as file:
        stored = file.read(length + 4)
        size = os.fstat(file.fileno()).st_size
    if len(stored) < length + 4 or stored[length:] != _checksum(stored[:length]):
        return True
    places = np.frombuffer(stored, "<u8", 2 * count).reshape(count, 2)[list(needed)]
    starts, sizes = places.T
    inside = (starts < size) & (sizes <= size)  # before they are added: no overflow
    return bool(np.any(~inside | (starts + sizes > size)))


def write_at(path: Path, at: int, *parts: Any) -> None:
    """Write into a file, which is made if it is not there; the rest stays. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
    try:
        views = [memoryview(part).cast("B") for part in parts]
        while views:
            done = os.pwritev(fd, views, at)
            at += done
            while views and done >= len(views[0]):
                done -= len(views.pop(0))
            if views:
                views[0] = views[0][done:]
    finally:
        os.close(fd)


def _checksum(numbers: bytes) -> bytes:
    return google_crc32c.value(numbers).to_bytes(4, "little")


def _whole(n_bytes: int) -> int:
    return math.ceil(n_bytes / PAGE) * PAGE
