"""Progress bar of a sweep on stderr, with the remaining time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runner import Progress


@contextlib.contextmanager
def shown(progress: bool | Callable[[Progress], Any]) -> Iterator[Callable[[Progress], Any]]:
    """Yield the function to call at every change: the given one, a progress bar, or a no-op."""
    if callable(progress):
        yield progress
        return
    if not progress:
        yield lambda _progress: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    screen = Console(stderr=True, highlight=False)
    bar = Bar(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[failed]}"), TimeElapsedColumn(), TextColumn("left"),
        TimeRemainingColumn(), console=screen, transient=True,
        disable=not (screen.is_terminal or screen.is_jupyter),
    )  # fmt: skip
    with bar:
        task = bar.add_task("starting workers", total=None, failed="")

        def show(now: Progress) -> None:
            text = "starting workers" if now.state == "starting" else f"sweep {now.state}"
            failed = f"{now.failed} failed" if now.failed else ""
            if bar.tasks[0].total is None and now.state == "running":
                bar.reset(task)  # resumed runs must not enter the estimate of the remaining time
            bar.update(task, description=text, total=now.total, completed=now.done, failed=failed)

        yield show
