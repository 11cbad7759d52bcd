"""What the spiking gain models cost live: simulated seconds per wall second, on every engine.

A live session at full speed, its frames taken as they come, as the app does; on a busy machine
read the processor seconds that the worker took instead. The rate is given too: a fast wrong
answer is no answer.
Usage: python benchmarks/gain.py [--engines numpy compiled] [--seconds 2] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import psutil

from workbench import load

MODELS = ("background-gain", "v1-spiking")


def live(slug: str, engine: str, seconds: float) -> dict[str, Any]:
    """One session, from the first tick to the last; building and compiling are not counted."""
    session = load(slug).start(engine=engine, seed=1, duration_ms=1e3 * seconds, paused=True)
    try:
        while not session.wait(0.1, until="ready"):
            pass
        before, began, spikes = processor_s(session.pid), time.perf_counter(), 0
        worked = 0.0
        session.resume()
        while not session.status().over:
            session.wait(0.02)
            spikes += sum(len(frame.steps) for frame in session.frames())
            worked = max(worked, processor_s(session.pid) - before)
        took = time.perf_counter() - began
        status = session.status()
        assert status.state == "finished", status
        spikes += sum(len(frame.steps) for frame in session.frames())
        assert session.info is not None
        n = session.info.n_units
    finally:
        session.close()
    return {
        "model": slug, "engine": engine, "neurons": n, "rate_hz": spikes / n / seconds,
        "simulated_s_per_wall_s": seconds / took, "processor_s_per_simulated_s": worked / seconds,
    }  # fmt: skip


def processor_s(pid: int | None) -> float:
    """Processor seconds that a worker and what it started have taken; 0 when it is gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(sum(p.cpu_times()[:2]) for p in family)
    except psutil.Error:
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engines", nargs="+", default=["numpy", "compiled"])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = [live(m, e, given.seconds) for m in MODELS for e in given.engines]
    for row in rows:
        print(
            f"{row['model']:16} {row['engine']:9} {row['neurons']:5} neurons, "
            f"{row['rate_hz']:5.1f} Hz: {row['simulated_s_per_wall_s']:5.2f} simulated s per wall "
            f"s, {row['processor_s_per_simulated_s']:5.2f} processor s per simulated s"
        )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
