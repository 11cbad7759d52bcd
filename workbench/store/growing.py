"""Append-only Zarr arrays.

The arrays are created by Zarr and can be read by any Zarr implementation. They are extended here
because Zarr runs each step in a separate thread: with a dozen arrays extended once a second,
recording would take longer than the simulation of a small network.
Source of the format: the Zarr specification, version 3, with its codecs ``bytes``, ``zstd``,
``blosc`` and ``crc32c``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numcodecs.zstd import Zstd

from .chunk_files import ChunkFiles, replace_file, unpacked
from .shards import Shards

LEVEL = 1  # compression level; each chunk has a checksum


class Growing:
    """The array at ``folder``, chunked along axis 0 only.

    ``put`` writes whole chunks; the rows of the last one wait in memory for ``seal``.

    files : writes the chunks of arrays that have many in a file; what ``put`` was given is to stay
            as it is until the end of `ChunkFiles.waited_for`. None: all is written when ``put``
            returns
    """

    def __init__(self, folder: Path, dtype: np.dtype, files: ChunkFiles | None = None):
        self.folder = folder
        self._header = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
        (self._rows, *self._beside), count = chunks_of(self._header)
        self._row = tuple(self._header["shape"][1:])
        self.width = math.prod(self._row)  # number of values in a row
        self._dtype = np.dtype(dtype).newbyteorder("<")
        self._together = files
        self._files = files or ChunkFiles()
        self._zstd = Zstd(level=LEVEL, checksum=True)
        self._shards = Shards(folder, 1 + len(self._beside), count) if count else None
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
                self._begin(chunk, np.ascontiguousarray(part, self._dtype))
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
            stored = self._stored(chunk)
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
        if self._shards is not None:
            self._shards.seal()
        self._header["shape"][0] = self._length
        replace_file(self.folder / "zarr.json", json.dumps(self._header).encode())
        self._sealed = True

    def _file(self, chunk: int) -> Path:
        return self.folder.joinpath("c", str(chunk), *("0" for _ in self._beside))

    def _stored(self, chunk: int) -> bytes:
        """The numbers of a chunk that was written."""
        if self._shards is None:
            return bytes(self._zstd.decode(self._file(chunk).read_bytes()))
        file, within = self._shards.of(chunk)
        return unpacked(file.read(within))

    def _replace(self, chunk: int, block: np.ndarray) -> None:
        if self._shards is None:
            replace_file(self._file(chunk), self._zstd.encode(block))
        else:
            self._files.write(*self._shards.of(chunk), block)

    def _begin(self, chunk: int, block: np.ndarray) -> None:
        if self._shards is None or self._together is None:
            self._replace(chunk, block)
        else:
            self._together.begin(*self._shards.of(chunk), block)


def chunks_of(header: Mapping[str, Any]) -> tuple[tuple[int, ...], int]:
    """From the header of an array: the shape of its chunks, and how many are in a file.

    The latter is 0 where each chunk is a file, as in arrays without the codec of `shards`.

    raises : ValueError, KeyError, TypeError or IndexError for what is no such header
    """
    shape = tuple(int(n) for n in header["chunk_grid"]["configuration"]["chunk_shape"])
    codec = header["codecs"][0]
    if codec["name"] != "sharding_indexed":
        return shape, 0
    chunk = tuple(int(n) for n in codec["configuration"]["chunk_shape"])
    if min(chunk) < 1 or shape[0] < chunk[0]:
        raise ValueError(f"chunks of {chunk} in files of {shape}")
    return chunk, shape[0] // chunk[0]
