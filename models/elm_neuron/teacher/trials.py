"""Trials of the embedded teacher cell, in the same form as those of the detailed cell.

    make_trials("my-trials", 100)           # goes on where it was stopped
    trials = load_trials("my-trials")

Every file is one trial: input events, voltage of the soma, spikes; see `data.trials`.
"""

from __future__ import annotations

import json
import multiprocessing
import queue
import tempfile
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import ParameterError, SimulationError, StoreError
from workbench.family import end_with_parent, kill_group
from workbench.model.experiment import Progress, no_progress

from .cell import N_DENDRITES, DT_ms, TeacherCell

TREES = (30, 18)  # compartments of the apical tree, then of the basal one
N_INPUT = 2 * N_DENDRITES
ABOUT = "cell.json"
USUAL = TeacherCell()


def events(seed: int, n_ms: int) -> tuple[np.ndarray, np.ndarray]:
    """Input of one trial: two bool arrays (ms, compartments), excitatory and inhibitory."""
    from .input import draw

    return draw(seed, n_ms, TREES)


def make_trials(
    folder: str | Path,
    n_trials: int,
    *,
    seconds: float = 6.0,
    first_seed: int = 1,
    cell: TeacherCell = USUAL,
    workers: int = 2,
    progress: Progress = no_progress,
) -> list[Path]:
    """Simulate trials into ``folder``; those that are there already are left as they are.

    n_trials   : how many there should be; trial k is drawn from seed first_seed + k
    workers    : processes; each builds its own binary first, some 20 s of processor time
    progress   : return False to stop; what is finished stays, and the next call goes on
    returns    : the files
    raises     : StoreError if the folder holds trials of another cell
    """
    if n_trials < 1 or workers < 1 or not 0.1 <= seconds <= 3600:
        raise ParameterError(
            f"{n_trials} trials of {seconds:g} s on {workers} workers are not possible: at least "
            "one of each, and from 0.1 to 3600 s."
        )
    folder = Path(folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    n_ms = round(1000 * seconds)
    _claim(folder, {**asdict(cell), "n_ms": n_ms, "dt_ms": DT_ms, "n_input": N_INPUT})
    files = {s: folder / f"teacher_{s:05d}.npz" for s in range(first_seed, first_seed + n_trials)}
    missing = [seed for seed, path in files.items() if not path.exists()]
    if missing:
        _simulate(cell, n_ms, {s: files[s] for s in missing}, workers, n_trials, progress)
    return [path for path in files.values() if path.exists()]


def _claim(folder: Path, about: dict[str, Any]) -> None:
    path = folder / ABOUT
    if not path.exists():
        path.write_text(json.dumps(about, indent=1), encoding="utf-8")
    elif (there := json.loads(path.read_text("utf-8"))) != about:
        differs = ", ".join(f"{k} = {there.get(k)}" for k in about if there.get(k) != about[k])
        raise StoreError(f"{folder} holds trials of another cell ({differs}): choose another.")


def _simulate(
    cell: TeacherCell,
    n_ms: int,
    files: dict[int, Path],
    workers: int,
    total: int,
    progress: Progress,
) -> None:
    # Spawned: Brian2's device is global, and a process that draws or serves has no business in it.
    context = multiprocessing.get_context("spawn")
    jobs, reported = context.Queue(), context.Queue()
    for job in files.items():
        jobs.put(job)
    place = tempfile.TemporaryDirectory(prefix="elm-teacher-")  # outlives a worker that is ended
    some = [
        context.Process(
            target=_work, args=(cell, n_ms, jobs, reported, Path(place.name) / str(k)), daemon=True
        )
        for k in range(min(workers, len(files)))
    ]
    for process in some:
        process.start()
    finished = total - len(files)
    try:
        while finished < total:
            if progress(finished / total, f"{finished} of {total} trials simulated") is False:
                return
            try:
                failure = reported.get(timeout=0.5)
            except queue.Empty:
                if not any(p.is_alive() for p in some):
                    raise SimulationError("The processes that simulate trials have died.") from None
                continue
            if failure:
                raise SimulationError("A trial could not be simulated.", details=failure)
            finished += 1
    finally:
        for process in some:
            kill_group(process)
            process.join()
        place.cleanup()
    progress(1.0, f"{total} of {total} trials simulated")


def _work(cell: TeacherCell, n_ms: int, jobs: Any, reported: Any, folder: Path) -> None:
    """In a process of its own: simulate until no job is left."""
    end_with_parent()
    from .run import Simulator

    try:
        simulator = Simulator(cell, n_ms, folder)
    except Exception:
        reported.put(traceback.format_exc())
        return
    try:
        while True:
            seed, path = jobs.get(timeout=1)
            excite, inhibit = events(seed, n_ms)
            v_mV, spikes = simulator.run(excite, inhibit)
            save_trial(path, excite, inhibit, v_mV, spikes)
            reported.put("")
    except queue.Empty:
        return
    except Exception:
        reported.put(traceback.format_exc())


def save_trial(
    path: Path, excite: np.ndarray, inhibit: np.ndarray, v_mV: np.ndarray, spike_t_ms: np.ndarray
) -> None:
    """Write one trial, whole or not at all; the channels are excitatory ones, then inhibitory."""
    t_ms, channel = np.nonzero(np.concatenate([excite, inhibit], axis=1))
    half = path.with_name(path.name + ".part")
    with half.open("wb") as file:
        np.savez_compressed(
            file,
            channel=channel.astype(np.uint16),
            t_ms=t_ms.astype(np.uint16 if len(excite) < 2**16 else np.uint32),
            v_soma_mV=v_mV.astype(np.float32),
            spike_t_ms=spike_t_ms.astype(np.float32),
        )
    half.replace(path)
