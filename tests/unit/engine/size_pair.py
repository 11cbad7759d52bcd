"""Simulates a model of one size in the binary of another size, and in one for its own size alone.

Usage: python size_pair.py MODEL 'VALUES OF THE FIRST' 'VALUES OF THE OTHER'   (two JSON objects)
Prints a line of JSON: whether the other needed a binary of its own, and the names of the results
that differ from those of a binary whose sizes are part of its code.
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


def results(model: str, values: dict[str, float], opened: bool) -> tuple[str, dict[str, bytes]]:
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
            link.release(data)
        link.data = []
    arrays = {
        variable.owner.name + "." + variable.name: link.read(number, variable.dtype).tobytes()
        for variable, number in compiled.device.numbers.items()
    }
    compiled.close()
    return compiled.key, arrays | {k: np.concatenate(v).tobytes() for k, v in found.items() if v}


def in_fresh_process(*arguments: Any) -> tuple[str, dict[str, bytes]]:
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
    unequal = sorted(n for n in fast.keys() | own.keys() if fast.get(n) != own.get(n))
    sys.stdout.write(json.dumps({"compiled": key not in kept, "unequal": unequal}) + "\n")


if __name__ == "__main__":
    main()
