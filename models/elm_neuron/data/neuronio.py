"""NeuronIO: the published recordings of the detailed cell, read from their own files.

A file (``.p``, a Python 2 pickle, Beniaguev et al. 2021, kaggle.com/selfishgene) holds 128
simulations of 6 s. A pickle can name any code to be run; here only arrays, numbers, text and
their containers are let in.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import StoreError

from .trials import Trial, checked_trial

_CONTAINERS = {"set": set, "frozenset": frozenset, "bytearray": bytearray}


def _allowed() -> dict[tuple[str, str], Any]:
    # Where NumPy keeps these two has changed with its versions; their owners know.
    rebuild, scalar = np.zeros(0).__reduce__()[0], np.float64(0).__reduce__()[0]
    found: dict[tuple[str, str], Any] = {("_codecs", "encode"): _latin}
    for core in ("numpy.core", "numpy._core"):
        found[f"{core}.multiarray", "_reconstruct"] = rebuild
        found[f"{core}.multiarray", "scalar"] = scalar
    found["numpy", "ndarray"], found["numpy", "dtype"] = np.ndarray, np.dtype
    for module in ("builtins", "__builtin__"):
        found |= {(module, name): kind for name, kind in _CONTAINERS.items()}
    return found


def _latin(text: str, encoding: str = "latin1") -> bytes:
    return text.encode("latin1")


class _OnlyData(pickle.Unpickler):
    _known = _allowed()

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._known:
            raise StoreError(f"it names {module}.{name}, which is no data")
        return self._known[module, name]


def open_neuronio(path: str | Path) -> Iterator[Trial]:
    """The simulations of one file, one after another.

    Channel k < segments is the excitatory input of segment k; the inhibitory ones follow.
    raises : StoreError for a file that cannot be read, is something else, or names code
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            found = _OnlyData(file, encoding="latin1").load()
        segments = len(found["Params"]["allSegmentsType"])
        simulations = found["Results"]["listOfSingleSimulationDicts"]
        if not isinstance(simulations, list | tuple):
            raise TypeError("its simulations are no list")
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error}.") from error
    # A pickle can fail in any way that its bytes ask for.
    except Exception as error:
        raise StoreError(f"{path} cannot be read as a NeuronIO file: {_message(error)}.") from error
    for k, simulation in enumerate(simulations):
        yield _trial(simulation, segments, f"{path.stem}_{k:03d}", f"{path}, simulation {k}")


def _message(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


def _trial(simulation: Any, segments: int, name: str, where: str) -> Trial:
    try:
        excite = _events(simulation["exInputSpikeTimes"], segments)
        inhibit = _events(simulation["inhInputSpikeTimes"], segments)
        arrays = {
            "channel": np.concatenate([excite[0], inhibit[0] + segments]),
            "t_ms": np.concatenate([excite[1], inhibit[1]]),
            "v_soma_mV": np.asarray(simulation["somaVoltageLowRes"], float),
            "spike_t_ms": np.asarray(simulation["outputSpikeTimes"], float).ravel(),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(f"{where} is not as in NeuronIO: {_message(error)}.") from error
    return checked_trial(name, arrays, where)


def _events(times: Mapping[int, Any], segments: int) -> tuple[np.ndarray, np.ndarray]:
    """Segment and time of every event, in order of time."""
    keys = np.array([int(k) for k in times], int)
    if len(keys) and not 0 <= keys.min() <= keys.max() < segments:
        raise ValueError(f"it has an input on segment {keys.max()} of {segments}")
    each = [np.asarray(v, float).ravel() for v in times.values()]
    channel = np.repeat(keys, [len(e) for e in each])
    t_ms = np.concatenate(each) if each else np.zeros(0)
    order = np.argsort(t_ms, kind="stable")
    return channel[order], t_ms[order]
