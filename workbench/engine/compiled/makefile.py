"""Compiles the sources of a standalone simulation in a few translation units.

Brian2 writes a file for each code object, and each begins with the same headers and the same
support code. Here those that run at every step are one file, compiled at full optimisation, and
all others another one, at the lowest that costs nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ...brian.fast import exp_table
from ...brian.makefile import Recipe, recipe
from ...errors import BuildError
from ...family import run_guarded
from ...settings import processors
from . import cache as binary_cache

_INCLUDED = re.compile(r'^#include "(.*)"$', re.MULTILINE)
_NEVER_COMPILED = ".cpp.in"


def make(sources: Path, who: str, jobs: int | None = None) -> Path:
    """Compile what Brian2 wrote to ``sources``, ``jobs`` files at a time; returns the binary.

    jobs   : by default as many as there are processors
    raises : BuildError with the compiler's first complaint; ``who`` is what is compiled
    """
    compiler = os.environ.get("CXX", "g++")
    jobs = jobs or processors()
    found = recipe(sources)
    together = all((sources / f"{unit}{_NEVER_COMPILED}").exists() for unit in ("hot", "cold"))
    if found is None or not together:
        done = [run_guarded(["make", f"-j{jobs}", f"CXX={compiler}"], cwd=sources)]
    else:
        done = _few_units(sources, found, compiler, jobs)
    if any(d.returncode for d in done) or not (sources / binary_cache.BINARY).exists():
        message = "\n".join(d.stderr for d in done)
        lines = [x for x in message.splitlines() if "error" in x] or ["no reason given"]
        raise BuildError(
            f"The generated C++ code of {who} does not compile: {lines[0]} Use engine='numpy'."
        )
    return sources / binary_cache.BINARY


def _few_units(
    sources: Path, found: Recipe, compiler: str, jobs: int
) -> list[subprocess.CompletedProcess[str]]:
    """Compile and link; returns what the compiler said of each."""
    flags = ["-Wno-write-strings", *found.flags, "-I."]

    def compiled(name: str) -> subprocess.CompletedProcess[str]:
        how = flags if name != "cold.cpp" else _at(flags, "-O1")
        if name == exp_table.SOURCE:
            how = [*flags, *exp_table.FLAGS]
        return run_guarded([compiler, "-c", *how, name, "-o", _object(name)], cwd=sources)

    units = _units(sources, found.files)
    with ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(compiled, units))
    if not any(d.returncode for d in done):
        objects = [_object(name) for name in units]
        link = [compiler, *objects, "-o", binary_cache.BINARY, *found.link_flags]
        done.append(run_guarded(link, cwd=sources))
    return done


def _units(sources: Path, files: list[str]) -> list[str]:
    """Write the files to compile; returns their names, the longest work first."""
    hot = (sources / f"hot{_NEVER_COMPILED}").read_text()
    cold = (sources / f"cold{_NEVER_COMPILED}").read_text()
    merged = {*_INCLUDED.findall(hot), *_INCLUDED.findall(cold)}
    rest = [f for f in files if f not in merged]
    # main, run, network, ours
    frame = [f for f in rest if "/" not in f and f.endswith(".cpp") and f != exp_table.SOURCE]
    cold += "".join(f'#include "{f}"\n' for f in frame if (sources / f).stat().st_size)
    (sources / "hot.cpp").write_text(hot)
    (sources / "cold.cpp").write_text(cold)
    return ["hot.cpp", "cold.cpp", *(f for f in rest if f not in frame)]


def _at(flags: list[str], level: str) -> list[str]:
    return [level if re.fullmatch(r"-O\w*", f) else f for f in flags]


def _object(name: str) -> str:
    return str(Path(name).with_suffix(".o"))
