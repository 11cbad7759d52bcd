"""What the environment may say: each variable, what it is for, and what is allowed."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from .errors import ParameterError
from .model.misread import quoted
from .model.units import read

PNG_DPI = 600  # dots per inch of an image on paper


@dataclass(frozen=True)
class Number:
    """A variable of the environment that holds a number."""

    name: str
    doc: str
    usual: float
    lowest: float = 0.0
    highest: float = math.inf

    def read(self) -> float:
        """The number given, or the usual one.

        raises : ParameterError when it is none, or outside what is allowed
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
    "plots a second, at most; fewer leave more of a slow machine to the simulation",
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
}
