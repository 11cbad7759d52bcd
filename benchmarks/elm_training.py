"""What a training step of the ELM neuron costs: published size, batch 8, windows of 500 ms.

    python benchmarks/elm_training.py [--n-memory 20] [--batch 8] [--steps 40]

Wanted: at most 0.17 s a step on two cores. Random input with the published statistics (14 events
a ms); the data are made beforehand, and making them is measured as well. Prints wall time and
processor time, which is what to look at when other jobs run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import time

import numpy as np

from models.elm_neuron.data.trials import Trial
from models.elm_neuron.training import new_neuron
from models.elm_neuron.training.forward import fresh_fit, training_step
from models.elm_neuron.training.recipe import RECIPES, started
from models.elm_neuron.training.trainable import fixed_part, shape_of
from models.elm_neuron.training.windows import Windows

EVENTS_A_ms = 14


def trial(seed: int) -> Trial:
    """Six seconds of random input and voltage."""
    rng = np.random.default_rng(seed)
    n = 6000 * EVENTS_A_ms
    return Trial(
        f"random_{seed}", rng.integers(0, 1278, n), np.sort(rng.integers(0, 6000, n)),
        rng.normal(-67, 4, 6000), np.sort(rng.uniform(0, 6000, 7)),
    )  # fmt: skip


def main() -> None:
    """Print the seconds of a step; one line of JSON at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n-memory", type=int, default=20)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--recipe", default="published", choices=sorted(RECIPES))
    asked = parser.parse_args()
    recipe = dataclasses.replace(RECIPES[asked.recipe], batch=asked.batch)
    neuron = new_neuron(1278, asked.n_memory, 0, variant=recipe.variant, act=recipe.act)
    neuron = started(neuron, recipe, 0)
    windows = Windows([trial(k) for k in range(8)], 1278, recipe, 0)
    began = time.perf_counter()
    batches = [windows.batch(k) for k in range(asked.steps)]
    data_s = (time.perf_counter() - began) / asked.steps
    step = training_step(shape_of(neuron), recipe)
    fit = fresh_fit(neuron, asked.batch, recipe.clip, recipe.learn_tau)
    fixed = fixed_part(neuron)
    began = time.perf_counter()
    fit, loss = step(fit, fixed, batches[0], np.float32(1e-3))
    float(loss)
    compile_s = time.perf_counter() - began
    wall, cpu = [], []
    for batch in batches[1:]:
        at, used = time.perf_counter(), os.times()
        fit, loss = step(fit, fixed, batch, np.float32(1e-3))
        float(loss)
        wall.append(time.perf_counter() - at)
        now = os.times()
        cpu.append(now.user + now.system - used.user - used.system)
    found = {
        "step_s": round(statistics.median(wall), 4),
        "best_step_s": round(min(wall), 4),
        "processor_s": round(statistics.mean(cpu), 4),
        "data_s": round(data_s, 4),
        "compile_s": round(compile_s, 2),
        "load": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
    }
    print(f"batch {asked.batch}, d_m {asked.n_memory}: {found['step_s']:.3f} s a step (best "
          f"{found['best_step_s']:.3f}), {found['processor_s']:.3f} s of processor; making its "
          f"data {data_s:.3f} s; compiling {compile_s:.1f} s; load {found['load']}")  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
