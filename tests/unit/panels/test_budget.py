"""A share of the time of a server."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from panels.widgets import budget as module
from panels.widgets.budget import Budget


@pytest.fixture
def passes(monkeypatch):
    """Let time pass."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))

    def let(seconds):
        clock.now += seconds

    return let


def test_a_burst_is_free_and_then_a_share_is_kept(passes):
    budget = Budget(share=0.5, most_s=2.0)
    worked = 0.0
    for _ in range(100):
        if budget.is_left:
            with budget.spent():
                passes(0.4)
            worked += 0.4
        passes(0.1)
    idle = 100 * 0.1
    assert worked == pytest.approx(2.0 + 0.5 * (worked + idle), abs=0.5)


def test_work_that_fails_is_paid_for_and_no_more_is_kept_than_a_burst(passes):
    budget = Budget(share=0.5, most_s=2.0)
    passes(1000.0)
    with pytest.raises(ValueError, match="broken"), budget.spent():
        passes(2.5)
        raise ValueError("broken")
    assert budget.is_left  # 0.75 of what passed meanwhile
    with budget.spent():
        passes(2.0)
    assert not budget.is_left
    passes(0.6)
    assert budget.is_left
