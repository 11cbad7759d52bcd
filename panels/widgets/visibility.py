"""Visibility of a card, so that plots outside the screen are not drawn."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class Visibility(JSComponent):
    """Invisible widget whose ``seen`` is True while the card around it is on the screen."""

    seen = param.Boolean(default=True)

    _esm = Path(__file__).with_name("visibility.js")

    def __init__(self, **params: object):
        super().__init__(width=0, height=0, margin=0, **params)
