"""What a second worker brings: one sweep of CUBA on one local worker, then on two.

    python benchmarks/sweep.py [--points 100] [--duration 200]

Start-up of the workers is counted. Wanted: two take at most 0.6 of the time of one.
"""

from __future__ import annotations

import argparse
import json
import os
import time

import workbench as wb


def main() -> None:
    """Print seconds and their ratio; one line of JSON at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--duration", type=float, default=200.0, help="ms of each run")
    asked = parser.parse_args()
    found: dict[str, float] = {"points": asked.points, "duration_ms": asked.duration}
    for workers in (2, 1):
        began = time.perf_counter()
        first: list[float] = []

        def note(progress, began=began, first=first):
            if progress.done == 1:
                first.append(time.perf_counter() - began)

        data = wb.sweep(
            "cuba",
            {"tau_m": [10 + 0.2 * k for k in range(asked.points)]},
            duration_ms=asked.duration,
            engine="numpy",
            workers=workers,
            progress=note,
        )
        assert data.attrs["failed"] == 0
        wall_s = time.perf_counter() - began
        found[f"wall_s_{workers}"] = round(wall_s, 2)
        found[f"first_s_{workers}"] = round(first[0], 2)
        found[f"point_s_{workers}"] = round(float(data["wall_s"].median()), 3)
        print(f"{workers} worker(s): {wall_s:.1f} s, first point after {first[0]:.1f} s, "
              f"median point {float(data['wall_s'].median()):.2f} s")  # fmt: skip
    found["ratio"] = round(found["wall_s_2"] / found["wall_s_1"], 3)
    print(f"two / one: {found['ratio']:.2f}   (load {os.getloadavg()[0]:.1f})")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
