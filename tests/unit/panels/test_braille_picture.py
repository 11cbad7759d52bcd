"""What the picture of the reading finger holds, and which letters are counted."""

from types import SimpleNamespace

import numpy as np

from models.l2mu_braille import L2MUBraille
from models.l2mu_braille.letters import NAMES, STEPS
from panels.l2mu_braille import Reader
from panels.model_plots.braille import Letter, ReadingPicture
from workbench.engine.frames import Frame
from workbench.network import NetworkInfo, Population
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


def test_a_letter_of_which_spikes_are_missing_is_not_counted():
    sizes, populations, offset = {"finger": 12, "memory": 490, "output": len(NAMES)}, [], 0
    for name, size in sizes.items():
        populations.append(Population(name, size, offset, "neurons"))
        offset += size
    info = NetworkInfo(1.0, 1.0, tuple(populations), (), {}, {})
    page = SimpleNamespace(
        values=L2MUBraille().values(), dark=False, network=info,
        **{f"on_{what}": lambda _f: None for what in ("info", "reset", "frames", "dark")},
    )  # fmt: skip
    reader = Reader(page)
    reader.labels = np.arange(len(NAMES))
    votes = np.arange(5) * STEPS + 200  # one a letter, each for the first
    touch = np.arange(5.0)[:, None]
    one = Frame(
        tick=5 * STEPS, t_ms=5.0 * STEPS, steps=votes, units=np.full(5, offset - len(NAMES)),
        state_t=votes.astype(float), states={"finger.touch": touch}, weights={}, counters={},
        missing=(STEPS + 50, 2 * STEPS + 1),
    )  # fmt: skip
    reader._take([one], one.t_ms)
    assert [letter.number for letter in reader.read] == [0, 3, 4]
    assert "1 of 3 right" in reader.list.object
    assert "2 letters passed too fast" in reader.list.object
