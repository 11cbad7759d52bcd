"""Live picture of the Braille reader: what the finger feels, what is kept, and who is ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, FixedTicker, Label, Range1d, Span
from bokeh.plotting import figure

from models.l2mu_braille.letters import DOTS, NAMES, STEPS
from workbench.plots.live import theme as themes

INKS = {
    False: {"ahead": "#0072B2", "other": "#9DB8CC", "right": "#1B7F46", "wrong": "#C62828"},
    True: {"ahead": "#56B4E9", "other": "#3E5A70", "right": "#5FD08F", "wrong": "#FF8A80"},
}  # fmt: skip
CELL_PX = 124
PLACES = list(range(len(NAMES)))[::-1]  # of the bars, the first at the top
LEAST = 20.0  # votes that the axis has room for from the beginning


@dataclass
class Letter:
    """What is known of the letter under the finger.

    number : letters before it;  touch : which recording, -1 until it is known
    felt, kept : (step, unit) of the spikes of the finger and of the memory so far
    votes  : (7,)
    whole  : no spikes of it are missing
    """

    number: int
    touch: int
    felt: list[tuple[np.ndarray, np.ndarray]]
    kept: list[tuple[np.ndarray, np.ndarray]]
    votes: np.ndarray
    whole: bool = True

    @classmethod
    def new(cls, number: int) -> Letter:
        return cls(number, -1, [], [], np.zeros(len(NAMES)))

    @property
    def guess(self) -> int | None:
        """The letter with most votes, the first of equals; None before there is a vote."""
        return int(self.votes.argmax()) if self.votes.any() else None


def joined(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Steps and units of all parts; the parts become one."""
    if not parts:
        return np.empty(0), np.empty(0)
    parts[:] = [(np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]))]
    return parts[0]


class ReadingPicture:
    """The finger slides over a letter: rows of touch, the memory, and bars that race."""

    def __init__(self, channels: int, memory: int, dark: bool = False):
        x = Range1d(0, STEPS)
        self._felt = ColumnDataSource(data={"x": [], "y": []})
        self._kept = ColumnDataSource(data={"x": [], "y": []})
        self._bars = ColumnDataSource(data={"y": PLACES, "votes": [0.0] * len(NAMES),
                                            "color": [""] * len(NAMES)})  # fmt: skip
        self._dots = ColumnDataSource(data={
            "x": [1.0, 1.0, 1.0, 2.0, 2.0, 2.0], "y": [3.0, 2.0, 1.0] * 2, "alpha": [0.0] * 6,
        })  # fmt: skip
        self.touch = _figure("braille-touch", x_range=x, y_range=Range1d(channels - 0.3, -0.7),
                             y_axis_label="finger", height=CELL_PX, sizing_mode="stretch_width",
                             min_height=90)  # fmt: skip
        self.memory = _figure("braille-memory", x_range=x, y_range=Range1d(memory, 0),
                              x_axis_label="step", y_axis_label="memory")  # fmt: skip
        self.touch.xaxis.visible = False
        self._marks = [
            self.touch.scatter("x", "y", source=self._felt, marker="dash", angle=np.pi / 2, size=8),
            self.memory.scatter("x", "y", source=self._kept, size=2.6),
        ]
        self._fingers = [Span(dimension="height", location=0, line_width=3, line_alpha=0.6)
                         for _ in range(2)]  # fmt: skip
        for fig, finger in zip((self.touch, self.memory), self._fingers, strict=True):
            fig.add_layout(finger)
            fig.grid.visible = False
            fig.min_border_left = 64
        self.cell = _figure("braille-cell", x_range=Range1d(0.2, 2.8), y_range=Range1d(0.3, 4.5),
                            height=CELL_PX, width=210, sizing_mode="fixed", min_width=120,
                            match_aspect=True)  # fmt: skip
        self.cell.axis.visible = False
        self.cell.grid.visible = False
        self._cell = self.cell.scatter("x", "y", source=self._dots, size=20, line_width=1.5,
                                       fill_alpha="alpha")  # fmt: skip
        self.race = _figure("braille-race", x_range=Range1d(0, LEAST), width=210,
                            y_range=Range1d(-0.6, len(NAMES) - 0.4), x_axis_label="votes",
                            sizing_mode="stretch_height", min_width=150)  # fmt: skip
        self.race.ygrid.visible = False
        self.race.min_border_right = 14
        self._told = Label(x=1.5, y=3.75, text="", text_align="center", text_font=themes.FONT,
                           text_font_size="13px")  # fmt: skip
        self.cell.add_layout(self._told)
        self.race.yaxis[0].update(
            ticker=FixedTicker(ticks=PLACES),
            major_label_overrides=dict(zip(PLACES, NAMES, strict=True)), major_tick_out=0,
        )  # fmt: skip
        self.race.hbar(y="y", right="votes", height=0.72, source=self._bars,
                       fill_color="color", line_color=None)  # fmt: skip
        self.race.yaxis.major_label_text_font_style = "bold"
        self.root: Any = row(
            column(self.touch, self.memory, sizing_mode="stretch_both"),
            column(self.cell, self.race, sizing_mode="stretch_height", width=210),
            sizing_mode="stretch_both",
        )
        self.dark = dark
        self._colors: list[dict[bool, str]] = [dict.fromkeys((False, True), "gray")] * 2
        self.set_dark(dark)

    def color(self, finger: dict[bool, str], memory: dict[bool, str]) -> None:
        """Draw touches and memory in the colours that these populations have on each page."""
        self._colors = [finger, memory]
        self.set_dark(self.dark)

    def set_dark(self, dark: bool) -> None:
        self.dark = dark
        t = themes.theme(dark)
        for fig in (self.touch, self.memory, self.cell, self.race):
            themes.apply(fig, t)
        for mark, colors in zip(self._marks, self._colors, strict=True):
            mark.glyph.update(line_color=colors[dark], fill_color=colors[dark])
        for finger in self._fingers:
            finger.line_color = t.axis
        self._cell.glyph.update(line_color=t.muted, fill_color=t.text)
        self._told.text_color = t.text

    def reset(self, channels: int, memory: int) -> None:
        """A new run, perhaps of another network."""
        self.touch.y_range.start = channels - 0.3
        self.memory.y_range.start = memory
        self.race.x_range.end = LEAST
        self.draw(Letter.new(0), 0, None)

    def draw(self, letter: Letter, at: int, label: int | None) -> None:
        """letter : so far;  at : the step that the finger is at;  label : which letter it is"""
        for source, parts in ((self._felt, letter.felt), (self._kept, letter.kept)):
            x, y = joined(parts)
            source.data = {"x": x, "y": y}
        for finger in self._fingers:
            finger.location = at
        inks, guess = INKS[self.dark], letter.guess
        ahead = "ahead" if at < STEPS or label is None else ("right" if guess == label else "wrong")
        self._bars.data = {
            "y": PLACES, "votes": letter.votes,
            "color": [inks[ahead] if k == guess else inks["other"] for k in range(len(NAMES))],
        }  # fmt: skip
        most = float(letter.votes.max())
        if most > self.race.x_range.end:
            self.race.x_range.end = 20.0 * np.ceil(most / 20)
        raised = DOTS[label] if label is not None else ()
        self._dots.data = {**self._dots.data, "alpha": [float(k + 1 in raised) for k in range(6)]}
        text = "" if label is None else f"under the finger: {NAMES[label]}"
        if self._told.text != text:
            self._told.text = text


def _figure(name: str, **options: Any) -> Any:
    given = {"sizing_mode": "stretch_both", "min_height": 120, "min_width": 160, "title": None}
    return figure(
        tools="", toolbar_location=None, name=name,
        html_attributes={"role": "img", "aria-label": name.replace("-", " ")},
        **{**given, **options},
    )  # fmt: skip
