"""Models live on the compiled engine at full speed, in turn with another checkout.

A session as the app has one: frames are taken as they come, and everything is recorded. The memory
is taught twenty times a simulated second. For each model, simulated over wall seconds, and CPU
seconds of worker and binary per simulated second, of which other programs change less; ratios are
those of pairs, a stretch of each checkout after one of the other, of a fresh process each.

``--against`` names a folder with another checkout. Both are compiled before anything is measured.

Usage: python benchmarks/live_models.py --against FOLDER [--models astrocyte-lsm ...] [--pairs 5]
       [--times 10]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
SECONDS = {"astrocyte-lsm": 20.0, "hippocampal-cam": 400.0, "cuba": 40.0, "v1-spiking": 5.0}


def used(pid: Any) -> float:
    """CPU seconds of the worker and of its binary so far."""
    import psutil

    worker = psutil.Process(pid)
    times = [p.cpu_times() for p in (worker, *worker.children(recursive=True))]
    return sum(t.user + t.system for t in times)


def one(name: str, seconds: float) -> dict[str, float]:
    """A stretch of a live session; what happens only once is over before."""
    import workbench as wb

    whole = 1.1 * seconds
    operations: list[Any] = []
    if name == "hippocampal-cam":
        from models.hippocampal_cam import Learn

        operations = [
            Learn(50.0 * k, cue=k % 5, content=(k % 10, (k + 3) % 10))
            for k in range(1, round(20 * whole))
        ]
    session = wb.load(name).start(
        engine="compiled", seed=1, speed=None, paused=True, operations=operations
    )
    try:
        session.wait(900, until="ready")

        def go(t_s: float) -> None:
            ticks = round(1e3 * t_s / session.info.tick_ms)
            end_ms = session.status().t_ms + ticks * session.info.tick_ms
            session.step(ticks)
            while session.status().t_ms < end_ms - 1e-6:
                session.frames()
                time.sleep(0.02)

        go(whole - seconds)
        cpu, wall = used(session.pid), time.perf_counter()
        go(seconds)
        wall, cpu = time.perf_counter() - wall, used(session.pid) - cpu
        session.stop()
    finally:
        session.close()
    return {"speed": seconds / wall, "cpu_per_s": cpu / seconds}


def apart(checkout: Path, name: str, seconds: float) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--one", name, str(seconds)],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{name} in {checkout}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--against", type=Path)
    parser.add_argument(
        "--models", nargs="+", choices=list(SECONDS), default=["astrocyte-lsm", "hippocampal-cam"]
    )
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--times", type=float, default=1, help="as long as otherwise")
    parser.add_argument("--one", nargs=2, metavar=("MODEL", "SECONDS"))
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], float(options.one[1]))))
        return
    wanted = {name: options.times * SECONDS[name] for name in options.models}
    places = [HERE, *([options.against.resolve()] if options.against else [])]
    for name, seconds in wanted.items():
        for place in places:
            apart(place, name, SECONDS[name] / 20)
        rounds = [[apart(p, name, seconds) for p in places] for _ in range(options.pairs)]
        print(f"{name}, {seconds:g} s simulated, n = {options.pairs}")
        for key, unit in (("speed", "times real time"), ("cpu_per_s", "CPU s per simulated s")):
            found = [[r[key] for r in column] for column in zip(*rounds, strict=True)]
            texts = [f"{statistics.median(f):.4g} [{min(f):.4g}-{max(f):.4g}]" for f in found]
            line = f"  {unit}: " + ", against ".join(texts)
            if len(found) == 2:
                pairs = [a / b for a, b in zip(*found, strict=True)]
                pairs = pairs if key == "speed" else [1 / p for p in pairs]
                line += f"; {statistics.median(pairs):.2f} x [{min(pairs):.2f}-{max(pairs):.2f}]"
            print(line, flush=True)


if __name__ == "__main__":
    main()
