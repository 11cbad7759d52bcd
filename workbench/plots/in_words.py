"""Numbers as people write them, for the page and for descriptions of plots."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """``1 neuron``, ``4,000 neurons``."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def clock(t_ms: float) -> str:
    """A moment of simulated time: ``120 ms`` or ``12.48 s``."""
    return f"{t_ms:g} ms" if t_ms < 1000 else f"{t_ms / 1000:.2f} s"
