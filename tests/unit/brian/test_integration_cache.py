"""Solved equations are kept on disk, told apart by all that the solution depends on."""

from __future__ import annotations

import brian2 as b2
import numpy as np
import pytest
from brian2.stateupdaters.exact import LinearStateUpdater

from workbench.brian import integration_cache, preferences  # noqa: F401
from workbench.brian.integration_cache import key_of

TEXT = "dv/dt = (g - v) / tau : 1\ndg/dt = -g / (3*ms) : 1\ntau : second (shared)"


@pytest.fixture
def solved(monkeypatch, tmp_path):
    """Equations that were solved and not found, in an empty cache."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    seen = []
    plain = LinearStateUpdater.__call__.__wrapped__

    def solve(self, equations, variables=None, method_options=None):
        seen.append(str(equations))
        return plain.__wrapped__(self, equations, variables, method_options)

    monkeypatch.setattr(LinearStateUpdater, "__call__", integration_cache._keeping(solve))
    return seen


def group(text=TEXT, namespace=None, **options):
    return b2.NeuronGroup(
        2, text, method="exact", clock=b2.Clock(0.1 * b2.ms), namespace=namespace or {}, **options
    )


def code_of(text=TEXT, namespace=None):
    given = group(text, namespace)
    given._network = 1  # or Brian2 warns that it was never simulated
    return b2.linear(given.equations, {**given.variables, **(namespace or {})})


def test_it_is_solved_once_and_read_again(solved):
    first = code_of()
    again = code_of()
    assert len(solved) == 1
    assert first == again and "exp(" in first and "_v = " in first


def test_other_equations_are_solved_by_themselves(solved):
    codes = {code_of(), code_of(TEXT.replace("3*ms", "4*ms")), code_of(TEXT.replace("-g", "-2*g"))}
    assert len(solved) == 3 == len(codes)


def test_what_a_name_is_counts_too():
    one, other = group(), group(TEXT.replace("(shared)", "(constant)"))
    keys = {key_of("a", g.equations, g.variables, None) for g in (one, other)}
    keys |= {key_of("b", one.equations, one.variables, None)}
    keys |= {key_of("a", one.equations, one.variables, {"simplify": False})}
    assert len(keys) == 4
    for g in (one, other):
        g._network = 1


def test_what_a_function_of_the_user_does_is_not_known(solved):
    ramp = b2.TimedArray([1.0, 2.0], dt=1 * b2.ms)
    for _ in range(2):
        code_of("dv/dt = (ramp(t) - v) / (2*ms) : 1", {"ramp": ramp})
    assert len(solved) == 2


def test_a_damaged_file_is_written_anew(solved, tmp_path):
    code = code_of()
    (file,) = (tmp_path / "equations").iterdir()
    whole = file.read_text()
    for text in (whole[:50], "", "something else\n_v = 0"):
        file.write_text(text)
        assert code_of() == code
        assert file.read_text() == whole
    assert len(solved) == 4


def test_a_cache_that_cannot_be_written_costs_time_only(solved, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "file"))
    assert code_of() == code_of()
    assert len(solved) == 2


def test_a_network_steps_as_without(solved):
    def course():
        cells = group(threshold="v > 1", reset="v = 0", name="kept_cells")
        cells.tau, cells.v, cells.g = 10 * b2.ms, [0.5, 0.2], [3, 9]
        monitor = b2.StateMonitor(cells, "v", record=True, name="kept_monitor", clock=cells.clock)
        b2.Network(cells, monitor).run(5 * b2.ms)
        return np.array(monitor.v)

    first, again = course(), course()
    assert len(solved) == 1
    assert np.array_equal(first, again) and np.ptp(first) > 0.5
