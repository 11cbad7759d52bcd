"""What `engines.py` makes of its measurements: rates held to each other, paired ratios, a table.

No simulator is imported here.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BEGIN, END = "<!-- engines: begin -->", "<!-- engines: end -->"
# Rates of one kind of network may differ so much between programs, as each draws connections and
# first values of its own. See "How to read it" in docs/speed.md for what was seen.
TOLERANCE = 0.1


@dataclass(frozen=True)
class Stretch:
    """What a program took for ``simulated_s`` seconds, and how many spikes there were."""

    simulated_s: float
    wall_s: float
    cpu_s: float
    spikes: float


@dataclass
class Measured:
    """One program with one network: a stretch for each round, or why there is none."""

    network: str
    program: str
    neurons: int
    stretches: list[Stretch] = field(default_factory=list)
    reason: str = ""

    @property
    def rate_hz(self) -> float:
        """The mean rate of a neuron in all stretches."""
        spikes = sum(s.spikes for s in self.stretches)
        return spikes / self.neurons / sum(s.simulated_s for s in self.stretches)

    def per_s(self, which: str) -> list[float]:
        """``wall_s`` or ``cpu_s`` of each stretch for one simulated second."""
        return [getattr(s, which) / s.simulated_s for s in self.stretches]


def times_as_fast(found: Measured, base: Measured, which: str = "wall_s") -> list[float]:
    """How many times as fast as ``base`` a program is, round by round, by ``wall_s`` or ``cpu_s``.

    raises : ValueError if they have not the same number of rounds
    """
    pairs = zip(base.per_s(which), found.per_s(which), strict=True)
    return [theirs / own for theirs, own in pairs]


def rate_differs(found: Measured, base: Measured) -> bool:
    """Whether two rates are further apart than ``TOLERANCE`` of the base's."""
    return abs(found.rate_hz - base.rate_hz) > TOLERANCE * base.rate_hz


def spread(values: Sequence[float]) -> str:
    """Median with the smallest and the largest, in three digits."""
    middle, least, most = (
        f"{v:.3g}" for v in (statistics.median(values), min(values), max(values))
    )
    return f"{middle} [{least}-{most}]"


def row(found: Measured, base: Measured | None, labels: Mapping[str, str]) -> str:
    """One row of the table; ``base`` is what the ratio is to, None where it could not run."""
    name = labels.get(found.program, found.program)
    if found.reason:
        return f"| {found.network} | {name} | not measured: {found.reason} | | | | |"
    rate, cells = f"{found.rate_hz:.2f}", []
    if base is found:
        base = None
    if base is not None and rate_differs(found, base):
        rate += f", **differs by more than {TOLERANCE:.0%}**"
    for which in ("wall_s", "cpu_s"):
        cells.append(spread(found.per_s(which)))
        cells.append(spread(times_as_fast(found, base, which)) if base else "")
    return f"| {' | '.join((found.network, name, rate, *cells))} |"


def table(
    measured: Sequence[Measured], base: str, labels: Mapping[str, str], conditions: Sequence[str]
) -> str:
    """The whole text between the markers: conditions, then a row for each program and network.

    base       : the program that ratios are to
    labels     : program -> its name in the table
    conditions : sentences on date, machine, versions and number of rounds
    """
    lines = [
        *conditions, "",
        "| network | program | mean rate (Hz) | wall s per simulated s | times as fast as "
        f"{labels.get(base, base)} | CPU s per simulated s | times as fast by CPU time |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    bases = {m.network: m for m in measured if m.program == base and not m.reason}
    lines += [row(m, bases.get(m.network), labels) for m in measured]
    return "\n".join(lines)


def replaced(text: str, new: str) -> str:
    """``text`` with ``new`` between the markers. Raises ValueError where one is missing."""
    if not text.count(BEGIN) == text.count(END) == 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the file needs the lines {BEGIN} and {END}, once each in this order")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{new}\n{END}{rest.partition(END)[2]}"
