"""Which Brian2 scripts of a folder open: a table with the reason for each that does not.

Each script runs to its first run in a process of its own, and what it opens as is simulated for a
short time in another one. A script that needs a package or a file that is not there is not counted.

Usage: python benchmarks/open_scripts.py FOLDER [--limit S] [--duration MS] [--only TEXT]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from workbench import open_script
from workbench.errors import WorkbenchError

ABSENT = ("ModuleNotFoundError", "ImportError", "FileNotFoundError", "No such file")


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
    def counted(self) -> bool:
        return not any(word in self.reason for word in ABSENT)

    def __str__(self) -> str:
        what = self.reason or f"{self.units} units, {self.spikes} spikes"
        sliders = f"{self.live}+{self.rebuild}" if not self.reason else ""
        mark = "-" if not self.counted else "no" if self.reason else "yes"
        return f"{mark:4}{self.script:58}{sliders:>7}{self.seconds:7.0f} s  {what}"


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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=float, default=120.0, help="to open, and to simulate, s")
    parser.add_argument("--duration", type=float, default=20.0, help="simulated time, ms")
    parser.add_argument("--only", default="", help="scripts whose path has this text")
    options = parser.parse_args()
    folder = options.folder.resolve()
    paths = [p for p in sorted(folder.rglob("*.py")) if options.only in str(p)]
    rows = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        rows.append(tried(path, name, options.limit, options.duration))
        print(rows[-1], flush=True)
    counted = [r for r in rows if r.counted]
    opened = [r for r in counted if not r.reason]
    share = 100 * len(opened) / len(counted) if counted else 0.0
    print(
        f"{len(opened)} of {len(counted)} scripts open ({share:.0f} %); {len(rows) - len(counted)} "
        "more need packages or files that are not there."
    )


if __name__ == "__main__":
    sys.exit(main())
