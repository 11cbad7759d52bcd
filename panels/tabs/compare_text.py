"""What the Compare tab says: which value each side has, what differs, and since when."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, replace

from workbench.comparison.difference import Spike
from workbench.comparison.pair import PairStatus
from workbench.interventions import Intervention
from workbench.model.parameter import Parameter
from workbench.model.slider import slider_range
from workbench.palette import COMPARED
from workbench.plots.in_words import clock, counted

from ..parts.status import ENGINES, speed_text
from .compare_plots import WeightDifferenceView


@dataclass(frozen=True)
class ChosenSide:
    """A comparison: one parameter and its values in A and B."""

    parameter: Parameter
    name: str
    a: float
    b: float

    def value(self, which: str) -> str:
        """What a side has, behind its name."""
        number = self.a if which == "a" else self.b
        return f"{self.parameter.symbol or self.name} = {self.parameter.text(number)}"

    def both(self) -> str:
        """What each side has, as a sentence."""
        return f"A has {self.value('a')}, B {self.value('b')}."

    def on_networks(self, values: dict[str, float]) -> ChosenSide:
        """With what A's network turned out to have."""
        return replace(self, a=values[self.name])


@dataclass(frozen=True)
class ChosenIntervention:
    """A comparison: with and without something that was done."""

    entry: Intervention

    def value(self, which: str) -> str:
        """What a side has, behind its name."""
        what = f"“{self.entry.describe()}” at {clock(self.entry.t_ms)}"
        return f"with {what}" if which == "a" else "without it"

    def both(self) -> str:
        """What each side has, as a sentence."""
        what = f"“{self.entry.describe()}” at {clock(self.entry.t_ms)}"
        return f"A repeats the run, B does too but for {what}."

    def on_networks(self, _values: dict[str, float]) -> ChosenIntervention:
        """It does not depend on the networks."""
        return self


Chosen = ChosenSide | ChosenIntervention


def sentence(chosen: Chosen, counts: dict[str, int], first: Spike | None, t_ms: float) -> str:
    """Describe as HTML what differs and since when."""
    values = html.escape(chosen.both())
    n = counts
    if first is None:
        if not n["both"]:
            return f"{values} No spikes yet."
        return (
            f"{values} <b>Identical so far:</b> {counted(n['both'], 'spike')} until "
            f"{clock(t_ms)}, and all of them in both."
        )
    where = f"{first.population.replace('_', ' ')}, neuron {first.neuron}"
    return (
        f"{values} <b>They differ since {first.t_ms:,.6g} ms:</b> {html.escape(where)} spikes "
        f"there in {first.only_in.upper()} only. Until {clock(t_ms)}, A has "
        f"{counted(n['a'], 'spike')} and B {n['b']:,}; {n['both']:,} of them are the same."
    )


def weights_sentence(view: WeightDifferenceView) -> str:
    """Describe by how much weights differ, and in which projection most."""
    name = max(view.differ, key=lambda n: view.differ[n])
    p = next(p for p in view.info.projections if p.name == name)
    unit = "" if p.unit in ("1", "") else f" {p.unit}"
    return f"Weights differ by up to {view.differ[name]:.3g}{unit}, most in {html.escape(p.label)}."


def progress(status: PairStatus, chosen: float | None = None) -> str:
    """Short description of the pair's status.

    chosen : the speed that was asked for, in ms/s; None: as fast as possible
    """
    if status.state in ("building", "compiling"):
        share = f", {100 * status.progress:.0f} %" if status.progress else ""
        return (status.message or "Building two networks") + share
    parts = [status.state, ENGINES.get(status.engine, status.engine), f"t = {clock(status.t_ms)}"]
    if status.state == "running" and status.speed:
        parts.append(speed_text(status.speed, math.inf if chosen is None else chosen))
    return " · ".join(p for p in parts if p)


def only_named(parameter: Parameter) -> bool:
    """Whether each value that is allowed has a name."""
    return bool(parameter.choices) and parameter.bounds[1] < len(parameter.choices)


def other_value(parameter: Parameter, value: float) -> float:
    """Return a value in the slider's range that differs from ``value`` by about a quarter."""
    low, high = slider_range(parameter)
    for wanted in (1.25 * value, 0.75 * value, high, low):
        rounded = float(f"{wanted:.3g}")
        number = round(rounded) if parameter.integer else rounded
        if low <= number <= high and number != value:
            return number
    return value


def color_key(chosen: Chosen, dark: bool) -> str:
    a, b, same = COMPARED[dark]
    parts = (
        (a, f"only in A, {chosen.value('a')}"),
        (b, f"only in B, {chosen.value('b')}"),
        (same, "in both"),
    )
    spans = (
        f'<span><i style="background:{c}"></i>{html.escape(message)}</span>' for c, message in parts
    )
    return f'<div class="key">{"".join(spans)}</div>'


def label(name: str, parameter: Parameter) -> str:
    symbol = f"{parameter.symbol}  " if parameter.symbol and parameter.symbol != name else ""
    return symbol + name
