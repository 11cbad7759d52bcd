"""Find a file of a data set in a folder or the cache, or download and verify it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..paths import cache_folder
from .datasets import DataError


@dataclass(frozen=True)
class Remote:
    """A file that can be downloaded.

    name : local file name;  urls : alternative addresses, tried in order
    md5  : checksum of the file
    """

    name: str
    urls: tuple[str, ...]
    md5: str


def places(data_set: str, folder: Path | None) -> list[Path]:
    """Folders in which to search for ``data_set``, in order; only ``folder`` if given."""
    if folder is not None:
        if not folder.is_dir():
            raise DataError(f"There is no folder {folder}: give the one that holds {data_set}.")
        return [folder]
    given = os.environ.get("WORKBENCH_DATA")
    return [*([Path(given) / data_set] if given else []), cache(data_set)]


def cache(data_set: str) -> Path:
    """Folder for downloads of ``data_set``."""
    return cache_folder() / "data" / data_set


def find(data_set: str, names: Sequence[str], folder: Path | None) -> Path | None:
    """Find the first of ``names`` that exists in one of the places, or None."""
    for place in places(data_set, folder):
        for name in names:
            if (place / name).exists():
                return place / name
    return None


def get(data_set: str, remote: Remote, also: Sequence[str], folder: Path | None) -> Path:
    """Find or download a file; ``also`` lists alternative names under which it may be stored.

    raises : DataError if it is not found and cannot be downloaded
    """
    found = find(data_set, (remote.name, *also), folder)
    if found is not None:
        return found
    if folder is not None:
        raise DataError(
            f"{folder} holds no {remote.name} of {data_set}: put it there, or give no folder to "
            "have it downloaded."
        )
    return download(data_set, remote)


def download(data_set: str, remote: Remote) -> Path:
    """Download a file into the cache and verify it; raises DataError with the reason."""
    import pooch

    reasons = []
    for url in remote.urls:
        try:
            found = pooch.retrieve(
                url, known_hash=f"md5:{remote.md5}", fname=remote.name, path=cache(data_set)
            )
            return Path(found)
        except Exception as error:  # network errors of any kind
            reasons.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    raise DataError(
        f"{remote.name} of {data_set} is not here and could not be downloaded ({reasons[-1]}). "
        f"Put it into {cache(data_set)}, or into a folder {data_set} in $WORKBENCH_DATA."
    )


def need_md5(content: bytes, allowed: Sequence[str], what: str) -> None:
    """Raise DataError unless ``content`` has one of the allowed checksums."""
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found not in allowed:
        raise DataError(
            f"{what} is damaged: its content has the checksum {found}, not {allowed[0]}. Fetch it "
            "again."
        )
