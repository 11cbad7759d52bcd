"""Compiles in the background what runs on NumPy meanwhile: nobody waits for a compiler."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from ...errors import WorkbenchError
from ...model.transfer import pack_model, unpack_model
from ..process import exit_code, launch
from .built import is_compiled, mark_compiled, marker
from .cache import compiler

if TYPE_CHECKING:
    from ...model.model import Model

WAIT_S = 1.0  # the first plots come first
MOST_WAITING = 20  # builds that wait; each slider that asks for a new network may ask for one
_lock = threading.Lock()
_builds: dict[str, Build] = {}  # by marker, of this process
_again: set[str] = set()  # those that were built here a second time
_waiting: dict[str, Model] = {}  # whose builds have not begun, who was asked about last at the end


@dataclass
class Build:
    """A build that was asked for here.

    process : None before it is its turn
    seconds : how long it has taken until now;  built : it has succeeded
    failed  : why it has not; "" while it goes on
    """

    process: Any
    connection: Connection | None
    began: float
    seconds: float = 0.0
    built: bool = False
    failed: str = ""

    def look(self) -> Build:
        """Find out how it is; returns itself."""
        if self.built or self.failed:
            return self
        self.seconds = time.monotonic() - self.began
        if self.process is None or self.connection is None:
            return self
        code = exit_code(self.process)
        self.built = code == 0
        if code:
            self.failed = "the compiler was ended before it was done."
            with contextlib.suppress(EOFError, OSError):
                if self.connection.poll():
                    self.failed = self.connection.recv()
        return self


def may_build(model: Model) -> bool:
    """True where a binary of ``model`` may be built unasked: ``WORKBENCH_BUILD=0`` forbids it."""
    allowed = os.environ.get("WORKBENCH_BUILD") != "0" and not model.own_process
    return allowed and compiler() is not None


def build_later(model: Model) -> str:
    """Have a binary of ``model`` built at the lowest priority, one after another.

    Does nothing when it is there, was tried before, or may not be. One that was built here and then
    forgotten, as its code came out differently, is built once more. Of those that wait, the one
    that `build_of` is asked about is next; those that nobody asks about any more are forgotten.
    returns : a name to ask `build_of` with
    """
    if not may_build(model):
        return ""
    name = str(marker(model, "compiled"))
    with _lock:
        known = _builds.get(name)
        if (known is None or (known.built and name not in _again)) and not is_compiled(
            model, "compiled"
        ):
            if known is not None:
                _again.add(name)
            _builds[name], _waiting[name] = Build(None, None, time.monotonic()), model
            _begin_next()
            while len(_waiting) > MOST_WAITING:
                oldest = next(iter(_waiting))
                del _waiting[oldest], _builds[oldest]
    return name


def _begin_next() -> None:
    """Begin the build that was asked about last, unless one goes on; ``_lock`` is held."""
    going = (b for n, b in _builds.items() if n not in _waiting and not (b.built or b.failed))
    if _waiting and all(b.look().built or b.failed for b in going):
        name, model = _waiting.popitem()
        began = _builds[name].began
        _builds[name] = build_now(model, WAIT_S)
        _builds[name].began = began


def build_now(model: Model, after_s: float = 0.0) -> Build:
    """Build a binary of ``model`` in a process of its own.

    after_s : wait so long, and then leave the processors to all others
    """
    process, connection = launch(_build, pack_model(model), after_s, name="workbench-build")
    return Build(process, connection, time.monotonic())


def build_of(name: str) -> Build | None:
    """The build of that name and how it is now; None when none was asked for here."""
    with _lock:
        if name in _waiting:
            _waiting[name] = _waiting.pop(name)
            _begin_next()
        return _builds[name].look() if name in _builds else None


def _build(conn: Connection, packed: dict[str, Any], after_s: float) -> None:
    from .simulation import Compiled

    if after_s:
        with contextlib.suppress(OSError, AttributeError):
            os.nice(19)  # of this session; how far that yields to others is the server's business
        time.sleep(after_s)
    model = unpack_model(packed)
    simulation = Compiled(model, seed=0)
    simulation.jobs = 1 if after_s else None
    try:
        mark_compiled(model, "compiled", simulation.prepare())
    except WorkbenchError as error:
        conn.send(str(error))
        sys.exit(1)
    finally:
        simulation.close()
