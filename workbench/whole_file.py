"""A file is written whole or not at all: what was there before stays until the new one is done."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from .disk_errors import failing


@contextlib.contextmanager
def written_whole(path: Path, needed: int = 0, private: bool = False) -> Iterator[Path]:
    """Yields where to write what becomes ``path`` in the end: a new file beside it.

    A pipe or a device, such as ``/dev/stdout``, is written to as it is; so is a file in a folder
    that may not be written to. What replaces a file has its owner and permissions.

    needed  : bytes about to be written, for the message
    private : only its owner may read it, also where others could read what was there
    raises  : StoreError if it cannot be written
    """
    with failing(path, needed):
        target = path.resolve()  # a link stays one
        there = target.exists()
        if there and (not target.is_file() or not os.access(target.parent, os.W_OK)):
            yield path
            return
        new = target.with_name(f".{target.stem[:100]}.{uuid4().hex[:8]}.part{target.suffix}")
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if private else 0o666))
        try:
            if there:
                if not private:
                    shutil.copymode(target, new)
                same_owner(new, target)
            yield new
            new.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink()
            raise


def same_owner(file: Path, other: Path) -> None:
    """Give ``file`` to who has ``other``, as far as one may."""
    if hasattr(os, "chown"):
        about = other.stat()
        with contextlib.suppress(PermissionError):  # only the administrator may give files away
            os.chown(file, about.st_uid, about.st_gid)
