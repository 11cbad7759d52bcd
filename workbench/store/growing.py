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

    def encode(self, block: np.ndarray) -> bytes:
        # One thread: the other processors simulate, and threads do not survive a fork.
        before, blosc.use_threads = blosc.use_threads, False
        try:
            packed = blosc.compress(block, b"lz4", self.CLEVEL, self.SHUFFLE)
        finally:
            blosc.use_threads = before
        return packed + google_crc32c.value(packed).to_bytes(4, "little")

    def decode(self, packed: bytes) -> bytes:
        """raises : OSError if the checksum is another"""
        if google_crc32c.value(packed[:-4]) != int.from_bytes(packed[-4:], "little"):
            raise OSError("A chunk does not match its checksum.")
        return blosc.decompress(packed[:-4])


class Growing:
    """The array at ``folder``, chunked along axis 0 only."""

    def __init__(self, folder: Path, dtype: np.dtype):
        self.folder = folder
        self._header = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
        self._rows, *self._beside = self._header["chunk_grid"]["configuration"]["chunk_shape"]
        self._row = tuple(self._header["shape"][1:])
        self._dtype = np.dtype(dtype).newbyteorder("<")
        names = [codec["name"] for codec in self._header["codecs"]]
        self._codec: Any = FastCodec() if "blosc" in names else Zstd(level=LEVEL, checksum=True)

    @property
    def width(self) -> int:
        """Number of values in a row."""
        return int(np.prod(self._row))

    def put(self, first: int, data: np.ndarray) -> None:
        """Write ``data`` from row ``first`` on, as the end of the array; raises OSError.

        Chunks are written before the header with the new length, and rows before ``first`` are
        unchanged. A failed call may therefore be repeated.
        """
        done = 0
        while done < len(data) and self.width:
            chunk, row = divmod(first + done, self._rows)
            file = self.folder.joinpath("c", str(chunk), *("0" for _ in self._beside))
            count = min(self._rows - row, len(data) - done)
            if count == self._rows:  # nothing else is in it
                whole = np.ascontiguousarray(data[done : done + count], self._dtype)
                replace_file(file, self._codec.encode(whole))
                done += count
                continue
            block = np.zeros((self._rows, *self._row), self._dtype)
            if row:
                before = np.frombuffer(self._codec.decode(file.read_bytes()), self._dtype)
                block[:row] = before.reshape(block.shape)[:row]
            block[row : row + count] = data[done : done + count]
            replace_file(file, self._codec.encode(block))
            done += count
        self._header["shape"][0] = first + len(data)
        replace_file(self.folder / "zarr.json", json.dumps(self._header).encode())


def replace_file(path: Path, data: bytes, lasting: bool = False) -> None:
    """Replace a file atomically by ``data``; ``lasting`` syncs it to disk before returning."""
    draft = path.with_name(f"{path.name}.part")
    try:
        try:
            file = draft.open("wb")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = draft.open("wb")
        with file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
