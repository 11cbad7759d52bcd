"""Parse ``name=value`` pairs, and operations such as ``learn cue=0 content=0,1 at=5``."""

from __future__ import annotations

import dataclasses
import shlex
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ParameterError, unknown
from ..formats.parameters import read_parameters
from ..model.misread import quoted, shortened
from ..model.model import Model
from ..model.operation import Operation
from ..model.units import read, read_whole, unit_of_name


def pairs(texts: Iterable[str], example: str) -> dict[str, str]:
    """Convert ``["a=1", "b=2"]`` to a dict; raises ParameterError for anything else."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ParameterError(
                f"{quoted(text)} cannot be read: write name=value, such as {example}."
            )
        if name.strip() in found:
            raise ParameterError(f"{quoted(name.strip())} is given twice; give it once.")
        found[name.strip()] = value.strip()
    return found


def model_with(cls: type[Model], settings: Iterable[str], parameters: Path | None = None) -> Model:
    """Create a model with parameters set from ``name=value``; values may have units.

    parameters : a file of them, in their declared units; ``settings`` go before
    """
    names = list(cls.parameters())
    given = {} if parameters is None else read_parameters(parameters)
    return cls(**{**given, **pairs(settings, f"{names[0] if names else 'name'}=1")})


def operation_name(cls: type[Operation]) -> str:
    """Convert a class name: ``RecallByCue`` -> ``recall-by-cue``."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


def operation_syntax(cls: type[Operation]) -> str:
    """Syntax of an operation, such as ``learn cue=INT content=INT,INT,... at=MS``."""
    words = {int: "INT", float: "NUMBER", str: "TEXT", bool: "yes|no"}
    parts = [operation_name(cls)]
    for name, (item, several) in _fields(cls).items():
        word = words.get(item, "TEXT")
        parts.append(f"{name}={word},{word},..." if several else f"{name}={word}")
    return " ".join([*parts, "at=MS"])


def operation(model: Model, text: str) -> Operation:
    """Parse one operation of ``model``; ``at`` is its time in ms.

    raises : UnknownName for an unknown name, ParameterError for an invalid value
    """
    known = {operation_name(c): c for c in model.operations}
    try:
        verb, *rest = shlex.split(text)
    except ValueError:
        raise ParameterError(f"{quoted(text)} cannot be read: {_usage(known)}") from None
    wanted = {_folded(k): c for k, c in known.items()}
    if _folded(verb) not in wanted:
        raise unknown("operation", verb, known, owner=model.slug)
    cls = wanted[_folded(verb)]
    syntax = operation_syntax(cls)
    given = pairs(rest, syntax.split()[-1])
    if "at" not in given:
        raise ParameterError(f"{quoted(text)} has no time: write {syntax!r}.")
    fields = _fields(cls)
    values: dict[str, Any] = {"t_ms": read(given.pop("at"), "ms", what="at")}
    for name, value in given.items():
        if name not in fields:
            raise unknown("argument", name, [*fields, "at"], owner=operation_name(cls))
        item, several = fields[name]
        if several:
            values[name] = tuple(_read(item, v, name) for v in value.split(",") if v.strip())
        else:
            values[name] = _read(item, value, name)
    return cls(**values)


def option_values(options: Mapping[str, tuple[Any, str]], texts: Iterable[str], owner: str) -> dict:
    """Parse the options of an experiment, each with the type of its default."""
    found: dict[str, Any] = {}
    for name, value in pairs(texts, "seed=1").items():
        if name not in options:
            raise unknown("option", name, options, owner=owner)
        default = options[name][0]
        if isinstance(default, list | tuple):
            kind = type(default[0]) if default else float
            read = (_read(kind, v, name) for v in value.split(",") if v.strip())
            found[name] = type(default)(read)
        else:
            found[name] = _read(type(default) if default is not None else str, value, name)
    return found


def written_out(words: list[str]) -> list[str]:
    """Convert ``--name value`` and ``--name=value`` to ``name=value``; raises ParameterError."""
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("--") or len(word) < 3 or not word.isprintable():
            raise ParameterError(f"{quoted(word)} cannot be read: write --name value.")
        name, equals, value = word[2:].partition("=")
        if not equals:
            value = next(rest, "")
            if not value or value.startswith("--"):
                raise ParameterError(f"{shortened(word)} has no value: write --name VALUE.")
        found.append(f"{name.replace('-', '_')}={value}")
    return found


def _usage(known: dict[str, type[Operation]]) -> str:
    return "write " + " or ".join(repr(operation_syntax(c)) for c in known.values()) + "."


def _folded(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


def _fields(cls: type[Operation]) -> dict[str, tuple[type, bool]]:
    """Field -> (type of its items, whether it takes several), without the time."""
    hints = typing.get_type_hints(cls)
    return {f.name: _kind(hints[f.name]) for f in dataclasses.fields(cls) if f.name != "t_ms"}


def _kind(hint: Any) -> tuple[type, bool]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _kind(next(a for a in args if a is not type(None)))
    if origin in (tuple, list):
        return _kind(args[0])[0], True
    return (hint if isinstance(hint, type) else str), False


def _read(kind: type, text: str, name: str) -> Any:
    if kind is bool:
        answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
        if text.strip().casefold() not in answers:
            raise ParameterError(f"{name} = {quoted(text)} is not allowed: it must be yes or no.")
        return answers[text.strip().casefold()]
    if kind is int:
        return read_whole(text, what=name)
    return read(text, unit_of_name(name), what=name) if kind is float else text
