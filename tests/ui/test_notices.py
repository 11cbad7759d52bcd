"""Notices of a page: few stand at a time, and the newest are among them."""

from __future__ import annotations

import panel as pn
from panel_material_ui.notifications import NotificationArea

from panels.widgets.notices import MOST, notify


def test_however_many_come_few_stand_and_the_newest_is_shown(monkeypatch):
    area = NotificationArea()
    monkeypatch.setattr(type(pn.state), "notifications", area)
    for k in range(40):
        assert notify("success", f"notice {k}", 0)
        assert len(area.notifications) <= MOST + 1
    shown = [notice.message for notice in area.notifications]
    assert shown == [f"notice {k}" for k in range(40 - MOST - 1, 40)]


def test_where_there_is_no_place_for_notices_that_is_told(monkeypatch):
    monkeypatch.setattr(type(pn.state), "notifications", None)
    assert not notify("error", "nobody sees this", 0)
