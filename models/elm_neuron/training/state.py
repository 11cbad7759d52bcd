"""What training keeps on disk, so that it can go on where it stopped.

In the folder: ``checkpoint.npz``, the best neuron so far; ``state.npz``, everything that the next
step depends on; ``history.json``, the learning curve.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import StoreError

CHECKPOINT, STATE, HISTORY = "checkpoint.npz", "state.npz", "history.json"


def flat(tree: Any, at: str = "") -> dict[str, np.ndarray]:
    """Nested dicts and tuples of arrays as one dict, under names that say where each belongs."""
    if isinstance(tree, dict):
        items = list(tree.items())
    elif isinstance(tree, tuple | list):
        items = list(enumerate(tree))
    else:
        return {at: np.asarray(tree)}
    found: dict[str, np.ndarray] = {}
    for key, value in items:
        found |= flat(value, f"{at}/{key}" if at else str(key))
    return found


def filled(tree: Any, values: dict[str, np.ndarray], at: str = "") -> Any:
    """A tree like ``tree`` with the arrays of ``values``; raises StoreError if they do not fit."""

    def inner(key: Any, value: Any) -> Any:
        return filled(value, values, f"{at}/{key}" if at else str(key))

    if isinstance(tree, dict):
        return {k: inner(k, v) for k, v in tree.items()}
    if isinstance(tree, tuple | list):
        items = [inner(k, v) for k, v in enumerate(tree)]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    own = np.asarray(tree)
    if at not in values or values[at].shape != own.shape:
        raise StoreError(f"The kept state does not fit this neuron: {at} differs. Start anew.")
    return values[at].astype(own.dtype)


def whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Have a file written whole or not at all."""
    half = path.with_name(f"part-{path.name}")
    write(half)
    half.replace(path)


def write_state(folder: Path, fit: Any, about: dict[str, Any]) -> None:
    """Write ``state.npz``: everything that changes, and what is known about it."""
    arrays: dict[str, Any] = {**flat(fit), "about": json.dumps(about)}
    whole(folder / STATE, lambda path: np.savez(path, **arrays))


def read_state(folder: Path, like: Any, same: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The kept state and what is known about it.

    like   : a fresh state, for its form
    same   : what must not have changed since: recipe, size, seed, data
    raises : StoreError when there is none, or it belongs to another training
    """
    path = folder / STATE
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            arrays = {k: file[k] for k in file.files if k != "about"}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StoreError(
            f"{path} cannot be read ({error}): without it training starts anew, in another folder."
        ) from error
    for name, value in same.items():
        if about["same"].get(name) != value:
            raise StoreError(
                f"{path} was kept by a training with {name} = {about['same'].get(name)!r}, not "
                f"{value!r}: give that, or another folder."
            )
    return filled(like, arrays), about


def write_history(folder: Path, rows: list[dict[str, float]], about: dict[str, Any]) -> None:
    """Write the learning curve: one row for every time the neuron was evaluated."""
    text = json.dumps({**about, "history": rows}, indent=1)
    whole(folder / HISTORY, lambda path: path.write_text(text, encoding="utf-8"))
