"""What recording costs: the speed of CUBA while 4,000 voltages are recorded every 1 ms, and memory.

A live session of each engine runs as fast as it can for stretches of some simulated seconds, in
turn without and with the recording; two that follow one another are a pair. A stretch is over when
the session has all of it. The speed is simulated over wall seconds, and once more over CPU seconds
of the worker and of the binary of the compiled engine, with what they write afterwards; the latter
says the same where other programs share the machine.

Prints a line of JSON for each engine and each precision in which the voltages are kept: medians
over the stretches; medians over the pairs of speed with over speed without (the goal is 0.8 or
more); MB per simulated second on disk, as announced and as measured; the memory of worker and
binary after the first stretch, and after the first and the last one with the recording, in MB.
Usage: python benchmarks/recording.py [numpy|cython|compiled ...] [--pairs 5]
                                      [--precision double single]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import workbench as wb
from workbench.recordings import Recording, cost_of

GROUPS = ("excitatory", "inhibitory")
PRECISIONS = ("double", "single")
STRETCH_S = {"numpy": 1.0, "cython": 2.0, "compiled": 8.0}  # simulated
WRITTEN_S = 1.2  # what waits for the store is written once a second


@dataclass
class Stretch:
    """Simulated, wall and CPU seconds that it took; MB of memory at its end."""

    t_s: float
    wall_s: float
    cpu_s: float
    memory_mb: float


def processes(pid: Any) -> list[psutil.Process]:
    """The worker and its children."""
    worker = psutil.Process(pid)
    return [worker, *worker.children(recursive=True)]


def used(pid: Any) -> tuple[float, float]:
    """CPU seconds so far, and MB held now."""
    every = processes(pid)
    times = [p.cpu_times() for p in every]
    memory = sum(p.memory_info().rss for p in every) / 1e6
    return sum(t.user + t.system for t in times), memory


def stretch(session: Any, record: Recording | None, t_s: float) -> Stretch:
    """One stretch, with the recording of all voltages or without."""
    session.record({f"{group}.v": record for group in GROUPS})
    ticks = round(1e3 * t_s / session.info.tick_ms)
    end_ms = session.status().t_ms + ticks * session.info.tick_ms
    cpu_s, _ = used(session.pid)
    began = time.perf_counter()
    session.step(ticks)
    while (status := session.status()).t_ms < end_ms - 1e-6 or status.state != "paused":
        if status.state == "failed":
            raise RuntimeError(status.message)
        session.frames()
        time.sleep(0.005)
    wall_s = time.perf_counter() - began
    time.sleep(WRITTEN_S)
    cpu_after_s, memory_mb = used(session.pid)
    return Stretch(t_s, wall_s, cpu_after_s - cpu_s, memory_mb)


def measure(engine: str, pairs: int, precision: str) -> dict[str, Any]:
    """What is printed for one engine and precision."""
    wanted = Recording("all", every_ms=1, single=precision == "single")
    found: list[tuple[Stretch, Stretch]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.zarr"
        options: dict[str, Any] = {"engine": engine, "speed": None, "paused": True, "store": path}
        with wb.load("cuba").start(**options) as session:
            if not session.wait(600, until="ready"):
                raise TimeoutError(f"{engine}: {session.status().message}")
            t_s = STRETCH_S[engine]
            stretch(session, None, t_s / 10)  # what happens only once
            for _ in range(pairs):
                found.append((stretch(session, None, t_s), stretch(session, wanted, t_s)))
            announced = cost_of(session.info, {f"{g}.v": wanted for g in GROUPS}).total
            run = session.stop()
        # Beside the few neurons that the model records by itself.
        samples = [s for s in run.recordings.values() if s.values.shape[1] >= 800]
        recorded_s = max(len(s.t_ms) for s in samples) / 1e3
        on_disk = sum(512 * f.stat().st_blocks for f in path.glob("values_*/**/*") if f.is_file())

    def speeds(which: int, by: str) -> list[float]:
        return [pair[which].t_s / getattr(pair[which], by) for pair in found]

    def ratio(by: str) -> float:
        pairs = zip(speeds(0, by), speeds(1, by), strict=True)
        return statistics.median(b / a for a, b in pairs)

    return {
        "engine": engine,
        "precision": precision,
        "pairs": pairs,
        "speed_without": round(statistics.median(speeds(0, "wall_s")), 3),
        "speed_recording": round(statistics.median(speeds(1, "wall_s")), 3),
        "ratio_wall": round(ratio("wall_s"), 3),
        "ratio_cpu": round(ratio("cpu_s"), 3),
        "recorded_s": round(recorded_s, 1),
        "mb_per_s_announced": round(announced, 1),
        "mb_per_s_on_disk": round(on_disk / 1e6 / recorded_s, 1),
        "memory_mb": [round(s.memory_mb) for s in (found[0][0], found[0][1], found[-1][1])],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="*", default=[], metavar="ENGINE", help="numpy compiled")
    parser.add_argument("--pairs", type=int, default=5, help="of stretches, for each engine")
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=PRECISIONS)
    options = parser.parse_args()
    for engine in options.engines or ("numpy", "compiled"):
        for precision in options.precision:
            print(json.dumps(measure(engine, options.pairs, precision)), flush=True)


if __name__ == "__main__":
    main()
