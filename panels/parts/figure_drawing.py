"""Draws the figure of a page in a process of its own, which stays for a while: redrawing is quick.

What is asked for is plain data; the runs are read from their copies on disk.
"""

from __future__ import annotations

import base64
import contextlib
import io
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from workbench.engine.process import end_soon, launch
from workbench.errors import WorkbenchError, message
from workbench.figures.composed import FigurePage, Panel
from workbench.plots.registry import adopt, packed
from workbench.run import Run

from ..widgets.file_size import Largest, not_too_large

IDLE_S = 180.0  # then the process ends; the next drawing starts another one
PREVIEW_DPI = 220


@dataclass(frozen=True)
class PanelAsked:
    """A `Panel` as plain data: ``run`` is the place of a run, ``layout`` the panel's other fields.

    seen : what a card showed, where it is no plot of a run
    """

    run: str
    plot: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    seen: Any = None
    layout: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FigureAsked:
    """A `FigurePage` as plain data."""

    page: dict[str, Any]
    panels: tuple[PanelAsked, ...]

    def made(self) -> FigurePage:
        """The page, with its runs read; raises what `FigurePage` and `Panel` raise."""
        page = FigurePage(**self.page)
        for asked in self.panels:
            run = _opened(asked.run) if asked.run else None
            page.append(Panel(run, asked.plot, asked.options, asked.seen, **asked.layout))
        return page


@dataclass(frozen=True)
class Drawn:
    """What the browser shows: an image as an address, its size in mm, and words."""

    image: str
    size_mm: tuple[float, float]
    caption: str
    notes: tuple[str, ...]


@lru_cache(maxsize=4)
def _opened(path: str) -> Run:
    from workbench.store import open_run

    return open_run(path)


def drawn(asked: FigureAsked) -> Drawn:
    """The figure as an image of the size on paper."""
    from workbench.figures.drawing import drawing

    page = asked.made()
    figure = page.draw()
    buffer = io.BytesIO()
    with drawing(page.lettering):
        figure.savefig(buffer, format="png", dpi=PREVIEW_DPI)
    width, height = (float(inches) * 25.4 for inches in figure.get_size_inches())
    image = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return Drawn(image, (width, height), page.caption(), tuple(page.warnings(height)))


def file_of(asked: FigureAsked, fmt: str) -> bytes:
    """The figure as a file: pdf, svg, png, or zip with all that redraws it."""
    from workbench.figures.page_file import packed as packed_page

    page = asked.made()
    return packed_page(page) if fmt == "zip" else page.encode(fmt)


class FigureDrawing:
    """Draws one figure after another; ``poll`` returns the latest that is done."""

    def __init__(self) -> None:
        self._process: Any = None
        self._conn: Any = None
        self._one = threading.Lock()  # a question at a time
        self._news: deque[tuple[str, Any]] = deque()
        self.busy = self._over = False

    def ask(self, asked: FigureAsked) -> None:
        """Draw it; not while ``busy``."""
        self.busy = True

        def draw() -> None:
            self._news.append(self._answer(drawn, asked))

        threading.Thread(target=draw, daemon=True).start()

    def file(self, asked: FigureAsked, fmt: str) -> bytes:
        """The figure as a file, as `file_of`; waits for it. Raises WorkbenchError."""
        what, found = self._answer(file_of, asked, fmt)
        if what == "failed":
            raise WorkbenchError(found)
        content: bytes = found
        return content

    def poll(self) -> tuple[str, Any] | None:
        """("done", `Drawn`) or ("failed", sentence), once; None while there is nothing new."""
        if not self._news:
            return None
        self.busy = False
        return self._news.popleft()

    def end(self) -> None:
        """Nothing more is drawn, also not what was asked for before."""
        self._over = True
        if self._process is not None:
            end_soon(self._process)
            self._process = None

    def _answer(self, function: Callable[..., Any], *args: Any) -> tuple[str, Any]:
        with self._one:
            for _attempt in range(2):  # it may have ended, for want of work, as it was asked
                try:
                    if self._process is None and not self._over:
                        self._process, self._conn = launch(
                            _serve, packed(), Largest.mb, name="workbench-figure"
                        )
                    if self._over:  # the page may have closed while the process was started
                        self.end()
                        break
                    self._conn.send((function, args))
                    answer: tuple[str, Any] = self._conn.recv()
                    return answer
                except (EOFError, OSError):
                    self._process = None
        return "failed", "The figure could not be drawn: try again."


def _serve(conn: Any, plots: bytes, most_mb: float) -> None:
    adopt(plots)
    with contextlib.suppress(EOFError, OSError):
        while conn.poll(IDLE_S):
            function, args = conn.recv()
            try:
                answer: tuple[str, Any] = ("done", not_too_large(function(*args), most_mb))
            except Exception as error:
                answer = ("failed", message(error))
            conn.send(answer)
    conn.close()
