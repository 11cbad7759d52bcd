"""Run a sweep in a separate process, so that the app's page does not block.

The page's process loads neither Brian2 nor Dask; it receives each result once it is written. When
that process ends, or calls ``stop``, the sweep ends as after Ctrl-C: finished runs are in its
folder.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import traceback
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..engine.process import end, exit_code, launch
from ..errors import message
from .design import Design
from .journal import Journal

PATIENCE_S = 5.0  # for the process to end once it has closed the connection
LOOK_EVERY_S = 0.1


class Background:
    """Runs ``design`` in a separate process; ``poll()`` returns its messages without blocking.

    Messages are ("progress", state, done, total, failed, outcome or None), and at the end
    ("done", outcome of the sweep) or ("failed", sentence, traceback).
    """

    def __init__(self, design: Design, path: Path, workers: int | None = None):
        self._news: deque[tuple[Any, ...]] = deque()
        self._stop = threading.Event()
        threading.Thread(target=self._talk, args=(design, path, workers), daemon=True).start()

    def _talk(self, design: Design, path: Path, workers: int | None) -> None:
        last: tuple[Any, ...] = ()
        asked = False
        process, conn = launch(serve, packed(design), str(path), workers, name="sweep")
        try:
            while True:
                if self._stop.is_set() and not asked:
                    conn.send("stop")
                    asked = True
                if conn.poll(LOOK_EVERY_S):
                    last = conn.recv()
                    self._news.append(last)
        except (EOFError, OSError):
            code = exit_code(process, timeout=PATIENCE_S)
            if not last or last[0] == "progress":
                self._news.append(("failed", f"The sweep's process ended too early ({code}).", ""))
        finally:
            end(process)
            conn.close()

    def poll(self) -> list[tuple[Any, ...]]:
        """Return the messages that arrived since the last call."""
        return [self._news.popleft() for _ in range(len(self._news))]

    def stop(self) -> None:
        """End the sweep early; its last message arrives as usual."""
        self._stop.set()


def packed(design: Design) -> bytes:
    """Pickle a design for another process, with a model class it may not be able to import."""
    import cloudpickle

    from ..model.transfer import pack_model

    options = {
        "vary": design.vary, "repeats": design.repeats, "measure": [m.name for m in design.measure],
        "duration_ms": design.duration_ms, "engine": design.engine,
        "operations": design.operations, "seed": design.seed,
    }  # fmt: skip
    return cloudpickle.dumps((pack_model(design.model), options))


def serve(conn: Connection, design: bytes, path: str, workers: int | None) -> None:
    """Run a sweep and report over ``conn``; end early when asked to, or if nobody listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = threading.Event()

    def listen() -> None:
        with contextlib.suppress(EOFError, OSError):
            conn.recv()
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    try:
        _carry_out(conn, design, path, workers, stop)
    except BrokenPipeError:
        return
    except Exception as error:
        conn.send(("failed", message(error), traceback.format_exc()))


def _carry_out(conn: Connection, design: bytes, path: str, workers: int | None, stop: Any) -> None:
    import pickle

    from ..model.transfer import unpack_model
    from .design import make_design
    from .runner import Progress, run_design

    model, options = pickle.loads(design)
    checked = make_design(unpack_model(model), options.pop("vary"), **options)
    alone = threading.Lock()

    def report(p: Progress) -> None:
        # The page may be closed; the sweep has then been asked to stop.
        try:
            with alone:
                conn.send(("progress", p.state, p.done, p.total, p.failed, p.outcome))
        except OSError:
            stop.set()

    if Path(path).exists():
        journal = Journal(Path(path), checked.settings())
        before = list(journal.outcomes.values())
        journal.close()
        total = len(checked.order())
        for outcome in before:
            conn.send(("progress", "starting", len(before), total, 0, outcome))
    data = run_design(
        checked, scheduler="local", workers=workers, path=path, resume=True, progress=report,
        stop=stop,
    )  # fmt: skip
    conn.send(("done", data.attrs["outcome"]))
