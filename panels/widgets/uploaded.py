"""Files that a browser hands over: the names that they have here."""

from __future__ import annotations

from pathlib import PurePath

LONGEST = 60  # characters of a name; each may be four bytes, and file systems take 255


def safe_name(given: object, otherwise: str) -> str:
    """What a browser calls a file, as a name that a file here can have; else ``otherwise``."""
    name = PurePath(str(given).replace("\\", "/").replace("\0", "")).name
    name = "".join(c if c.isprintable() else "_" for c in name)
    if name in ("", ".."):
        return otherwise
    path = PurePath(name)
    suffix = path.suffix if len(path.suffix) <= 10 else ""
    return name[: len(name) - len(suffix)][: LONGEST - len(suffix)] + suffix
