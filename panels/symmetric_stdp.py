"""What is special to symmetric STDP: fields that grow, class units that read them, how well."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import numpy as np
import panel as pn

from models.symmetric_stdp.answers import accuracy, class_means, gini, read_by_means
from models.symmetric_stdp.pictures import CLASSES, GREYS, SIDES, pictures_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import Curve, Lines, Shown, controls_of
from panels.model_plots.receptive_fields import ReceptiveFields

WEIGHTS = ("input_to_excitatory", "excitatory_to_classes")
KEPT = 400  # pictures that the plots look back at
RUNNING = 100  # pictures of a running accuracy
DRAW_EVERY_S = 0.25


class Reading(Shown):
    """Counts what layer and class units answer to each picture, and draws it now and then."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self.fields = ReceptiveFields()
        self.plots: dict[str, Any] = {
            "Receptive fields": self.fields,
            "How well it reads": Lines(
                "accuracy", "pictures shown", "right (%)",
                [Curve("test", "class units, each test", 1, points=True),
                 Curve("guess", "guessed from their input", 0)],
                empty="Share of the pictures that are read rightly:\nguessed before it is told, "
                "and in tests, where nothing is learnt.", level=10.0, whole=True,
            ),
            "Readout and class means": Lines(
                "means", "mean spikes for the class, scaled", "weight onto the class unit",
                [Curve("w", "neuron and class", 0, points=True),
                 Curve("same", "fixed point", 1, dashed=True)],
                empty="Each weight of the readout against where it comes to rest:\nthe mean "
                "spikes of its neuron for that digit.",
            ),
            "Work shared out": Lines(
                "work", "neurons, the busiest first", "spikes",
                [Curve("spikes", "latest 400 pictures", 0)],
                empty="How many spikes each neuron has had lately:\nthresholds that rise with "
                "every spike share out the work.",
            ),
        }  # fmt: skip
        self._drawn_at = 0.0
        self._clear()
        explorer.on_info(lambda _info: self._clear())
        explorer.on_reset(self._clear)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)

    def _clear(self) -> None:
        self._shown: Any = None
        self._w: dict[str, np.ndarray] = {}
        self._spikes: deque[np.ndarray] = deque(maxlen=KEPT)
        self._labels: deque[int] = deque(maxlen=KEPT)
        self._guesses: deque[float] = deque(maxlen=RUNNING)
        self._guessed: deque[tuple[int, float]] = deque(maxlen=4000)
        self._tests: deque[tuple[int, float]] = deque(maxlen=1000)
        self._test: list[float] = []
        self._turn, self._pictures, self._testing, self._picture = 0, 0, False, 0
        self._answer: tuple[Any, ...] = ()
        for plot in self.plots.values():
            plot.clear()

    # -- frames ------------------------------------------------------------------------------------

    def _take(self, frames: list[Any], t_ms: float) -> None:
        explorer, info = self.explorer, self.explorer.network
        if self._shown is None:
            self._shown = pictures_of(explorer.model)
            self._count, self._votes = self._nothing()
        values = explorer.values
        length_ms = values["stimulus_ms"] + values["rest_ms"]
        layer, classes = (info.population(name) for name in ("excitatory", "classes"))
        for frame in frames:
            self._w |= {k: w for k, w in frame.weights.items() if k in WEIGHTS}
            turns = (frame.steps * info.dt_ms // length_ms).astype(int)
            sampled = (np.asarray(frame.state_t) // length_ms).astype(int)
            for turn in range(self._turn, int(max([*turns[-1:], *sampled[-1:], self._turn])) + 1):
                if turn > self._turn:
                    self._ended()
                    self._turn = turn
                mine = turns == turn
                for found, p in ((self._count, layer), (self._votes, classes)):
                    own = frame.units[mine & (frame.units >= p.offset)
                                      & (frame.units < p.offset + p.size)]  # fmt: skip
                    np.add.at(found, own - p.offset, 1)
                self._know(frame, np.flatnonzero(sampled == turn))
        if time.monotonic() - self._drawn_at > DRAW_EVERY_S:
            began = time.monotonic()
            self._draw()
            # At most a fifth of the time goes into these plots.
            self._drawn_at = time.monotonic() + 4 * (time.monotonic() - began)

    def _nothing(self) -> tuple[np.ndarray, np.ndarray]:
        n = self.explorer.network.population("excitatory").size
        return np.zeros(n, int), np.zeros(CLASSES, int)

    def _know(self, frame: Any, samples: np.ndarray) -> None:
        """What is shown in a presentation: not of its first sample, taken before it is chosen."""
        if len(samples) and "protocol.picture" in frame.states:
            self._picture = int(frame.states["protocol.picture"][samples[-1], 0])
            self._testing = bool(frame.states["protocol.testing"][samples[-1], 0] > 0.5)

    def _ended(self) -> None:
        """A presentation is over: was it read rightly?"""
        w = self._w.get("excitatory_to_classes")
        label = int(self._shown.labels[min(self._picture, len(self._shown.labels) - 1)])
        inflow = np.zeros(CLASSES) if w is None else w @ self._count
        self._pictures += 1
        self._spikes.append(self._count)
        self._labels.append(label)
        if self._testing:
            self._test.append(accuracy(self._votes[None], np.array([label])))
        else:
            if self._test:
                self._tests.append((self._pictures, float(np.mean(self._test))))
                self._test = []
            self._guesses.append(accuracy(inflow[None], np.array([label])))
            self._guessed.append((self._pictures, float(np.mean(self._guesses))))
        units = self._votes if self._testing else inflow
        self._answer = (self._picture, label, self._count, units, self._testing)
        self._count, self._votes = self._nothing()

    # -- drawing -----------------------------------------------------------------------------------

    def _draw(self) -> None:
        if any(name not in self._w for name in WEIGHTS):
            return
        w_input, w_class = (self._w[name] for name in WEIGHTS)
        self.fields.show_fields(w_input, w_class)
        if self._answer:
            picture, label, spikes, units, testing = self._answer
            side = SIDES[self.explorer.model.chosen("data")]
            read = str(int(np.argmax(units))) if units.any() else "nothing"
            words = f"{'Test: ' if testing else ''}{label}, read as {read}"
            grey = self._shown.grey[picture].reshape(side, side) / GREYS
            self.fields.show_answer(grey, spikes, units, words, side, testing)
        how_well = self.plots["How well it reads"]
        for key, found in (("guess", self._guessed), ("test", self._tests)):
            if found:
                how_well.show(**{key: tuple(np.array(found).T)})
        if len(self._spikes) > 20:
            self._draw_readout(w_class)

    def _draw_readout(self, w_class: np.ndarray) -> None:
        spikes, labels = np.array(self._spikes), np.array(self._labels)
        whole = float(w_class.sum(axis=1).mean())
        rest = read_by_means(class_means(spikes, labels), whole)
        top = float(max(rest.max(), w_class.max()))
        self.plots["Readout and class means"].show(
            w=(rest.ravel(), w_class.ravel()), same=((0, top), (0, top))
        )
        work = self.plots["Work shared out"]
        busy = np.sort(spikes.sum(axis=0))[::-1]
        work.show(spikes=(np.arange(1, len(busy) + 1), busy))
        work.label("spikes", f"latest {len(spikes)} pictures: Gini coefficient {gini(busy):.2f}")


def extend(explorer: ModelPage) -> Extension:
    """Receptive fields first, then how well they are read."""
    return Added(
        cards=Reading(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "raster", "circuit", "weights"),
        weights=WEIGHTS,
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
