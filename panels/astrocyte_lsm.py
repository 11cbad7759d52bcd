"""What is special to the liquid: depth, space, astrocyte, branching, weights, and the digit."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from models.astrocyte_lsm.images import PICTURES, digits
from models.astrocyte_lsm.operations import Show
from models.astrocyte_lsm.wiring import wiring
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.liquid import AstrocytePicture, BranchingPicture, WeightPicture, digit_html
from panels.model_plots.liquid_samples import Sample, Samples
from panels.model_plots.liquid_space import LiquidSpace
from panels.theme import FIELD, css
from panels.widgets.cards import Card
from panels.widgets.number_field import NumberField
from panels.widgets.pace import Pace
from workbench.network import Population
from workbench.plots.raster.live import RasterView

OFTEN = ("Branching factor", "Astrocyte")
HISTOGRAM = "Weights, how often"
DRAW_EVERY_S = 0.12  # pictures that need not be as smooth as the raster
WEIGHTS_EVERY_S = 2.0
ASTROCYTE, PLAIN = 3, 1  # rules
LEARNS = "It learns as it watches, and guesses each digit before it is told."
RULES = {"fixed weights": 0, "STDP": 1, "AP-STDP": 2, "astrocyte (NALSM)": 3}


class LiquidViews:
    """The cards. Frames come in; each picture is drawn while its card is seen."""

    def __init__(self, explorer: ModelPage):
        self.explorer = explorer
        self.samples: Samples | None = None
        self.depth: RasterView | None = None
        self.space = LiquidSpace(sizing_mode="stretch_both", margin=0)
        self.astrocyte, self.branching = AstrocytePicture(), BranchingPicture()
        self.weights = WeightPicture()
        self.digit = pn.pane.HTML(
            "", stylesheets=[css("digit")], sizing_mode="stretch_both", margin=0
        )
        self._depth_pane = pn.Column(sizing_mode="stretch_both", margin=0)
        self._images: np.ndarray | None = None
        self._labels: np.ndarray | None = None
        self._t_ms = 0.0
        self._asking = self._ask_again = self._ended = False
        self._wires: Any = None
        self.cards = {
            "space": Card("liquid-space", "Liquid in space", self.space,
                          help="One dot a neuron; it lights up when it fires. Drag to turn."),
            "digit": Card("liquid-digit", "Picture and guess", self.digit),
            "branching": Card("liquid-branching", "Branching factor", _pane(self.branching),
                              help="Spikes that follow a spike for each before it; 1 is critical."),
            "astrocyte": Card("liquid-astrocyte", "Astrocyte", _pane(self.astrocyte)),
            "depth": Card("liquid-depth", "Liquid by depth", self._depth_pane),
            "weights": Card("liquid-weights", HISTOGRAM, _pane(self.weights)),
        }  # fmt: skip
        self.cards["space"].heading.param.watch(
            lambda e: explorer.later(lambda: self.space.param.update(seen=e.new)), "seen"
        )
        self.cards["depth"].heading.param.watch(
            lambda e: explorer.later(lambda: self._show_depth(e.new)), "seen"
        )
        for key, draw in (
            ("astrocyte", self._draw_astrocyte), ("branching", self.branching.draw),
            ("weights", self._ask_weights),
        ):  # fmt: skip
            self.cards[key].heading.param.watch(
                lambda e, draw=draw: explorer.later(draw) if e.new else None, "seen"
            )
        explorer.on_info(self._build)
        explorer.on_reset(self._reset)
        explorer.on_frames(self._take)
        explorer.on_dark(self._dark)
        explorer.draw_with(Pace(self._draw, DRAW_EVERY_S, cards=OFTEN))
        ask = Pace(lambda _t_ms: self._ask_weights(), WEIGHTS_EVERY_S, cards=(HISTOGRAM,))
        explorer.draw_with(ask)
        self._report("")
        threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        """Reading them takes a moment: the page does not wait for it."""
        self._images, self._labels = digits()

    # -- life of the network -----------------------------------------------------------------------

    def _build(self, info: Any) -> None:
        values = self.explorer.values
        self._wires = wires = wiring(values)
        first = info.population("excitatory").offset
        self.samples = Samples(wires, values["n_neurons"], first, values["sample_ms"])
        self.space.param.update(place=wires.position.tolist(), n_exc=wires.n_exc)
        depth = wires.position[:, 2]
        self._rank = np.argsort(np.lexsort((np.arange(len(depth)), depth)))
        sizes = np.bincount(depth)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        layers = tuple(
            Population(f"layer_{z}", int(n), int(starts[z]), "neurons") for z, n in enumerate(sizes)
        )
        shown = replace(info, populations=layers, projections=(), traces={}, watched={})
        colors = {p.name: _depth_color(k / max(1, len(layers) - 1)) for k, p in enumerate(layers)}
        self.depth = RasterView(
            shown, colors=colors, dark=self.explorer.dark,
            window_ms=self.explorer.model_class.window_ms,
        )  # fmt: skip
        self.depth.show(self.cards["depth"].heading.seen)
        self._depth_pane[:] = [pn.pane.Bokeh(self.depth.root, sizing_mode="stretch_both", margin=0)]
        self._reset()

    def _reset(self) -> None:
        if self.samples is not None:
            old = self.samples
            self.samples = Samples(old.wires, old.n, old.offset, old.steps)
        if self.depth is not None:
            self.depth.reset()
        for picture in (self.astrocyte, self.branching, self.weights):
            picture.reset()
        self._report("")

    def _show_depth(self, seen: bool) -> None:
        if self.depth is not None:
            self.depth.show(seen)

    # -- frames ------------------------------------------------------------------------------------

    def _take(self, frames: list[Any], t_ms: float) -> None:
        samples, info = self.samples, self.explorer.info
        if samples is None or info is None:
            return
        if samples.labels is None and self._labels is not None:
            samples.labels = self._labels
        first, last = samples.offset, samples.offset + samples.n
        inputs = info.population("input")
        self._light(frames, first, last)
        self.astrocyte.take(frames, (first, last), (inputs.offset, inputs.offset + inputs.size),
                            t_ms)  # fmt: skip
        if self.depth is not None:
            self.depth.update([self._by_depth(f, first, last) for f in frames], t_ms)
        works = self.explorer.values["rule"] == ASTROCYTE
        ended = samples.take(frames)
        for sample in ended:
            if sample.factor is not None:
                self.branching.add(sample.end_ms, sample.factor, works)
        if ended:
            self._ended = True
            self._evaluate(ended[-1])

    def _draw(self, t_ms: float) -> None:
        self._t_ms = t_ms
        if self.cards["astrocyte"].heading.seen:
            self._draw_astrocyte()
        if self._ended and self.cards["branching"].heading.seen:
            self._ended = False
            self.branching.draw()

    def _draw_astrocyte(self) -> None:
        self.astrocyte.draw(self._t_ms, self.explorer.values["A_plus"])

    def _light(self, frames: list[Any], first: int, last: int) -> None:
        if not self.space.seen:
            return
        units = np.unique(np.concatenate([f.units for f in frames]))
        self.space.fired = (units[(units >= first) & (units < last)] - first).tolist()

    def _by_depth(self, frame: Any, first: int, last: int) -> Any:
        mine = (frame.units >= first) & (frame.units < last)
        units = self._rank[frame.units[mine] - first].astype(np.int32)
        return replace(frame, steps=frame.steps[mine], units=units, states={}, weights={})

    def _evaluate(self, sample: Sample) -> None:
        assert self.samples is not None
        if sample.label < 0:
            self._report("The pictures are being loaded.")
            return
        if sample.guess is None:
            message = "<p>The readout has seen too little to guess.</p>"
        else:
            kind = "right" if sample.guess == sample.label else "wrong"
            message = f'<p>The readout says <b class="{kind}">{sample.guess}</b></p>'
        right, counted = self.samples.right()
        if counted:
            message += f"<p>{right} of the last {counted} right; {counted / 10:.2g} by chance</p>"
        message += f'<p class="small">{LEARNS}</p>'
        self._report(f"<p>Shown: <b>{sample.label}</b></p>{message}", sample.picture)

    def _report(self, message: str, picture: int | None = None) -> None:
        pixels = None
        if picture is not None and self._images is not None:
            pixels = self._images[picture][2:26:3, 2:26:3]
        text = digit_html(pixels, message or "Press Run: the first picture is on its way.")
        if self.digit.object != text:
            self.digit.object = text

    # -- weights: an answer may take a moment --------------------------

    def _ask_weights(self) -> None:
        if not self.cards["weights"].heading.seen:
            return
        if self._asking:  # the answer may be of an earlier moment
            self._ask_again = True
            return
        self._asking, self._ask_again = True, False
        self.explorer.ask_states(self._weights)

    def _weights(self, states: dict[str, dict[str, Any]]) -> None:
        found = {name: states[name]["w"] for name, _ in self.weights.KINDS if name in states}
        if found:
            w_max = max(self.explorer.values["w_max"], 1e-6)
            self.explorer.later(lambda: self.weights.show(found, w_max))
        self._asking = False
        if self._ask_again:
            self.explorer.later(self._ask_weights)

    def _dark(self, dark: bool) -> None:
        self.space.dark = dark
        self.digit.css_classes = ["dark"] if dark else []
        if self.depth is not None:
            self.depth.set_dark(dark)
        for picture in (self.astrocyte, self.branching, self.weights):
            picture.set_dark(dark)


def _pane(picture: Any) -> Any:
    return pn.pane.Bokeh(picture.root, sizing_mode="stretch_both", margin=0)


def _depth_color(share: float) -> str:
    """From blue in front to violet at the back; each has contrast on light and on dark."""
    near, far = np.array([38, 134, 200]), np.array([163, 92, 190])
    r, g, b = np.rint(near + share * (far - near)).astype(int)
    return f"#{r:02x}{g:02x}{b:02x}"


def controls(explorer: ModelPage) -> Any:
    """Switch the astrocyte off and on, choose another rule, show a picture again."""
    works = pmui.Switch(
        label="Astrocyte at work", value=explorer.values["rule"] == ASTROCYTE,
        css_classes=["wb-astrocyte"], margin=(4, 0),
    )  # fmt: skip
    rule = pmui.Select(
        label="Plasticity", options=RULES, value=explorer.values["rule"], size="small",
        sizing_mode="stretch_width", margin=FIELD, css_classes=["wb-rule"],
    )  # fmt: skip
    picture = NumberField(
        0, "Picture", low=0, high=PICTURES - 1, explain=True, label="Picture", size="small",
        sizing_mode="stretch_width", margin=FIELD,
    )  # fmt: skip
    again = pmui.Button(
        label="Show this picture", variant="outlined", size="small", sizing_mode="stretch_width",
        css_classes=["wb-show"], margin=(4, 0),
    )  # fmt: skip

    def choose(value: int) -> None:
        if explorer.values["rule"] != value:
            explorer.set_values({"rule": value}, "another plasticity")
        with pn.io.hold():
            works.value, rule.value = value == ASTROCYTE, value

    works.param.watch(
        lambda e: (
            choose(ASTROCYTE if e.new else PLAIN)
            if e.new != (explorer.values["rule"] == ASTROCYTE)
            else None
        ),
        "value",
    )
    rule.param.watch(lambda e: choose(e.new), "value")

    def show(_event: Any) -> None:
        if not picture.error_state:  # else the field says what is wrong
            explorer.do(Show(picture=int(picture.latest)))

    again.on_click(show)

    def follow(_frames: Any, _t_ms: float) -> None:
        now = explorer.values["rule"]
        if rule.value != now:
            choose(int(now))

    explorer.on_frames(follow)
    return pn.Column(works, rule, picture, again, sizing_mode="stretch_width", margin=0)


def extend(explorer: ModelPage) -> Extension:
    """The liquid in space first, then what tells how it does."""
    views = LiquidViews(explorer)
    return Added(
        cards={card.title: card for card in views.cards.values()},
        controls=controls(explorer),
        leading=("raster", "circuit", "own", "weights"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
