"""What was done to a run, packed for an address and read from one."""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from ..errors import ParameterError, unknown
from ..interventions import Intervention
from ..model.misread import shortened
from ..model.model import Model
from ..model.operation import Inject, options_of
from ..model.units import number_of

MOST_BYTES = 200_000  # that may come out of an address
NOT_READ = "What the link says was done to the run cannot be read: copy the link again."


def pack(log: Sequence[Intervention]) -> str:
    """The log in characters that need no quoting in an address; "" for an empty one."""
    if not log:
        return ""
    plain = json.dumps([_row(e) for e in log], separators=(",", ":"), allow_nan=False)
    return urlsafe_b64encode(zlib.compress(plain.encode(), 9)).decode().rstrip("=")


def _row(entry: Intervention) -> list[Any]:
    if entry.is_change:
        return [entry.tick, "set", entry.name, entry.value, entry.was]
    return [entry.tick, entry.kind, entry.name, entry.args]


def unpack(text: str, model: Model, end: int) -> tuple[Intervention, ...]:
    """The log that `pack` made, each entry checked as if it was done now.

    model : with the values of now;  end : the tick until which the run had come
    raises : ParameterError or UnknownName for what is none, or does not fit the model
    """
    found = []
    for row in _rows(text):
        if not isinstance(row, list) or not 4 <= len(row) <= 5:
            raise ParameterError(NOT_READ)
        tick, kind, name, *what = row
        if not (_is_whole(tick) and isinstance(kind, str) and isinstance(name, str)):
            raise ParameterError(NOT_READ)
        if not 0 <= tick <= end:
            raise ParameterError(
                f"The link says that {shortened(name)} was changed at tick {shortened(tick)}, "
                f"outside of its run of {end} ticks."
            )
        read = {"set": _change, "operation": _operation, "input": _operation, "engine": _engine}
        if kind not in read:
            raise unknown("kind of intervention", shortened(kind), read)
        found.append(read[kind](model, tick, kind, name, what))
    return tuple(found)


def _rows(text: str) -> list[Any]:
    try:
        packed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(packed, MOST_BYTES)
        if not unpacking.eof:
            raise ParameterError(NOT_READ)
        rows = json.loads(plain.decode(), parse_constant=_refuse)
    except (ValueError, binascii.Error, zlib.error, RecursionError) as error:
        raise ParameterError(NOT_READ) from error
    if not isinstance(rows, list):
        raise ParameterError(NOT_READ)
    return rows


def _refuse(constant: str) -> float:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def _change(model: Model, tick: int, _kind: str, name: str, what: list[Any]) -> Intervention:
    parameter = model.parameter(name)
    if not parameter.live:
        raise ParameterError(f"{name} cannot change while the model runs, as the link says it did.")
    values = [parameter.convert(v) if _is_number(v) else None for v in what]
    if len(values) != 2 or None in values:
        raise ParameterError(NOT_READ)
    for value in values:
        parameter.check(value)
    value, was = (float(v) if not parameter.integer else v for v in values if v is not None)
    return Intervention.of_change(model, tick, tick * model.tick_ms, name, was, value)


def _operation(model: Model, tick: int, kind: Any, name: str, what: list[Any]) -> Intervention:
    kinds = {cls.__name__: cls for cls in (*model.operations, Inject)}
    if name not in kinds:
        raise unknown("operation", shortened(name), kinds, owner=model.slug)
    fields = options_of(kinds[name])
    args = what[0]
    if len(what) != 1 or not isinstance(args, dict):
        raise ParameterError(NOT_READ)
    for key, value in args.items():
        if key not in fields:
            raise unknown("option", shortened(key), fields, owner=name)
        if not _fits(value, fields[key][0]):
            raise ParameterError(
                f"{name}.{key} = {shortened(value)} is not allowed: it must be like "
                f"{shortened(fields[key][0])}."
            )
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in args.items()}
    operation = kinds[name](t_ms=tick * model.tick_ms, **given)
    operation.check(model)
    return Intervention.of_operation(model, tick, operation, kind)


def _engine(model: Model, tick: int, _kind: str, name: str, what: list[Any]) -> Intervention:
    seed = what[0].get("seed") if isinstance(what[0], dict) else None
    if name != "compiled" or not (isinstance(seed, int) and 0 <= seed < 2**32):
        raise ParameterError(NOT_READ)
    return Intervention.of_engine(tick, tick * model.tick_ms, name, seed)


def _fits(value: Any, default: Any) -> bool:
    """Whether a value from JSON is of the kind of an operation's default."""
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, tuple):
        return isinstance(value, list) and all(_is_number(v) or isinstance(v, str) for v in value)
    if isinstance(default, int):
        return _is_whole(value)
    if isinstance(default, float):
        return _is_number(value)
    return isinstance(value, type(default))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    number_of(value, what="a number of the link")  # raises for one that no float holds
    return True
