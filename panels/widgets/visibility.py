"""Whether a card is on the screen: what nobody sees is not drawn."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent


class Visibility(JSComponent):
    """Put into a card, it knows whether the card is on the screen or nearly."""

    seen = param.Boolean(default=True)

    _esm = Path(__file__).with_name("visibility.js")

    def __init__(self, **params: object):
        super().__init__(width=0, height=0, margin=0, **params)
