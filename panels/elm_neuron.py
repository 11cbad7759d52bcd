"""What is special to the ELM neuron: its dendrite and memories, and trials of the cell."""

from __future__ import annotations

import html
import os
import tempfile
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from models.elm_neuron import ELMNeuron
from models.elm_neuron.checkpoints.files import open_weights
from models.elm_neuron.checkpoints.sources import L5PC, checkpoint_files, shipped_trials
from models.elm_neuron.data.trials import Trial, load_trial, trial_files
from models.elm_neuron.operations import Ablate, ExciteBranch, stimulus_of
from models.elm_neuron.published import RELEASED
from models.elm_neuron.weights import Weights
from panels.access.visitor import in_words
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.elm import Dendrite, Prediction, UnitsOverTime
from panels.model_plots.elm_scores import Playing, RunningScores, sentence
from panels.theme import FIELD, css
from panels.widgets.icons import icon
from panels.widgets.pace import Pace
from panels.widgets.toggle_row import ToggleRow
from panels.widgets.uploaded import safe_name
from workbench.errors import WorkbenchError

DRAW_EVERY_S = 0.1
SHARE = 0.33  # of the time at most goes into the plots
SCORE_EVERY_S, SCORING = 0.3, 0.05
PREDICTION, DENDRITE, BRANCHES = "Prediction", "Dendrite", "Branches"
MEMORY, AGAINST = "Memory units, each about its mean", "Against the cell"
OFTEN = (PREDICTION, DENDRITE, MEMORY, BRANCHES)
MOST_BITS = 64  # units that get a button each
MOST_TRIALS = 40  # offered of a folder
TICKS = 6
# Of a checkpoint that is opened here, where other pages wait meanwhile: forty times those that were
# released. A file of 1 MB may unpack to hundreds.
MOST_BYTES = 2**25


class Bench:
    """The controls: which neuron, what it hears, and what is ablated."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self.trials: dict[str, Callable[[], Trial]] = offered_trials()
        self.queue: deque[Trial] = deque()
        self.playing: list[Playing] = []
        self._asked: list[tuple[Trial, int]] = []
        self._known: dict[str, Path] = offered_checkpoints()
        self.message = pn.pane.HTML("", stylesheets=[css("text")], margin=(4, 0, 0, 0))
        options = {"As set above": "", **{p.stem: k for k, p in self._known.items()}}
        self.neuron = pmui.Select(
            label="Checkpoint", options=options, value="", size="small", margin=FIELD,
            sizing_mode="stretch_width", css_classes=["wb-elm-checkpoint"],
        )  # fmt: skip
        self.neuron.param.watch(lambda e: self._later(lambda: self._choose(e.new)), "value")
        self.upload = pmui.FileInput(
            label="Open a checkpoint", accept=".npz,.pt,.pth", size="small", variant="outlined",
            margin=(4, 0, 8, 0), sizing_mode="stretch_width", css_classes=["wb-elm-upload"],
        )  # fmt: skip
        self.upload.param.watch(lambda _e: self._later(self._uploaded), "value")
        self.trial = pmui.Select(
            label="Trial of the cell", options=list(self.trials), size="small", margin=FIELD,
            sizing_mode="stretch_width", css_classes=["wb-elm-trial"],
        )  # fmt: skip
        n = max(1, explorer.values["n_branch"])
        self.branch = pmui.IntSlider(
            label="Branch", start=0, end=max(1, n - 1), value=0, size="small", margin=(4, 8),
            sizing_mode="stretch_width",
        )  # fmt: skip
        self.memory_out = ToggleRow(label="memory unit", n=1)
        self.branches_out = ToggleRow(label="branch", n=1)
        for toggles in (self.memory_out, self.branches_out):
            toggles.param.watch(lambda _e: self._later(self._ablate), "value")
        self._reported: tuple[Any, ...] = ((), ())
        self.view = pn.Column(
            _label("Neuron"), self.neuron, self.upload, _label("Input"), self.trial,
            self._button("Play the trial", "run", "wb-elm-play", "contained", self.play),
            self._button("Play all, one after another", "list", "wb-elm-play-all", "outlined",
                         self.play_all),
            self._button("Back to random input", "reset", "wb-elm-random", "text", self.random),
            self.branch,
            self._button("Excite this branch", "ask", "wb-elm-excite", "outlined", self.excite),
            _label("Ablate memory units, the fastest first"), self.memory_out,
            _label("Ablate branches"), self.branches_out, self.message,
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        explorer.on_info(lambda _info: self._resize())
        explorer.on_reset(self._clear)

    def _button(self, label: str, drawn: str, css_class: str, variant: str, press: Any) -> Any:
        button = pmui.Button(
            label=label, icon=icon(drawn), variant=variant, size="small", css_classes=[css_class],
            sizing_mode="stretch_width", margin=(6, 0, 0, 0),
        )  # fmt: skip
        button.on_click(lambda _e: self._later(press))
        return button

    def _later(self, action: Callable[[], Any]) -> None:
        def act() -> None:
            try:
                action()
            except WorkbenchError as error:
                self.report(f'<span class="bad">{html.escape(in_words(error))}</span>')

        self.explorer.later(act)

    def report(self, text: str) -> None:
        if self.message.object != text:
            self.message.object = text

    # -- the neuron --------------------------------------------------------------------------------

    def _choose(self, key: str) -> None:
        if key:
            self._open(self._known[key], self._known[key].stem)

    def _uploaded(self) -> None:
        if not self.upload.value:
            return
        name = safe_name(self.upload.filename, "checkpoint.npz")
        with tempfile.TemporaryDirectory(prefix="workbench-elm-") as folder:
            path = Path(folder) / name
            path.write_bytes(self.upload.value)
            try:
                self._open(path, name)
            except WorkbenchError as error:
                raise type(error)(str(error).replace(str(path), name)) from error

    def _open(self, path: Path, name: str) -> None:
        model = ELMNeuron.from_weights(open_weights(path, most_bytes=MOST_BYTES))
        self.explorer.open_at(
            {k: v for k, v in model.values().items() if k not in ("rate_e", "rate_i", "theta")}
        )
        self.report(f"{html.escape(name)} runs.")

    # -- the input -----------------------------------------------------------------------------

    def _model(self) -> Any:
        return self.explorer.model

    def play(self) -> None:
        self._begin([self.trial.value])

    def play_all(self) -> None:
        names = list(self.trials)
        first = names.index(self.trial.value) if self.trial.value in names else 0
        self._begin(names[first:])

    def _begin(self, names: list[str]) -> None:
        if not names or names[0] is None:
            self.report("There is no trial yet: set WORKBENCH_DATA to a folder that holds l5pc/.")
            return
        found = [self.trials[n]() for n in names]
        n = self._model().first_weights().n_input
        wrong = [t.name for t in found if len(t.channel) and t.channel.max() >= n]
        if wrong:
            self.report(
                f'<span class="bad">{html.escape(wrong[0])} has more input channels than this '
                f"neuron's {n}: choose the checkpoint of its cell.</span>"
            )
            return
        # From rest, with nothing but the trial: as the scores are defined.
        self.explorer.open_at({"rate_e": 0.0, "rate_i": 0.0})
        self.queue.extend(found)

    def random(self) -> None:
        defaults = ELMNeuron().values()
        self.explorer.open_at({k: defaults[k] for k in ("rate_e", "rate_i")})

    def excite(self) -> None:
        self.explorer.do(ExciteBranch(branch=int(self.branch.value)))

    def pump(self, t_ms: float) -> None:
        """Begin the next trial when the last one is over."""
        begun = [e for e in self.explorer.interventions if e.name == "Stimulus"]
        while len(self.playing) < min(len(begun), len(self._asked)):
            trial, _ = self._asked[len(self.playing)]
            self.playing.append(Playing(trial, begun[len(self.playing)].t_ms))
        waiting = len(self._asked) > len(self.playing)
        if waiting or (self.playing and t_ms < self.playing[-1].end_ms):
            return
        if self.queue:
            trial = self.queue.popleft()
            self._asked.append((trial, len(self._asked)))
            self.explorer.do(stimulus_of(trial.channel, trial.t_ms))
            left = f", {len(self.queue)} more to come" if self.queue else ""
            self.report(f"Playing {html.escape(trial.name)}{left}.")
        elif self.playing:
            self.report("The trial is over: the neuron hears nothing now.")

    # -- ablation --------------------------------------------------------------------------------

    def _ablate(self) -> None:
        order = memory_order(self._model())
        memory = tuple(int(order[k]) for k in self.memory_out.value)
        reported = (memory, tuple(self.branches_out.value))
        if reported != self._reported:
            self._reported = reported
            self.explorer.do(Ablate(memory=reported[0], branches=reported[1]))

    def _clear(self) -> None:
        self.queue.clear()
        self.playing, self._asked, self._reported = [], [], ((), ())
        for toggles in (self.memory_out, self.branches_out):
            toggles.value = []
        self.report("")

    def _resize(self) -> None:
        w = self._model().first_weights()
        self.memory_out.param.update(n=min(MOST_BITS, w.n_memory), value=[])
        self.branches_out.param.update(n=min(MOST_BITS, w.n_branch), value=[])
        self.branch.param.update(end=max(1, w.n_branch - 1), value=min(self.branch.value,
                                                                       w.n_branch - 1))  # fmt: skip


class Watch:
    """The plots: fed by every frame, drawn a few times a second."""

    def __init__(self, explorer: ModelPage, bench: Bench):
        self.explorer, self.bench = explorer, bench
        window = explorer.model_class.window_ms
        self.dendrite = Dendrite()
        self.memory = UnitsOverTime(
            "elm-memory", "memory unit, by its τₘ (ms)", window, "SD", each=True
        )
        self.branches = UnitsOverTime("elm-branches", "branch", window, "input b")
        self.prediction = Prediction(window)
        self.scores = RunningScores()
        self.text = pn.pane.HTML(
            sentence({}, None), stylesheets=[css("verdicts")], sizing_mode="stretch_width",
            margin=(0, 0, 0, 12),
        )  # fmt: skip
        self.name = pn.pane.HTML("", stylesheets=[css("text")], margin=(0, 12))
        self._channels: list[np.ndarray] = []
        self._fresh = False  # frames came since the last drawing
        self._latest = np.zeros(0)
        self._tau: tuple[float, ...] = ()
        explorer.on_info(self._build)
        explorer.on_reset(self._reset)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)
        explorer.draw_with(Pace(self._draw, DRAW_EVERY_S, SHARE, OFTEN))
        explorer.draw_with(Pace(lambda _t_ms: self._score(), SCORE_EVERY_S, SCORING, (AGAINST,)))

    def _model(self) -> Any:
        return self.explorer.model

    def _build(self, info: Any) -> None:
        weights = self._model().first_weights()
        self.dendrite.set_neuron(weights)
        signs = weights.input_sign
        self._groups = {}
        for name, sign in (("excitatory", 1), ("inhibitory", -1)):
            if any(p.name == name for p in info.populations):
                p = info.population(name)
                self._groups[name] = (p.offset, p.size, np.flatnonzero(signs == sign))
        self.name.object = caption(weights)
        n = weights.n_branch
        self.branches.set_rows(
            np.arange(n), {k + 0.5: str(k) for k in range(0, n, max(1, -(-n // TICKS)))}
        )
        self._tau = ()
        self._order()

    def _order(self) -> None:
        """Rows of the memory plot, the fastest below; again when a slider moved the scales."""
        model = self._model()
        key = (model.tau_m_min, model.tau_m_max)
        if key == self._tau:
            return
        self._tau = key
        order, tau = memory_order(model), model.present_weights().tau_m_ms
        ticks = {k + 0.5: f"{tau[order[k]]:.3g}" for k in _spread(len(order))}
        self.memory.set_rows(order, ticks)

    def _reset(self) -> None:
        for plot in (self.dendrite, self.memory, self.branches, self.prediction, self.scores):
            plot.reset()
        self._channels, self._latest = [], np.zeros(0)
        self.text.object = sentence({}, None)

    def _take(self, frames: list[Any], t_ms: float) -> None:
        self.bench.pump(t_ms)
        self._fresh = True
        for frame in frames:
            for offset, size, channels in self._groups.values():
                mine = (frame.units >= offset) & (frame.units < offset + size)
                if mine.any():
                    self._channels.append(channels[frame.units[mine] - offset])
            s, t = frame.states, frame.state_t
            if not len(t):
                continue
            if "memory.m" in s:
                self.memory.take(t, s["memory.m"])
            if "branches.b" in s:
                self.branches.take(t, s["branches.b"])
                self._latest = s["branches.b"][-1]
            if "neurons.p_spike" in s and "neurons.v_soma_mV" in s:
                p, v = s["neurons.p_spike"][:, 0], s["neurons.v_soma_mV"][:, 0]
                self.prediction.take(t, v, p)
                for playing in self.bench.playing[-2:]:
                    playing.take(t, p, v)

    def _draw(self, t_ms: float) -> None:
        self._order()
        if self._fresh:  # else it shows the spikes that came last
            self._fresh = False
            self.dendrite.show(self._latest, np.concatenate([[], *self._channels]).astype(int))
            self._channels = []
        self.memory.draw(t_ms)
        self.branches.draw(t_ms)
        playing = self.bench.playing[-1:] or None
        self.prediction.draw(t_ms, playing and _measured(playing[0]))

    def _score(self) -> None:
        if self.bench.playing:
            self.text.object = sentence(self.scores.show(self.bench.playing), self._published())

    def _published(self) -> tuple[float, float] | None:
        weights = self._model().first_weights()
        known = RELEASED.get(weights.n_memory)
        if known is None or known.parameters != weights.n_parameters or weights.n_input != 1278:
            return None
        return known.auc, known.rmse_mV

    def _dark(self, dark: bool) -> None:
        for plot in (self.dendrite, self.memory, self.branches, self.prediction, self.scores):
            plot.set_dark(dark)
        for pane in (self.text, self.name):
            pane.css_classes = ["dark"] if dark else []


def caption(weights: Weights) -> str:
    """Which neuron it is, and how large, as HTML."""
    units, parameters = f"{weights.n_memory} memory units", f"{weights.n_parameters:,} parameters"
    size = parameters if units in weights.title else f"{units}, {parameters}"
    return f"<b>{html.escape(weights.title)}</b> · {size}"


def _measured(playing: Playing) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return playing.t_ms, playing.v_mV, playing.t_ms[playing.spikes]


def _spread(n: int) -> list[int]:
    """A few row numbers from the first to the last."""
    return sorted({round(k) for k in np.linspace(0, n - 1, min(n, TICKS))})


def memory_order(model: Any) -> np.ndarray:
    """Numbers of the memory units, the fastest first."""
    return np.argsort(model.present_weights().tau_m_ms, kind="stable")


def offered_trials() -> dict[str, Callable[[], Trial]]:
    """Name -> a function that reads the trial: those shipped, and those in WORKBENCH_DATA."""
    found: dict[str, Callable[[], Trial]] = {}
    for trial in shipped_trials():
        found[trial.name.replace("_", " ")] = partial(_same, trial)
    folder = Path(os.environ.get("WORKBENCH_DATA", "")) / L5PC
    if os.environ.get("WORKBENCH_DATA") and folder.is_dir():
        for path in trial_files(folder)[:MOST_TRIALS]:
            found[path.stem] = partial(load_trial, path)
    return found


def _same(trial: Trial) -> Trial:
    return trial


def offered_checkpoints() -> dict[str, Path]:
    """Key -> file of the checkpoints in WORKBENCH_DATA."""
    folder = Path(os.environ.get("WORKBENCH_DATA", "")) / "elm"
    if not os.environ.get("WORKBENCH_DATA") or not folder.is_dir():
        return {}
    return {p.stem: p for p in checkpoint_files(folder)}


def _label(text: str) -> Any:
    return pn.pane.HTML(text, stylesheets=[css("text")], margin=(8, 0, 2, 0))


def extend(explorer: ModelPage) -> Extension:
    """Dendrite, memory units, prediction against the cell, branch traces, running scores."""
    bench = Bench(explorer)
    watch = Watch(explorer, bench)

    def plot(root: Any) -> Any:
        return pn.pane.Bokeh(root, sizing_mode="stretch_both", margin=0)

    cards = {
        PREDICTION: plot(watch.prediction.root),
        DENDRITE: pn.Column(
            watch.name, plot(watch.dendrite.root), sizing_mode="stretch_both", margin=0
        ),
        MEMORY: plot(watch.memory.root),
        BRANCHES: plot(watch.branches.root),
        AGAINST: pn.Column(
            watch.text, plot(watch.scores.root), sizing_mode="stretch_both", margin=0
        ),
    }
    return Added(cards=cards, controls=bench.view, leading=("own", "circuit"))


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
