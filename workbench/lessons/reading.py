"""Reads the file of a lesson strictly, and holds it against the model that it is about.

Nothing in the file is executed, and its texts are texts. Each error is one sentence that names the
file and the place in it, what was given and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ParameterError, UnknownName, WorkbenchError, listed, unknown
from ..model.misread import quoted, shortened
from ..model.model import Model
from ..model.operation import Inject, Operation, options_of
from ..model.units import number_of
from ..toml_files import read_toml
from . import measures
from .declaration import ALL, Lesson, Measured, Prediction, Step, Target, entries_of

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # of a file, without its ending: it is in addresses
MOST_BYTES = 200_000
MOST = {"text": 4000, "line": 200, "name": 100}  # characters
MOST_STEPS, MOST_ANSWERS, MOST_ACTS = 40, 8, 100
LONGEST_MS = 1e6  # of a time in a lesson


def read_lesson(path: str | Path, model: type[Model]) -> Lesson:
    """The lesson in a TOML file, for pages of ``model``.

    path   : its name is that of the lesson: lower-case letters, digits and hyphens
    raises : ParameterError or UnknownName, in one sentence, for whatever does not fit
    """
    path = Path(path)
    if not (NAME.fullmatch(path.stem) and path.suffix == ".toml" and len(path.stem) <= 60):
        raise ParameterError(
            f"{shortened(path.name)!r} cannot be the file of a lesson: its name is part of the "
            "page's address, so lower-case letters, digits and hyphens, then .toml."
        )
    try:
        given = read_toml(path, MOST_BYTES)
    except OSError as error:
        raise UnknownName(
            f"The lesson {shortened(path.name)!r} cannot be read: {error.strerror or error}."
        ) from error
    except ValueError as error:
        raise ParameterError(f"{path.name} {error}.") from error
    return lesson_of(path.stem, given, model)


def lesson_of(name: str, given: Mapping[str, Any], model: type[Model]) -> Lesson:
    """The lesson that a file of this name holds; raises as `read_lesson`."""
    return _Reader(model, f"{name}.toml").lesson(name, given)


class _Reader:
    """Reads one file; ``place`` says where in it, for the sentences."""

    def __init__(self, model: type[Model], place: str):
        self.model, self.place = model, place
        self._kinds: dict[str, Callable[[str, Any], Any]] = {
            "text": self._text, "line": self._text, "name": self._text, "lines": self._lines,
            "number": self._number, "positive": self._positive, "time": self._time,
            "whole": self._whole, "values": self._values, "operations": self._operations,
        }  # fmt: skip

    def lesson(self, name: str, given: Mapping[str, Any]) -> Lesson:
        found = self._table(Lesson, given, steps=self._steps)
        return Lesson(name=name, **found)

    # -- tables --------------------------------------------------------------------------------

    def _table(self, cls: type, given: Any, **own: Callable[[str, Any], Any]) -> dict[str, Any]:
        """The fields of ``cls`` that a table gives; ``own`` reads those that are tables."""
        if not isinstance(given, Mapping):
            raise self._error(f"a table is needed; got {quoted(given)}")
        allowed = entries_of(cls)
        for name in given:
            if name not in allowed:
                raise unknown("field", shortened(name), allowed, owner=self.place)
        for name, entry in allowed.items():
            if name not in given and entry.metadata["needed"]:
                raise self._error(f"{name} is missing: {entry.metadata['doc']}")
        found = {}
        for name, value in given.items():
            read = own.get(name) or self._kinds[allowed[name].metadata["kind"]]
            found[name] = read(name, value)
            self._need_short(name, allowed[name].metadata, found[name])
        return found

    def _steps(self, _name: str, given: Any) -> tuple[Step, ...]:
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_STEPS:
            n = len(given) if isinstance(given, list) else quoted(given)
            raise self._error(f"steps must be 1 to {MOST_STEPS} tables [[steps]]; got {n}")
        found = []
        for k, one in enumerate(given, 1):
            with self._in(f"step {k}"):
                found.append(self._step(one))
        return tuple(found)

    def _step(self, given: Any) -> Step:
        def inner(name: str, table: Any) -> Any:
            with self._in(name):
                return self._prediction(table) if name == "predict" else self._target(table)

        step = Step(**self._table(Step, given, predict=inner, target=inner))
        named = [name for field in ("free", "locked", "hidden") for name in getattr(step, field)]
        for name in named:
            if named.count(name) > 1:
                raise self._error(f"{name!r} is in two of free, locked and hidden, or twice in one")
            if name != ALL:
                self._parameter(name)
        if step.every_ms is not None:
            last = max((o.t_ms or 0.0 for o in step.do), default=None)
            if last is None or last >= step.every_ms:
                raise self._error(
                    f"every_ms = {step.every_ms:g} is not allowed: it must be longer than the "
                    "times of do, of which there must be one"
                )
        if step.target is not None:
            self._fits_sliders(step, step.target)
        return step

    def _prediction(self, given: Any) -> Prediction:
        found = Prediction(**self._table(Prediction, given))
        self._measured(found)
        choice = bool(found.answers) or found.right != 0
        number = found.value is not None or found.tolerance is not None or bool(found.unit)
        if choice == number:
            raise self._error(
                "a question has either answers and right, or value and tolerance; got "
                + ("both" if choice else "neither")
            )
        if choice:
            if not 2 <= len(found.answers) <= MOST_ANSWERS or len(set(found.answers)) < len(
                found.answers
            ):
                raise self._error(
                    f"answers must be 2 to {MOST_ANSWERS} texts that differ; got "
                    f"{len(found.answers)}"
                )
            if not 1 <= found.right <= len(found.answers):
                raise self._error(
                    f"right = {shortened(found.right)} is not allowed: the number of an answer, "
                    f"1 to {len(found.answers)}"
                )
            if found.measure and found.low is None and found.high is None:
                raise self._error(
                    "low or high is missing: within what range of the measure is the answer right?"
                )
        else:
            if found.value is None or found.tolerance is None:
                raise self._error("value and tolerance belong together: give both")
            if found.low is not None or found.high is not None:
                raise self._error("low and high are for answers to choose from: give tolerance")
            if found.measure:
                unit = measures.unit_of(self.model, found.measure, found.of)
                if found.unit not in ("", unit):
                    raise self._error(
                        f"unit = {quoted(found.unit)} is not allowed: {found.measure} is in "
                        f"{unit or 'no unit'}"
                    )
        return found

    def _target(self, given: Any) -> Target:
        found = Target(**self._table(Target, given))
        if not found.measure:
            raise self._error("measure is missing: what is to be reached?")
        self._measured(found)
        if found.low is None and found.high is None:
            raise self._error("low or high is missing: what range is to be reached?")
        if not found.solution:
            raise self._error("solution is empty: with which values is the target reached?")
        return found

    def _measured(self, found: Measured) -> None:
        if found.low is not None and found.high is not None and found.low > found.high:
            raise self._error(f"low = {found.low:g} must not be above high = {found.high:g}")
        if found.over_ms < self.model.tick_ms:
            raise self._error(
                f"over_ms = {found.over_ms:g} is not allowed: at least a tick, "
                f"{self.model.tick_ms:g} ms"
            )
        if not found.measure:
            if found.of or found.low is not None or found.high is not None:
                raise self._error("of, low and high belong to a measure, and measure is missing")
            return
        with self._said():
            kind = measures.find(self.model, found.measure).of
        known = {
            "population": self.model.populations, "trace": tuple(self.model.traces), "": ("",),
        }[kind]  # fmt: skip
        if kind == "" and found.of:
            raise self._error(f"of = {quoted(found.of)} is not allowed: {found.measure} is of all")
        if kind and not found.of:
            raise self._error(f"of is missing: the {kind} of which {found.measure} is measured")
        # Which populations there are is known for sure once the network is built.
        if kind and known and found.of not in known:
            with self._said():
                raise unknown(kind, shortened(found.of), known, owner=self.model.slug)

    def _fits_sliders(self, step: Step, target: Target) -> None:
        """The target's solution moves what can be moved, within the sliders."""
        for name, value in target.solution.items():
            if step.state_of(name) != "free":
                raise self._error(f"solution moves {name}, which is {step.state_of(name)}")
            parameter = self.model.parameter(name)
            low, high = parameter.softbounds or (None, None)
            if (low is not None and value < low) or (high is not None and value > high):
                raise self._error(
                    f"solution has {name} = {parameter.text(value)}, outside its slider, "
                    f"{low:g} to {high:g}"
                )

    # -- single fields ---------------------------------------------------------------------------

    def _text(self, name: str, given: Any) -> str:
        if not isinstance(given, str):
            raise self._error(f"{name} must be a text; got {quoted(given)}")
        text = given.strip()
        if not all(c.isprintable() or c == "\n" for c in text):
            raise self._error(f"{name} holds a character that cannot be printed")
        return text

    def _lines(self, name: str, given: Any) -> tuple[str, ...]:
        if not isinstance(given, list):
            raise self._error(f"{name} must be a list of texts; got {quoted(given)}")
        return tuple(self._text(name, one) for one in given)

    def _number(self, name: str, given: Any) -> float:
        with self._said():
            if isinstance(given, str):
                raise ParameterError(f"{name} must be a number without a unit; got {quoted(given)}")
            return number_of(given, what=name)

    def _positive(self, name: str, given: Any) -> float:
        number = self._number(name, given)
        if not 0 < number <= LONGEST_MS:
            raise self._error(f"{name} = {number:g} is not allowed: above 0, to {LONGEST_MS:g}")
        return number

    def _time(self, name: str, given: Any) -> float:
        number = self._number(name, given)
        if not 0 <= number <= LONGEST_MS:
            raise self._error(f"{name} = {number:g} is not allowed: from 0 to {LONGEST_MS:g}")
        return number

    def _whole(self, name: str, given: Any) -> int:
        if not isinstance(given, int) or isinstance(given, bool):
            raise self._error(f"{name} must be a whole number; got {quoted(given)}")
        return given

    def _parameter(self, name: str) -> Any:
        with self._said():
            return self.model.parameter(name)

    def _values(self, name: str, given: Any) -> dict[str, float]:
        if not isinstance(given, Mapping):
            raise self._error(f"{name} must be a table such as {{ a = 1 }}; got {quoted(given)}")
        found = {}
        for key, value in given.items():
            parameter = self._parameter(key)
            with self._said():
                found[key] = parameter.convert(value)
                parameter.check(found[key])
        return found

    def _operations(self, name: str, given: Any) -> tuple[Operation, ...]:
        if not isinstance(given, list) or len(given) > MOST_ACTS:
            raise self._error(f"{name} must be a list of at most {MOST_ACTS} tables")
        return tuple(sorted((self._operation(one) for one in given), key=lambda o: o.t_ms or 0.0))

    def _operation(self, given: Any) -> Operation:
        kinds = {cls.__name__: cls for cls in self.model.operations if cls is not Inject}
        if not isinstance(given, Mapping) or "operation" not in given:
            raise self._error(
                f"each of do is a table with operation = one of {listed(kinds)}, its options and "
                f"at_ms; got {quoted(given)}"
            )
        kind = given["operation"]
        with self._said():
            if not (isinstance(kind, str) and kind in kinds):
                raise unknown("operation", shortened(kind), kinds, owner=self.model.slug)
            args = {k: v for k, v in given.items() if k not in ("operation", "at_ms")}
            allowed = options_of(kinds[kind])
            for key, value in args.items():
                if key not in allowed:
                    raise unknown("option", shortened(key), allowed, owner=kind)
                args[key] = self._like(f"{kind}.{key}", value, allowed[key][0])
            at_ms = self._time("at_ms", given.get("at_ms", 0.0))
            found: Operation = kinds[kind](t_ms=at_ms, **args)
            found.check(self.model())
        return found

    def _like(self, what: str, given: Any, default: Any) -> Any:
        """``given`` if it is of the kind of an option's default."""
        number = isinstance(given, int | float) and not isinstance(given, bool)
        fits = {
            bool: isinstance(given, bool), int: number and given == int(given),
            float: number, tuple: isinstance(given, list), str: isinstance(given, str),
        }  # fmt: skip
        if not fits.get(type(default), False):
            raise ParameterError(
                f"{what} = {shortened(given)} is not allowed: it must be like {shortened(default)}."
            )
        return tuple(given) if isinstance(given, list) else type(default)(given)

    # -- sentences -------------------------------------------------------------------------------

    def _need_short(self, name: str, declared: Mapping[str, Any], found: Any) -> None:
        """Raise unless a text or a list of lines is neither empty nor too long."""
        kind, lines = declared["kind"], found if declared["kind"] == "lines" else ()
        if any(not line or len(line) > MOST["line"] or "\n" in line for line in lines):
            raise self._error(f"{name} must be single lines of 1 to {MOST['line']} characters")
        if kind not in ("text", "line", "name"):
            return
        if not found and kind != "name":
            hint = "write it" if declared["needed"] else "write it, or leave it out"
            raise self._error(f"{name} is empty: {hint}")
        if len(found) > MOST[kind]:
            raise self._error(
                f"{name} has {len(found):,} characters; at most {MOST[kind]:,} are allowed"
            )
        if kind != "text" and "\n" in found:
            raise self._error(f"{name} must be one line")

    def _error(self, what: str) -> ParameterError:
        return ParameterError(f"{self.place}: {what}.")

    @contextmanager
    def _in(self, part: str) -> Iterator[None]:
        """Within the block, what is read stands in this part of the file."""
        outer, self.place = self.place, f"{self.place}, {part}"
        try:
            yield
        finally:
            self.place = outer

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Within the block, errors of the model say where in the file they are."""
        try:
            yield
        except WorkbenchError as error:
            if str(error).startswith(self.place):
                raise
            kind = UnknownName if isinstance(error, UnknownName) else ParameterError
            raise kind(f"{self.place}: {error}") from error
