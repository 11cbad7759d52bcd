"""What is known of a script once it was looked at, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Slider:
    """A number of a script that can be changed.

    value  : in ``unit``; what the script gives it
    live   : True for what equations read at every step; False needs the script to run again
    kind   : "constant" of a namespace, "variable" (shared) of a group, or "literal" of the script
    low, high : the range of the slider, in ``unit``
    line   : of the script that gives it, 0 where that is not one line
    """

    name: str
    value: float | int
    unit: str
    live: bool
    kind: str
    low: float
    high: float
    doc: str = ""
    line: int = 0
    integer: bool = False
    hidden: bool = False
    pinned: bool = False


@dataclass(frozen=True)
class Opening:
    """A script, and what its first run would simulate.

    source   : the text that was looked at, which is what runs
    folder   : where it runs;  args : its command line
    traces   : "population.variable" -> unit, with ``watched``: the neurons of each
    dt_ms    : the shortest time step;  tick_ms : a whole number of steps of all
    duration_ms : of the first run; 0 for a network that the script makes and never runs
    left_out : what cannot be used as it is and why, a sentence each
    """

    path: str
    source: bytes
    args: tuple[str, ...]
    folder: str
    sliders: tuple[Slider, ...]
    traces: dict[str, str]
    watched: dict[str, tuple[int, ...]]
    dt_ms: float
    tick_ms: float
    duration_ms: float
    left_out: tuple[str, ...] = ()
    weight_units: dict[str, str] = field(default_factory=dict)
    populations: tuple[str, ...] = ()
