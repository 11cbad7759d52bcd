"""Seed and engine: what a run starts from besides the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

ENGINES = {"automatic": "auto", "NumPy": "numpy", "Cython": "cython", "compiled": "compiled"}


class SeedAndEngine:
    """Two fields; a change starts a new run: ``on_change(why)``."""

    def __init__(self, on_change: Callable[[str], Any]):
        self._seed = pmui.IntInput(
            label="Seed", value=1, start=0, size="small", width=96, margin=(0, 8, 0, 0),
            css_classes=["wb-seed"],
        )  # fmt: skip
        self._engine = pmui.Select(
            label="Engine", options=ENGINES, value="auto", size="small", width=160, margin=0,
            css_classes=["wb-engine"],
        )  # fmt: skip
        self._seed.param.watch(lambda e: on_change(f"new seed: {e.new}"), "value")
        self._engine.param.watch(lambda e: on_change(f"other engine: {e.new}"), "value")
        self.view = pn.Row(self._seed, self._engine, margin=(14, 12, 4, 12))

    @property
    def seed(self) -> int:
        return int(self._seed.value or 0)

    @property
    def engine(self) -> str:
        return str(self._engine.value)
