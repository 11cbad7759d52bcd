"""One simulator with one network, in a process of its own, which simulates a stretch when asked.

It builds the network and answers with its ``version``, then reads numbers of seconds, one a line,
simulates so long and answers with what it took: ``simulated_s``, ``wall_s``, ``cpu_s`` (processor
time of all its processes) and ``spikes``. Answers are JSON, one a line; the last one may have
``failed``, the reason. `engines.py` asks.

Brian2's standalone mode is blind and begins anew each time: it simulates as long as
STANDALONE_SECONDS says, its wall and CPU seconds are both the processor time that its binary states
for the time loop, and spikes are counted from ``SETTLED_S`` on. All others go on where they were.

Usage: python benchmarks/simulators.py PROGRAM NETWORK STANDALONE_SECONDS
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import networks

HERE = Path(__file__).parent
SETTLED_S = 0.2  # what a network does first is not counted
FOR_EVER_S = 1e6

Stretch = Callable[[float], dict[str, float]]  # simulated seconds -> what they took


def live(name: str, _seconds: float) -> tuple[Stretch, str]:
    """A live session of the workbench, compiled, at full speed; its frames are taken."""
    import psutil

    import workbench as wb

    model = wb.open_script(HERE / "networks.py", (name, str(FOR_EVER_S)))
    session = model.start(engine="compiled", seed=1, speed=None, paused=True)
    atexit.register(session.close)
    if not session.wait(600, until="ready"):
        raise TimeoutError(session.status().message)
    info = session.info
    assert info is not None

    def cpu_s() -> float:
        worker = psutil.Process(session.pid)
        family = [worker, *worker.children(recursive=True)]
        return sum(sum(p.cpu_times()[:2]) for p in family)

    counted = 0  # spikes before this stretch

    def stretch(seconds: float) -> dict[str, float]:
        nonlocal counted
        ticks = max(1, round(1e3 * seconds / info.tick_ms))
        end_ms = session.status().t_ms + ticks * info.tick_ms
        before, reached_ms = counted, 0.0
        cpu_before, began = cpu_s(), time.perf_counter()
        session.step(ticks)
        while reached_ms < end_ms - info.dt_ms / 2:
            status = session.status()
            if status.over:
                raise RuntimeError(f"{status.state}: {status.message}")
            for frame in session.frames():
                reached_ms = frame.t_ms
                counted = int(frame.counters["spikes"])  # of the whole run
            time.sleep(0.005)
        took = time.perf_counter() - began
        session.wait(60, until="paused")
        return {
            "simulated_s": ticks * info.tick_ms / 1e3, "wall_s": took,
            "cpu_s": cpu_s() - cpu_before, "spikes": counted - before,
        }  # fmt: skip

    return stretch, version("circuit-workbench")


def standalone(name: str, seconds: float) -> tuple[Stretch, str]:
    """Brian2's C++ standalone mode with its own flags, on one thread."""
    import subprocess

    import brian2 as b2
    import numpy as np

    folder = Path(tempfile.mkdtemp(dir=os.environ["TMPDIR"]))
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.devices.cpp_standalone.extra_make_args_unix = [f"-j{os.cpu_count()}"]
    networks.describe(name).run(seconds * b2.second, namespace={})
    b2.device.build(directory=str(folder), run=False, with_output=False)

    def stretch(_seconds: float) -> dict[str, float]:
        subprocess.run(["./main"], cwd=folder, check=True, capture_output=True)
        results = folder / "results"
        took = float((results / "last_run_info.txt").read_text().split()[0])
        (times,) = results.glob("_dynamic_array_spikes_t_*")
        counted = int(np.count_nonzero(np.fromfile(times) >= SETTLED_S))
        return {
            "simulated_s": seconds, "wall_s": took, "cpu_s": took,
            "spikes": counted * seconds / (seconds - SETTLED_S),
        }  # fmt: skip

    return stretch, b2.__version__


def cython(name: str, _seconds: float) -> tuple[Stretch, str]:
    """Brian2 with Cython, as a script runs by default."""
    import brian2 as b2

    b2.prefs.codegen.target = "cython"
    net = networks.describe(name)
    net.run(10 * b2.ms, namespace={})  # generates code

    def stretch(seconds: float) -> dict[str, float]:
        before = int(net["spikes"].num_spikes)
        took = timed(lambda: net.run(seconds * b2.second, namespace={}))
        return {"simulated_s": seconds, **took, "spikes": int(net["spikes"].num_spikes) - before}

    return stretch, b2.__version__


def nest(name: str, _seconds: float) -> tuple[Stretch, str]:
    from other_simulators import nest_network

    return nest_network(networks.network(name))


def annarchy(name: str, _seconds: float) -> tuple[Stretch, str]:
    from other_simulators import annarchy_network

    return annarchy_network(networks.network(name))


PROGRAMS = {
    "live": live, "standalone": standalone, "cython": cython, "nest": nest, "annarchy": annarchy,
}  # fmt: skip


def timed(simulate: Callable[[], object]) -> dict[str, float]:
    """Wall and processor seconds of a call in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    simulate()
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}


def main() -> None:
    program, name, seconds = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what simulators print is no answer

    def answer(**what: Any) -> None:
        print(json.dumps(what), file=answers, flush=True)

    try:
        stretch, version = PROGRAMS[program](name, float(seconds))
        answer(version=version)
        for line in sys.stdin:
            answer(**stretch(float(line)))
    except Exception as error:
        answer(failed=f"{type(error).__name__}: {error}")
        raise


if __name__ == "__main__":
    main()
