"""No run of a visit is lost: what gives way is put aside, and comes back as it was."""

from __future__ import annotations

import pytest

from panels.parts.drags import Drag
from panels.parts.visit_runs import KEPT, VisitRun
from tests.ui.fakes import TwoGroups, frame
from tests.ui.test_address import at_once, opened  # noqa: F401
from tests.ui.test_journey import CLOCK, press, state, until
from workbench.interventions import Intervention
from workbench.links import Link

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

CHANGED = Intervention.of_change(TwoGroups, 3, 3.0, "tau_m", 10.0, 7.0)


def ran(page, t_ms: float) -> None:
    page.session.arrive(frame(t_ms))
    page.session.report(state="paused")
    page.tick()


def moved(page, name: str, value: float) -> None:
    page.parameters._handle_msg({"type": "set", "name": name, "value": value, "final": True})
    page.tick()


def shown(page) -> list[str]:
    page.tick()
    return [chip["label"] for box in page.visit_runs.view for chip in box.chips]


def test_a_run_that_gives_way_is_put_aside(opened):  # noqa: F811
    page = opened({})
    page.on_button("reset")
    assert shown(page) == []  # nothing was simulated yet
    ran(page, 9.0)
    moved(page, "n_exc", 20)
    assert shown(page) == ["run 1 · 9 ms"]
    ran(page, 4.0)
    page.simulation._seed.value = "7"
    page.tick()
    assert shown(page) == ["run 2 · N = 20 · 4 ms", "run 1 · 9 ms"]
    assert page.visit_runs.number == 3
    help = page.visit_runs.view[0].chips[1]["help"]
    assert "up to t = 9 ms. all parameters at their defaults; seed 1" in help


def test_it_comes_back_as_it_was_and_the_present_one_is_put_aside(opened):  # noqa: F811
    page = opened({"seed": "4"})
    page.session.interventions.append(CHANGED)
    page.session.model.set("tau_m", 7.0)
    page.changes.show({"tau_m": 7.0})
    ran(page, 9.0)
    moved(page, "n_exc", 20)
    page.simulation._seed.value = "5"
    page.tick()
    ran(page, 2.0)
    n = len(page.made)
    page.visit_runs._chips._handle_msg({"pressed": "1"})
    page.tick()
    assert len(page.made) == n + 1
    session = page.session
    assert session.model.values() == {**TwoGroups().values(), "tau_m": 10.0}
    assert session.plan.changes == [(3, "tau_m", 7.0)] and session.plan.seed == 4
    assert ("step", 9) in session.reported
    assert page.values == TwoGroups().values()  # as at t = 0: it was changed at 3 ms
    assert (page.simulation.seed, page.simulation.engine) == (4, "auto")
    assert shown(page) == ["run 2 · τ_m = 7 ms · N = 20 · 2 ms"]
    assert page.visit_runs.number == 1
    page.strip._shown_at = 0.0
    page.tick()
    assert "run 1, repeated" in page.strip.view.object
    ran(page, 9.0)
    assert page.values == {**TwoGroups().values(), "tau_m": 7.0}
    page.on_button("reset")
    page.tick()
    assert shown(page)[0] == "run 1 · τ_m 10 ms → 7 ms · 9 ms"
    assert page.visit_runs.number == 3
    page.commands.key("undo")  # the sliders go back to where they were before
    assert page.values["n_exc"] == 20


def test_the_sliders_show_what_holds_at_each_moment_of_a_repeated_run(opened):  # noqa: F811
    page = opened({})
    again = Intervention.of_change(TwoGroups, 6, 6.0, "tau_m", 7.0, 8.0)
    values = {**TwoGroups().values(), "tau_m": 8.0}
    page.link.repeat(Link(TwoGroups, values, t_ms=9.0, log=(again, CHANGED)))
    seen = []
    for t_ms in (2.9, 3.0, 5.0):
        ran(page, t_ms)
        seen.append(page.values["tau_m"])
    assert seen == [10.0, 7.0, 7.0]
    moved(page, "tau_m", 12.0)  # by hand: until the run comes to its next change
    ran(page, 5.9)
    assert page.values["tau_m"] == 12.0
    ran(page, 9.0)
    assert page.values["tau_m"] == 8.0
    moved(page, "tau_m", 11.0)
    ran(page, 20.0)
    assert page.values["tau_m"] == 11.0


def test_a_drag_is_one_flag_in_a_run_that_comes_back(opened):  # noqa: F811
    page = opened({})
    for value, final in ((8.0, False), (7.0, True)):
        what = {"type": "set", "name": "tau_m", "value": value, "final": final}
        page.parameters._handle_msg(what)
    drags = [Drag("tau_m", 10.0, 7.0)]
    assert page.changes.drags == drags
    ran(page, 9.0)
    page.on_button("reset")
    page.tick()
    assert page.changes.drags == []
    page.visit_runs.bring_back(1)
    assert page.changes.drags == drags


def test_a_chip_tells_what_was_set_before_a_run_from_what_changed_during_it():
    def label(*log):
        values = {**TwoGroups().values(), "tau_m": 7.0}
        return VisitRun(1, Link(TwoGroups, values, t_ms=9.0, log=log)).label()

    def change(tick, was, value):
        return Intervention.of_change(TwoGroups, tick, float(tick), "tau_m", was, value)

    assert label() == label(change(0, 10.0, 7.0)) == "run 1 · τ_m = 7 ms · 9 ms"
    # Of several steps the ends count, also when the last one came where the run stopped.
    steps = (change(3, 10.0, 8.0), change(9, 8.0, 7.0))
    assert label(*steps) == "run 1 · τ_m 10 ms → 7 ms · 9 ms"


def test_a_chip_that_is_gone_does_nothing(opened):  # noqa: F811
    page = opened({})
    ran(page, 9.0)
    page.on_button("reset")
    page.tick()
    page.visit_runs._pressed(1)
    n = len(page.made)
    page.visit_runs._pressed(1)
    assert len(page.made) == n


def test_the_last_ten_stay(opened):  # noqa: F811
    page = opened({})
    for k in range(KEPT + 2):
        ran(page, 1.0 + k)
        page.on_button("reset")
    assert [r.number for r in page.visit_runs.aside] == list(range(3, KEPT + 3))


@pytest.mark.slow
@pytest.mark.browser
def test_a_reset_can_be_taken_back_in_a_browser(server, open_page):
    page = open_page(f"{server.url}/ssn-pair")
    state(page, "ready")
    press(page, "run")
    until(lambda: page.evaluate(CLOCK)[0] > 40)
    press(page, "pause")
    state(page, "paused")
    stood = page.evaluate(CLOCK)[0]
    press(page, "reset")
    state(page, "ready")
    chip = page.get_by_role("button", name="run 1 ")
    chip.click()
    until(lambda: page.evaluate(CLOCK)[0] == stood)
    state(page, "paused")
    chip.wait_for(state="detached")
