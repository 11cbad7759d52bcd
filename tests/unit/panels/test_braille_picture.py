"""What a saved picture of the reading finger holds."""

import numpy as np

from models.l2mu_braille.letters import NAMES
from panels.model_plots.braille import Letter, ReadingPicture
from workbench.plots.live.seen import seen_of


def test_bars_of_votes_are_saved_with_their_letters():
    picture = ReadingPicture(12, 490)
    letter = Letter.new(0)
    letter.votes[:] = np.arange(len(NAMES))
    picture.draw(letter, 100, None)
    seen = seen_of(picture.race)
    named = {text: place for place, text in seen.y_ticks}
    assert set(named) == set(NAMES) and named[NAMES[0]] > named[NAMES[-1]]  # the first on top
    (bars,) = [layer for layer in seen.layers if layer.kind == "boxes"]
    middle = (np.asarray(bars.data["bottom"]) + bars.data["top"]) / 2
    assert dict(zip(middle, bars.data["right"], strict=True)) == {
        named[name]: votes for name, votes in zip(NAMES, letter.votes, strict=True)
    }
