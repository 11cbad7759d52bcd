"""Remembers for which models there is nothing left to compile."""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ...model.files import files_of
from ...paths import cache_folder
from . import cache as binary_cache

if TYPE_CHECKING:
    from ...model.model import Model

_CPP = Path(__file__).parent
_FAST = _CPP.parents[1] / "brian" / "fast"


@lru_cache(maxsize=1)
def own_code() -> str:
    """Digest of our part of a binary: templates, C++ files, compiler flags.

    Binaries with other ones may round differently, so that a run need not replay exactly.
    """
    ours = [*_CPP.glob("*.[ch]*"), *_CPP.glob("makefile.py"), *_FAST.rglob("*.[chp]*")]
    texts = [p.read_text() for p in sorted(ours) if p.suffix != ".pyc"]
    return hashlib.sha256("|".join(texts).encode()).hexdigest()[:12]


def marker(model: Model, engine: str) -> Path:
    """A file named by all that changes generated code: the model's files, versions, structure."""
    source = json.dumps(files_of(type(model)))
    structure = {k: v for k, v in model.values().items() if not model.parameter(k).live}
    key = (
        f"{engine}|{source}|{structure}|{version('brian2')}|{version('cython')}"
        f"|{platform.python_version()}"
    )
    if engine == "compiled":
        key += f"|{own_code()}"
    return cache_folder() / "warm" / hashlib.sha256(key.encode()).hexdigest()[:32]


def is_compiled(model: Model, engine: str) -> bool:
    """True when this model has run with that engine here before, with the same code and versions.

    engine : "cython" or "compiled"; for the latter the binary must still be in its cache
    """
    place = marker(model, engine)
    if engine != "compiled":
        return place.exists()
    try:
        return binary_cache.find(place.read_text()) is not None
    except OSError:
        return False


def mark_compiled(model: Model, engine: str, binary: str = "-") -> None:
    """Remember that this model is compiled; a read-only cache is no error.

    binary : its name in the cache of binaries
    """
    place = marker(model, engine)
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(binary)
