"""What recording costs: the speed of CUBA while 4,000 voltages are recorded every 1 ms, and memory.

Runs are live sessions on one engine, as fast as possible, in turn without and with the recording;
the speed is simulated over wall seconds from the first tick to the last. Memory is that of the
worker, and of the binary of the compiled engine, at a tenth of the run and at its end. Prints one
line of JSON: the medians, their ratio (the goal is 0.8 or more), and the growth of memory.
Usage: python benchmarks/recording.py [numpy|cython|compiled] [seconds] [rounds]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

import psutil

import workbench as wb
from workbench.recordings import Recording, cost_of

NAME = "neurons.v"


def one(engine: str, seconds: float, record: bool) -> tuple[float, float]:
    """(simulated over wall seconds, growth of memory in MB) of one session."""
    with wb.load("cuba").start(engine=engine, speed=None, paused=True) as session:
        assert session.wait(600, until="ready"), session.status()
        if record:
            session.record({NAME: Recording("all", every_ms=1)})
        began = time.perf_counter()
        session.resume()
        early = 0.0
        while (t_s := session.status().t_ms / 1e3) < seconds:
            session.frames()
            if not early and t_s > seconds / 10:
                early = memory_mb(session.pid)
            time.sleep(0.01)
        wall_s = time.perf_counter() - began
        return t_s / wall_s, memory_mb(session.pid) - early


def memory_mb(pid: Any) -> float:
    """What the worker and its children hold, MB."""
    process = psutil.Process(pid)
    every = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in every) / 1e6


def main() -> None:
    engine = sys.argv[1] if len(sys.argv) > 1 else "numpy"
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    found: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for _ in range(rounds):
        for record in (False, True):
            found[record].append(one(engine, seconds, record))
    speeds = {r: statistics.median(s for s, _ in pairs) for r, pairs in found.items()}
    info = wb.load("cuba").run(1).info
    cost = cost_of(info, {NAME: Recording("all", every_ms=1)})
    print(
        json.dumps(
            {
                "engine": engine,
                "seconds": seconds,
                "speed_without": round(speeds[False], 3),
                "speed_recording": round(speeds[True], 3),
                "ratio": round(speeds[True] / speeds[False], 3),
                "mb_per_s": round(cost.total, 1),
                "growth_mb_without": round(max(m for _, m in found[False]), 1),
                "growth_mb_recording": round(max(m for _, m in found[True]), 1),
            }
        )
    )


if __name__ == "__main__":
    main()
