"""Environment variables of the workbench, with their meaning and allowed values."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from .errors import ParameterError
from .model.misread import quoted
from .model.units import read

PNG_DPI = 600  # resolution of exported PNG figures


def processors() -> int:
    """How many this process may use: on a node of a cluster, those that its job was given."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Number:
    """An environment variable that holds a number."""

    name: str
    doc: str
    usual: float
    lowest: float = 0.0
    highest: float = math.inf

    def read(self) -> float:
        """Return the given number, or the default.

        raises : ParameterError if it is not a number, or outside the allowed range
        """
        given = os.environ.get(self.name, f"{self.usual:g}")
        try:
            found = read(given, what=self.name)
            if not self.lowest <= found <= self.highest:
                raise ParameterError("")
        except ParameterError:
            to = f"to {self.highest:g}" if self.highest < math.inf else "on"
            raise ParameterError(
                f"{self.name} = {quoted(given)} is not allowed: it must be a number from "
                f"{self.lowest:g} {to}."
            ) from None
        return found


FPS = Number(
    "WORKBENCH_FPS",
    "plots a second, at most, and twice as many while something is changed; fewer leave more of a "
    "slow machine to the simulation",
    30,
    5,
    120,
)
MEMORY_GB = Number("WORKBENCH_MEMORY_GB", "what one simulation may use; 0 sets no limit", 8)
RECORD_GB = Number(
    "WORKBENCH_RECORD_GB",
    "a live simulation without an end pauses when it has recorded so much, before compression, and "
    "asks whether to go on; 0 sets no limit",
    20,
)
CACHE_GB = Number("WORKBENCH_CACHE_GB", "compiled simulations that are kept", 2)
NUMBERS = (FPS, MEMORY_GB, RECORD_GB, CACHE_GB)

PLACES = {
    "WORKBENCH_MODELS": "folders with models of your own, separated like those of PATH",
    "WORKBENCH_RUNS": "where runs are kept; by default below the user's data folder. Sessions "
    "record in `live` below it while they run; by default in the user's cache folder",
    "WORKBENCH_CACHE": "what can be made again: compiled simulations, downloads; by default in "
    "the user's cache folder",
    "WORKBENCH_BUILD": "0 forbids that simulations are compiled while you work with another engine",
    "WORKBENCH_DATA": "published recordings and weights, each data set in a folder of its name",
    "WORKBENCH_WITHOUT": "patches of Bokeh and Panel that are left out, by name, with commas "
    "between them, to find out what one of them does; panels/bokeh_internals/patches.py lists them",
}


def left_out() -> frozenset[str]:
    """Names of the patches that the environment asks to leave out."""
    given = os.environ.get("WORKBENCH_WITHOUT", "")
    return frozenset(name.strip() for name in given.split(",") if name.strip())
