"""What the operating system says about a disk, as one sentence that says what to do."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import StoreError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def failing(path: Path, needed: int = 0) -> Iterator[None]:
    """Turn an OSError while writing below ``path`` into a StoreError.

    needed : bytes about to be written, before compression; named when the disk is full
    """
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {sentence(error, path, needed)}") from error


def sentence(error: OSError, path: Path, needed: int = 0) -> str:
    """``"no space left on device (...): free some space there, or record elsewhere."``"""
    message = (error.strerror or str(error)).lower()
    if error.errno in _FULL:
        return (
            f"{message} ({_room(path, needed)}): free some space there, or choose a place on "
            "another disk."
        )
    if error.errno in _FORBIDDEN:
        return f"{message}: choose a folder that you may write to."
    return f"{message}."


def _room(path: Path, needed: int) -> str:
    there = next(p for p in (path, *path.absolute().parents) if p.exists())
    free = f"{megabytes(shutil.disk_usage(there).free)} are free"
    return f"up to {megabytes(needed)} are needed, {free}" if needed else free


def megabytes(size: int) -> str:
    """``"0.4 MB"``, ``"1,200 MB"``."""
    mb = size / 1e6
    return f"{mb:,.0f} MB" if mb >= 10 else f"{mb:.1f} MB"
