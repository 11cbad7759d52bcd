"""Convert `NetworkInfo` to and from JSON, for stored runs."""

from __future__ import annotations

import dataclasses
from typing import Any

from ..circuits.serialize import from_plain, to_plain
from ..network import NetworkInfo, Population, Projection, Recordable


def info_to_json(info: NetworkInfo) -> dict[str, Any]:
    """Convert to plain dicts and lists; the circuit is converted by its own serializer."""
    plain = {f.name: getattr(info, f.name) for f in dataclasses.fields(info) if f.name != "circuit"}
    plain["populations"] = [dataclasses.asdict(p) for p in info.populations]
    plain["projections"] = [dataclasses.asdict(p) for p in info.projections]
    plain["recordables"] = [dataclasses.asdict(r) for r in info.recordables]
    plain["circuit"] = to_plain(info.circuit) if info.circuit is not None else None
    return plain


def info_from_json(plain: dict[str, Any]) -> NetworkInfo:
    """Inverse of `info_to_json`; raises KeyError or TypeError for missing or unknown fields."""
    return NetworkInfo(
        dt_ms=float(plain["dt_ms"]),
        tick_ms=float(plain["tick_ms"]),
        populations=tuple(Population(**p) for p in plain["populations"]),
        projections=tuple(Projection(**_tuples(p)) for p in plain["projections"]),
        traces=dict(plain["traces"]),
        watched={k: tuple(v) for k, v in plain["watched"].items()},
        circuit=from_plain(plain["circuit"]) if plain.get("circuit") else None,
        maps=dict(plain.get("maps", {})),
        warm_up_ms=float(plain.get("warm_up_ms", 0.0)),
        recordables=tuple(Recordable(**r) for r in plain.get("recordables", ())),
    )


def _tuples(plain: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()}
