"""Who still reads the record of a run: a run that ends is thrown away when they have done.

What is read for the page itself, as a file that it is to save, is waited for as long as there is
the page.
"""

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
        self._reading: Counter[tuple[int, bool]] = Counter()  # session, and whether for the page
        self._gone = False

    def reading(self, session: Any, for_page: bool = False) -> Reading:
        """Somebody reads the record of this session from now on, until the ``with`` ends.

        for_page : it is of no use once the page is closed
        """
        return Reading(self, session, for_page)

    def add(self, session: Any, for_page: bool, more: int) -> None:
        """So many more read it; called by `Reading`."""
        with self._changed:
            who = id(session), for_page
            self._reading[who] += more
            if not self._reading[who]:
                del self._reading[who]
            self._changed.notify_all()

    def leave(self) -> None:
        """The page is closed."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def close(self, session: Any) -> None:
        """Close a session once nobody reads its record any more; called in a thread."""
        with self._changed:
            if self._read(session):
                with contextlib.suppress(WorkbenchError):  # it was never started
                    session.pause()
                self._changed.wait_for(lambda: not self._read(session))
        session.close()

    def _read(self, session: Any) -> bool:
        for_page = 0 if self._gone else self._reading[id(session), True]
        return bool(self._reading[id(session), False] or for_page)


class Reading:
    """``with`` gives what returns the run so far. Counts from when it is made."""

    def __init__(self, readers: Readers, session: Any, for_page: bool = False):
        self._readers, self._session, self._for_page = readers, session, for_page
        readers.add(session, for_page, 1)

    def __enter__(self) -> Callable[[], Run]:
        return lambda: self._session.run_so_far()

    def __exit__(self, *_: object) -> None:
        self._readers.add(self._session, self._for_page, -1)
