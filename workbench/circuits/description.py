"""Parameters, per-step operations and recordings that complete the description of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ParameterRow:
    """One declared parameter of a model, with its value in this network.

    value : formatted number and unit
    """

    name: str
    symbol: str
    value: str
    meaning: str = ""
    source: str = ""
    group: str = ""


@dataclass(frozen=True)
class Measurement:
    """The recorded variable, the recorded group, and the sampling times."""

    what: str
    of: str
    when: str


@dataclass(frozen=True)
class Notes:
    """Facts about a network that its diagram does not show.

    purpose, source : of the model, "" without a model
    dt_ms    : integration step, ms
    methods  : (group or synapses, integration method)
    steps    : (group or synapses, statements, when), for operations other than the equations
    measured : what the workbench records
    """

    purpose: str = ""
    source: str = ""
    dt_ms: float | None = None
    parameters: tuple[ParameterRow, ...] = ()
    methods: tuple[tuple[str, str], ...] = ()
    steps: tuple[tuple[str, str, str], ...] = ()
    measured: tuple[Measurement, ...] = ()

    @property
    def symbols(self) -> dict[str, str]:
        """Map from declared parameter to its symbol in the paper."""
        return {p.name: p.symbol for p in self.parameters}


def from_plain(plain: Mapping[str, Any] | None) -> Notes | None:
    """Rebuild Notes from the output of `dataclasses.asdict`, possibly after a JSON round trip."""
    if plain is None:
        return None
    return Notes(
        purpose=plain["purpose"],
        source=plain["source"],
        dt_ms=plain["dt_ms"],
        parameters=tuple(ParameterRow(**p) for p in plain["parameters"]),
        methods=tuple((name, method) for name, method in plain["methods"]),
        steps=tuple((name, code, when) for name, code, when in plain["steps"]),
        measured=tuple(Measurement(**m) for m in plain["measured"]),
    )
