"""How much the runs that are kept may take on the disk of a server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from filelock import FileLock

from workbench.catalogue import Catalogue
from workbench.catalogue.entry import read_entry
from workbench.disk_errors import failing, megabytes
from workbench.errors import ParameterError
from workbench.run import Run

# Many small runs make lists slow for everybody who looks at them: each counts as so much at least.
LEAST_BYTES = 10**6
LOCK = ".keeping.lock"


class Quota:
    """What the runs in one catalogue may take: those of a person, or those that all share.

    most_gb : None for no limit; `panels.serving` sets it
    """

    most_gb: float | None = None


@contextlib.contextmanager
def room(catalogue: Catalogue, run: Run, shared: bool = False) -> Iterator[None]:
    """See that ``run`` may be kept there, as `need_room` does, until it is.

    Otherwise several pages that keep a run at once would each find the room for one.
    """
    if Quota.most_gb is None:
        yield
        return
    lock = FileLock(catalogue.folder / LOCK)  # of all web processes
    with failing(catalogue.folder):
        catalogue.folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        need_room(catalogue, run, shared)
        yield
    finally:
        lock.release()


def need_room(catalogue: Catalogue, run: Run, shared: bool = False) -> None:
    """See that one more run may be kept there.

    shared : it is the catalogue that all share
    raises : ParameterError if it may not
    """
    if Quota.most_gb is None:
        return
    used = sum(max(LEAST_BYTES, entry.size) for entry in catalogue.entries())
    more = max(LEAST_BYTES, 0 if run.path is None else read_entry(run.path).size)
    if used + more > Quota.most_gb * 1e9:
        whose, do = ("Shared", "ask who looks after it") if shared else ("Your", "delete some")
        raise ParameterError(
            f"{whose} runs take {megabytes(used)} of the {megabytes(round(Quota.most_gb * 1e9))} "
            f"that this server allows, and this one takes {megabytes(more)}: {do}."
        )
