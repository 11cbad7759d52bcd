"""Helpers for running functions in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Parallel:
    """Run functions in threads; leaving the block waits for all and re-raises the first error."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[Exception] = []

    def run(self, function: Callable[..., Any], *args: Any) -> None:
        def work() -> None:
            try:
                function(*args)
            except Exception as error:
                self._errors.append(error)

        self._threads.append(threading.Thread(target=work, daemon=True))
        self._threads[-1].start()

    def __enter__(self) -> Parallel:
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]


def answer_with(task: Callable[[], Any], answer: Future[Any] | None) -> None:
    """Run ``task`` and set its result or exception on ``answer``."""
    try:
        value = task()
    except Exception as error:
        if answer is None:
            raise
        answer.set_exception(error)
    else:
        if answer is not None:
            answer.set_result(value)
