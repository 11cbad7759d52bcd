"""Whole data sets through the liquid: compiled Brian2, with the samples in its loop.

`Liquid` builds the binary once; `Liquid.answers` shows it samples, in as many processes as wanted.
Python sees files: the input that goes in, and spike counts that come out.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.process import launch
from workbench.errors import SimulationError, WorkbenchError
from workbench.family import guarded, kill_group
from workbench.model.transfer import pack_model
from workbench.model.units import unit_of

from ..wiring import Wiring, wiring
from .build import KEPT, build

if TYPE_CHECKING:
    from workbench.model.model import Model

POLL_S = 0.05
State = dict[str, np.ndarray]  # "object.variable" -> array: weights, traces and calcium


@dataclass
class Answers:
    """What the liquid did with each of n samples.

    counts       : (n, N) uint16, spikes of every liquid neuron
    input_spikes : (n,) int, spikes of the input
    A_mean, A_end: (n,) astrocyte, over the sample and at its end
    spikes       : None, or (sample, step, unit), each (S,) int; units from N on are inputs
    state        : weights, traces and calcium at the end of the last sample
    """

    counts: np.ndarray
    input_spikes: np.ndarray
    A_mean: np.ndarray
    A_end: np.ndarray
    spikes: tuple[np.ndarray, np.ndarray, np.ndarray] | None
    state: State


class Liquid:
    """A liquid that is ready to be shown samples.

    model   : its parameters; those that may change while a model runs may be changed for each call
    plastic : False leaves out the code that changes weights, which makes it faster
    raises  : BuildError when there is no compiler
    """

    def __init__(self, model: Model, plastic: bool = True):
        self.model = model
        self.values = model.values()
        self.wires: Wiring = wiring(self.values)
        self.folder = Path(tempfile.mkdtemp(prefix="workbench-samples-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        # One binary serves all values but those that decide what there is.
        built = {k: v for k, v in self.values.items() if not model.parameter(k).live}
        plain = type(model)(**{**built, "w_0": 1.0, "sample_ms": 250})
        found = _elsewhere(pack_model(plain), plastic, str(self.folder / "code"))
        self._binary: str = found["binary"]
        self._variables: dict[str, list[str]] = found["variables"]

    @property
    def n_neurons(self) -> int:
        return int(self.values["n_neurons"])

    def start(self) -> State:
        """The state before anything was learnt: every weight of the size ``w_0``."""
        w_0, wires = self.values["w_0"], self.wires
        mine = wires.liquid_pre < wires.n_exc
        first = {
            "input_synapses.w": w_0 * wires.input_sign,
            "excitatory_synapses.w": np.full(int(mine.sum()), w_0),
            "inhibitory_synapses.w": np.full(int((~mine).sum()), -w_0),
            "liquid.trace": np.zeros(self.n_neurons),
            "liquid.calcium": np.zeros(self.n_neurons),
            "input.trace": np.zeros(int(self.values["n_inputs"])),
        }
        return {f"{o}.{v}": first[f"{o}.{v}"] for o, v in KEPT}

    def answers(
        self,
        samples: np.ndarray | tuple[np.ndarray, np.ndarray, np.ndarray],
        *,
        n: int | None = None,
        steps: int = 250,
        seed: int = 1,
        first: int = 0,
        state: State | None = None,
        restore: bool = True,
        spikes: bool = False,
        values: Mapping[str, float] | None = None,
        progress: Callable[[float], Any] | None = None,
    ) -> Answers:
        """Show samples, one after the other, in one process.

        samples  : (n, N_in) share of each input in its picture; or events (sample, step, unit),
                   by sample, then by step, and their number ``n``
        steps    : ms for each sample
        seed     : sample k draws the same input whatever was shown before it
        first    : number of the first sample, for its seed
        state    : what to begin with; None is `start`
        restore  : begin every sample with that state; False lets it go on changing
        spikes   : return all spikes too
        values   : live parameters that differ from the model's
        progress : called with the fraction done; return False to stop
        raises   : SimulationError when it fails or is stopped
        """
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            job = Path(place)
            count = len(samples) if isinstance(samples, np.ndarray) else int(n or 0)
            _write_job(
                job / "job", samples, n=count, first=first, steps=steps, restore=restore,
                seed=seed, spikes=spikes, n_inputs=int(self.values["n_inputs"]),
            )  # fmt: skip
            begin = state if state is not None else self.start()
            arguments = self._arguments({**self.values, **(values or {})}, begin, job)
            self._run(job, arguments, count, progress)
            return self._read(job, count, spikes, begin)

    def _arguments(self, values: Mapping[str, float], state: State, job: Path) -> list[str]:
        found = []
        for name, owners in self._variables.items():
            si = values[name] * float(unit_of(self.model.parameter(name).unit).size)
            found += [f"{owner}.{name}={si!r}" for owner in owners]
        for name, array in state.items():
            np.ascontiguousarray(array, dtype=float).tofile(job / name)
            found.append(f"{name}={job / name}")
        return found

    def _run(
        self, job: Path, arguments: list[str], n: int, progress: Callable[[float], Any] | None
    ) -> None:
        size = _row(self.n_neurons).itemsize
        with (job / "said").open("wb") as message:
            process = guarded(
                [self._binary, *arguments], cwd=self.folder / "code", stdin=subprocess.DEVNULL,
                stdout=message, stderr=message, env={**os.environ, "WORKBENCH_JOB": str(job / "job")},
            )  # fmt: skip
        try:
            while process.poll() is None:
                time.sleep(POLL_S)
                with contextlib.suppress(OSError):
                    done = (job / "answers").stat().st_size // size
                    if progress is not None and progress(done / max(n, 1)) is False:
                        raise SimulationError("The samples were stopped by the caller.")
        finally:
            kill_group(process)
            process.wait()
        words = (job / "said").read_text(errors="replace").strip()
        if process.returncode or words:
            raise SimulationError(
                f"The compiled liquid ended with {process.returncode}: {words or 'no word'}.", words
            )

    def _read(self, job: Path, n: int, spikes: bool, like: State) -> Answers:
        rows = np.fromfile(job / "answers", _row(self.n_neurons))
        if len(rows) != n:
            raise SimulationError(f"The compiled liquid answered {len(rows)} of {n} samples.")
        raw = np.fromfile(job / "state")
        ends = np.cumsum([len(like[f"{o}.{v}"]) for o, v in KEPT])
        found = None
        if spikes:
            table = np.fromfile(job / "spikes", np.int32).reshape(-1, 3)
            found = (table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy())
        return Answers(
            counts=rows["counts"].copy(),
            input_spikes=rows["input"].astype(int),
            A_mean=rows["A_mean"].astype(float),
            A_end=rows["A_end"].astype(float),
            spikes=found,
            state={
                f"{o}.{v}": part.copy()
                for (o, v), part in zip(KEPT, np.split(raw, ends[:-1]), strict=True)
            },
        )


def _row(n: int) -> np.dtype:
    return np.dtype(
        [("input", "<u4"), ("A_mean", "<f4"), ("A_end", "<f4"), ("counts", "<u2", (n,))]
    )


def _write_job(
    path: Path, samples: Any, *, n: int, first: int, steps: int, restore: bool, seed: int,
    spikes: bool, n_inputs: int,
) -> None:  # fmt: skip
    pictures = isinstance(samples, np.ndarray)
    head = np.array([n, first, steps, n_inputs, not pictures, restore, seed, spikes], "<i8")
    with path.open("wb") as file:
        file.write(b"WBSAMPLE" + head.tobytes())
        if pictures:
            file.write(np.ascontiguousarray(samples, "<f4").tobytes())
            return
        sample, step, unit = (np.asarray(a) for a in samples)
        start = np.searchsorted(sample, np.arange(n + 1))
        file.write(start.astype("<i8").tobytes())
        file.write(step.astype("<i4").tobytes())
        file.write(unit.astype("<i4").tobytes())


def _elsewhere(packed: dict[str, Any], plastic: bool, folder: str) -> dict[str, Any]:
    """Build in a worker: Brian2's standalone device would be this process's for good."""
    process, connection = launch(build, packed, plastic, folder, name="workbench-samples-build")
    try:
        found = connection.recv()
    except EOFError as error:
        raise SimulationError("The process that builds the liquid was ended.") from error
    finally:
        connection.close()
        process.join(10)
    if isinstance(found, WorkbenchError):
        raise found
    return dict(found)


def chunks(n: int, size: int) -> Iterator[tuple[int, int]]:
    """(first, last + 1) of stretches of at most ``size`` samples."""
    for first in range(0, n, size):
        yield first, min(first + size, n)
