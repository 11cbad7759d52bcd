"""Undo of parameter changes: one step a drag, several in a row, redo, and what ends a redo."""

from panels.parts.undo import KEPT, Change, Undo


def test_nothing_to_take_back():
    undo = Undo()
    assert undo.undo() is None
    assert undo.redo() is None
    assert (undo.next_undo, undo.next_redo) == (None, None)


def test_a_drag_is_one_change():
    undo = Undo()
    for before, after in ((10, 11), (11, 12.5), (12.5, 14)):
        undo.note("tau_m", before, after, final=False)
    undo.note("tau_m", 14, 14, final=True)
    assert undo.next_undo == Change({"tau_m": 10}, {"tau_m": 14})
    assert undo.undo() == {"tau_m": 10}
    assert undo.undo() is None


def test_a_drag_that_is_not_over_can_be_taken_back():
    undo = Undo()
    undo.note("tau_m", 10, 12, final=False)
    assert undo.undo() == {"tau_m": 10}
    assert undo.redo() == {"tau_m": 12}


def test_another_slider_ends_a_drag():
    undo = Undo()
    undo.note("tau_m", 10, 12, final=False)
    undo.note("w", 1, 2)
    assert undo.undo() == {"w": 1}
    assert undo.undo() == {"tau_m": 10}


def test_several_in_a_row_and_back_again():
    undo = Undo()
    undo.note("tau_m", 10, 12)
    undo.note("w", 1, 2)
    undo.note("tau_m", 12, 15)
    assert [undo.undo() for _ in range(4)] == [{"tau_m": 12}, {"w": 1}, {"tau_m": 10}, None]
    assert [undo.redo() for _ in range(4)] == [{"tau_m": 12}, {"w": 2}, {"tau_m": 15}, None]
    assert undo.undo() == {"tau_m": 12}


def test_a_new_change_forgets_what_was_taken_back():
    undo = Undo()
    undo.note("tau_m", 10, 12)
    undo.undo()
    undo.note("w", 1, 2)
    assert undo.redo() is None
    assert undo.undo() == {"w": 1}


def test_a_change_to_the_same_value_is_none():
    undo = Undo()
    undo.note("tau_m", 10, 12)
    undo.undo()
    undo.note("tau_m", 10, 11, final=False)
    assert undo.next_redo is None  # while something is dragged, redo would jump
    undo.note("tau_m", 11, 10, final=True)
    assert undo.redo() == {"tau_m": 12}  # nothing came of the drag


def test_put_all_back_is_one_change():
    undo = Undo()
    undo.note_all({"tau_m": 12, "w": 2, "n": 5}, {"tau_m": 10, "w": 1, "n": 5})
    assert undo.undo() == {"tau_m": 12, "w": 2}
    undo.note_all({"tau_m": 12}, {"tau_m": 12})
    assert undo.redo() == {"tau_m": 10, "w": 1}


def test_old_changes_are_forgotten():
    undo = Undo()
    for k in range(KEPT + 10):
        undo.note("w", k, k + 1)
    taken = 0
    while undo.undo():
        taken += 1
    assert taken == KEPT
