"""What a model's own page adds to the explorer, and what of the explorer it may touch.

A model adds to its page in ``panels/<its_name>.py``, found by the model's name, with one function::

    def extend(explorer: ModelPage) -> Extension:
        views = MyViews(explorer)
        return Added(cards={"My plot": views.pane}, leading=("own", "raster"))

`Explorer` is the one `ModelPage`. Nothing else of it is for a model's page.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from panels.widgets.ghost import Before
from panels.widgets.pace import Pace
from workbench.engine.frames import Frame
from workbench.interventions import Intervention
from workbench.model.model import Model
from workbench.model.operation import Operation
from workbench.network import NetworkInfo


class Extension(Protocol):
    """What a model's page adds.

    cards    : title -> what is shown: a Panel object, or a `Card`
    controls : in the place of those that are made from the model's operations; None for these
    leading  : the cards that come first, by their plots' ids and "own"; () for the usual order
    weights  : projections whose weights come with the frames, besides those that are shown
    followed : projection -> simulated ms between two moments of which its weights come with the
               frames, however rarely frames are drawn
    hints    : plot's id -> what to do, where a plot that can say so has nothing to show
    """

    @property
    def cards(self) -> Mapping[str, Any]: ...
    @property
    def controls(self) -> Any | None: ...
    @property
    def leading(self) -> tuple[str, ...]: ...
    @property
    def weights(self) -> tuple[str, ...]: ...
    @property
    def followed(self) -> Mapping[str, float]: ...
    @property
    def hints(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Added:
    """An `Extension` as plain data; by default it adds nothing."""

    cards: Mapping[str, Any] = field(default_factory=dict)
    controls: Any | None = None
    leading: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    followed: Mapping[str, float] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)


class ModelPage(Protocol):
    """What of the explorer a model's page may touch.

    model_class : whose page it is
    values      : parameters as the sliders show them; changed by `set_values`
    info        : the network that was built last; None while one is being built
    """

    model_class: type[Model]
    values: dict[str, Any]
    info: NetworkInfo | None

    @property
    def network(self) -> NetworkInfo:
        """``info``, for what is called when there is a network, as with frames."""
        ...

    # -- what is running

    @property
    def model(self) -> Model:
        """The model that is simulated, with the values it has now."""
        ...

    @property
    def interventions(self) -> Sequence[Intervention]:
        """What was done to the simulation so far; empty before there is one."""
        ...

    @property
    def t_ms(self) -> float:
        """Simulated time."""
        ...

    @property
    def dark(self) -> bool:
        """Whether the page is dark."""
        ...

    # -- to hear of it

    def on_info(self, callback: Callable[[NetworkInfo], Any]) -> None:
        """Call ``callback(info)`` whenever a network was built."""

    def on_frames(self, callback: Callable[[list[Frame], float], Any]) -> None:
        """Call ``callback(frames, t_ms)`` with everything that arrives, in order."""

    def on_reset(self, callback: Callable[[], Any]) -> None:
        """Call ``callback()`` when a new run begins at t = 0."""

    def draw_with(self, pace: Pace) -> None:
        """Draw own cards at this pace, and whenever the simulation comes to stand.

        Cards that no pace names are taken to be drawn with every call of ``on_frames``.
        """

    def show_before(self, plots: Iterable[Before]) -> None:
        """Leave these plots a pale copy of what they show whenever a parameter moves."""

    def on_dark(self, callback: Callable[[bool], Any]) -> None:
        """Call ``callback(dark)`` when the page turns dark or light."""

    # -- to act

    def do(self, operation: Operation) -> None:
        """Perform an operation at the next tick; raises ParameterError if it does not fit."""

    def set_values(self, values: Mapping[str, float], why: str) -> None:
        """Give several parameters new values, as if their sliders had been moved."""

    def open_at(self, values: dict[str, float]) -> None:
        """Begin a new run with these values, and the others as they are."""

    def resume(self) -> None:
        """Let the simulation go on where it is."""

    def watch(self, watched: Mapping[str, tuple[int, ...]]) -> None:
        """Sample these states too: "population.variable" -> neurons. Until the next network."""

    def ask_states(self, answer: Callable[[dict[str, dict[str, Any]]], Any]) -> None:
        """Call ``answer(states)`` with all states of the network, later and on another thread.

        states : object -> variable -> values; {} when they cannot be had
        """

    def redo_first_experiment(self) -> None:
        """Show the Experiments tab, and run the first one."""

    def later(self, action: Callable[[], Any]) -> None:
        """Do this at the next drawing, when plots may be touched."""


Extend = Callable[[ModelPage], Extension]  # what a model's module calls ``extend``


def extension_of(explorer: ModelPage) -> Extension:
    """What ``panels/<model>.py`` adds to the model's page, if there is one."""
    name = f"{__package__}.{explorer.model_class.slug.replace('-', '_')}"
    if importlib.util.find_spec(name) is None:
        return Added()
    extend: Extend | None = getattr(importlib.import_module(name), "extend", None)
    return Added() if extend is None else extend(explorer)
