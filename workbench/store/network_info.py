"""Convert `NetworkInfo` to and from JSON, for stored runs."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from ..circuits.serialize import from_plain, to_plain
from ..network import NetworkInfo, Population, Projection, Recordable
from .metadata import count, number, text

T = TypeVar("T")

MOST_UNITS = 2**31  # global indices of units are stored in 32 bits
LONGEST_STEP_MS = 1e9


def info_to_json(info: NetworkInfo) -> dict[str, Any]:
    """Convert to plain dicts and lists; the circuit is converted by its own serializer."""
    plain = {f.name: getattr(info, f.name) for f in dataclasses.fields(info) if f.name != "circuit"}
    plain["populations"] = [dataclasses.asdict(p) for p in info.populations]
    plain["projections"] = [dataclasses.asdict(p) for p in info.projections]
    plain["recordables"] = [dataclasses.asdict(r) for r in info.recordables]
    plain["circuit"] = to_plain(info.circuit) if info.circuit is not None else None
    return plain


def info_from_json(plain: dict[str, Any]) -> NetworkInfo:
    """Inverse of `info_to_json`, for what may be damaged.

    raises : KeyError, TypeError or ValueError for missing or unknown fields, and for values of
             another type than the fields have
    """
    dt_ms = float(number(plain["dt_ms"]))
    if not 0 < dt_ms < LONGEST_STEP_MS:
        raise ValueError(f"a time step of {dt_ms} ms")
    populations = tuple(_read(Population, p) for p in plain["populations"])
    if any(p.offset + p.size > MOST_UNITS for p in populations):
        raise ValueError(f"more than {MOST_UNITS} units")
    return NetworkInfo(
        dt_ms=dt_ms,
        tick_ms=float(number(plain["tick_ms"])),
        populations=populations,
        projections=tuple(_read(Projection, p) for p in plain["projections"]),
        traces=_typed(dict[str, str], plain["traces"]),
        watched={text(k): tuple(count(n) for n in v) for k, v in plain["watched"].items()},
        circuit=from_plain(plain["circuit"]) if plain.get("circuit") else None,
        maps=_typed(dict[str, str], plain.get("maps", {})),
        warm_up_ms=float(number(plain.get("warm_up_ms", 0.0))),
        recordables=tuple(_read(Recordable, r) for r in plain.get("recordables", ())),
        labels=_typed(dict[str, str], plain.get("labels", {})),
    )


def _read(kind: type[T], plain: dict[str, Any]) -> T:
    declared = get_type_hints(kind)
    return kind(**{name: _typed(declared[name], value) for name, value in plain.items()})


def _typed(declared: Any, value: Any) -> Any:
    """``value`` as a field of this type has it; raises TypeError or ValueError for another one."""
    if declared is bool and isinstance(value, bool):
        return value
    readers = {str: text, int: count, float: number}
    if declared in readers:
        return readers[declared](value)
    kind, of = get_origin(declared), get_args(declared)
    if kind is Literal and value in of:
        return value
    if kind is tuple and isinstance(value, list) and of[-1] is Ellipsis:
        return tuple(_typed(of[0], v) for v in value)
    if kind is tuple and isinstance(value, list):
        return tuple(_typed(each, v) for each, v in zip(of, value, strict=True))
    if kind is dict and isinstance(value, dict):
        return {text(k): _typed(of[1], v) for k, v in value.items()}
    if type(None) in of:
        return None if value is None else _typed(of[0], value)
    raise TypeError(f"{value!r} where {declared} is expected")
