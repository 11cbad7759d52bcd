"""What the environment may say, and that it is done."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from toys import Toy

from workbench.errors import ParameterError
from workbench.settings import CACHE_GB, FPS, MEMORY_GB, RECORD_GB


def test_it_is_the_usual_number_unless_told(monkeypatch):
    monkeypatch.delenv("WORKBENCH_FPS", raising=False)
    assert FPS.read() == 30
    monkeypatch.setenv("WORKBENCH_FPS", "12.5")
    assert FPS.read() == 12.5


@pytest.mark.parametrize("given", ["", "fast", "nan", "inf", "4", "121", "-30"])
def test_what_cannot_be_is_refused(monkeypatch, given):
    monkeypatch.setenv("WORKBENCH_FPS", given)
    with pytest.raises(ParameterError, match=r"WORKBENCH_FPS = .* must be a number from 5 to 120"):
        Toy().start()


@pytest.mark.parametrize("number", [MEMORY_GB, RECORD_GB, CACHE_GB], ids=lambda n: n.name)
def test_less_than_nothing_is_refused(monkeypatch, number):
    monkeypatch.setenv(number.name, "0")
    assert number.read() == 0
    monkeypatch.setenv(number.name, "-1")
    with pytest.raises(ParameterError, match=rf"{number.name} = '-1' .* a number from 0 on"):
        number.read()


COUNT = """
import sys, time
from workbench import load
for engine in sys.argv[1:]:
    session, n = load("cuba", n_neurons=100).start(engine=engine, seed=1, paused=True), 0
    assert session.wait(250, until="ready")
    session.frames()
    began = time.monotonic()
    session.resume()
    while n < 8:
        time.sleep(0.02)
        n += len(session.frames())
        assert time.monotonic() - began < 60, n
    print(n, time.monotonic() - began)
    session.close()
"""


@pytest.mark.parametrize("engine", ["numpy", pytest.param("compiled", marks=pytest.mark.slow)])
def test_no_more_frames_are_sent(engine):
    done = subprocess.run(
        [sys.executable, "-c", COUNT, engine], env={**os.environ, "WORKBENCH_FPS": "6"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    # At the usual 30 a second there would be five times as many. What is late is not made up for.
    for line in done.stdout.splitlines():
        n, seconds = map(float, line.split())
        assert n <= 6 * seconds + 2
    assert len(done.stdout.splitlines()) == 1
