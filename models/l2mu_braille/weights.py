"""The weights of the network: those that were published, or untrained ones that are drawn.

The memory of each unit of u holds ``order`` Legendre coefficients of its spikes; they are numbered
channel by channel, so that coefficient k of channel c is unit c*order + k.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.data import DataError
from workbench.data.fetch import cache, find
from workbench.errors import BuildError

from .._shared.legendre import held, state_space

FOLDER = "l2mu"  # within WORKBENCH_DATA
CHECKPOINT = "braille7_checkpoint.npz"
CHANNELS, LETTERS = 12, 7
WINDOW_STEPS = 10.0  # theta: the frozen matrices remember about so many steps
DRAWN, PUBLISHED = 0, 1
# A field of `Weights` -> its name in the checkpoint
NAMES = {
    "e_x": "e_x.weight", "e_h": "e_h.weight", "e_m": "e_m.weight", "A": "A.weight",
    "B": "B.weight", "W_x": "W_x.weight", "W_h": "W_h.weight", "W_m": "W_m.weight",
    "W_out": "output_transformation.weight", "b_out": "output_transformation.bias",
}  # fmt: skip
# How the output is drawn when there is nothing to learn from: as large as the published one.
_OUT, _BIAS = 0.12, 0.03


@dataclass(frozen=True)
class Weights:
    """All matrices are (target, source): u of U units, h of H, memory of U*order, 7 letters.

    e_x (U, 12), e_h (U, H), e_m (U, U*order)  : onto u, from the input, from h, from the memory
    A (order, order), B (order,)               : the memory of every unit of u, alike; not trained
    W_x (H, 12), W_h (H, H), W_m (H, U*order)  : onto h
    W_out (7, H), b_out (7,)                   : onto the output, and its bias
    """

    e_x: np.ndarray
    e_h: np.ndarray
    e_m: np.ndarray
    A: np.ndarray
    B: np.ndarray
    W_x: np.ndarray
    W_h: np.ndarray
    W_m: np.ndarray
    W_out: np.ndarray
    b_out: np.ndarray

    @property
    def sizes(self) -> tuple[int, int, int]:
        """(channels of the memory U, order, units of h)."""
        return len(self.e_x), len(self.A), len(self.W_x)


def found(folder: str | Path | None = None) -> Path | None:
    """The file of the published checkpoint, or None where it is not."""
    return find(FOLDER, (CHECKPOINT,), Path(folder) if folder else None)


def weights_of(values: dict[str, Any]) -> Weights:
    """The weights of a model with these parameters.

    raises : BuildError when the published ones do not fit the sizes; DataError for a bad file
    """
    sizes = tuple(int(values[k]) for k in ("n_memory", "order", "n_hidden"))
    path = found() if int(values["weights"]) == PUBLISHED else None
    if path is None:
        return drawn(*sizes, int(values["weight_seed"]))
    read = published(path, path.stat().st_mtime_ns)
    if read.sizes != sizes:
        raise BuildError(
            f"The published weights are those of n_memory, order, n_hidden = {read.sizes}, not "
            f"{sizes}: set these, or weights to drawn."
        )
    return read


def in_use(values: dict[str, Any]) -> str:
    """ "published" or "drawn": which weights a model with these parameters has on this machine."""
    return "published" if int(values["weights"]) == PUBLISHED and found() else "drawn"


@lru_cache(maxsize=2)
def published(path: Path, _changed_ns: int = 0) -> Weights:
    """Read a checkpoint; raises DataError for a file that is none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {k: np.array(file[name], dtype=float) for k, name in NAMES.items()}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path} is no checkpoint of the network, or is damaged: {error}. It holds the arrays "
            f"{', '.join(NAMES.values())}."
        ) from error
    arrays["B"] = arrays["B"].reshape(-1)
    w = Weights(**arrays)
    U, order, H = w.sizes
    wanted = {
        "e_x": (U, CHANNELS), "e_h": (U, H), "e_m": (U, U * order), "A": (order, order),
        "B": (order,), "W_x": (H, CHANNELS), "W_h": (H, H), "W_m": (H, U * order),
        "W_out": (LETTERS, H), "b_out": (LETTERS,),
    }  # fmt: skip
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise DataError(
                f"{path} is no checkpoint of the network: {NAMES[name]} has the shape "
                f"{arrays[name].shape}, where the other arrays ask for {shape}."
            )
    return w


def where_to_put_it() -> str:
    """One sentence for a machine without the published weights."""
    return (
        f"The published weights are not here: put {CHECKPOINT} into {cache(FOLDER)}, or into a "
        f"folder {FOLDER} in WORKBENCH_DATA."
    )


def memory_matrices(order: int, window_steps: float = WINDOW_STEPS) -> tuple[np.ndarray, Any]:
    """A (order, order) and B (order,) as in the checkpoint: held inputs, and A transposed.

    The authors' layer multiplies by the transpose of the discretised matrix; so do we, since the
    other weights were trained with it.
    """
    A, B = held(*state_space(order, window_steps), 1.0)
    return A.T, B


@lru_cache(maxsize=8)
def drawn(n_memory: int, order: int, n_hidden: int, seed: int) -> Weights:
    """Untrained weights, uniform; they are so large that about as much fires as when trained."""
    rng = np.random.default_rng(seed)

    def uniform(*shape: int) -> np.ndarray:
        return rng.uniform(-1, 1, shape) * math.sqrt(2 / shape[1])

    A, B = memory_matrices(order)
    n = n_memory * order
    return Weights(
        e_x=uniform(n_memory, CHANNELS), e_h=uniform(n_memory, n_hidden),
        e_m=uniform(n_memory, n), A=A, B=B, W_x=uniform(n_hidden, CHANNELS),
        W_h=uniform(n_hidden, n_hidden), W_m=uniform(n_hidden, n),
        W_out=_OUT * rng.standard_normal((LETTERS, n_hidden)),
        b_out=_BIAS * rng.standard_normal(LETTERS),
    )  # fmt: skip
