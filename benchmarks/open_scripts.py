"""Which Brian2 scripts of a folder open: a table with the reason for each that does not.

Each script runs to its first run in a process of its own, and what it opens as is simulated for a
short time in another one. A script that needs a package or a file that is not there is not counted,
nor one that makes no network or takes longer than the limit. With --plain each script is first
simulated for as long without the workbench, and counts only where that succeeds.

Usage: python benchmarks/open_scripts.py FOLDER [--limit S] [--duration MS] [--only TEXT] [--skip N]
       [--plain]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from workbench import open_script
from workbench.errors import WorkbenchError

ABSENT = ("ModuleNotFoundError", "ImportError", "FileNotFoundError", "No such file")
NO_SCRIPT = "ends without a network"  # a module that other scripts import
SLOW = ("did not come to its first run within", " ms after ")

# A script under Brian2 alone: as much of its first run as is asked for, on NumPy.
PLAIN = """
import sys, brian2
from brian2 import ms
path, duration, *sys.argv = sys.argv[1], float(sys.argv[2])*ms, sys.argv[1]
brian2.prefs.codegen.target = "numpy"
brian2.prefs.logging.file_log = False
stay = lambda *a, **k: None
for home in ("brian2", "brian2.devices", "brian2.devices.device"):
    sys.modules[home].set_device = stay
whole = brian2.Network.run
def run(net, wanted, *args, namespace=None, level=0, **options):
    brian2.prefs.codegen.target = "numpy"
    whole(net, min(wanted, duration), namespace=namespace, level=level + 1)
    print("simulated", flush=True)
    raise SystemExit
brian2.Network.run = run
exec(compile(open(path, "rb").read(), path, "exec"), sys.modules["__main__"].__dict__)
"""


@dataclass(frozen=True)
class Row:
    """What became of a script; ``reason`` is "" for one that opened and was simulated."""

    script: str
    reason: str
    units: int = 0
    spikes: int = 0
    live: int = 0
    rebuild: int = 0
    seconds: float = 0.0

    @property
    def slow(self) -> bool:
        return any(word in self.reason for word in SLOW)

    @property
    def counted(self) -> bool:
        return not self.slow and not any(w in self.reason for w in (*ABSENT, NO_SCRIPT))

    def __str__(self) -> str:
        what = self.reason or f"{self.units} units, {self.spikes} spikes"
        sliders = f"{self.live}+{self.rebuild}" if not self.reason else ""
        mark = "slow" if self.slow else "-" if not self.counted else "no" if self.reason else "yes"
        return f"{mark:5}{self.script:58}{sliders:>7}{self.seconds:7.0f} s  {what}"


def tried(path: Path, name: str, limit_s: float, duration_ms: float) -> Row:
    """Open a script, and simulate what it opens as."""
    began = time.monotonic()
    here = Path.cwd()
    os.chdir(path.parent)  # where its author would run it
    try:
        model = open_script(path, timeout_s=limit_s)
        ticks = max(1, round(duration_ms / model.tick_ms))
        with model.start(engine="numpy", duration_ms=ticks * model.tick_ms, speed=None) as session:
            while not session.wait(0.5):
                session.frames()
                if time.monotonic() - began > 2 * limit_s:
                    state = session.status()
                    why = f"{state.state} at {state.t_ms:g} ms after {2 * limit_s:g} s"
                    return Row(name, why, seconds=time.monotonic() - began)
            run = session.stop()
    except WorkbenchError as error:
        return Row(name, str(error).splitlines()[0], seconds=time.monotonic() - began)
    finally:
        os.chdir(here)
    live = [p.live for p in model.parameters().values()]
    return Row(
        name,
        "",
        run.info.n_units,
        sum(len(run.spikes(p.name)[0]) for p in run.info.spikers),
        sum(live),
        len(live) - sum(live),
        time.monotonic() - began,
    )


def has_a_run(path: Path) -> bool:
    """Whether a file names Brian2 and runs something: others are modules or tests."""
    text = path.read_bytes()
    return b"brian2" in text and b"run(" in text


def runs_plainly(path: Path, limit_s: float, duration_ms: float) -> bool:
    """Whether Brian2 alone simulates the beginning of a script's first run."""
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(path.parent)}
    try:
        done = subprocess.run(
            [sys.executable, "-c", PLAIN, str(path), str(duration_ms)], timeout=limit_s,
            cwd=path.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", env=environment, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return "simulated" in done.stdout.splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=float, default=120.0, help="to open, and to simulate, s")
    parser.add_argument("--duration", type=float, default=20.0, help="simulated time, ms")
    parser.add_argument("--only", default="", help="scripts whose path has this text")
    parser.add_argument("--skip", type=int, default=0, help="so many scripts at the beginning")
    parser.add_argument("--plain", action="store_true", help="only what runs under Brian2 alone")
    options = parser.parse_args()
    folder = options.folder.resolve()
    paths = [p for p in sorted(folder.rglob("*.py")) if options.only in str(p) and has_a_run(p)]
    rows: list[Row] = []
    for path in paths[options.skip :]:
        name = path.relative_to(folder).as_posix()
        if options.plain and not runs_plainly(path, options.limit, options.duration):
            print(f"-    {name:58}  Brian2 alone does not run it", flush=True)
            continue
        rows.append(tried(path, name, options.limit, options.duration))
        print(rows[-1], flush=True)
    counted = [r for r in rows if r.counted]
    opened = [r for r in counted if not r.reason]
    slow = sum(r.slow for r in rows)
    share = 100 * len(opened) / len(counted) if counted else 0.0
    absent = len(rows) - len(counted) - slow
    print(f"{len(opened)} of {len(counted)} scripts open ({share:.0f} %).")
    print(f"{slow} more take longer than {options.limit:g} s.")
    print(f"{absent} more have no network, or need packages or files that are not there.")


if __name__ == "__main__":
    sys.exit(main())
