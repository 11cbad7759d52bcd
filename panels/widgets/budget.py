"""`Budget`: work that may take a share of the time of a server, which many pages have to share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """Time that may go into something.

    share  : of the time that passes
    most_s : what was not used is kept up to this, for a burst
    """

    def __init__(self, share: float, most_s: float):
        self._share, self._most_s = share, most_s
        self._left_s, self._at = most_s, time.monotonic()

    @property
    def is_left(self) -> bool:
        """Whether some is left; the next piece of work may take more than that."""
        return self._left_now() > 0

    @contextmanager
    def spent(self) -> Iterator[None]:
        """What is done inside is paid for."""
        self._left_now()
        began = time.monotonic()
        try:
            yield
        finally:
            self._left_s -= time.monotonic() - began

    def _left_now(self) -> float:
        now = time.monotonic()
        self._left_s = min(self._most_s, self._left_s + self._share * max(0.0, now - self._at))
        self._at = now
        return self._left_s
