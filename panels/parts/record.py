"""The card "Record": which variables of which neurons or synapses are recorded, and how often."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.access.visitor import in_words
from workbench.errors import WorkbenchError
from workbench.network import NetworkInfo
from workbench.recordings import Recording, cost_of, every_of, mb, variable_of

from ..theme import css
from ..widgets.error_alert import ErrorAlert

KINDS = {"shared": "one value", "events": "events"}  # what else the entries are called


class RecordCard:
    """Ticks for what is recorded, and a line of fields for more.

    record : called with name -> `Recording`, or None to end it; raises WorkbenchError
    later  : performs an action when the session may be touched

    ``options`` are the recordings that were chosen here; a new network is asked for them again.
    """

    def __init__(
        self,
        record: Callable[[Mapping[str, Recording | None]], Any],
        later: Callable[[Callable[[], Any]], Any],
    ):
        self._record, self._later = record, later
        self.options: dict[str, Recording] = {}
        self.info: NetworkInfo | None = None
        self._shown: Any = None
        small: dict[str, Any] = {"size": "small", "margin": (4, 8, 4, 0)}
        self.variables = pmui.MultiChoice(
            label="Variables and events", options=[], width=320, css_classes=["wb-record-what"],
            margin=small["margin"],
        )  # fmt: skip
        self.indices = pmui.TextInput(
            label="Which", value="all", width=150, css_classes=["wb-record-which"],
            description="all, or numbers such as 0:10, 42; the end of a stretch does not count",
            **small,
        )  # fmt: skip
        self.every = pmui.TextInput(
            label="Every", value="1 ms", width=100, css_classes=["wb-record-every"],
            description="Time between two samples: a whole number of time steps", **small,
        )  # fmt: skip
        self.extremes = pmui.Checkbox(
            label="with the range between samples", value=False, margin=(10, 8, 4, 0),
            css_classes=["wb-record-range"],
        )  # fmt: skip
        self.single = pmui.Checkbox(
            label="in single precision", value=False, margin=(10, 8, 4, 0),
            description="Some 7 digits, and half the size on disk; the simulation stays as it is",
            css_classes=["wb-record-single"],
        )  # fmt: skip
        self.button = pmui.Button(
            label="Record", variant="outlined", size="small", margin=(8, 8, 4, 0), disabled=True,
            css_classes=["wb-record-start"],
        )  # fmt: skip
        self.cost = pn.pane.HTML(
            "", margin=(2, 0), css_classes=["wb-record-cost"], stylesheets=[css("text")]
        )
        self.message = ErrorAlert(margin=(4, 0))
        self.ticks = pn.Column(margin=0, sizing_mode="stretch_width")
        self.button.on_click(lambda _e: later(self._start))
        fields = (self.variables, self.indices, self.every, self.extremes, self.single)
        for field in fields:
            field.param.watch(lambda _e: later(self._estimate), "value")
        self.view = pn.Column(
            pn.FlexBox(*fields, self.button, margin=0),
            self.cost, self.message, self.ticks, sizing_mode="stretch_width", margin=(0, 12, 8, 12),
        )  # fmt: skip

    # -- what the page tells -----------------------------------------------------------------------

    def show_network(self, info: NetworkInfo) -> None:
        """Offer what this network has, and record again what was chosen of it."""
        self.info = info
        names = {r.name: r for r in info.recordables}
        labels = {
            f"{r.name} ({KINDS.get(r.of, f'{r.entries:,} {r.of}')}"
            f"{'' if r.unit == '1' else f', {r.unit}'})": name
            for name, r in names.items()
        }
        self.variables.param.update(
            options=labels, value=[v for v in self.variables.value if v in names]
        )
        self.button.disabled = False
        self.options = {k: w for k, w in self.options.items() if variable_of(k) in names}
        if self.options:
            self._ask(dict(self.options))
        self._estimate()

    def show(self, recording: Mapping[str, Recording]) -> None:
        """Tick what is recorded now."""
        if self.info is None or recording == self._shown:
            return
        self._shown = dict(recording)
        rows: list[Any] = []
        for key, option in recording.items():
            if key in self.info.watched:
                continue
            tick = pmui.Checkbox(
                label=self._line(key, option), value=True, margin=0, css_classes=["wb-recording"]
            )
            tick.param.watch(
                lambda e, key=key: self._later(lambda: self._end(key)) if not e.new else None,
                "value",
            )
            rows.append(tick)
        self.ticks[:] = rows
        self._estimate()

    def in_words(self) -> str:
        """What is recorded now and what it takes, as HTML."""
        lines = [self._line(k, w) for k, w in (self._shown or {}).items()]
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        return f"<p>{self.cost.object}</p><ul>{items}</ul>"

    def _line(self, key: str, option: Recording) -> str:
        assert self.info is not None
        size = cost_of(self.info, {key: option}).total
        every = every_of(self.info, key, option)
        which = option.indices if isinstance(option.indices, str) else _listed(option.indices)
        how = ", single precision" if option.single else ""
        return f"{key}, {which}, every {every:g} ms{how}: {mb(size)} per simulated second"

    # -- what a person does ------------------------------------------------------------------------

    def _chosen(self) -> dict[str, Recording]:
        how = (bool(self.extremes.value), bool(self.single.value))
        option = Recording(self.indices.value, self.every.value, *how)
        return dict.fromkeys(self.variables.value, option)

    def _start(self) -> None:
        try:
            chosen = self._chosen()
        except WorkbenchError as error:
            self._report(in_words(error))
            return
        if not chosen:
            self._report("Choose at least one variable or event first.")
            return
        if self._ask(dict(chosen)):
            self.options |= chosen
            self.variables.value = []

    def _end(self, key: str) -> None:
        self.options = {k: w for k, w in self.options.items() if variable_of(k) != variable_of(key)}
        self._ask({key: None})

    def _ask(self, options: dict[str, Recording | None]) -> bool:
        try:
            self._record(options)
        except WorkbenchError as error:
            self._report(in_words(error))
            return False
        self._report("")
        return True

    def _is_watched(self, key: str, option: Recording) -> bool:
        """Whether this is recorded by itself, for the plots."""
        assert self.info is not None
        neurons = self.info.watched.get(key, ())
        chosen = option.indices
        return not isinstance(chosen, str | int | slice) and tuple(chosen) == tuple(neurons)

    def _report(self, text: str) -> None:
        self.message.say(text)

    def _estimate(self) -> None:
        """Say what is recorded now takes, and what the choice would take, before it starts."""
        if self.info is None:
            return
        now = cost_of(self.info, self._shown or {}).total
        text = f"Recorded now: {mb(now)} per simulated second, before compression."
        if all(self._is_watched(k, w) for k, w in (self._shown or {}).items()):
            size = f", {mb(now)} per simulated second" if now else ""
            text = f"Nothing is recorded yet but what the plots show{size}."
        try:
            chosen = self._chosen()
            more = cost_of(self.info, chosen)
            if chosen:
                text += f" The choice takes {mb(more.total)} more."
            self._report("")
        except WorkbenchError as error:
            self._report(in_words(error))
        self.cost.object = html.escape(text)


def _listed(indices: Any) -> str:
    numbers = [indices] if isinstance(indices, int) else list(indices)
    return ", ".join(str(n) for n in numbers[:6]) + (", …" if len(numbers) > 6 else "")
