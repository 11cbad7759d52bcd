"""`PlotKind`: everything that the app, figures, tables and the command line ask of a plot.

The functions behind it are named by ``"module:function"`` and imported on first use, so that a
declaration costs neither HoloViews nor Bokeh.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import ParameterError, listed, unknown
from ..model.misread import quoted

if TYPE_CHECKING:
    from ..network import NetworkInfo
    from ..run import Run

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]
Lazy = str | Callable[..., Any] | None
LARGEST = 1e12  # number in an option: a time, a row, a width
LAST = 100  # where a plot stands that does not say


@dataclass(frozen=True)
class PlotOption:
    """What can be chosen of a plot.

    name : keyword of the functions that draw it and make its table
    help : what it does, in words
    type : how text is read that stands for it: a name, names with commas between them, a number,
           a whole number, a stretch of time "0,500", a pair of numbers, "yes" or "no"; "" for what
           no text stands for
    """

    name: str
    help: str
    type: Literal["name", "names", "number", "integer", "span", "pair", "switch", ""] = "name"

    def read(self, text: str) -> Any:
        """The value that ``text`` stands for; raises ParameterError."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        try:
            if self.type == "name":
                return text.strip()
            if self.type == "names":
                return parts
            if self.type == "number":
                return float(text)
            if self.type == "integer":
                return int(text)
            if self.type in ("span", "pair"):
                low, high = parts
                return float(low), float(high)
            if self.type == "switch":
                return {"yes": True, "no": False}[text.strip()]
        except (ValueError, KeyError) as error:
            raise self._error(text) from error
        raise ParameterError(f"{self.name} cannot be given as text: use it from Python.")

    def check(self, value: Any) -> None:
        """Raise ParameterError unless ``value``, from Python or a file, is of this type."""
        several = isinstance(value, list | tuple)
        two = several and len(value) == 2 and all(map(_is_number, value))
        fits = {
            "name": isinstance(value, str),
            "names": isinstance(value, str)
            or (several and len(value) > 0 and all(isinstance(v, str) for v in value)),
            "number": _is_number(value),
            "integer": _is_number(value) and isinstance(value, Integral),
            "span": two,
            "pair": two,
            "switch": isinstance(value, bool),
            "": isinstance(value, Mapping),
        }
        if value is not None and not fits[self.type]:
            raise self._error(value)

    def _error(self, value: Any) -> ParameterError:
        meant = {
            "name": "a name", "names": "a name, or several",
            "number": "a number", "integer": "a whole number",
            "span": "start and end in ms, such as 0,500", "pair": "two numbers, such as 0,99",
            "switch": "yes or no", "": "a table",
        }[self.type]  # fmt: skip
        return ParameterError(f"{self.name} = {quoted(value)} is not allowed: give {meant}.")


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return number and bool(abs(value) <= LARGEST)


# What several kinds have.
T_MS = PlotOption("t_ms", "(start, end) to show; without it, the whole run", "span")
POPULATIONS = PlotOption(
    "populations", "names of those to show; without it, all that spike", "names"
)


@dataclass(frozen=True, kw_only=True)
class PlotKind:
    """One kind of plot, declared once.

    id          : its name on the command line, in Python and in CSS classes
    title       : heading of its card;  help: what is seen, in one sentence
    placeholder : what the card says before there is a network
    available   : whether a network has anything for the live plot
    has_data    : whether a run has anything for the static plot or the table
    static      : ``f(run, **options)`` to a HoloViews element, layout or `Circuit`
    table       : ``f(run, **options)`` to (column names, rows)
    live        : ``f(info, *, colors, dark, link, window_ms)`` to a `View`
    height      : ``f(width_mm, run, element, **options)`` to the height in mm that suits a
                  figure, or None
    sized       : whether ``static`` takes ``width_mm`` too, the width of its panel on paper
    options     : of ``static``, ``table`` and ``height``
    recorded    : whether the live plot shows the populations of a recording beside the simulated
    redrawn     : a figure of what the live plot shows is drawn anew from the run, by the options
                  that the view's ``for_figure`` tells; otherwise it is what the browser draws
    selects     : the option that the card's selector sets, from the ``names`` of its live plot
    on_page     : place among the cards;  leads: stands before those that only one model has
    in_figure   : place among the panels of a figure of everything
    summary     : whether the page of saved runs shows it;  summary_mm: how wide
    """

    id: str
    title: str
    help: str
    placeholder: str
    available: Callable[[NetworkInfo], bool]
    has_data: Callable[[Run], bool]
    static: Lazy = None
    table: Lazy = None
    live: Lazy = None
    height: Lazy = None
    sized: bool = False
    options: tuple[PlotOption, ...] = ()
    recorded: bool = False
    redrawn: bool = False
    selects: str = ""
    on_page: int = LAST
    leads: bool = False
    in_figure: int = LAST
    summary: bool = True
    summary_mm: float = 174.0

    def element(self, run: Run, *, panel_mm: float | None = None, **options: Any) -> Any:
        """The static plot; raises ParameterError for an option or a plot that there is not.

        panel_mm : width of the panel on paper, for kinds that show more where there is more room
        """
        room = {"width_mm": panel_mm} if self.sized and panel_mm is not None else {}
        return self._made("static", "no figure", run, options, room)

    def rows(self, run: Run, **options: Any) -> Table:
        """The data as a table; raises as `element` does."""
        return self._made("table", "no table", run, options)

    def view(self, info: NetworkInfo, **options: Any) -> Any:
        """The live plot of a network."""
        if self.live is None:
            raise ParameterError(f"The plot {self.id!r} has no live view.")
        return loaded(self.live)(info, **options)

    def height_mm(self, width_mm: float, run: Run, element: Any, **options: Any) -> float | None:
        """The height that suits a figure of this width; None when the kind does not say."""
        if self.height is None:
            return None
        return loaded(self.height)(width_mm, run, element, **options)

    def option(self, name: str) -> PlotOption | None:
        """The option of this name, or None."""
        return next((o for o in self.options if o.name == name), None)

    @property
    def is_of_time(self) -> bool:
        """Whether it shows a stretch of time."""
        return self.option(T_MS.name) is not None

    def read(self, texts: Iterable[str]) -> dict[str, Any]:
        """Options from texts such as ``"t_ms=0,500"``; raises ParameterError, UnknownName."""
        found = {}
        for text in texts:
            name, equals, value = text.partition("=")
            if not equals:
                raise ParameterError(f"{text!r} is no option: write NAME=VALUE.")
            option = self.option(name.strip())
            if option is None:
                names = [o.name for o in self.options]
                raise unknown("option", name.strip(), names, owner=f"the plot {self.id}")
            found[option.name] = option.read(value)
        return found

    def _made(
        self,
        what: str,
        none: str,
        run: Run,
        options: dict[str, Any],
        more: dict[str, Any] | None = None,
    ) -> Any:
        function = getattr(self, what)
        if function is None:
            raise ParameterError(f"The plot {self.id!r} has {none}.")
        names = [o.name for o in self.options]
        for name in options:
            if name not in names:
                has = f"it has {listed(names)}" if names else "it has none"
                raise ParameterError(
                    f"The plot {self.id!r} cannot be drawn so: there is no option {name!r}; {has}."
                )
        return loaded(function)(run, **options, **(more or {}))


# What plots of recorded variables of synapses ask of a network and of a run.
OF_RECORDED_SYNAPSES: dict[str, Any] = {
    "available": lambda info: any(r.of == "synapses" for r in info.recordables),
    "has_data": lambda run: any(s.of == "synapses" for s in run.recordings.values()),
}


def loaded(function: str | Callable[..., Any]) -> Callable[..., Any]:
    """The function that ``"module:function"`` names, imported when it is needed."""
    if not isinstance(function, str):
        return function
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)
