"""Experiments, and the options that they and trainings declare in their functions' signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import WorkbenchError

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

    of_machine : it names a file or a folder of the machine, or has it fetch something: it is not
                 offered to whoever comes to a workbench that is served to others
    """

    doc: str
    of_machine: bool = False


def options_of(
    function: Callable[..., Any], given: tuple[str, ...] = GIVEN
) -> dict[str, tuple[Any, str]]:
    """The options of a function: name -> (default, doc), read from its signature.

    given  : names of its arguments that are no options
    raises : WorkbenchError for an option without a default
    """
    return {name: (value, o.doc) for name, (value, o) in _declared(function, given).items()}


def _declared(
    function: Callable[..., Any], given: tuple[str, ...]
) -> dict[str, tuple[Any, Option]]:
    found = {}
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
        found[name] = (parameter.default, said[0] if said else Option(""))
    return found


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
        return frozenset(k for k, (_, o) in _declared(self.run, GIVEN).items() if o.of_machine)


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
