"""Consolidated metadata of Zarr groups."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def consolidating() -> Iterator[None]:
    """Suppress Zarr's warnings while metadata are consolidated.

    With consolidated metadata ``xarray.open_zarr(path)`` need not list the folder, where it would
    fail on files that are no arrays, such as ``run.json``. Zarr warns that other programs may not
    support them; those programs list the folder, as Zarr does itself while consolidating.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Consolidated metadata is currently not part")
        warnings.filterwarnings("ignore", "Object at .* is not recognized as a component")
        yield
