"""Append-only Zarr arrays, and atomic replacement of files.

The arrays are created by Zarr and can be read by any Zarr implementation. They are extended here
because Zarr runs each step in a separate thread: with a dozen arrays extended once a second,
recording would take longer than the simulation of a small network.
Source of the format: the Zarr specification, version 3, with its codecs ``bytes``, ``zstd``,
``blosc`` and ``crc32c``.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
from numcodecs import blosc
from numcodecs.zstd import Zstd

LEVEL = 1  # compression level; each chunk has a checksum


class FastCodec:
    """LZ4 of the transposed bits, then a checksum: Zarr's ``blosc`` and ``crc32c``.

    Some five times as fast as Zstandard on states of neurons, and a tenth smaller: what is recorded
    may come as fast as a compiled simulation makes it.
    """

    SHUFFLE, CLEVEL = blosc.BITSHUFFLE, 5

    def encode(self, block: np.ndarray) -> tuple[bytes, ...]:
        """What stands in the file, in parts: to join them would copy it all."""
        # One thread: the other processors simulate, and threads do not survive a fork.
        before, blosc.use_threads = blosc.use_threads, False
        try:
            packed = blosc.compress(block, b"lz4", self.CLEVEL, self.SHUFFLE)
        finally:
            blosc.use_threads = before
        return packed, google_crc32c.value(packed).to_bytes(4, "little")

    def decode(self, packed: bytes) -> bytes:
        """raises : OSError if the checksum is another"""
        if google_crc32c.value(packed[:-4]) != int.from_bytes(packed[-4:], "little"):
            raise OSError("A chunk does not match its checksum.")
        return blosc.decompress(packed[:-4])


class Growing:
    """The array at ``folder``, chunked along axis 0 only.

    ``put`` writes whole chunks; the rows of the last one wait in memory for ``seal``.
    """

    def __init__(self, folder: Path, dtype: np.dtype):
        self.folder = folder
        self._header = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
        self._rows, *self._beside = self._header["chunk_grid"]["configuration"]["chunk_shape"]
        self._row = tuple(self._header["shape"][1:])
        self.width = math.prod(self._row)  # number of values in a row
        self._dtype = np.dtype(dtype).newbyteorder("<")
        names = [codec["name"] for codec in self._header["codecs"]]
        self._codec: Any = FastCodec() if "blosc" in names else Zstd(level=LEVEL, checksum=True)
        # The last chunk: its number, its rows, how many of them are known, and up to where others
        # may stand in them, as the memory is used for one chunk after the other.
        self._last, self._known, self._used = 0, 0, 0
        self._block: np.ndarray | None = None
        self._length = 0
        self._sealed = True

    def put(self, first: int, *pieces: np.ndarray) -> None:
        """The rows from ``first`` on are those of ``pieces``, as the end of the array.

        raises : OSError; rows before ``first`` are unchanged, and the call may be repeated
        """
        self._sealed = False
        for data in pieces:
            self._put(first, data)
            first += len(data)
        self._length = first

    def _put(self, first: int, data: np.ndarray) -> None:
        done = 0
        while done < len(data) and self.width:
            chunk, row = divmod(first + done, self._rows)
            count = min(self._rows - row, len(data) - done)
            part = data[done : done + count]
            if count == self._rows:  # nothing else is in it
                self._replace(chunk, np.ascontiguousarray(part, self._dtype))
                self._known = 0 if chunk == self._last else self._known
            else:
                block = self._opened(chunk, row)
                block[row : row + count] = part
                self._known, self._used = row + count, max(self._used, row + count)
                if self._known == self._rows:
                    self._replace(chunk, block)
            done += count

    def _opened(self, chunk: int, row: int) -> np.ndarray:
        """Memory that holds the first rows of a chunk, up to ``row``."""
        if self._block is None:
            self._block = np.zeros((self._rows, *self._row), self._dtype)
        if row and not (chunk == self._last and row <= self._known):
            stored = self._codec.decode(self._file(chunk).read_bytes())
            self._block[:row] = np.frombuffer(stored, self._dtype).reshape(self._block.shape)[:row]
            self._used = max(self._used, row)
        self._last = chunk
        return self._block

    def seal(self) -> None:
        """Write what waits, then the header with the new length; raises OSError."""
        if self._sealed:
            return
        chunk, row = divmod(self._length, self._rows)
        if row and self.width:
            block = self._opened(chunk, row)
            if self._used > row:  # rows of an earlier chunk, or some that were replaced
                block[row:] = 0
            self._known = self._used = row
            self._replace(chunk, block)
        self._header["shape"][0] = self._length
        replace_file(self.folder / "zarr.json", json.dumps(self._header).encode())
        self._sealed = True

    def _file(self, chunk: int) -> Path:
        return self.folder.joinpath("c", str(chunk), *("0" for _ in self._beside))

    def _replace(self, chunk: int, block: np.ndarray) -> None:
        encoded = self._codec.encode(block)
        replace_file(self._file(chunk), *(encoded if isinstance(encoded, tuple) else (encoded,)))


def replace_file(path: Path, *parts: bytes, lasting: bool = False) -> None:
    """Replace a file atomically by ``parts``; ``lasting`` syncs it to disk before returning."""
    draft = path.with_name(f"{path.name}.part")
    try:
        try:
            file = draft.open("wb")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = draft.open("wb")
        with file:
            file.writelines(parts)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
