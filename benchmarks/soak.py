"""Does anything grow? CUBA on the compiled engine, hour after hour of simulated time.

A session runs as fast as it can, recording to disk, while this process takes its frames and feeds
the app's pictures, as the web process does. Every ``--every`` seconds: resident memory of the
worker with its binary, and of this process. Growth is from the mean of the second fifth of the
samples (after warm-up) to the mean of the last fifth.

Usage: python benchmarks/soak.py [--minutes 60] [--engine compiled] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from workbench import load, views
from workbench.palette import population_colors

WANTED = 0.05


def resident_mb(pid: int) -> float:
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in family) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--every", type=float, default=5.0)
    parser.add_argument("--engine", default="compiled")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    me = psutil.Process(os.getpid())
    rows: list[tuple[float, float, float, float]] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        session = load("cuba").start(engine=options.engine, store=Path(folder) / "run.zarr")
        assert session.wait(300, until="running"), session.status()
        info = session.info
        assert info is not None
        colors = population_colors([p.name for p in info.populations])
        pictures = views.standard(info, colors=colors)
        session.show_weights([info.projections[0].name])
        began = last = time.monotonic()
        frames = 0
        while time.monotonic() - began < 60 * options.minutes and not session.status().over:
            new = session.frames()
            frames += len(new)
            for picture in pictures.values() if new else ():
                picture.update(new, new[-1].t_ms)
            time.sleep(0.04)
            if time.monotonic() - last >= options.every:
                last = time.monotonic()
                t_s = session.status().t_ms / 1e3
                disk = sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file())
                rows.append(
                    (t_s, resident_mb(session.pid or 0), me.memory_info().rss / 2**20, disk / 2**20)
                )
                t, worker, pictures, disk = rows[-1]
                print(
                    f"t = {t:7.0f} s   worker {worker:6.1f} MB   pictures {pictures:6.1f} MB   "
                    f"disk {disk:7.1f} MB",
                    flush=True,
                )
        status = session.status()
        session.close()
    table = np.array(rows)
    fifth = max(1, len(table) // 5)
    early, late = table[fifth : 2 * fifth].mean(0), table[-fifth:].mean(0)
    growth = late / early - 1
    print(f"{frames} frames, {status.t_ms / 1e3:.0f} s simulated, state {status.state}")
    for k, name in ((1, "worker and binary"), (2, "process with the pictures")):
        print(f"{name:26s} grew by {100 * growth[k]:+5.1f} %   wanted: less than {WANTED:.0%}")
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "frames": frames}))


if __name__ == "__main__":
    main()
