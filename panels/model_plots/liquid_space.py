"""The liquid in space, as the browser draws it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import param
from panel.custom import JSComponent

from workbench.palette import EXCITATORY, INHIBITORY, on_page
from workbench.plots.live.seen import Layer, Seen


class LiquidSpace(JSComponent):
    """A cloud of dots that light up.

    place : for each neuron its place on the grid;  n_exc : the first so many are excitatory
    fired : neurons that fired since the last drawing
    seen  : while False nothing is drawn
    inks  : of excitatory and inhibitory neurons that fire, on a light and on a dark page
    """

    place = param.List(default=[])
    n_exc = param.Integer(default=0)
    fired = param.List(default=[])
    dark = param.Boolean(default=False)
    seen = param.Boolean(default=True)
    inks = param.List(
        default=[[on_page(c, dark) for c in (EXCITATORY, INHIBITORY)] for dark in (False, True)]
    )

    def seen_now(self) -> tuple[Seen, ...]:
        """The liquid from the front: x to the right, y up; what fired last is drawn over it."""
        place = np.array(self.place, float).reshape(-1, 3)
        kinds = {"excitatory": place[: self.n_exc], "inhibitory": place[self.n_exc :]}
        colors = {"excitatory": EXCITATORY, "inhibitory": INHIBITORY}
        layers = [
            Layer("dots", {"x": at[:, 0], "y": at[:, 1]}, (colors[name],), name, True, 5.0)
            for name, at in kinds.items() if len(at)
        ]  # fmt: skip
        if self.fired:
            lit = place[np.array(self.fired, int)]
            layers.append(
                Layer("dots", {"x": lit[:, 0], "y": lit[:, 1]}, ("#24292F",), "fired", True, 9.0)
            )
        ends = [(0.0, 1.0), (0.0, 1.0)]
        if len(place):
            ends = [(float(v.min()) - 1, float(v.max()) + 1) for v in place[:, :2].T]
        return (
            Seen(ends[0], ends[1], tuple(layers), "x", "y", equal=True,
                 words="" if layers else "The liquid appears here."),
        )  # fmt: skip

    _esm = Path(__file__).with_name("liquid_space.js")
