"""Numeric command-line options, parsed and validated as everywhere else in the workbench."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from ..errors import ParameterError, WorkbenchError
from ..model.units import number_of, whole_of


def number_option(name: str, help: str, *, unit: str = "1", metavar: str = "NUMBER") -> Any:
    """Option that takes a number in ``unit``, or a number with an explicit unit."""
    return typer.Option(
        name,
        metavar=metavar,
        help=help,
        parser=_parser(lambda given: number_of(given, unit, what=name)),
    )


def whole_option(name: str, help: str, *, least: int | None = None, most: int | None = None) -> Any:
    """Option that takes an integer, optionally within bounds."""

    def read(given: Any) -> int:
        found = whole_of(given, what=name)
        if (least is not None and found < least) or (most is not None and found > most):
            to = f"to {most}" if most is not None else "on"
            raise ParameterError(
                f"{name} = {found} is not allowed: a whole number from {least} {to}."
            )
        return found

    return typer.Option(name, metavar="INTEGER", help=help, parser=_parser(read))


def _parser(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def parse(given: Any) -> Any:
        try:
            return read(given)
        except ParameterError as error:
            # For a ValueError, Typer would replace our message by its own.
            raise WorkbenchError(str(error)) from None

    return parse
