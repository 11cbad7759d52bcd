"""Finds a file of a data set: in a folder, in the cache, or downloaded; checked in every case."""

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

    name : how it is called here;  urls : where it is, the first that answers is taken
    md5  : of the file
    """

    name: str
    urls: tuple[str, ...]
    md5: str


def places(data_set: str, folder: Path | None) -> list[Path]:
    """Where files of ``data_set`` may be, in order; only ``folder`` if one is given."""
    if folder is not None:
        if not folder.is_dir():
            raise DataError(f"There is no folder {folder}: give the one that holds {data_set}.")
        return [folder]
    given = os.environ.get("WORKBENCH_DATA")
    return [*([Path(given) / data_set] if given else []), cache(data_set)]


def cache(data_set: str) -> Path:
    """Where downloads are kept."""
    return cache_folder() / "data" / data_set


def find(data_set: str, names: Sequence[str], folder: Path | None) -> Path | None:
    """The first of the ``names`` that is in one of the places, or None."""
    for place in places(data_set, folder):
        for name in names:
            if (place / name).exists():
                return place / name
    return None


def get(data_set: str, remote: Remote, also: Sequence[str], folder: Path | None) -> Path:
    """The file, from wherever it is. ``also`` are other names under which a folder may hold it.

    raises : DataError when it is in no place and cannot be downloaded
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
    """Fetch a file into the cache and check it; raises DataError with the reason."""
    import pooch

    reasons = []
    for url in remote.urls:
        try:
            found = pooch.retrieve(
                url, known_hash=f"md5:{remote.md5}", fname=remote.name, path=cache(data_set)
            )
            return Path(found)
        except Exception as error:  # whatever a network can do
            reasons.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    raise DataError(
        f"{remote.name} of {data_set} is not here and could not be downloaded ({reasons[-1]}). "
        f"Put it into {cache(data_set)}, or into a folder {data_set} in $WORKBENCH_DATA."
    )


def need_md5(content: bytes, allowed: Sequence[str], what: str) -> None:
    """Raise DataError unless the content has one of the checksums."""
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found not in allowed:
        raise DataError(
            f"{what} is damaged: its content has the checksum {found}, not {allowed[0]}. Fetch it "
            "again."
        )
