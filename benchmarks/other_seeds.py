"""Facts of models at seeds that their tests do not use.

A fact is measured on a model as it is declared, with seed 1 where something is drawn. Here each is
measured again with other seeds: of every run and of every network that is looked at, and of the
model's own draws (parameters whose name ends with ``seed``), each seed by itself. A tolerance that
fits one draw only shows at once.

Usage: python benchmarks/other_seeds.py [MODEL ...] [--seeds 1001,1002,1003,1004,1005] [--slow]

Prints, for each fact, what is expected, the mean and the extremes of what was found, and how many
of the seeds agree. Facts that draw nothing show the same number five times.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

SEEDS = "1001,1002,1003,1004,1005"
# Facts that hold the seed of the model's own draws against its declaration: it stays as it is.
STATE_THE_SEED = {
    "numbers of neurons, steps and passes less those documented",
    "numbers of tasks, pictures and units less those documented",
}


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Give every run and every built network this seed, whatever it was asked for."""
    from workbench.engine import runtime
    from workbench.model.model import Model

    run, started = Model.run, runtime.Runtime.__init__

    def run_with(self: Any, *args: Any, **options: Any) -> Any:
        return run(self, *args, **{**options, "seed": seed})

    def start_with(self: Any, model: Any, _seed: int, target: str) -> None:
        started(self, model, seed, target)

    Model.run, runtime.Runtime.__init__ = run_with, start_with  # type: ignore[method-assign]
    try:
        yield
    finally:
        Model.run, runtime.Runtime.__init__ = run, started  # type: ignore[method-assign]


def drawn(cls: Any, seed: int) -> Any:
    """The model with its own draws at this seed, where the seeds' limits allow it."""
    own = {name for name in cls.parameters() if name.endswith("seed")}
    return cls(**dict.fromkeys(own, seed))


def forget() -> None:
    """Forget what facts remember of runs: it goes by the model's values, not by the seed."""
    for name, module in list(sys.modules.items()):
        if name.startswith("models."):
            for thing in vars(module).values():
                if hasattr(thing, "cache_clear"):
                    thing.cache_clear()


def found(cls: Any, fact: Any, seed: int) -> float:
    forget()
    with seeded(seed):
        model = cls() if fact.name in STATE_THE_SEED else drawn(cls, seed)
        return float(fact.measure(model))


def main() -> int:
    """Measure, print a table, and return 1 if some fact does not hold at some seed."""
    from workbench.model import registry

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="models; all")
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--slow", action="store_true", help="the slow facts, too")
    asked = parser.parse_args()
    seeds = [int(s) for s in asked.seeds.split(",")]
    worst = 0
    print("| model | fact | expected | mean | least, greatest | allowed | agree |")
    print("|---|---|---|---|---|---|---|")
    for slug in asked.models or registry.models():
        cls = registry.model_class(slug)
        for fact in cls.facts:
            if fact.slow and not asked.slow:
                continue
            began = time.monotonic()
            ours = np.array([found(cls, fact, seed) for seed in seeds])
            agree = int(np.sum(np.abs(ours - fact.value) <= fact.tol))
            worst |= agree < len(seeds)
            print(
                f"| {slug} | {fact.name} | {fact.value:g} | {ours.mean():.4g} | {ours.min():.4g}, "
                f"{ours.max():.4g} | {fact.tol:g} | {agree} of {len(seeds)} |",
                flush=True,
            )
            print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
