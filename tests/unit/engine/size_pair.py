"""Simulates a model of one size in the binary of another size, and in one for its own size alone.

Usage: python size_pair.py MODEL 'VALUES OF THE FIRST' 'VALUES OF THE OTHER'   (two JSON objects)
Prints a line of JSON: whether the other needed a binary of its own, and of each result that differs
from that of a binary whose sizes are part of its code, by how much, over its largest number.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
from typing import Any

import numpy as np

from workbench import load
from workbench.engine.compiled import cache, simulation

TICKS = 100


def results(
    model: str, values: dict[str, float], opened: bool
) -> tuple[str, dict[str, np.ndarray]]:
    """Name of the binary; every array of the network and every spike after some ticks."""
    if not opened:
        simulation.read_at_start = lambda *arguments, **keywords: None
    compiled = simulation.Compiled(load(model, **values), seed=3)
    compiled.build()
    link = compiled.link
    assert link is not None
    link.end_at(TICKS)
    link.go(-1)
    found: dict[str, list[np.ndarray]] = {"steps": [], "units": []}
    happened = None
    while not happened:
        happened = link.receive()
        for data in link.data:
            found["steps"].append(data.steps.copy())
            found["units"].append(data.units.copy())
        link.data = []
    arrays = {
        variable.owner.name + "." + variable.name: link.read(number, variable.dtype)
        for variable, number in compiled.device.numbers.items()
    }
    compiled.close()
    return compiled.key, arrays | {k: np.concatenate(v) for k, v in found.items() if v}


def apart(fast: np.ndarray | None, own: np.ndarray | None) -> float:
    """0 for the same bytes; infinite for another number of numbers, or none."""
    if fast is None or own is None or fast.shape != own.shape:
        return float("inf")
    if fast.tobytes() == own.tobytes():
        return 0.0
    return float(np.abs(fast - own.astype(float)).max() / np.abs(own).max())


def in_fresh_process(*arguments: Any) -> tuple[str, dict[str, np.ndarray]]:
    """`results`, as Brian2 numbers its objects in each process."""
    fresh = multiprocessing.get_context("fork")
    ours, theirs = fresh.Pipe()
    child = fresh.Process(target=lambda: theirs.send(results(*arguments)))
    child.start()
    theirs.close()
    found = ours.recv()
    child.join()
    return found


def main() -> None:
    model, first, other = sys.argv[1], *map(json.loads, sys.argv[2:])
    with tempfile.TemporaryDirectory() as place:
        os.environ["WORKBENCH_CACHE"] = place
        in_fresh_process(model, first, True)
        kept = {k.key for k in cache.kept()}
        key, fast = in_fresh_process(model, other, True)
        _, own = in_fresh_process(model, other, False)
    every = {n: apart(fast.get(n), own.get(n)) for n in sorted(fast.keys() | own.keys())}
    unequal = {name: share for name, share in every.items() if share}
    sys.stdout.write(json.dumps({"compiled": key not in kept, "unequal": unequal}) + "\n")


if __name__ == "__main__":
    main()
