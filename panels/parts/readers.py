"""Who still reads the record of a run: a run that ends is thrown away when they have done."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from workbench.errors import WorkbenchError
from workbench.run import Run


class Readers:
    """Of one page, of all its sessions."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reading: Counter[int] = Counter()

    def reading(self, session: Any) -> Reading:
        """Somebody reads the record of this session from now on, until the ``with`` ends."""
        return Reading(self, session)

    def add(self, session: Any, more: int) -> None:
        """So many more read it; called by `Reading`."""
        with self._changed:
            self._reading[id(session)] += more
            if not self._reading[id(session)]:
                del self._reading[id(session)]
            self._changed.notify_all()

    def close(self, session: Any) -> None:
        """Close a session once nobody reads its record any more; called in a thread."""
        with self._changed:
            if id(session) in self._reading:
                with contextlib.suppress(WorkbenchError):  # it was never started
                    session.pause()
                self._changed.wait_for(lambda: id(session) not in self._reading)
        session.close()


class Reading:
    """``with`` gives what returns the run so far. Counts from when it is made."""

    def __init__(self, readers: Readers, session: Any):
        self._readers, self._session = readers, session
        readers.add(session, 1)

    def __enter__(self) -> Callable[[], Run]:
        return lambda: self._session.run_so_far()

    def __exit__(self, *_: object) -> None:
        self._readers.add(self._session, -1)
