"""Whose turn it is to run, where a server runs only so many simulations."""

from __future__ import annotations

from panels.access.turns import Turn, Turns


class Simulation:
    """Runs while it may."""

    def __init__(self, turns):
        self.turn, self.running = Turn(turns), False

    def pause(self):
        self.running = False

    def resume(self):
        self.running = True

    def tick(self):
        self.turn.keep(self.running, self.pause, self.resume)


def three(limit):
    turns = Turns(limit)
    found = [Simulation(turns) for _ in range(3)]
    for one in found:
        one.resume()
        one.tick()
    return found


def test_without_a_limit_all_run():
    found = three(None)
    assert [s.running for s in found] == [True] * 3
    assert all(s.turn.waits == "" for s in found)


def test_the_others_wait_in_order_and_go_on_by_themselves():
    first, second, third = found = three(1)
    assert [s.running for s in found] == [True, False, False]
    assert second.turn.waits == "waiting for its turn: 1 simulation runs already"
    assert third.turn.waits.endswith("already, 1 before this one")
    third.resume()  # as by a button of the model's own
    third.tick()
    assert not third.running
    first.pause()
    for s in (third, first, second):  # whoever looks first
        s.tick()
    assert [s.running for s in found] == [False, True, False]
    second.turn.leave()  # its page was closed
    third.tick()
    assert third.running


def test_who_pauses_and_goes_on_waits_behind_the_others():
    first, _second, _third = found = three(2)
    first.pause()
    for s in found:
        s.tick()
    first.resume()
    for s in found:
        s.tick()
    assert [s.running for s in found] == [False, True, True]
    assert first.turn.waits


def test_a_job_that_cannot_wait_is_told_at_once():
    turns = Turns(1)
    one, other = Turn(turns), Turn(turns)
    assert one.take()
    assert not other.take()
    one.leave()
    assert other.take()


def test_who_asks_before_it_runs_never_runs_beyond_the_limit():
    turns = Turns(2)
    found = [Simulation(turns) for _ in range(4)]
    for one in found:
        if one.turn.ask():
            one.resume()
    assert [s.running for s in found] == [True, True, False, False]
    assert found[3].turn.waits.endswith("already, 1 before this one")
    for s in found:
        s.tick()
    assert [s.running for s in found] == [True, True, False, False]
    found[1].pause()
    for s in reversed(found):
        s.tick()
        assert sum(s.running for s in found) <= 2
    for s in found:
        s.tick()
    assert [s.running for s in found] == [True, False, True, False]
    assert found[0].turn.ask()  # it has its turn already


def of(turns, *names):
    found = []
    for name in names:
        one = Simulation(turns)
        one.turn.whose = name
        found.append(one)
    return found


def test_nobody_has_a_second_turn_while_somebody_waits_for_the_first():
    turns = Turns(2)
    a1, a2, a3, ben = everyone = of(turns, "anna", "anna", "anna", "ben")
    for one in (a1, a2, a3):
        one.resume()
        one.tick()
    assert [s.running for s in everyone] == [True, True, False, False]
    assert ben.turn.ask()  # though two run
    ben.resume()
    for _ in range(2):
        for s in everyone:
            s.tick()
    assert [s.running for s in everyone] == [True, False, False, True]
    assert "1 before this one" not in a2.turn.waits
    ben.pause()
    for s in (ben, a3, a2, a1):
        s.tick()
    assert [s.running for s in everyone] == [True, True, False, False]


def test_where_nobody_logs_in_each_page_is_somebody():
    turns = Turns(1)
    one, other = of(turns, "", "")
    one.resume()
    one.tick()
    assert not other.turn.ask()
    one.tick()
    assert one.running


def test_what_lasts_keeps_its_turn_and_its_owner_s_page_gives_way():
    turns = Turns(2)
    page, ben = of(turns, "anna", "ben")
    page.resume()
    page.tick()
    sweep, second = Turn(turns, "anna"), Turn(turns, "anna")
    assert sweep.take()
    assert not second.take()  # one person has one that lasts
    assert ben.turn.ask()
    page.tick()
    assert not page.running and page.turn.waits
    assert not Turn(turns, "carl").take()  # the sweep and ben's page run
    sweep.leave()
    page.tick()
    assert page.running
    assert Turn(turns, "anna").lasts is False


def test_one_person_alone_may_have_all_that_runs():
    turns = Turns(3)
    mine = of(turns, "anna", "anna", "anna")
    for one in mine:
        one.resume()
        one.tick()
    assert all(s.running for s in mine)


def test_without_a_limit_one_person_may_start_several_that_last():
    turns = Turns(None)
    assert Turn(turns, "anna").take() and Turn(turns, "anna").take()
