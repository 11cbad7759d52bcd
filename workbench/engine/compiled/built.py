"""Remembers for which models there is nothing left to compile."""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
from dataclasses import dataclass
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
    key = f"{engine}|{source}|{version('brian2')}|{version('cython')}|{platform.python_version()}"
    if engine == "compiled":
        key += f"|{own_code()}"
    names = (_digest(key), _digest(json.dumps(_structure(model), sort_keys=True)))
    return cache_folder() / "warm" / "-".join(names)


def is_compiled(model: Model, engine: str) -> bool:
    """True when this model has run with that engine here before, with the same code and versions.

    engine : "cython" or "compiled"; for the latter the binary must still be in its cache
    """
    place = marker(model, engine)
    if engine != "compiled":
        return place.exists()
    return any(known.path == place for known in _known(place))


def may_have_binary(model: Model) -> bool:
    """True when a binary of this model is there, perhaps of another size that serves this one too.

    A parameter is known to matter once two values of it alone have led to two binaries; where
    nothing is known, it may. Only the generated code tells for sure.
    """
    place, wanted = marker(model, "compiled"), _structure(model)
    known = _known(place)
    if any(one.path == place for one in known):
        return True
    matters = set()
    for one in known:
        for other in known:
            differ = _differing(one.structure, other.structure)
            if one.binary != other.binary and len(differ) == 1:
                matters |= differ
    return any(not _differing(one.structure, wanted) & matters for one in known)


def mark_compiled(model: Model, engine: str, binary: str = "-") -> None:
    """Remember that this model is compiled; a read-only cache is no error.

    binary : its name in the cache of binaries
    """
    place = marker(model, engine)
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"binary": binary, "structure": _structure(model)}))


def forget_compiled(model: Model) -> None:
    """Its code comes out differently now, as where a file that it reads has changed."""
    with contextlib.suppress(OSError):
        marker(model, "compiled").unlink()


@dataclass(frozen=True)
class _Known:
    """A structure for which there is a binary: the values of the parameters that are not live."""

    path: Path
    binary: str
    structure: dict[str, float]


def _known(place: Path) -> list[_Known]:
    """What was compiled of the same files with the same versions, and is there."""
    found = []
    for path in place.parent.glob(place.name.split("-")[0] + "-*"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            told = json.loads(path.read_text())
            if binary_cache.is_there(told["binary"]):
                found.append(_Known(path, told["binary"], told["structure"]))
    return found


def _structure(model: Model) -> dict[str, float]:
    return {k: v for k, v in model.values().items() if not model.parameter(k).live}


def _differing(a: dict[str, float], b: dict[str, float]) -> set[str]:
    return {name for name in a.keys() | b.keys() if a.get(name) != b.get(name)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
