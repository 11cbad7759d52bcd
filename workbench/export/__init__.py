"""A run as a plain Brian2 script or notebook, which need nothing of the workbench."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BuildError, ParameterError, SimulationError
from ..optional import optional
from ..scripts.model import ScriptModel
from ..whole_file import written_whole
from .described import Described
from .own_script import Placed, own_text, placed
from .script import parts_of, text_of

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

    A run of an opened script whose network cannot be written down, because Python code runs at its
    steps or it has a morphology, is written as that script with what was done to it in front; it
    stores the spikes.

    Otherwise the network is built again, with the run's values and seed, and every object of it
    written down with its state. Long arrays are in a file of the same name, ending in ``.npz``. The
    script simulates on Brian2's NumPy target and stores the spikes, and the states that the run
    recorded at ticks: those of the run, where that was simulated by NumPy, or where nothing random
    is drawn during the run.

    path      : of the script, "my_run.py"
    model     : class of the run; by default as `Run.replay` finds it
    overwrite : replace files that are there
    raises    : ParameterError for a path that cannot be; BuildError for a network that cannot be
                written as a script
    """
    path = _checked(path, ".py", "a script", overwrite)
    made, content = _described(run, model, own=True)
    write: Any = own_text if isinstance(content, Placed) else text_of
    text, arrays = write(content, made, run, path.stem)
    _write_arrays(path, arrays)
    with written_whole(path) as new:
        new.write_text(text, encoding="utf-8")
    return path


def export_notebook(
    run: Run, path: str | Path, model: type[Model] | None = None, overwrite: bool = False
) -> Path:
    """Write a run as a Jupyter notebook: the script of `export_script`, in cells, with a raster.

    path      : of the notebook, "my_run.ipynb"
    model     : class of the run; by default as `Run.replay` finds it
    overwrite : replace files that are there
    raises    : as `export_script`; NotInstalled without nbformat
    """
    path = _checked(path, ".ipynb", "a notebook", overwrite)
    nbformat = optional("nbformat", "notebook", "Writing a notebook")
    made, content = _described(run, model)
    assert isinstance(content, Described)  # else it was refused
    here = f"Path({path.name!r})"
    note, parts, arrays = parts_of(content, made, run, path.stem, here)
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell(f"# {note}")]
    for heading, code in {**parts, "Raster": RASTER}.items():
        cells += [v4.new_markdown_cell(f"## {heading}"), v4.new_code_cell(code.strip())]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.validate(book)
    _write_arrays(path, arrays)
    with written_whole(path) as new:
        nbformat.write(book, new)
    return path


RASTER = """
import matplotlib.pyplot as plt

figure, axes = plt.subplots(layout="constrained")
below = 0
for name, (group, first, end) in populations.items():
    axes.plot(found[f"{name}.t_ms"], below + found[f"{name}.i"], ".", markersize=1, label=name)
    below += end - first
axes.set(xlabel="t (ms)", ylabel="neuron")
axes.legend(loc="upper right")
"""


def _write_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """The file beside a script or a notebook that it reads."""
    with written_whole(path.with_suffix(".npz")) as new:
        np.savez_compressed(new, **arrays)


def _checked(path: str | Path, suffix: str, what: str, overwrite: bool) -> Path:
    path = Path(path)
    if path.suffix != suffix:
        raise ParameterError(f"{path} is not allowed: the name of {what} ends in {suffix}.")
    there = [f for f in (path, path.with_suffix(".npz")) if f.exists()]
    if there and not overwrite:
        raise ParameterError(f"{there[0]} exists already: give another name, or overwrite it.")
    return path


def _described(
    run: Run, model: type[Model] | None, own: bool = False
) -> tuple[Model, Described | Placed]:
    from ..replay import class_of

    cls = class_of(run) if model is None else model
    if run.parameters.get("script_runs"):
        raise ParameterError(NOT_FIRST)
    made = cls(**run.parameters)
    return made, describe(made, run.seed, own and isinstance(made, ScriptModel))


def describe(model: Model, seed: int, own: bool = False) -> Described | Placed:
    """Have the network of a model described, in a process of its own.

    own : of a script; where its network cannot be described, say where in it things are
    A process that may have no others, such as one that was started to export, builds it itself.
    """
    if multiprocessing.current_process().daemon:
        from ..engine.runtime import Runtime
        from .described import described

        runtime = Runtime(model, seed, "numpy")
        runtime.build()
        try:
            return described(runtime)
        except BuildError:
            if not own:
                raise
            return placed(runtime)
    from ..engine.session import Session

    with Session(model, seed=seed, engine="numpy", paused=True).start() as session:
        session.wait(TIMEOUT_S, until="ready")
        status = session.status()
        if status.state != "ready":
            raise SimulationError(status.message or f"The network is {status.state}.")
        try:
            found: Any = session.read("workbench.export.described:described", TIMEOUT_S)
        except BuildError:
            if not own:
                raise
            found = session.read("workbench.export.own_script:placed", TIMEOUT_S)
    assert isinstance(found, Described | Placed)
    return found
