"""Options of the command line that are numbers: read as everywhere, refused in the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from ..errors import ParameterError, WorkbenchError
from ..model.units import number_of, whole_of


def number_option(name: str, help: str, *, unit: str = "1", metavar: str = "NUMBER") -> Any:
    """An option that takes a number, in ``unit`` or with a unit of its own."""
    return typer.Option(
        name,
        metavar=metavar,
        help=help,
        parser=_parser(lambda given: number_of(given, unit, what=name)),
    )


def whole_option(name: str, help: str, *, least: int | None = None, most: int | None = None) -> Any:
    """An option that takes a whole number, within bounds if there are any."""

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
            # As a ValueError, Typer would put a sentence of its own in the place of ours.
            raise WorkbenchError(str(error)) from None

    return parse
