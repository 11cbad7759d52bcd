"""Twenty seconds after Run no card of any model is empty, but those that wait for a person."""

from __future__ import annotations

import re
import time

import pytest

from workbench.model import registry

from .test_moments import Opened

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning"),
    pytest.mark.slow,  # some ten seconds a model
]

LOOKED_AT_S = 20.0  # on the page, at the model's own pace
PATIENCE_S = 90.0  # on a busy machine
# Of weights that are all alike the number is said.
ALIKE = re.compile(r"All [\d,]+ weights of .+\sare −?[\d.e−]+", re.DOTALL)

# Model -> card -> what it waits for.
WAITS = {
    "adaptive-whitening": {"Error at the switch": "a switch of context"},
    "elm-neuron": {"Against the cell": "a trial of the cell, which one plays"},
    "hippocampal-cam": {
        "Raster": "an operation: the network is silent without one",
        "Recall quality": "a recall",
    },
    "l2mu-braille": {"Reading": "a letter that was read"},
    "ssn": {"Local exponent": "several contrasts"},
}


@pytest.mark.parametrize("slug", registry.models())
def test_no_card_is_empty_after_twenty_seconds(slug):
    opened = Opened(slug)
    page = opened.explorer
    try:
        page.session.set_speed(None)
        page.on_button("run")
        until_ms = LOOKED_AT_S * (registry.model_class(slug).pace or 1000.0)
        end = time.monotonic() + PATIENCE_S
        opened.turn_until(lambda: page.session.status().t_ms >= until_ms or time.monotonic() > end)
        page.on_button("pause")
        opened.settle()
        empty = set()
        for card in (*page.plots.cards.values(), *page.own):
            found = card.shown() if card.view.visible else ()
            if isinstance(found, str):
                empty |= {card.title} if 'class="empty"' in found else set()
            elif any((seen.words or not seen.layers) and not ALIKE.match(seen.words)
                     for seen in found):  # fmt: skip
                empty.add(card.title)
        assert empty <= WAITS.get(slug, {}).keys()
    finally:
        page.close()
