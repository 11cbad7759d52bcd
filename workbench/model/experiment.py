"""Experiments, and the options that they and trainings declare in their functions' signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import WorkbenchError
from .units import unit_of_name

if TYPE_CHECKING:
    import xarray

Progress = Callable[[float, str], Any]  # (fraction done, what is being done) -> False to stop
GIVEN = ("model", "progress")  # arguments of an experiment that are no options


class Stopped(Exception):
    """Raised by a part of an experiment when its progress asked it to stop."""


def no_progress(_fraction: float, _text: str) -> None:
    """Progress of a job that nobody watches."""


def part(progress: Progress, start: float, stop: float, text: str) -> Callable[[float], Any]:
    """A run's progress as the part from ``start`` to ``stop`` of an experiment's."""
    return lambda fraction: progress(start + (stop - start) * fraction, text)


@dataclass(frozen=True)
class Option:
    """What an option is for, with its unit; beside its type in a signature.

    ``seeds: Annotated[int, Option("networks, each drawn anew")] = 3``

    label      : its name for people, where that of the argument says too little
    choices    : the texts that it can be, of which a page offers a list; the function checks them
    of_machine : it names a file or a folder of the machine, or has it fetch something: it is not
                 offered to whoever comes to a workbench that is served to others
    """

    doc: str
    label: str = ""
    of_machine: bool = False
    choices: tuple[str, ...] = ()


def options_of(
    function: Callable[..., Any], given: tuple[str, ...] = GIVEN
) -> dict[str, tuple[Any, str]]:
    """The options of a function: name -> (default, doc), read from its signature.

    given  : names of its arguments that are no options
    raises : WorkbenchError for an option without a default
    """
    return {name: (default, option.doc) for name, (default, option) in _read(function, given)}


def labels_of(function: Callable[..., Any], given: tuple[str, ...] = GIVEN) -> dict[str, str]:
    """Name -> what people call each option of a function, with the unit that its name carries."""
    return {name: option.label or _label(name) for name, (_, option) in _read(function, given)}


def _label(name: str) -> str:
    """``spacing_ms`` -> "Spacing (ms)"."""
    unit = unit_of_name(name)
    words = name.removesuffix(f"_{unit}").replace("_", " ")
    return words[:1].upper() + words[1:] + ("" if unit == "1" else f" ({unit})")


def _read(
    function: Callable[..., Any], given: tuple[str, ...]
) -> Iterator[tuple[str, tuple[Any, Option]]]:
    """Each option of a function, as its signature declares it: (name, (default, option))."""
    for name, parameter in inspect.signature(function).parameters.items():
        if name in given or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if parameter.default is parameter.empty:
            raise WorkbenchError(
                f"{function.__module__}.{function.__qualname__} has an option {name!r} without a "
                f"default: write {name}: Annotated[its type, Option('what it is')] = its default."
            )
        annotation = parameter.annotation
        if isinstance(annotation, str):
            annotation = _meant(annotation, function)
        said = [a for a in getattr(annotation, "__metadata__", ()) if isinstance(a, Option)]
        yield name, (parameter.default, said[0] if said else Option(""))


def _meant(annotation: str, function: Callable[..., Any]) -> Any:
    try:
        return eval(annotation, inspect.unwrap(function).__globals__)
    except (NameError, AttributeError, TypeError):  # of what only a type checker imports
        return annotation


@dataclass(frozen=True)
class Experiment:
    """A longer, named job that reproduces one table or figure of the source.

    run     : function (model, progress=callable(fraction, text), **options) -> xarray.Dataset,
              whose options are ``name: Annotated[type, Option("what it is, unit")] = default``
    compare : function (dataset) -> list of ``Comparison``, published against ours
    figure  : function (dataset) -> a HoloViews element or layout
    """

    name: str
    title: str
    source: str
    run: Callable[..., xarray.Dataset]
    compare: Callable[[Any], list[Comparison]]
    figure: Callable[[Any], Any]

    @cached_property
    def options(self) -> Mapping[str, tuple[Any, str]]:
        """Name -> (default, doc), as the signature of ``run`` says."""
        return options_of(self.run)

    @cached_property
    def of_machine(self) -> frozenset[str]:
        """Names of the options that name files or folders of the machine, or have it fetch some."""
        return frozenset(k for k, (_, o) in _read(self.run, GIVEN) if o.of_machine)

    @cached_property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """Name -> the texts that the option can be; empty for one that is not chosen."""
        return {name: option.choices for name, (_, option) in _read(self.run, GIVEN)}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Name -> what people call the option, likewise."""
        return labels_of(self.run)


@dataclass(frozen=True)
class Comparison:
    """One line of ``workbench reproduce``: published, ours, difference, verdict."""

    what: str
    published: float
    ours: float
    tol: float
    unit: str = "1"
    note: str = ""
    error: float = float("nan")  # half width of the interval around ``ours``

    @property
    def agrees(self) -> bool:
        return abs(self.ours - self.published) <= self.tol
