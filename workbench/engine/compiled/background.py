"""Compiles in the background what runs on NumPy meanwhile: nobody waits for a compiler."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from ...errors import WorkbenchError
from ...model.transfer import pack_model, unpack_model
from ..process import exit_code, launch
from .built import is_compiled, mark_compiled, marker
from .cache import compiler

if TYPE_CHECKING:
    from ...model.model import Model

WAIT_S = 3.0  # the first plots come first
_lock = threading.Lock()
_builds: dict[str, Any] = {}  # marker -> process, of this process


def build_later(model: Model) -> str:
    """Have a binary of ``model`` built at the lowest priority; ``WORKBENCH_BUILD=0`` forbids it.

    Does nothing when it is there, was tried before, or there is no compiler.
    returns : a name to ask `was_built` with
    """
    if os.environ.get("WORKBENCH_BUILD") == "0" or compiler() is None:
        return ""
    name = str(marker(model, "compiled"))
    with _lock:
        if name not in _builds and not is_compiled(model, "compiled"):
            _builds[name], connection = launch(_build, pack_model(model), name="workbench-build")
            connection.close()
    return name


def was_built(name: str) -> bool:
    """True when a build that was begun here has succeeded."""
    process = _builds.get(name)
    return process is not None and exit_code(process) == 0


def _build(conn: Connection, packed: dict[str, Any]) -> None:
    from .simulation import Compiled

    conn.close()
    with contextlib.suppress(OSError, AttributeError):
        os.nice(19)
    time.sleep(WAIT_S)
    model = unpack_model(packed)
    simulation = Compiled(model, seed=0)
    try:
        mark_compiled(model, "compiled", simulation.prepare())
    except WorkbenchError:
        sys.exit(1)  # the reason is for who asks for the compiled engine, not for this terminal
    finally:
        simulation.close()
