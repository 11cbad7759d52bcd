"""A sweep in a process of its own, for whoever must not wait for it: the app's page.

The page's process neither loads Brian2 nor Dask; it gets every result as it is kept. When it ends,
or calls ``stop``, the sweep ends as after Ctrl-C: what is finished is in its folder.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from pathlib import Path
from typing import Any

from ..errors import message
from ..family import leave
from .child_process import Child, Conn
from .design import Design
from .journal import Journal

PATIENCE_S = 20.0  # for a sweep to end by itself after it was told to


class Background:
    """Carries ``design`` out; ``poll()`` says what happened since the last call, never waiting.

    News are ("progress", state, done, total, failed, outcome or None), and in the end
    ("done", outcome of the sweep) or ("failed", sentence, traceback).
    """

    def __init__(self, design: Design, path: Path, workers: int | None = None):
        self._news: deque[tuple[Any, ...]] = deque()
        self._child = Child(f"{__name__}:serve", {"DASK_LOGGING__DISTRIBUTED": "critical"})
        threading.Thread(target=self._talk, args=(design, path, workers), daemon=True).start()

    def _talk(self, design: Design, path: Path, workers: int | None) -> None:
        last: tuple[Any, ...] = ()
        try:
            self._child.send((packed(design), str(path), workers))
            while True:
                last = self._child.recv()
                self._news.append(last)
        except EOFError:
            if not last or last[0] == "progress":
                code = self._child.process.wait()
                self._news.append(("failed", f"The sweep's process ended too early ({code}).", ""))
            self._child.kill()

    def poll(self) -> list[tuple[Any, ...]]:
        """What arrived since the last call."""
        return [self._news.popleft() for _ in range(len(self._news))]

    def stop(self) -> None:
        """Have it end early; the news of its end come as always."""
        self._child.hang_up()


def packed(design: Design) -> bytes:
    """A design as another process reads it, with a model class that it may not find by itself."""
    import cloudpickle

    from ..model.transfer import pack_model

    options = {
        "vary": design.vary, "repeats": design.repeats, "measure": [m.name for m in design.measure],
        "duration_ms": design.duration_ms, "engine": design.engine,
        "operations": design.operations, "seed": design.seed,
    }  # fmt: skip
    return cloudpickle.dumps((pack_model(design.model), options))


def serve(conn: Conn) -> None:
    """Carry out the sweep that is sent; end early when whoever sent it hangs up."""
    stop = threading.Event()

    def gone() -> None:
        stop.set()
        timer = threading.Timer(PATIENCE_S, leave)
        timer.daemon = True
        timer.start()

    conn.start(on_gone=gone)
    design, path, workers = conn.recv()
    try:
        _carry_out(conn, design, path, workers, stop)
    except BrokenPipeError:
        return
    except Exception as error:
        conn.send(("failed", message(error), traceback.format_exc()))


def _carry_out(conn: Conn, design: bytes, path: str, workers: int | None, stop: Any) -> None:
    import pickle

    from ..model.transfer import unpack_model
    from .design import make_design
    from .runner import Progress, run_design

    model, options = pickle.loads(design)
    checked = make_design(unpack_model(model), options.pop("vary"), **options)
    alone = threading.Lock()

    def report(p: Progress) -> None:
        # The page may be gone; the sweep has then been told to stop.
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
