"""A run as a plain Brian2 script, which needs Brian2 and nothing of the workbench."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError, SimulationError
from .described import Described
from .script import text_of

if TYPE_CHECKING:
    from ..model.model import Model
    from ..run import Run

TIMEOUT_S = 600.0
NOT_FIRST = (
    "A run of all of a script cannot be exported: the script itself repeats it. Export a run of "
    "its first run, with script_runs = 0."
)


def export_script(
    run: Run, path: str | Path, model: type[Model] | None = None, overwrite: bool = False
) -> Path:
    """Write a run as a plain Brian2 script that repeats it, with all that was done to it.

    The network is built again, with the run's values and seed, and every object of it written
    down with its state. Long arrays are in a file of the same name, ending in ``.npz``. The script
    simulates on Brian2's NumPy target and stores the spikes: those of the run, where that was
    simulated by NumPy, or where nothing random is drawn during the run.

    path      : of the script, "my_run.py"
    model     : class of the run; by default as `Run.replay` finds it
    overwrite : replace files that are there
    raises    : ParameterError for a path that cannot be; BuildError for a network that cannot be
                written as a script
    """
    from ..replay import class_of

    path = Path(path)
    files = (path, path.with_suffix(".npz"))
    if path.suffix != ".py":
        raise ParameterError(f"{path} is not allowed: the name of a script ends in .py.")
    there = [f for f in files if f.exists()]
    if there and not overwrite:
        raise ParameterError(f"{there[0]} exists already: give another name, or overwrite it.")
    cls = class_of(run) if model is None else model
    if run.parameters.get("script_runs"):
        raise ParameterError(NOT_FIRST)
    made = cls(**run.parameters)
    content = describe(made, run.seed)
    text, arrays = text_of(content, made, run, path.stem)
    np.savez_compressed(files[1], **arrays)
    path.write_text(text, encoding="utf-8")
    return path


def describe(model: Model, seed: int) -> Described:
    """Have the network of a model described, in a process of its own."""
    from ..engine.session import Session

    with Session(model, seed=seed, engine="numpy", paused=True).start() as session:
        session.wait(TIMEOUT_S, until="ready")
        status = session.status()
        if status.state != "ready":
            raise SimulationError(status.message or f"The network is {status.state}.")
        found: Any = session.read("workbench.export.described:described", TIMEOUT_S)
    assert isinstance(found, Described)
    return found
