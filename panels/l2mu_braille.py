"""What is special to the Braille reader: the letter being read, and how often it was right."""

from __future__ import annotations

import html
import time
from collections import deque
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from models.l2mu_braille.letters import NAMES, STEPS, touches_of
from models.l2mu_braille.operations import Numb, Show
from models.l2mu_braille.weights import CHANNELS, in_use, where_to_put_it
from panels.access.visitor import in_words
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.braille import Letter, ReadingPicture
from panels.theme import FIELD, css
from panels.widgets.cards import Card
from panels.widgets.toggle_row import ToggleRow
from workbench.palette import colors_on_pages

DRAW_EVERY_S = 0.08
LISTED = 40  # letters in the list
COUNTED = 280  # letters that the share right is taken of
_TOUCH = "finger.touch"


class Reader:
    """Cuts the frames into letters; draws the one being read and lists those that were."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        values = explorer.values
        self.picture = ReadingPicture(CHANNELS, values["n_memory"] * values["order"], explorer.dark)
        self.list = pn.pane.HTML(
            "", stylesheets=[css("verdicts")], sizing_mode="stretch_both", margin=0
        )
        self.labels = np.empty(0, int)
        self._reset()
        explorer.on_info(self._begin)
        explorer.on_reset(self._reset)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)

    def _begin(self, info: Any) -> None:
        """A population has one colour in all cards."""
        colors = colors_on_pages(info.populations)
        self.picture.color(colors["finger"], colors["memory"])
        self._reset()

    def _reset(self) -> None:
        values = self.explorer.values
        self.letter = Letter.new(0)
        self.last: Letter | None = None
        self.read: deque[Letter] = deque(maxlen=COUNTED)
        self._drawn_at = 0.0
        self._missed = 0
        self.labels = touches_of(values).labels
        self.picture.reset(CHANNELS, values["n_memory"] * values["order"])
        self._tell()

    def _take(self, frames: list[Any], t_ms: float) -> None:
        info = self.explorer.network
        for frame in frames:
            while True:
                border = (self.letter.number + 1) * STEPS
                self._add(frame, info, border - STEPS, border)
                if frame.t_ms < border:
                    break
                if self.letter.whole:
                    self.read.append(self.letter)
                else:
                    self._missed += 1
                self.last, self.letter = self.letter, Letter.new(self.letter.number + 1)
                self._news = True
        if self._news:
            self._tell()
        if time.monotonic() - self._drawn_at > DRAW_EVERY_S:
            began = time.monotonic()
            self._draw(t_ms)
            # At most a fifth of the time goes into this picture.
            self._drawn_at = time.monotonic() + 4 * (time.monotonic() - began)

    def _add(self, frame: Any, info: Any, start: int, stop: int) -> None:
        within = (frame.steps >= start) & (frame.steps < stop)
        steps, units = frame.steps[within] - start, frame.units[within]

        def of(name: str) -> tuple[np.ndarray, np.ndarray]:
            p = info.population(name)
            mine = (units >= p.offset) & (units < p.offset + p.size)
            return steps[mine], units[mine] - p.offset

        self.letter.whole &= not frame.lacks(start, stop)
        self.letter.felt.append(of("finger"))
        self.letter.kept.append(of("memory"))
        np.add.at(self.letter.votes, of("output")[1], 1)
        if _TOUCH in frame.states and len(frame.state_t):
            # At the first step of a letter the touch before is still noted.
            known = (frame.state_t > start) & (frame.state_t < stop)
            if known.any():
                self.letter.touch = int(frame.states[_TOUCH][known][-1, 0])

    def _draw(self, t_ms: float) -> None:
        self.picture.draw(
            self.letter, int(t_ms) - self.letter.number * STEPS, self._label(self.letter)
        )

    def _label(self, letter: Letter) -> int | None:
        known = 0 <= letter.touch < len(self.labels)
        return int(self.labels[letter.touch]) if known else None

    def _tell(self) -> None:
        self._news = False
        text = f'<div class="verdicts wb-letters">{self._sentence()}{self._table()}</div>'
        if self.list.object != text:
            self.list.object = text

    def _sentence(self) -> str:
        values = self.explorer.values
        if in_use(values) == "drawn":
            told = "The weights are drawn, not trained: it guesses. "
            told += in_words(where_to_put_it()) if values["weights"] else ""
        else:
            told = "The published network."
        known = [(x.guess, self._label(x)) for x in self.read if self._label(x) is not None]
        right = sum(guess == label for guess, label in known)
        count = f"<b>{right} of {len(known)} right</b>. " if known else ""
        if self._missed:
            told += f" {self._missed:,} letters passed too fast for all their spikes to be here."
        return f'<p class="sum">{count}{html.escape(told)}</p>'

    def _table(self) -> str:
        rows = []
        for letter in list(self.read)[: -LISTED - 1 : -1]:
            label, guess = self._label(letter), letter.guess
            right = guess is not None and guess == label
            rows.append(
                f'<tr><td class="t">{letter.number + 1}</td>'
                f"<td>{'?' if label is None else NAMES[label]}</td>"
                f'<td class="{"correct" if right else "wrong"}">'
                f"{'nothing' if guess is None else NAMES[guess]}</td>"
                f'<td class="t">{int(letter.votes.max())}</td></tr>'
            )
        head = "<tr><th>number</th><th>letter</th><th>read as</th><th>votes</th></tr>"
        return f"<table>{head}{''.join(rows)}</table>" if rows else ""

    def _dark(self, dark: bool) -> None:
        self.picture.set_dark(dark)
        self.list.css_classes = ["dark"] if dark else []


class Controls:
    """Ask for a letter, and numb channels of the finger."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self._next = dict.fromkeys(range(len(NAMES)), 0)
        self.letter = pmui.Select(
            label="Letter", options={name: k for k, name in enumerate(NAMES)}, value=1,
            size="small", margin=FIELD, sizing_mode="stretch_width", css_classes=["wb-letter"],
        )  # fmt: skip
        show = pmui.Button(
            label="Feel this letter next", variant="outlined", size="small", margin=(4, 0),
            sizing_mode="stretch_width", css_classes=["wb-feel"],
        )  # fmt: skip
        show.on_click(lambda _e: explorer.later(self._show))
        self.numb = ToggleRow(label="channel", n=CHANNELS)
        self.numb.param.watch(
            lambda e: explorer.later(lambda: explorer.do(Numb(channels=tuple(e.new)))), "value"
        )
        heading = pn.pane.HTML("Numb channels of the finger", stylesheets=[css("text")],
                               margin=(8, 0, 2, 0))  # fmt: skip
        self.view = pn.Column(
            self.letter, show, heading, self.numb, sizing_mode="stretch_width", margin=0
        )

    def _show(self) -> None:
        """The next touch of this letter that was not asked for yet."""
        known = np.flatnonzero(touches_of(self.explorer.values).labels == self.letter.value)
        if len(known):
            turn = self._next[self.letter.value]
            self._next[self.letter.value] = turn + 1
            self.explorer.do(Show(touch=int(known[turn % len(known)])))


def extend(explorer: ModelPage) -> Extension:
    """The letter being read first, then what was read so far."""
    reader = Reader(explorer)
    picture = pn.pane.Bokeh(reader.picture.root, sizing_mode="stretch_both", margin=0)
    cards = (
        Card("braille-reading", "Reading", picture,
             help="Rows of the finger above, the memory below; the bar that is longest when the "
             "finger has passed is the answer."),
        Card("braille-letters", "Letters read", reader.list),
    )  # fmt: skip
    return Added(
        cards={card.title: card for card in cards},
        controls=Controls(explorer).view,
        leading=("own", "raster", "circuit"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
