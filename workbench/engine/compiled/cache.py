"""Compiled simulations, kept for the next time: one folder a binary, named by its code."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from ...disk_errors import failing
from ...paths import cache_folder
from ...settings import CACHE_GB

BINARY = "main.exe" if os.name == "nt" else "main"
_WAIT_S = 600.0
ANSWER_S = 10.0  # for a compiler to say its version


def folder() -> Path:
    """Where binaries are kept."""
    return cache_folder() / "binaries"


@dataclass(frozen=True)
class Kept:
    """A binary of the cache."""

    key: str
    model: str
    bytes: int
    used: float  # Unix time


@lru_cache(maxsize=1)
def compiler() -> str | None:
    """The C++ compiler's version, or None when there is none that answers (or no make)."""
    command = os.environ.get("CXX", "g++")
    if shutil.which(command) is None or shutil.which("make") is None:
        return None
    try:
        message = subprocess.run(
            [command, "--version"], capture_output=True, text=True, check=False, timeout=ANSWER_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return message.stdout.splitlines()[0] if message.returncode == 0 and message.stdout else None


@lru_cache(maxsize=1)
def _machine() -> str:
    # Brian2 compiles for this very processor.
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(("flags", "Features")):
                return f"{platform.machine()} {line}"
    return f"{platform.machine()} {platform.processor()} {platform.node()}"


def key_of(sources: Path) -> str:
    """The name of what these sources compile to, with this compiler on this machine."""
    digest = hashlib.sha256(f"{compiler()}|{_machine()}|{version('brian2')}".encode())
    for path in sorted(p for p in sources.rglob("*") if p.is_file()):
        inside = path.relative_to(sources).as_posix()
        # Arrays are read by the binary when it starts; they are not part of it.
        if not inside.startswith(("static_arrays/", "results/")):
            # Where Python is installed makes no difference to the binary.
            code = path.read_bytes().replace(sys.prefix.encode(), b"")
            digest.update(inside.encode() + b"\0" + code + b"\0")
    return digest.hexdigest()[:32]


def is_there(key: str) -> bool:
    """Whether there is a binary of that name; not a use of it."""
    return (folder() / key / BINARY).exists()


def find(key: str) -> Path | None:
    """The binary of that name, if it is there; notes that it was used."""
    binary = folder() / key / BINARY
    if not binary.exists():
        return None
    with contextlib.suppress(OSError):
        os.utime(binary)
    return binary


def keep(key: str, built: Path, model: str) -> Path:
    """Move a freshly built binary into the cache; two processes may do so at once.

    raises : StoreError where it cannot be written
    """
    home = folder()
    waiting = home / f".{key}-{os.getpid()}"
    with failing(home):
        home.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(waiting, ignore_errors=True)
        waiting.mkdir()
        shutil.copy2(built, waiting / BINARY)
        (waiting / "model").write_text(model)
    try:
        waiting.rename(home / key)
    except OSError:  # another process was faster; its binary is the same
        shutil.rmtree(waiting, ignore_errors=True)
    trim(keep=key)
    return home / key / BINARY


@contextlib.contextmanager
def building(key: str) -> Iterator[None]:
    """Only one process at a time builds the same binary; the others wait for it.

    raises : StoreError where the cache cannot be written
    """
    home = folder()
    with failing(home):
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / f".{key}.lock").open("w")
    with lock as held:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    with contextlib.suppress(OSError):
        (home / f".{key}.lock").unlink()


def kept() -> list[Kept]:
    """What the cache holds, the most recently used first."""
    found = []
    for place in folder().glob("[!.]*"):
        binary = place / BINARY
        with contextlib.suppress(OSError):
            stat = binary.stat()
            found.append(
                Kept(place.name, (place / "model").read_text(), stat.st_size, stat.st_mtime)
            )
    return sorted(found, key=lambda k: -k.used)


def max_bytes() -> int:
    """What all binaries together may take."""
    return int(CACHE_GB.read() * 2**30)


def trim(most: int | None = None, keep: str = "") -> None:
    """Remove what was not used for longest, until at most ``most`` bytes remain."""
    most = max_bytes() if most is None else most
    total = 0
    for one in kept():
        total += one.bytes
        if total > most and one.key != keep:
            shutil.rmtree(folder() / one.key, ignore_errors=True)
    for left in folder().glob(".*-*"):  # of a process that was killed while copying
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _WAIT_S:
                shutil.rmtree(left, ignore_errors=True)


def clear() -> int:
    """Remove every binary; returns how many. Running simulations are not disturbed."""
    found = kept()
    for one in found:
        shutil.rmtree(folder() / one.key, ignore_errors=True)
    return len(found)
