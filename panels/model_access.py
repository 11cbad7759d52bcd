"""What a model's own page may do with the explorer: `panels.extension.ModelPage`, as it is done."""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.engine.frames import Frame
from workbench.errors import WorkbenchError
from workbench.interventions import Intervention
from workbench.model.model import Model
from workbench.model.operation import Operation
from workbench.network import NetworkInfo

if TYPE_CHECKING:
    import panel_material_ui as pmui

    from panels.parts.changes import Changes
    from panels.parts.ghosts import Ghosts
    from panels.parts.moments import Moments
    from panels.parts.plots import Plots
    from panels.parts.tour import Shown
    from panels.tabs.experiments import Experiments
    from panels.widgets.ghost import Before
    from panels.widgets.pace import Pace


class ModelAccess(ABC):
    """Base of the explorer.

    hooks : what is called when a network was built ("info"), frames arrive ("frames"), a run begins
            ("reset"), the page turns dark or light ("dark")
    """

    plots: Plots
    tabs: pmui.Tabs
    experiments: Experiments
    changes: Changes
    ghosts: Ghosts
    moments: Moments
    shown: Shown

    def __init__(self, model: Model):
        self.model_class: type[Model] = type(model)
        self.slug = model.slug
        self.values: dict[str, Any] = model.values()
        self.session: Any = None
        self.info: NetworkInfo | None = None
        self.hooks: dict[str, list[Callable[..., Any]]] = {
            "info": [], "frames": [], "reset": [], "dark": [],
        }  # fmt: skip

    # -- of the explorer ---------------------------------------------------------------------------

    @abstractmethod
    def later(self, action: Callable[[], Any]) -> None:
        """Do this at the next drawing, when plots may be touched."""

    @abstractmethod
    def restart(self, running: bool, why: str = "") -> None:
        """Begin a new run from t = 0 with the present values."""

    @abstractmethod
    def awake(self, action: Callable[[], Any]) -> None:
        """Do this when the session has its worker, which a page that rests gave back."""

    @abstractmethod
    def go(self) -> None:
        """Let the simulation go on from where it stands, as soon as it is its turn."""

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether the simulation runs."""

    # -- what is running ---------------------------------------------------------------------------

    @property
    def network(self) -> NetworkInfo:
        """``info``, for what is called when there is a network, as with frames."""
        if self.info is None:
            raise WorkbenchError(f"The network of {self.slug} has not been built yet.")
        return self.info

    @property
    def model(self) -> Model:
        """The model that is simulated, with the values it has now."""
        found: Model = self.session.model
        return found

    @property
    def interventions(self) -> list[Intervention]:
        """What was done to the simulation so far; empty before there is one."""
        return [] if self.session is None else self.session.interventions

    @property
    def t_ms(self) -> float:
        """Simulated time."""
        return float(self.session.status().t_ms)

    @property
    def dark(self) -> bool:
        """Whether the page is dark."""
        return self.plots.dark

    def on_info(self, callback: Callable[[NetworkInfo], Any]) -> None:
        """Call ``callback(info)`` whenever a network was built."""
        self.hooks["info"].append(callback)

    def on_frames(self, callback: Callable[[list[Frame], float], Any]) -> None:
        """Call ``callback(frames, t_ms)`` with everything that arrives, in order."""
        self.hooks["frames"].append(callback)

    def on_reset(self, callback: Callable[[], Any]) -> None:
        """Call ``callback()`` when a new run begins at t = 0."""
        self.hooks["reset"].append(callback)

    def draw_with(self, pace: Pace) -> None:
        """Draw own cards at this pace, and whenever the simulation comes to stand."""
        self.moments.paces.append(pace)

    def show_before(self, plots: Iterable[Before]) -> None:
        """Leave these plots a pale copy of what they show whenever a parameter moves."""
        self.ghosts.add(plots)

    def on_dark(self, callback: Callable[[bool], Any]) -> None:
        """Call ``callback(dark)`` when the page turns dark or light."""
        self.hooks["dark"].append(callback)

    def do(self, operation: Operation) -> None:
        """Perform an operation at the next tick; raises ParameterError if it does not fit."""
        operation.check(self.session.model)
        self.shown.touched()
        self.later(lambda: self.awake(lambda: self._do(operation)))

    def set_values(self, values: Mapping[str, float], why: str) -> None:
        """Give several parameters new values, as if their sliders had been moved."""
        self.changes.set_all(values, why)

    def resume(self) -> None:
        """Let the simulation go on where it is."""
        self.go()

    def watch(self, watched: Mapping[str, tuple[int, ...]]) -> None:
        """Sample these states too: "population.variable" -> neurons. Until the next network."""
        view = self.plots.views.get("traces")
        self.session.watch({**(view.watched if view is not None else {}), **watched})

    def ask_states(self, answer: Callable[[dict[str, dict[str, Any]]], Any]) -> None:
        """Call ``answer(states)`` with all states of the network, later and on another thread.

        states : object -> variable -> values; {} when they cannot be had
        """
        session = self.session

        def ask() -> None:
            states: dict[str, dict[str, Any]] = {}
            with contextlib.suppress(WorkbenchError):
                states = {} if session is None else session.snapshot()
            answer(states)

        threading.Thread(target=ask, daemon=True).start()

    def redo_first_experiment(self) -> None:
        """Show the Experiments tab, and run the first one."""
        self.tabs.active = 1
        if self.experiments.entries:
            self.experiments.entries[0].start()

    def _do(self, operation: Operation) -> None:
        if self.session.status().over:
            self.restart(True)
        self.session.do(operation)
        if not self.running:
            self.go()
