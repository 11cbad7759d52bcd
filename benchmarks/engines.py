"""What the engines cost: the same networks on every engine, and on other simulators.

CUBA (80 synapses a neuron at every size) and the plastic hippocampal memory, which is taught
twenty times a second. For each: mean rate (compared first: a fast wrong answer is no answer), wall
seconds per simulated second, seconds from the start of a process to the first spike with nothing
compiled and with everything compiled, and the largest memory.
Every measurement is a process of its own. NEST and BrainPy run where they are installed.

Usage: python benchmarks/engines.py [--sizes 400 4000 40000] [--engines compiled ...] [--json FILE]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SYNAPSES = 80
OURS = ("numpy", "cython", "compiled")
FAST = ("compiled", "bare standalone")  # they simulate so much more in the same time
MUCH = 20


def live(engine: str, neurons: int, seconds: float) -> dict[str, Any]:
    """A live session at full speed, frames taken as they come, as the app does."""
    from workbench import load

    began = time.perf_counter()
    lessons: list[Any] = []
    marks: list[tuple[float, float]] = []  # wall s and simulated s of frames: the loop alone
    if neurons:
        model = load("cuba", n_neurons=neurons, p_connect=min(1.0, SYNAPSES / neurons))
    else:
        model = load("hippocampal-cam")
        from models.hippocampal_cam import Learn

        lessons = [
            Learn(50.0 * k, cue=k % 5, content=(k % 10, (k + 3) % 10))
            for k in range(1, round(20 * seconds))
        ]
    session = model.start(engine=engine, seed=1, duration_ms=1e3 * seconds, operations=lessons)
    first, spikes, worker_mb = 0.0, 0, 0.0
    while True:
        session.wait(0.02, until=None if marks else "running")
        over = session.status().over
        for frame in session.frames():
            marks.append((time.perf_counter(), frame.t_ms / 1e3))
            if len(frame.steps) and not first:
                first = time.perf_counter() - began
            spikes += len(frame.steps)
        worker_mb = max(worker_mb, memory_mb(session.pid))
        if over:
            break
    status = session.status()
    assert status.state == "finished", status
    assert session.info is not None
    n = session.info.n_units
    session.close()
    (wall0, t0), (wall1, t1) = marks[0], marks[-1]
    return {
        "rate_hz": spikes / n / seconds,
        "wall_per_s": (wall1 - wall0) / (t1 - t0) if t1 > t0 else math.nan,
        "first_spike_s": first, "memory_mb": worker_mb,
    }  # fmt: skip


def memory_mb(pid: int | None) -> float:
    """Resident memory of a process and its children."""
    import psutil

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(p.memory_info().rss for p in family) / 2**20
    except psutil.Error:
        return 0.0


def bare(target: str, neurons: int, seconds: float) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "bare_cuba.py"), target, str(seconds), str(neurons)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    message = json.loads(done.stdout.splitlines()[-1])
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {
        "rate_hz": message["rate_hz"], "wall_per_s": 1 / message["speed"],
        "first_spike_s": message["prepared_s"], "memory_mb": most,
    }  # fmt: skip


def nest(neurons: int, seconds: float) -> dict[str, Any]:
    """The same network in NEST: iaf_psc_exp, whose currents are those of CUBA over a capacity."""
    import nest as sim  # type: ignore[import-not-found]

    began = time.perf_counter()
    sim.ResetKernel()
    sim.verbosity = sim.VerbosityLevel.ERROR
    sim.resolution = 0.1
    n_exc = round(0.8 * neurons)
    # dv/dt = (E_L - v)/tau + I/C: with C = 20 pF and tau = 20 ms, 1 pA of current is 1 mV of g.
    cell = {
        "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "tau_m": 20.0, "C_m": 20.0,
        "tau_syn_ex": 5.0, "tau_syn_in": 10.0,
    }  # fmt: skip
    cells = sim.Create("iaf_psc_exp", neurons, params=cell)
    cells.V_m = sim.random.uniform(-60.0, -50.0)
    rule = {"rule": "pairwise_bernoulli", "p": min(1.0, SYNAPSES / neurons)}
    sim.Connect(cells[:n_exc], cells, rule, {"weight": 1.62, "delay": 0.1})
    sim.Connect(cells[n_exc:], cells, rule, {"weight": -9.0, "delay": 0.1})
    recorder = sim.Create("spike_recorder")
    sim.Connect(cells, recorder)
    sim.Simulate(10.0)
    first, before, began = time.perf_counter() - began, recorder.n_events, time.perf_counter()
    sim.Simulate(1e3 * seconds)
    return {
        "rate_hz": (recorder.n_events - before) / neurons / seconds,
        "wall_per_s": (time.perf_counter() - began) / seconds, "first_spike_s": first,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def brainpy(neurons: int, seconds: float) -> dict[str, Any]:
    """The same network in BrainPy: its neurons and its event-driven sparse connections."""
    import brainpy as bp  # type: ignore[import-not-found]
    import brainpy.math as bm  # type: ignore[import-not-found]

    began = time.perf_counter()
    bm.set_platform("cpu")
    bm.set_dt(0.1)
    n_exc, p = round(0.8 * neurons), min(1.0, SYNAPSES / neurons)

    class Net(bp.DynamicalSystem):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.cells = bp.dyn.LifRef(
                neurons, V_rest=-49.0, V_th=-50.0, V_reset=-60.0, tau=20.0, tau_ref=5.0,
                V_initializer=bp.init.Uniform(-60.0, -50.0), method="exp_auto",
            )  # fmt: skip
            self.exc, self.inh = (
                bp.dnn.EventCSRLinear(bp.conn.FixedProb(p, pre=n, post=neurons), w)
                for n, w in ((n_exc, 1.62), (neurons - n_exc, -9.0))
            )
            self.g_e = bm.Variable(bm.zeros(neurons))
            self.g_i = bm.Variable(bm.zeros(neurons))

        def update(self, x: Any = None) -> Any:
            spikes = self.cells(self.g_e + self.g_i)
            self.g_e.value = self.g_e * math.exp(-0.1 / 5) + self.exc(spikes[:n_exc])
            self.g_i.value = self.g_i * math.exp(-0.1 / 10) + self.inh(spikes[n_exc:])
            return bm.sum(spikes)

    net = Net()
    runner = bm.jit(lambda first: bm.for_loop(net.step_run, first + bm.arange(1000)))
    count = lambda k: float(bm.sum(runner(1000 * k)))  # noqa: E731  100 ms each
    count(0)
    first, began = time.perf_counter() - began, time.perf_counter()
    n_spikes = sum(count(k) for k in range(1, 1 + round(10 * seconds)))
    return {
        "rate_hz": n_spikes / neurons / seconds,
        "wall_per_s": (time.perf_counter() - began) / seconds, "first_spike_s": first,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def measure(what: str, neurons: int, seconds: float) -> dict[str, Any]:
    if what in OURS:
        return live(what, neurons, seconds)
    if what.startswith("bare "):
        return bare(what.removeprefix("bare "), neurons, seconds)
    return {"nest": nest, "brainpy": brainpy}[what](neurons, seconds)


def apart(what: str, neurons: int, seconds: float, cache: str) -> dict[str, Any]:
    """`measure` in a fresh process, with a cache of its own for what gets compiled."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", what, str(neurons), str(seconds)],
        capture_output=True, text=True, check=False,
        env={**os.environ, "WORKBENCH_CACHE": cache, "WORKBENCH_BUILD": "0",
             "XDG_CACHE_HOME": cache, "CYTHON_CACHE_DIR": cache, "HOME": cache},
    )  # fmt: skip
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no reason given"])[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def row(what: str, neurons: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as cache:
        cold = apart(what, neurons, min(seconds, 0.2), cache)
        compiled = apart(what, neurons, seconds, cache)
    return {
        "what": what, "neurons": neurons, "seconds": seconds, **compiled,
        "first_spike_cold_s": cold.get("first_spike_s"),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[400, 4000, 40000])
    parser.add_argument("--engines", nargs="+", help="only these, such as compiled 'bare numpy'")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=3, metavar=("WHAT", "NEURONS", "SECONDS"))
    options = parser.parse_args()
    if options.one:
        what, neurons, seconds = options.one
        print(json.dumps(measure(what, int(neurons), float(seconds))))
        return
    others = [s for s in ("nest", "brainpy") if importlib.util.find_spec(s)]
    kinds = [*OURS, "bare numpy", "bare cython", "bare standalone", *others]
    jobs = [(k, n, 20.0 if n < 1000 else 5.0 if n < 10_000 else 1.0) for n in options.sizes
            for k in kinds]  # fmt: skip
    jobs += [(k, 0, 5.0) for k in OURS]  # the plastic network
    wanted = options.engines or kinds
    jobs = [(k, n, t * (MUCH if k in FAST else 1)) for k, n, t in jobs if k in wanted]
    print(f"{'network':22s} {'engine':16s} {'rate':>7s} {'wall s/s':>9s} {'warm':>6s} {'cold':>6s}"
          f" {'MB':>6s}")  # fmt: skip
    rows = []
    for what, neurons, seconds in jobs:
        found = row(what, neurons, seconds)
        rows.append(found)
        name = f"CUBA {neurons:,}" if neurons else "hippocampal memory"
        if "error" in found:
            print(f"{name:22s} {what:16s} {found['error']}")
            continue
        print(
            f"{name:22s} {what:16s} {found['rate_hz']:7.2f} {found['wall_per_s']:9.3f} "
            f"{found['first_spike_s']:6.1f} {found['first_spike_cold_s'] or float('nan'):6.1f} "
            f"{found['memory_mb']:6.0f}",
            flush=True,
        )
    missing = {"nest", "brainpy"} - set(others)
    if missing:
        print(f"not installed, not measured: {', '.join(sorted(missing))}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
