"""Numbers with room before and behind them, so that a file is written from where they are.

A file of a chunk is a header, the numbers, a checksum. Past the system's cache of files only whole
pages of memory can be written: numbers that come otherwise are copied first.
"""

from __future__ import annotations

import mmap

import numpy as np

PAGE = mmap.PAGESIZE
BEFORE, BEHIND = 16, 4  # bytes: Blosc's header and the checksum


def frame_bytes(of_numbers: int) -> int:
    """Whole pages that hold numbers of so many bytes with what a file has beside them."""
    return -(-(BEFORE + of_numbers + BEHIND) // PAGE) * PAGE


class Framed(np.ndarray):
    """The first numbers of a frame, not to be changed.

    frame : bytes from the start of a page on; the numbers begin after ``BEFORE`` of them, and what
            is beside them belongs to nobody else
    """

    frame: memoryview

    @classmethod
    def of(cls, frame: memoryview, shape: tuple[int, ...], dtype: str) -> Framed:
        numbers = cls.__new__(cls, shape, dtype, frame.toreadonly(), BEFORE)
        numbers.frame = frame
        return numbers


def frame_of(block: np.ndarray) -> memoryview | None:
    """The frame around ``block``, if that is all numbers of a `Framed`, in their order."""
    owner: object = block
    while isinstance(owner, np.ndarray) and not hasattr(owner, "frame"):
        owner = owner.base  # views of it have the type too, and not the frame
    if not isinstance(owner, Framed) or block.nbytes != owner.nbytes:
        return None
    same = block.ctypes.data == owner.ctypes.data and block.flags.c_contiguous
    return owner.frame if same else None
