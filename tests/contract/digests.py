"""Simulates models one after the other; prints JSON: model -> what came out, as a digest for each.

ENGINE "handed over" begins on NumPy and goes on compiled halfway.

Usage: python digests.py ENGINE MODEL ...
"""

from __future__ import annotations

import hashlib
import json
import sys

import numpy as np

from workbench.checks.network import built, drivable
from workbench.engine.batch import run_plan
from workbench.engine.plan import make_plan
from workbench.model import registry
from workbench.run import Run

TICKS = 150
INPUT_TICKS = (0, 1, 2, 9, 30, 60, 100)
HANDED_OVER = "handed over"


def simulated(slug: str, engine: str) -> Run:
    """A run in which each input population spikes a few times."""
    cls = registry.model_class(slug)
    with built(cls()) as runtime:
        inputs = drivable(runtime)
    spikes = {
        name: (
            np.repeat(np.array(INPUT_TICKS) * cls.tick_ms, size),
            np.tile(np.arange(size), len(INPUT_TICKS)),
        )
        for name, size in inputs.items()
    }
    model = cls()
    plan = make_plan(
        model, engine="numpy" if engine == HANDED_OVER else engine,
        duration_ms=TICKS * cls.tick_ms, seed=5, input_spikes=spikes,
    )  # fmt: skip
    if engine == HANDED_OVER:
        plan.hand_over = (TICKS // 2, 6)
    return run_plan(model, plan)


def digests(run: Run) -> dict[str, str | int]:
    arrays = {"spikes": np.asarray(run.steps), "neurons": np.asarray(run.units)}
    arrays |= {f"state {name}": np.asarray(values) for name, values in run.states.items()}
    for name, parts in run.weights.items():
        arrays |= {f"{name} {part}": np.asarray(values) for part, values in parts.items()}
    found = {k: hashlib.sha256(a.tobytes()).hexdigest()[:16] for k, a in arrays.items()}
    return {**found, "number of spikes": len(run.steps)}


def main() -> None:
    engine, *slugs = sys.argv[1:]
    for slug in slugs:
        found = digests(simulated(slug, engine))
        sys.stdout.write(json.dumps({slug: found}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
