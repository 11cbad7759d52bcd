"""What is kept of a value over a run, and where its line is broken."""

from __future__ import annotations

import numpy as np
import pytest

from panels.widgets.course import Course


@pytest.mark.parametrize("sizes", [[1] * 500, [7, 1, 300, 2, 90], [5000], [3]])
def test_rows_are_even_however_they_come_and_the_latest_is_among_them(sizes):
    course, n = Course(most=40), 0
    for size in sizes:
        course.add(np.arange(n, n + size) / 2, np.arange(n, n + size)[:, None] * [1, -1])
        n += size
    x, rows = course.line()
    assert x[0] == 0 and x[-1] == (n - 1) / 2 and len(course) == n
    assert min(n, 20) <= len(x) <= 41
    assert len(set(np.diff(x[:-1]))) <= 1
    assert np.array_equal(rows, 2 * x[:, None] * [1, -1])


def test_a_line_is_broken_where_values_are_missing_and_one_alone_is_a_speck():
    course = Course(gap=1.5)
    for t in (0, 1, 2, 10, 20, 21):
        course.add(t, np.array([float(t)]))
    x, (y,) = course.line()[0], course.line()[1].T
    assert y.tolist()[:4] == [0, 1, 2, pytest.approx(np.nan, nan_ok=True)]
    pieces = np.split(np.arange(len(y)), np.flatnonzero(np.isnan(y)))
    shown = [np.unique(y[p][np.isfinite(y[p])]).tolist() for p in pieces]
    assert shown == [[0, 1, 2], [10], [20, 21]]
    alone = x[y == 10]
    assert len(alone) == 2 and 0 < np.ptp(alone) < 1e-6


def test_gaps_are_of_what_came_not_of_what_is_kept():
    course = Course(gap=1.5, most=10)
    course.add(np.arange(100.0), np.zeros((100, 1)))
    course.add(np.arange(200.0, 300.0), np.ones((100, 1)))
    _x, rows = course.line()
    assert np.isnan(rows).sum() == 1


def test_nothing_is_no_line():
    course = Course(gap=1.0)
    course.add(np.empty(0), np.empty((0, 3)))
    assert [len(part) for part in course.line()] == [0, 0]
