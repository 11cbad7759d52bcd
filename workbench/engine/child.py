"""Entry of the child process of a session: makes the worker of the engine that is asked for."""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..errors import StoreError
from ..model.transfer import unpack_model
from .plan import Plan, choose_target
from .process import keep_freed_memory, limit_memory
from .runtime_worker import RuntimeWorker
from .worker import Worker

# The thread that writes has little to do in Python between two chunks; Python's own 5 ms, for which
# it may have to wait each time while the other one works, are as long as a chunk takes to write.
SWITCH_S = 0.0005


def main(conn: Connection, packed: dict[str, Any], plan: Plan, options: dict[str, Any]) -> None:
    """Entry point of the child process; never raises, everything goes through ``conn``."""
    # Ctrl-C in a terminal reaches every process of its group; only the session's may act on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(options["memory_gb"])
    keep_freed_memory()
    sys.setswitchinterval(SWITCH_S)
    worker: Worker = RuntimeWorker(conn, plan, options)
    try:
        worker = _built(worker, unpack_model(packed), options)
        worker.run()
        while worker.successor is not None:
            worker.close()
            worker = worker.successor
            worker.run()
    except (BrokenPipeError, EOFError, ConnectionResetError):
        return  # the session is gone: nobody is left to tell
    except BaseException as error:
        worker.fail(error)
    finally:
        worker.close()
        conn.close()


def _built(worker: Worker, model: Any, options: dict[str, Any]) -> Worker:
    """The worker of the engine that is asked for, with its network built."""
    plan = worker.plan
    target = options.get("target") or choose_target(plan.engine, model, live=True)
    if target == "compiled":
        from .compiled.simulation import NotCompiled
        from .compiled.worker import CompiledWorker

        if not options["compiler"]:
            worker.build(model, "numpy")
            worker.report(
                warning="No C++ compiler (g++ and make) was found here: the simulation runs on "
                "NumPy instead of the compiled engine."
            )
            return worker
        try:
            compiled = CompiledWorker(worker.conn, plan, options)
            compiled.build(model, target)
            return compiled
        except NotCompiled:  # the code came out differently from what was compiled before
            import brian2

            from .compiled.built import forget_compiled

            forget_compiled(model)
            compiled.close()
            brian2.set_device("runtime")
            target = "numpy"
        except StoreError as error:  # as where the disk of the temporary files is full
            compiled.close()
            if plan.engine != "auto" or Path(options["store"]).exists():
                raise
            import brian2

            brian2.set_device("runtime")
            worker.build(model, "numpy")
            worker.report(warning=f"{error} Until then the simulation runs on NumPy.")
            return worker
        except BaseException:
            compiled.close()
            raise
    worker.build(model, target)
    return worker
