"""Checks about what a model declares; they need no simulation."""

from __future__ import annotations

import dataclasses
import math
import re
import sys
import typing
from typing import Any

from ..errors import ParameterError, UnknownName
from ..interventions import Intervention
from ..model.model import Model
from ..model.operation import Inject, Operation
from .check import check, need


@check("says what it is, and where it comes from")
def says_what_it_is(cls: type[Model]) -> None:
    for name in ("slug", "title", "purpose", "source"):
        need(bool(getattr(cls, name).strip()), f"{cls.__name__}.{name} is empty: write it.")
    need(
        re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cls.slug) is not None,
        f"The slug {cls.slug!r} cannot be an address: lower-case letters, digits and hyphens only.",
    )
    need(bool((cls.__doc__ or "").strip()), f"{cls.__name__} has no docstring.")
    text = sys.modules[cls.__module__].__doc__ or ""
    for word in ("Equations", "Source", "Departures", "Numerics"):
        need(word in text, f"The docstring of {cls.__module__} has no line {word!r}.")
    need(cls.tick_ms > 0 and cls.dt_ms > 0, "tick_ms and dt_ms must be above 0.")
    steps = cls.tick_ms / cls.dt_ms
    need(
        steps >= 1 and abs(steps - round(steps)) < 1e-9,
        f"A tick of {cls.tick_ms:g} ms must be a whole number of steps of {cls.dt_ms:g} ms.",
    )


@check("declares every parameter in full")
def declares_parameters_in_full(cls: type[Model]) -> None:
    need(bool(cls.parameters()), f"{cls.__name__} declares no parameter.")
    for name, q in cls.parameters().items():
        need(bool((q.doc or "").strip()), f"{name} has no doc.")
        need(bool(q.source.strip()), f"{name} has no source.")
        need(bool(q.unit.strip()), f"{name} has no unit: write '1' if it is a plain number.")
        low, high = ends(q.bounds)
        need(low > -math.inf or high < math.inf, f"{name} has no bounds.")
        need(low <= q.default <= high, f"{name} = {q.text()} lies outside its bounds.")
        soft_low, soft_high = ends(q.softbounds)
        need(
            math.isfinite(soft_low) and math.isfinite(soft_high) and soft_low < soft_high,
            f"{name} has no softbounds, so no slider.",
        )
        need(
            low <= soft_low and soft_high <= high,
            f"{name}: the slider, {soft_low:g} to {soft_high:g}, leaves the bounds.",
        )
        need(
            soft_low <= q.default <= soft_high,
            f"{name} = {q.text()} lies outside its slider, {soft_low:g} to {soft_high:g}.",
        )


@check("says which name was meant when one is misspelt")
def helps_with_typos(cls: type[Model]) -> None:
    for name, q in cls.parameters().items():
        typo = name + name[-1]
        if typo in cls.parameters():
            continue
        try:
            cls(**{typo: q.default})
        except UnknownName as error:
            need(f"Did you mean {name!r}?" in str(error), f"{typo!r} was met with: {error}")
        else:
            need(False, f"The misspelt name {typo!r} was accepted.")


@check("refuses what lies outside the bounds")
def refuses_impossible_values(cls: type[Model]) -> None:
    for name, q in cls.parameters().items():
        low, high = ends(q.bounds)
        beyond = [low - max(1, abs(low))] if math.isfinite(low) else []
        beyond += [high + max(1, abs(high))] if math.isfinite(high) else []
        for value in [*beyond, float("nan")]:
            try:
                cls(**{name: value})
            except ParameterError as error:
                need(f".{name} " in str(error), f"The refusal does not name {name}: {error}")
            else:
                need(False, f"{name} = {value:g} was accepted; it must be {q.allowed()}.")


@check("has at least one fact, with its tolerance explained")
def has_facts(cls: type[Model]) -> None:
    need(bool(cls.facts), f"{cls.__name__}.facts is empty: what should come out, and who says so?")
    names = [f.name for f in cls.facts]
    need(len(set(names)) == len(names), "Two facts have one name.")
    for fact in cls.facts:
        need(math.isfinite(fact.value), f"The fact {fact.name!r} has no finite value.")
        need(fact.tol >= 0, f"The fact {fact.name!r} has a tolerance below 0.")
        need(bool(fact.why_tol.strip()), f"The fact {fact.name!r} does not say why its tolerance.")
        need(bool(fact.source.strip()), f"The fact {fact.name!r} has no source.")


@check("names its experiments, and explains their options")
def describes_experiments(cls: type[Model]) -> None:
    names = [e.name for e in cls.experiments]
    need(len(set(names)) == len(names), "Two experiments have one name.")
    for e in cls.experiments:
        need(bool(e.title.strip() and e.source.strip()), f"{e.name!r} lacks a title or a source.")
        for option, (_, doc) in e.options.items():
            need(bool(doc.strip()), f"The option {option!r} of {e.name!r} is not explained.")
    if cls.training is not None:
        for option, (_, doc) in cls.training.options.items():
            need(bool(doc.strip()), f"The option {option!r} of training is not explained.")


@check("checks what its operations are given, and finds them again in the log")
def operations_check_arguments(cls: type[Model]) -> None:
    model = cls()
    for kind in cls.operations:
        if kind is Inject:
            continue  # checked against the network, which is not there yet
        good = example(kind)
        good.check(model)
        need(bool(kind.__doc__), f"{kind.__name__} has no docstring.")
        need(bool(good.writes(model, 3)), f"{kind.__name__} writes nothing.")
        need(
            all(w.tick >= 3 for w in good.writes(model, 3)), f"{kind.__name__} writes to the past."
        )
        entry = Intervention.of_operation(model, 0, good)
        need(entry.operation(model) == good, f"{kind.__name__} does not survive the log.")
        for name, value in good.args().items():
            for wrong in (-1, 10**9):
                if isinstance(value, bool | str) or not isinstance(value, int | float | list):
                    continue
                bad = (wrong,) if isinstance(value, list) else wrong
                need(
                    _refused(kind, model, {**_fields(good), name: bad}),
                    f"{kind.__name__} accepts {name} = {bad!r}.",
                )


def ends(bounds: tuple[Any, Any] | None) -> tuple[float, float]:
    """Bounds as numbers, infinite where they are open."""
    low, high = bounds or (None, None)
    return (-math.inf if low is None else low, math.inf if high is None else high)


def example(kind: type[Operation], t_ms: float = 0.0) -> Operation:
    """An operation with its default arguments; a number that must be chosen is 0."""
    hints = typing.get_type_hints(kind)
    chosen = {
        f.name: (0,)
        for f in dataclasses.fields(kind)
        if typing.get_origin(hints[f.name]) is tuple and not f.default
    }
    return kind(t_ms=t_ms, **chosen)


def _fields(operation: Operation) -> dict[str, Any]:
    return {f.name: getattr(operation, f.name) for f in dataclasses.fields(operation)}


def _refused(kind: type[Operation], model: Model, fields: dict[str, Any]) -> bool:
    try:
        kind(**fields).check(model)
    except ParameterError:
        return True
    return False
