"""Files of other programs: runs written for them, and spike trains read from them."""

from __future__ import annotations

from pathlib import Path

from ..errors import ParameterError


def checked(path: str | Path, suffixes: tuple[str, ...], what: str, overwrite: bool) -> Path:
    """A path that may be written.

    suffixes : that it may end in; () for a folder
    what     : is written, for the message: "an NWB file"
    raises   : ParameterError for another ending, or for what exists already unless ``overwrite``
    """
    path = Path(path)
    if suffixes and path.suffix.lower() not in suffixes:
        raise ParameterError(
            f"{path} is not allowed: the name of {what} ends in {' or '.join(suffixes)}."
        )
    if path.exists() and not overwrite:
        raise ParameterError(f"{path} exists already: give another name, or overwrite it.")
    if not suffixes and path.exists() and not path.is_dir():
        raise ParameterError(f"{path} is a file, and {what} is a folder: give another name.")
    return path
