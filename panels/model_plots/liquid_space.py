"""The liquid in space, as the browser draws it."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class LiquidSpace(JSComponent):
    """A cloud of dots that light up.

    place : for each neuron its place on the grid;  n_exc : the first so many are excitatory
    fired : neurons that fired since the last drawing
    seen  : while False nothing is drawn
    """

    place = param.List(default=[])
    n_exc = param.Integer(default=0)
    fired = param.List(default=[])
    dark = param.Boolean(default=False)
    seen = param.Boolean(default=True)

    _esm = Path(__file__).with_name("liquid_space.js")
