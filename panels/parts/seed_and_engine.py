"""Seed and engine: what a run starts from besides the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from ..widgets.error_alert import ErrorAlert
from ..widgets.number_field import NumberField, text_of

ENGINES = {"automatic": "auto", "NumPy": "numpy", "Cython": "cython", "compiled": "compiled"}


class SeedAndEngine:
    """Two fields; a change starts a new run: ``on_change(why)``. A seed is read strictly."""

    def __init__(self, on_change: Callable[[str], Any], seed: int = 1, engine: str = "auto"):
        self._message = ErrorAlert(margin=(4, 0))
        self._seed = NumberField(
            seed, "Seed", low=0, high=2**32 - 1, on_error=self._report, label="Seed", size="small",
            width=96, margin=(0, 8, 0, 0), css_classes=["wb-seed"],
        )  # fmt: skip
        self._engine = pmui.Select(
            label="Engine", options=ENGINES, value=engine, size="small", width=160, margin=0,
            css_classes=["wb-engine"],
        )  # fmt: skip
        self._on_change, self._used = on_change, self.seed
        self._quiet = False
        self._seed.param.watch(lambda _e: self._take_seed(), "value")
        self._engine.param.watch(lambda e: self._tell(f"other engine: {e.new}"), "value")
        self.view = pn.Column(
            pn.Row(self._seed, self._engine, margin=0), self._message, margin=(14, 12, 4, 12)
        )

    @property
    def seed(self) -> int:
        """The last seed that was allowed."""
        return int(self._seed.latest)

    def _take_seed(self) -> None:
        if self.seed != self._used:
            self._used = self.seed
            self._tell(f"new seed: {self.seed}")

    def _tell(self, why: str) -> None:
        if not self._quiet:
            self._on_change(why)

    def show(self, seed: int, engine: str) -> None:
        """Show those of a run that is there already."""
        self._quiet = True
        try:
            self._seed.value, self._engine.value = text_of(seed), engine
        finally:
            self._quiet = False

    def _report(self, message: str) -> None:
        self._message.say(message)

    @property
    def engine(self) -> str:
        return str(self._engine.value)
