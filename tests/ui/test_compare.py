"""The Compare tab: equal values give equal spikes, others do not, and undo in a real browser."""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from panels.model_page import Explorer
from panels.parts.keep_run import Keeping
from panels.tabs import compare
from panels.tabs.compare_plots import OverlayView, RateDifferenceView, WeightDifferenceView, painted
from panels.tabs.compare_text import ChosenSide, other_value, progress, sentence
from panels.theme import css
from workbench.catalogue import Catalogue
from workbench.comparison.difference import Common, Spike
from workbench.comparison.pair import PairStatus
from workbench.model.parameter import Parameter
from workbench.palette import COMPARED
from workbench.plots.live.theme import contrast, luminance, theme

from .fakes import INFO, TwoGroups, frame
from .test_journey import look_at, press, state, until

COLORS = {"exc": "#332288", "inh": "#CC6677"}


def views():
    common = Common(INFO, INFO)
    made = [kind(INFO, common, colors=COLORS) for kind in (OverlayView, RateDifferenceView)]
    made[1].set_networks(INFO, INFO)
    return made


# -- without a browser -----------------------------------------------------------------------------


def test_what_both_have_and_what_only_one_has_is_reported_apart():
    overlay, rates = views()
    overlay.update_pair([frame(5.0, [0, 3, 12])], [frame(5.0, [0, 3, 14])], 5.0)
    data = overlay._marks.data
    drawn = dict(zip(data["unit"].tolist(), data["said"], strict=True))
    assert drawn == {0: "in both", 3: "in both", 12: "only in A", 14: "only in B"}
    assert overlay.describe().endswith("2 spikes in both, 1 spike only in A, 1 spike only in B.")
    # What only one of them has sent so far is not a difference yet.
    overlay.update_pair([frame(9.0, [1])], [], 5.0)
    overlay.update_pair([], [frame(9.0, [1])], 9.0)
    assert len(overlay.logs["same"]) == 3
    for t_ms in range(10, 60, 10):
        rates.update_pair([frame(t_ms, [0])], [frame(t_ms, [0, 1, 12])], t_ms)
    data = rates._source.data
    mean = {k: float(np.mean(data[k])) for k in ("exc", "inh")}
    assert mean == pytest.approx({"exc": 10.0, "inh": 20.0})  # 5 more in 50 ms, of 10 and of 5


def test_many_spikes_are_an_image_in_which_a_difference_is_seen():
    overlay, _ = views()
    steps = np.repeat(np.arange(0, 990), 10)
    both = frame(99.0, np.tile(np.arange(10), 990), steps)
    extra = frame(99.0, [*both.units, 12], [*steps, 500])
    overlay.update_pair([both], [extra], 99.0)
    (image,) = overlay._image.data["image"]
    assert set(np.unique(image)) == {0, 1, 3}
    assert np.count_nonzero(image == 3) == 1


def test_neither_wins_where_both_differ():
    one = np.ones((4, 4), int)
    image = painted(one, one, one)
    assert np.count_nonzero(image == 2) == np.count_nonzero(image == 3) == 8
    assert painted(one, 0 * one, 0 * one).tolist() == one.tolist()
    assert (painted(one, one, 2 * one) == 3).all()


def test_the_two_colours_differ_in_hue_and_stand_out():
    for dark, (a, b, same) in COMPARED.items():
        assert min(contrast(c, theme(dark).surface) for c in (a, b)) > 3
        assert contrast(same, theme(dark).surface) > 2
        assert abs(luminance(a) - luminance(b)) > 0.02


def test_weights_are_drawn_around_zero_and_only_when_they_differ():
    view = WeightDifferenceView(INFO, colors=COLORS)
    equal = np.full((5, 10), 2.0, np.float32)
    view.update_pair({"exc_to_inh": (3.0, equal, equal)})
    assert view.differ == {}
    assert "are the same in A and B" in view._empty.text
    other = equal.copy()
    other[1, 2] = 0.5
    view.update_pair({"exc_to_inh": (4.0, equal, other)})
    assert view.differ == {"exc_to_inh": 1.5}
    assert (view._mapper.low, view._mapper.high) == (-1.5, 1.5)
    assert view._image.data["image"][0][1, 2] == -1.5


def test_the_sentence_says_what_differs_and_since_when():
    chosen = ChosenSide(TwoGroups.param.tau_m, "tau_m", 10.0, 15.0)
    none = sentence(chosen, {"a": 40, "b": 40, "both": 40}, None, 80.0)
    assert "A has τ_m = 10 ms, B τ_m = 15 ms." in none
    assert "Identical so far:</b> 40 spikes until 80 ms, and all of them in both." in none
    first = Spike(12.3, "in_cue", 4, "b")
    some = sentence(chosen, {"a": 1234, "b": 1300, "both": 900}, first, 2000.0)
    assert "They differ since 12.3 ms:</b> in cue, neuron 4 spikes there in B only." in some
    assert "A has 1,234 spikes and B 1,300; 900 of them are the same." in some
    assert "40 %" in progress(PairStatus(progress=0.4))


@pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")
def test_of_two_comparisons_asked_for_at_once_only_the_latest_begins(monkeypatch):
    # As when Compare is pressed twice before the page can say that it has heard.
    started, may_go, threads = [], threading.Event(), threading.enumerate()

    def maker(*_args):
        pair = SimpleNamespace(start=lambda: started.append(pair) or pair, close=lambda: None)

        def make():
            assert may_go.wait(60)
            return pair

        return make

    monkeypatch.setattr(compare, "_maker", maker)
    page = Explorer(TwoGroups())
    tab = page.comparing
    tab.build()
    for _ in range(2):
        tab.on_button("run")
    latest = tab._asked
    may_go.set()
    for thread in set(threading.enumerate()) - set(threads):
        thread.join(60)
    assert len(started) == 1
    assert tab._asked == latest and tab._made == (started[0], "")
    page.close()


class Choosing(TwoGroups):
    """A model one of whose parameters has values with names."""

    slug = "choosing"
    begun = Parameter(0, choices=("naive", "taught"), group="Network", doc="begin", source="none")


@pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")
def test_a_value_with_a_name_is_chosen_from_a_list(monkeypatch):
    asked = []
    monkeypatch.setattr(compare, "_maker", lambda *args: asked.append(args[2]))
    page = Explorer(Choosing())
    page.later = lambda act: act()
    tab = page.comparing
    tab.build()
    assert tab.value.visible and not tab.named.visible
    tab.parameter.value = "begun"
    assert not tab.value.visible and tab.named.visible
    assert (tab.named.options, tab.named.value) == (["naive", "taught"], "taught")
    tab.on_button("run")
    assert asked == [{"begun": 1}]
    tab.parameter.value = "tau_m"
    assert tab.value.visible and not tab.named.visible and tab.value.value == "12.5 ms"
    page.close()


@pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")
def test_the_value_that_differs_is_read_strictly(monkeypatch):
    asked = []
    monkeypatch.setattr(compare, "_maker", lambda *args: asked.append(args[2]))
    page = Explorer(TwoGroups())
    tab = page.comparing
    tab.build()
    assert (tab.parameter.value, tab.value.value) == ("tau_m", "12.5 ms")
    for text, message in (
        ("9**9**9", "nothing is calculated here"),
        ("12,5", "it has a decimal comma; did you mean '12.5'?"),
        ("", "write a number in ms"),
        ("0", "must be at least 0.1 ms"),
    ):
        tab.value.value = text
        tab.on_button("run")
        assert message in tab.error_banner.said
        assert asked == []
    tab.value.value = "0.015 s"
    tab.on_button("run")
    assert asked == [{"tau_m": 15.0}]
    page.close()


@pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")
def test_whatever_goes_wrong_in_the_background_is_reported(monkeypatch):
    def broken(*_args):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(compare, "_maker", lambda *_args: broken)
    page = Explorer(TwoGroups())
    tab = page.comparing
    tab.build()
    tab.on_button("run")
    until(lambda: tab._made)
    assert tab._made == (None, "OperationalError: disk I/O error")
    keeping = Keeping(lambda: nullcontext(broken), Catalogue, lambda act: act())
    keeping.keep()
    until(lambda: keeping.message)
    assert keeping.message == "OperationalError: disk I/O error"
    until(lambda: not keeping.button.loading)
    page.close()


@pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")
def test_the_choice_of_weights_shrinks_before_it_lies_on_the_buttons():
    page = Explorer(TwoGroups())
    tab = page.comparing
    tab.build()
    # With a width of its own it would not shrink, whatever the heading's rule for selects says.
    assert tab.projection.sizing_mode == "stretch_width"
    (name,) = tab.projection.css_classes
    assert re.match(r"wb-select-", name) and '[class*="wb-select-"]' in css("card_heading")
    page.close()


def test_another_value_is_offered():
    assert other_value(TwoGroups.param.tau_m, 10.0) == 12.5
    assert other_value(TwoGroups.param.tau_m, 50.0) == 37.5
    assert other_value(TwoGroups.param.n_exc, 10) == 12
    assert other_value(TwoGroups.param.n_exc, 1) == 50


# -- with one --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.browser
def test_compare_and_undo_in_the_browser(server, open_page):
    page = open_page(f"{server.url}/hippocampal-cam")
    state(page, "ready")
    before = server.workers()
    page.get_by_role("tab", name="Compare").click()
    page.locator(".wb-compare-value input").first.fill("6")
    page.locator(".wb-compare-value input").first.press("Tab")
    press(page, "compare-run")
    page.get_by_text(re.compile("No spikes yet")).first.wait_for()
    page.get_by_text(re.compile(r"running · .* · t = ")).first.wait_for()
    assert len(server.workers() - before) == 2
    page.locator(".wb-do-RecallByCue").first.click()
    page.get_by_text(re.compile("Identical so far")).first.wait_for()
    press(page, "compare-stop")
    page.get_by_text(re.compile("stopped · ")).first.wait_for()

    # A parameter is changed by its slider, and taken back and done again by keys.
    page.get_by_role("tab", name="Live").click()
    page.get_by_text("Plasticity").first.click()
    slider = page.get_by_role("slider", name="A_plus in nA")
    slider.fill("3")
    press(page, "step")
    # In the log: the buttons' tooltips say the same, before it is done.
    look_at(page, "log")
    changes = page.locator(".wb-log li")
    changes.filter(has_text="A+ 6 nA → 3 nA").first.wait_for()
    slider.press("Control+z")
    changes.filter(has_text="A+ 3 nA → 6 nA").first.wait_for()
    assert slider.input_value() == "6"
    page.locator(".wb-redo").first.click()
    changes.filter(has_text="A+ 6 nA → 3 nA").nth(1).wait_for()
    assert slider.input_value() == "3"
