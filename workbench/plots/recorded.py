"""What the plots of recordings share: which recordings they can show, and a live one's memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Plot

from ..engine.frames import Frame
from ..errors import ParameterError, unknown
from ..network import NetworkInfo
from ..recordings import Block, Samples, variable_of
from ..run import Run
from .in_words import with_unit
from .live.view import SLOWER, View

KEPT = 4_000_000  # numbers of a recording that a live plot remembers


def of_kind(run: Run, kinds: Iterable[str]) -> list[str]:
    """The names of a run's recordings whose entries are of these kinds."""
    return [name for name in run.sampled() if run.samples(name).of in kinds]


def chosen(run: Run, name: str | None, kinds: Iterable[str], what: str) -> Samples:
    """The recording of that name, or the first; raises UnknownName, ParameterError."""
    known = of_kind(run, kinds)
    if name is None:
        return run.samples(chosen_name(run, kinds, what))
    if name not in known:
        raise unknown(f"recording of {what}", name, known, owner=run.model)
    return run.samples(name)


def chosen_name(run: Run, kinds: Iterable[str], what: str) -> str:
    """The first recording of these kinds; raises ParameterError where there is none."""
    known = of_kind(run, kinds)
    if not known:
        raise ParameterError(f"This run of {run.model} holds no recording of {what}.")
    return known[0]


class History:
    """Samples of a whole run within bounded memory: where they are too many, every other goes."""

    def __init__(self) -> None:
        self.t: list[float] = []
        self.values: list[np.ndarray] = []
        self.every = 1
        self._seen = 0

    def add(self, block: Block) -> None:
        for t, row in zip(block.t_ms.tolist(), block.values, strict=True):
            if self._seen % self.every == 0:
                self.t.append(t)
                self.values.append(row.astype(np.float32))
            self._seen += 1
        while len(self.t) > 4 and len(self.t) * len(self.values[-1]) > KEPT:
            self.t, self.values = self.t[::2], self.values[::2]
            self.every *= 2

    def at(self, t_ms: float) -> tuple[float, np.ndarray]:
        """The latest sample at ``t_ms`` or before, or the first."""
        k = max(int(np.searchsorted(self.t, t_ms + 1e-9, side="right")) - 1, 0)
        return self.t[k], self.values[k]


class RecordedView(View):
    """A live plot of recordings of some kind; it has no place on the page until there is one.

    kinds    : what the entries of the recordings are
    names    : recordings that can be shown;  selected : the one that is
    """

    kinds: tuple[str, ...] = ("synapses",)
    waits = True  # for the first recording
    nothing = "A recording of synapses appears here: choose one in the card Record."

    def __init__(self, info: NetworkInfo, **options: Any):
        super().__init__(info, **options)
        self.names: tuple[str, ...] = ()
        self.selected = ""
        self._history: dict[str, History] = {}
        self._entries: dict[str, dict[str, np.ndarray]] = {}
        self.source = ColumnDataSource()
        self.root = self._build()
        self._restyle()
        self._set_empty(True)

    def _build(self) -> Plot:
        raise NotImplementedError

    def _name_axes(self) -> None:
        raise NotImplementedError

    def _cleared(self) -> None:
        """Show nothing any more."""
        self.source.data = {k: [] for k in self.source.data}
        self._set_empty(True)

    # -- contract ------------------------------------------------------------------------------

    @property
    def has_data(self) -> bool:
        return bool(self.names)

    @property
    def unit(self) -> str:
        unit = self.info.unit_of(variable_of(self.selected))
        return "" if unit == "1" else unit

    @property
    def now(self) -> History | None:
        found = self._history.get(self.selected)
        return found if found is not None and found.t else None

    @property
    def variable(self) -> str:
        return variable_of(self.selected).rpartition(".")[2]

    @property
    def axis_label(self) -> str:
        """Of recorded synapses: "weight, inhibitory to excitatory (mV)"."""
        owner, _, variable = variable_of(self.selected).rpartition(".")
        return with_unit(self.info.of_synapses(owner, variable), self.unit or "1")

    def update(self, frames: list[Frame], t_ms: float) -> None:
        message = {r.name: r.of for r in self.info.recordables}
        for frame in frames:
            for key, entries in frame.entries.items():
                self._entries[key] = entries
            for key, block in frame.recorded.items():
                if message.get(variable_of(key)) in self.kinds and self._fits(key, block):
                    self._history.setdefault(key, History()).add(block)
                    if key not in self.names:
                        self.names = (*self.names, key)
                    if not self.selected:
                        self.selected = key
                        self._name_axes()
        self.now_ms = t_ms
        if self.names:
            self._advance(t_ms)
            self._soon(self._draw, every_s=SLOWER)

    def _fits(self, key: str, block: Block) -> bool:
        return True

    def _advance(self, t_ms: float) -> None:
        """The present is ``t_ms``."""

    def reset(self) -> None:
        self._history.clear()
        self._entries.clear()
        self.names, self.selected = (), ""
        self._cleared()

    def select(self, name: str) -> None:
        """Show another recording; raises UnknownName with the nearest one."""
        if name not in self.names:
            raise unknown("recording", name, self.names)
        if name != self.selected:
            self.selected = name
            self._cleared()
            self._name_axes()
            self._draw()

    def describe(self) -> str:
        if self.now is None:
            return f"{self.title}: nothing is recorded yet."
        latest = self.now.values[-1]
        unit = f" {self.unit}" if self.unit else ""
        return (
            f"{self.title} of {self.selected}, {len(latest)} of them, at {self.now.t[-1]:g} ms: "
            f"from {latest.min():.4g} to {latest.max():.4g}{unit}."
        )
