"""Compiles the sources of a standalone simulation, at half of Brian2's own cost."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from ...brian.makefile import DEPENDENCIES, HEADER, optimisations
from ...errors import BuildError
from ...family import run_guarded
from . import cache as binary_cache


def make(sources: Path, who: str) -> Path:
    """Run Brian2's makefile in ``sources``; returns the binary.

    Every one of a hundred files begins with the same headers, and make would read them all
    once more to learn which depends on which: a precompiled header, and no dependencies.

    raises : BuildError with the compiler's first complaint; ``who`` is what is compiled
    """
    compiler = os.environ.get("CXX", "g++")
    command = ["make", f"-j{os.cpu_count() or 1}", f"CXX={compiler}"]
    flags = optimisations(sources)
    if flags is not None:
        common = ["-Wno-write-strings", *flags, "-I."]
        run_guarded(
            [compiler, *common, "-x", "c++-header", HEADER, "-o", f"{HEADER}.gch"], cwd=sources
        )
        (sources / DEPENDENCIES).touch()
        command.append(f"CXXFLAGS={shlex.join(['-c', *common, '-include', HEADER])}")
    done = run_guarded(command, cwd=sources)
    if done.returncode or not (sources / binary_cache.BINARY).exists():
        lines = [x for x in done.stderr.splitlines() if "error" in x] or ["no reason given"]
        raise BuildError(
            f"The generated C++ code of {who} does not compile: {lines[0]} Use engine='numpy'."
        )
    return sources / binary_cache.BINARY
