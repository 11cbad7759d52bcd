"""Simulates the teacher cell: one trial after another, compiled where there is a compiler."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from .cell import N_DENDRITES, DT_ms, SPIKE_mV, TeacherCell, build

STEPS_A_ms = round(1 / DT_ms)


def spike_times(v_mV: np.ndarray) -> np.ndarray:
    """Times (ms) of local maxima above -25 mV of a voltage sampled every step."""
    inner = v_mV[1:-1]
    top = (inner > v_mV[:-2]) & (inner >= v_mV[2:]) & (inner > SPIKE_mV)
    return (np.flatnonzero(top) + 1) * DT_ms


class Simulator:
    """The cell, built once for trials of one length. To be used in a process of its own.

    With a C++ compiler it is one binary that is run anew for every trial (Brian2's standalone
    mode), otherwise the network is built anew for each and runs in NumPy, some 20 times slower.
    """

    def __init__(self, cell: TeacherCell, n_ms: int, folder: Path):
        """folder : where the binary is built; its owner removes it."""
        import brian2 as b2

        self.cell, self.n_ms = cell, n_ms
        self._folder: Path | None = None
        b2.prefs.logging.file_log = False
        b2.prefs.codegen.target = "numpy"
        if shutil.which("g++") and shutil.which("make"):
            self._folder = folder
            b2.set_device("cpp_standalone", directory=str(self._folder), build_on_run=False)
            self._parts = self._network(*(np.zeros((n_ms, N_DENDRITES)),) * 2)
            b2.device.build(directory=str(self._folder), run=False, with_output=False)

    def _network(self, *events: np.ndarray) -> Any:
        import brian2 as b2

        excite, inhibit = (
            b2.TimedArray(e.astype(float), dt=1 * b2.ms, name=f"teacher_{name}")
            for e, name in zip(events, ("excite", "inhibit"), strict=True)
        )
        network, soma_v = build(self.cell, excite, inhibit)
        network.run(self.n_ms * b2.ms, namespace={})
        return network, soma_v, excite, inhibit

    def run(self, excite: np.ndarray, inhibit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One trial: (ms, N_DENDRITES) events -> soma's voltage (mV) every ms, spike times (ms)."""
        import brian2 as b2

        if self._folder is None:
            soma_v = self._network(excite, inhibit)[1]
        else:
            _, soma_v, first, second = self._parts
            given = {first: excite.astype(float), second: inhibit.astype(float)}
            b2.device.run(run_args=given, with_output=False)
            for name in b2.device.run_args_arrays:
                (self._folder / "static_arrays" / name).unlink(missing_ok=True)
        v_mV = np.asarray(soma_v.v[0] / b2.mV)
        return v_mV[::STEPS_A_ms][: self.n_ms].copy(), spike_times(v_mV)
