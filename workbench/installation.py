"""What is installed and what is missing, with the way to get it: for ``workbench doctor``."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from packaging.requirements import Requirement

from . import settings
from .disk_errors import megabytes, sentence
from .engine.compiled import cache as binaries
from .errors import WorkbenchError
from .model import registry
from .optional import how_to_get
from .paths import cache_folder, live_folder, runs_folder

PACKAGE = "circuit-workbench"
FOR_DEVELOPERS = ("dev", "test", "bench", "docs")  # extras that no user needs
LITTLE_BYTES = 1_000_000_000  # of free disk: a long recording fills it

State = Literal["good", "missing", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One part of the installation.

    state  : "missing" for what some users need, "wrong" for what everyone does
    advice : what to do about it, a sentence; "" for what is good
    """

    part: str
    found: str
    state: State = "good"
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Look at one part after the other."""
    yield from _machine()
    yield from _packages()
    yield _compiler()
    yield from _extras()
    yield from _folders()
    yield from _settings()
    yield from _models()


def _machine() -> Iterator[Finding]:
    yield Finding("workbench", importlib.metadata.version(PACKAGE))
    yield Finding("Python", f"{platform.python_version()}, {sys.executable}")
    memory = psutil.virtual_memory().total / 1e9
    yield Finding("machine", f"{platform.platform()}, {os.cpu_count()} cores, {memory:.0f} GB")


def _required(extra: str = "") -> list[Requirement]:
    """What the package, or one of its extras, needs on this machine; other extras are followed."""
    found: list[Requirement] = []
    for line in importlib.metadata.requires(PACKAGE) or ():
        wanted = Requirement(line)
        always = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if always == bool(extra):
            continue
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        if wanted.name == PACKAGE:
            found += [each for name in sorted(wanted.extras) for each in _required(name)]
        else:
            found.append(wanted)
    return found


def _lacking(wanted: list[Requirement]) -> list[str]:
    """Those that are not there, or in another version: ``"numpy 1.26 (needed: >=2.1)"``."""
    found = []
    for each in wanted:
        try:
            version = importlib.metadata.version(each.name)
        except importlib.metadata.PackageNotFoundError:
            found.append(each.name)
            continue
        if not each.specifier.contains(version, prereleases=True):
            found.append(f"{each.name} {version} (needed: {each.specifier})")
    return found


def _packages() -> Iterator[Finding]:
    wanted = _required()
    lacking = _lacking(wanted)
    names = ("brian2", "numpy", "panel", "bokeh")
    versions = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in names if n not in lacking)
    if lacking:
        advice = f"Install what is needed: pip install --upgrade {PACKAGE}; in a clone, uv sync."
        yield Finding("packages", f"lacking: {', '.join(lacking)}", "wrong", advice)
    else:
        yield Finding("packages", f"{versions}, and {len(wanted) - len(names)} more as needed")


def _compiler() -> Finding:
    found = binaries.compiler()
    if found is not None:
        return Finding("C++ compiler", found)
    command = os.environ.get("CXX", "g++")
    return Finding(
        "C++ compiler",
        f"no {command} and make",
        "missing",
        "Simulations run on NumPy only, many times slower: install g++ and make (Debian: "
        "apt install g++ make; conda: conda install cxx-compiler make; macOS: xcode-select "
        "--install).",
    )


def _extras() -> Iterator[Finding]:
    names = importlib.metadata.distribution(PACKAGE).metadata.get_all("Provides-Extra") or []
    for name in sorted(set(names) - set(FOR_DEVELOPERS)):
        wanted = _required(name)
        lacking = _lacking(wanted)
        part = f"extra {name}"
        if not lacking:
            yield Finding(part, ", ".join(each.name for each in wanted))
        else:
            advice = how_to_get(name)
            advice = f"{advice[0].upper()}{advice[1:]}."
            yield Finding(part, f"lacking: {', '.join(lacking)}", "missing", advice)


def _folders() -> Iterator[Finding]:
    places: dict[str, Callable[[], Path]] = {
        "saved runs": runs_folder, "live recordings": live_folder, "cache": cache_folder,
    }  # fmt: skip
    for part, place in places.items():
        yield _folder(part, place())


def _folder(part: str, path: Path) -> Finding:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"x")
    except OSError as error:
        return Finding(part, str(path), "wrong", f"It cannot be written: {sentence(error, path)}")
    free = shutil.disk_usage(path).free
    found = f"{path}, {megabytes(free)} free"
    if free < LITTLE_BYTES:
        return Finding(part, found, "missing", "Free some space: a long recording needs gigabytes.")
    return Finding(part, found)


def _settings() -> Iterator[Finding]:
    given = [number for number in settings.NUMBERS if number.name in os.environ]
    for number in given:
        try:
            yield Finding(number.name, f"{number.read():g}")
        except WorkbenchError as error:
            yield Finding(number.name, os.environ[number.name], "wrong", str(error))


def _models() -> Iterator[Finding]:
    entries = registry.entries()
    broken = [entry for entry in entries if entry.model is None]
    yield Finding("models", f"{len(entries) - len(broken)} can be opened")
    for entry in broken:
        yield Finding(f"model {entry.slug}", str(entry.path), "wrong", f"{entry.error}")
