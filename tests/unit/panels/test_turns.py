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
