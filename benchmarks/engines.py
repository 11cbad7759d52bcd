"""The same networks in the workbench, in Brian2 and in other simulators, in turn: one table.

Six networks (networks.py: CUBA at two sizes and with delays, COBA, COBAHH, CUBA with synapses that
learn) in: a live compiled session of the workbench, whose frames are taken as they come; Brian2's
standalone mode with its own flags; Brian2 with Cython; NEST; ANNarchy. Each on one thread.

Every program builds a network once, in a process of its own (simulators.py), and then simulates
several stretches; in each round all programs take their turn, each round beginning with another.
A stretch is as long as takes ``--wall`` seconds, within limits; that of Brian2's standalone mode
has its length built in. Ratios to it are paired within a round. A rate that is not that of Brian2's
standalone mode is marked: a fast wrong answer is no answer. What is not installed is not measured.

NEST and ANNarchy may be installed elsewhere, with a CMake for the latter:

    python3 -m venv FOLDER && FOLDER/bin/pip install nest-simulator annarchy
    python benchmarks/engines.py --python FOLDER/bin/python --write docs/speed.md

Usage: python benchmarks/engines.py [--networks cuba-4000 ...] [--programs live standalone ...]
       [--rounds 3] [--wall 1.5] [--python OTHER_PYTHON] [--write FILE]
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import engines_table
import networks
from engines_table import Measured, Stretch, rate_differs, spread, times_as_fast
from simulators import PROGRAMS, SETTLED_S

HERE = Path(__file__).parent
BASE = "standalone"
ELSEWHERE = ("nest", "annarchy")  # may be installed for another Python
LABELS = {
    "live": "workbench, live", "standalone": "Brian2 standalone", "cython": "Brian2, Cython",
    "nest": "NEST", "annarchy": "ANNarchy",
}  # fmt: skip
# Simulated seconds of a stretch: what is built into the standalone binary, some 1.5 s of wall time
# on the machine of docs/speed.md, and the limits for all others.
BUILT_IN_S = {
    "cuba-4000": 20.0, "cuba-40000": 1.5, "cuba-delay-4000": 10.0, "coba-4000": 10.0,
    "cobahh-4000": 1.5, "stdp-4000": 5.0,
}  # fmt: skip
LEAST_S, MOST_S = 0.2, 100.0
BUILD_LIMIT_S, STRETCH_LIMIT_S = 900.0, 600.0


class Failed(Exception):
    """A program that ended, or took too long; the reason is its last words."""


class Running:
    """A process of `simulators.py`, which simulates when asked.

    Its temporary files are in ``folder``. Raises Failed wherever it does not answer.
    """

    def __init__(self, program: str, network: str, python: str, folder: Path) -> None:
        self.program = program
        folder.mkdir()
        self._errors = folder / "errors.txt"
        seconds = BUILT_IN_S.get(network, 1.0)
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [python, str(HERE / "simulators.py"), program, network, str(seconds)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                env={**os.environ, "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"},
            )  # fmt: skip

    def ready(self) -> str:
        """Wait until the network is built; the version of the program."""
        return str(self._answer(BUILD_LIMIT_S)["version"])

    def stretch(self, seconds: float) -> Stretch:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{seconds}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self._last_words()) from None
        return Stretch(**self._answer(STRETCH_LIMIT_S))

    def _answer(self, limit_s: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        late = threading.Timer(limit_s, self._process.kill)
        late.start()
        line = self._process.stdout.readline()
        late.cancel()
        if not line:
            self._process.wait()
            killed = self._process.returncode == -9
            raise Failed(f"no answer in {limit_s:g} s" if killed else self._last_words())
        answer = dict(json.loads(line))
        if failed := answer.get("failed"):
            absent = failed.startswith("ModuleNotFoundError")
            raise Failed("not installed" if absent else " ".join(failed.split()))
        return answer

    def _last_words(self) -> str:
        lines = [line for line in self._errors.read_text().splitlines() if line.strip()]
        return lines[-1] if lines else "it ended without a word"

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(30)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def compared(
    network: str, programs: list[str], python: str, rounds: int, wall_s: float
) -> tuple[list[Measured], dict[str, str]]:
    """All programs with one network, and their versions."""
    n = networks.network(network).n
    found = {p: Measured(network, p, n) for p in programs}
    versions: dict[str, str] = {}
    lengths: dict[str, float] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        running = {
            p: Running(p, network, python if p in ELSEWHERE else sys.executable, Path(place, p))
            for p in programs
        }
        try:
            for p, process in running.items():  # they build beside each other
                try:
                    versions[p] = process.ready()
                except Failed as failed:
                    found[p].reason = str(failed)
            for turn in range(-1, rounds):
                for p in rotated(programs, turn):
                    if found[p].reason:
                        continue
                    try:
                        if turn < 0:
                            lengths[p] = settled(running[p], wall_s)
                        else:
                            found[p].stretches.append(running[p].stretch(lengths[p]))
                    except Failed as failed:
                        found[p] = Measured(network, p, n, reason=str(failed))
        finally:
            for process in running.values():
                process.close()
    return list(found.values()), versions


def settled(process: Running, wall_s: float) -> float:
    """Let a network settle; how many seconds its stretches are to be."""
    took = process.stretch(SETTLED_S)
    seconds = length(took, wall_s)
    if seconds > took.simulated_s:  # it was too short to say what a second costs
        seconds = length(process.stretch(seconds), wall_s)
    return seconds


def length(took: Stretch, wall_s: float) -> float:
    """Simulated seconds, in whole tenths, of a stretch that takes ``wall_s``."""
    wanted = wall_s * took.simulated_s / max(took.wall_s, 1e-6)
    return round(min(max(wanted, LEAST_S), MOST_S), 1)


def rotated(programs: list[str], turn: int) -> list[str]:
    """The order of a round: each begins with another program."""
    k = turn % len(programs)
    return programs[k:] + programs[:k]


def shown(found: Measured, base: Measured | None) -> str:
    """One printed line."""
    head = f"{found.network:16s} {LABELS[found.program]:18s}"
    if found.reason:
        return f"{head} not measured: {found.reason}"
    line = (
        f"{head} {found.rate_hz:7.2f} Hz  {spread(found.per_s('wall_s')):>26s} wall s/s "
        f"{spread(found.per_s('cpu_s')):>26s} CPU s/s"
    )
    if base is None or base.reason or base is found:
        return line
    by_wall, by_cpu = (spread(times_as_fast(found, base, w)) for w in ("wall_s", "cpu_s"))
    line += f"  {by_wall} x, by CPU time {by_cpu} x"
    return line + ("  RATE DIFFERS" if rate_differs(found, base) else "")


def conditions(rounds: int, versions: dict[str, str], load: tuple[float, float]) -> list[str]:
    """The sentences above the table."""
    named = ", ".join(f"{LABELS[p]} {v}" for p, v in versions.items() if p != "cython")
    return [
        f"{datetime.datetime.now(datetime.UTC):%-d %B %Y}, {os.cpu_count()} processors, Python "
        f"{sys.version.split()[0]}; {named}. Medians of {rounds} rounds with the smallest and the",
        f"largest. Load of the machine before {load[0]:.1f}, after {load[1]:.1f}, of which the "
        "benchmark itself makes some 1.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=list(networks.NETWORKS), metavar="NAME")
    parser.add_argument("--programs", nargs="+", choices=list(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wall", type=float, default=1.5, help="seconds that a stretch takes")
    parser.add_argument("--python", default=sys.executable, help="which has NEST and ANNarchy")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this file")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least 1")
    try:
        for name in options.networks:
            networks.network(name)
        if options.write:
            engines_table.replaced(options.write.read_text(), "")
    except (ValueError, OSError) as error:
        parser.error(str(error))
    load = os.getloadavg()[0]
    measured: list[Measured] = []
    versions: dict[str, str] = {}
    for name in options.networks:
        rows, more = compared(name, options.programs, options.python, options.rounds, options.wall)
        measured += rows
        versions |= more
        base = next((m for m in rows if m.program == BASE), None)
        for found in rows:
            print(shown(found, base), flush=True)
    if options.write:
        lines = conditions(options.rounds, versions, (load, os.getloadavg()[0]))
        text = engines_table.table(measured, BASE, LABELS, lines)
        options.write.write_text(engines_table.replaced(options.write.read_text(), text))


if __name__ == "__main__":
    main()
