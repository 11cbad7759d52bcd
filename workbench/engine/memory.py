"""How much memory a process may use, where the system can tell it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]


def limit_memory(gigabytes: float) -> None:
    """What this process asks for beyond it is refused, as a MemoryError; 0 sets no limit."""
    if resource is None or gigabytes <= 0:
        return
    size = int(gigabytes * 2**30)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or size <= hard:
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


@contextlib.contextmanager
def limited_memory(gigabytes: float) -> Iterator[None]:
    """`limit_memory` until the block ends."""
    before = None if resource is None else resource.getrlimit(resource.RLIMIT_AS)
    limit_memory(gigabytes)
    try:
        yield
    finally:
        if before is not None:
            resource.setrlimit(resource.RLIMIT_AS, before)
