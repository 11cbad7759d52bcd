"""What a description needs beside populations and projections: parameters, steps, measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ParameterRow:
    """One declared parameter of a model, with the value it has in this network.

    value : number and unit, as people write them
    """

    name: str
    symbol: str
    value: str
    meaning: str = ""
    source: str = ""
    group: str = ""


@dataclass(frozen=True)
class Measurement:
    """What is recorded, of what, and how often."""

    what: str
    of: str
    when: str


@dataclass(frozen=True)
class Notes:
    """Facts about a network that no plot shows.

    purpose, source : of the model, where it is one
    dt_ms    : integration step, ms
    methods  : (group or synapses, method of integration)
    steps    : (group or synapses, statements, when): what is done beside the equations
    measured : what the workbench records of it
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
        """Declared parameter -> how the paper writes it."""
        return {p.name: p.symbol for p in self.parameters}


def from_plain(plain: Mapping[str, Any] | None) -> Notes | None:
    """Notes from what `dataclasses.asdict` made of them, and JSON after it."""
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
