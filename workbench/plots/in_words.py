"""Numbers as people write them, for the page and for descriptions of plots."""

from __future__ import annotations

from ..numerals import unit_text

_IN_NAMES = ("ms", "mV", "nA", "nS", "Hz")  # units with which names of plain numbers end


def with_unit(what: str, unit: str) -> str:
    """``rate r (Hz)``: what a state is, and its unit, as an axis names them.

    A number that carries its unit in its name, ``v_soma_mV``, is shown as if it were declared.
    """
    stem, _, last = what.rpartition("_")
    if unit == "1" and stem and last in _IN_NAMES:
        what, unit = stem, last
    shown, what = unit_text(unit), what.replace("_", " ")
    return f"{what} ({shown})" if shown else what


def whose(what: str, population: str) -> str:
    """``neuron, pool``: what an axis counts, and of which population.

    A population that is called what is counted says nothing more: ``neuron`` of "neurons".
    """
    name = population.replace("_", " ")
    last = what.split()[-1].lower()
    return what if name.lower() in ("", last, f"{last}s") else f"{what}, {name}"


def counted(n: int, noun: str) -> str:
    """``1 neuron``, ``4,000 neurons``."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def clock(t_ms: float) -> str:
    """A moment of simulated time: ``120 ms`` or ``12.48 s``."""
    return f"{t_ms:g} ms" if t_ms < 1000 else f"{t_ms / 1000:.2f} s"
