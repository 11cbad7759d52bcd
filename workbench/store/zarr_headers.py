"""The headers of a Zarr group's arrays, put together in the group's own: consolidated."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def consolidating() -> Iterator[None]:
    """In here headers are put together without Zarr's warnings.

    With such headers ``xarray.open_zarr(path)`` need not list the folder, where it would stumble
    over what is no array, such as ``run.json``. Other programs may not know them, as Zarr warns:
    they list the folder then, and Zarr does so itself when it puts the headers together.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Consolidated metadata is currently not part")
        warnings.filterwarnings("ignore", "Object at .* is not recognized as a component")
        yield
