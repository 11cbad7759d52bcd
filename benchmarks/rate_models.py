"""What the rate models cost live: simulated seconds per wall second and per second of CPU.

Each model runs in a live session at full speed on the compiled engine, frames taken as they come,
as the app does; then on NumPy, which is what runs while nothing is compiled yet. CPU time is that
of the simulation alone (the worker and its binary), so it means the same on a busy machine. The
plain row is the same ring with Brian2's ``(summed)`` variables instead of matrix products.

Usage: python benchmarks/rate_models.py [MODEL ...] [--seconds 60] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import psutil

MODELS = (
    "adaptive-whitening",
    "v1-adaptation",
    "ssn",
    "ssn-line",
    "ssn-pair",
    "normalisation",
)
WANTED = 10.0  # simulated seconds per wall second


def family_cpu_s(pid: int | None, known: dict[int, float]) -> float:
    """CPU time of a process and its children so far, also of those that have ended."""
    try:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            times = one.cpu_times()
            known[one.pid] = times.user + times.system
    except psutil.Error:
        pass
    return sum(known.values())


def live(slug: str, engine: str, seconds: float) -> dict[str, Any]:
    """One live session at full speed."""
    from workbench import load

    session = load(slug).start(engine=engine, seed=1, speed=None, paused=True)
    session.wait(300, until="ready")
    known: dict[int, float] = {}
    cpu, wall = family_cpu_s(session.pid, known), time.perf_counter()
    session.resume()
    t_ms = 0.0
    while t_ms < 1e3 * seconds:
        time.sleep(0.04)
        for frame in session.frames():
            t_ms = frame.t_ms
        if session.status().over:
            raise RuntimeError(session.status().message)
        now = family_cpu_s(session.pid, known)
    took, used = time.perf_counter() - wall, now - cpu
    session.close()
    return {
        "model": slug, "engine": engine, "simulated_s": t_ms / 1e3,
        "per_wall_s": t_ms / 1e3 / took, "per_cpu_s": t_ms / 1e3 / max(used, 1e-3),
    }  # fmt: skip


def _verdict(row: dict[str, Any]) -> str:
    """Whether a live session keeps up; on a busy machine CPU time says what wall time cannot."""
    if row["per_wall_s"] >= WANTED:
        return f"  at least {WANTED:g}"
    busy = row["per_cpu_s"] >= WANTED
    return f"  below {WANTED:g}" + (", but not per CPU s: the machine is busy" if busy else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(MODELS))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    print(f"{'model':20s} {'engine':10s} {'simulated s per wall s':>24s} {'per CPU s':>10s}")
    for slug in options.models:
        for engine in ("compiled", "numpy"):
            seconds = options.seconds if engine == "compiled" else min(options.seconds, 5.0)
            row = live(slug, engine, seconds)
            rows.append(row)
            verdict = "" if engine != "compiled" else _verdict(row)
            print(f"{slug:20s} {engine:10s} {row['per_wall_s']:24.1f} {row['per_cpu_s']:10.1f}"
                  f"{verdict}", flush=True)  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
