"""``workbench cache``: list and clear the cache of compiled simulations."""

from __future__ import annotations

import time

from ..engine.compiled import cache as binary_cache
from .output import echo, table


def list_kept() -> None:
    """List the compiled simulations, the most recently used first."""
    kept = binary_cache.kept()
    rows = [
        (k.model, f"{k.bytes / 1e6:.1f}", time.strftime("%Y-%m-%d %H:%M", time.localtime(k.used)),
         k.key)
        for k in kept
    ]  # fmt: skip
    if rows:
        table(["model", "MB", "last used", "name"], rows, right=["MB"])
    total = sum(k.bytes for k in kept)
    echo(
        f"{len(kept)} compiled, {total / 1e6:.1f} MB of at most "
        f"{binary_cache.max_bytes() / 1e6:.0f} MB, in {binary_cache.folder()}"
    )


def clear() -> None:
    """Remove all compiled simulations; they are compiled again when needed."""
    echo(f"{binary_cache.clear()} removed from {binary_cache.folder()}")
