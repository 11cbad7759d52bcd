"""Sweeps in a process of their own, as a page runs them."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest
from toys import Toy

import workbench as wb
from workbench.sweeps.background import Background
from workbench.sweeps.design import make_design

PATIENCE_S = 250.0


def design(n):
    return make_design(
        Toy(), {"tau": [5 + k for k in range(n)]}, repeats=1, measure="mean_rate",
        duration_ms=50.0, engine="numpy", operations=(), seed=1,
    )  # fmt: skip


def followed(job, until=("done", "failed"), then=lambda message: None):
    """All messages of a sweep up to one of the kinds ``until``."""
    messages, began = [], time.monotonic()
    while not (messages and messages[-1][0] in until):
        assert time.monotonic() - began < PATIENCE_S, messages
        for message in job.poll():
            messages.append(message)
            then(message)
        time.sleep(0.05)
    return messages


def numbers(messages):
    """Numbers of the runs that were reported."""
    return [m[5]["k"] for m in messages if m[0] == "progress" and m[5]]


def test_it_stops_when_asked_to_and_goes_on_later(tmp_path):
    path = tmp_path / "s.zarr"
    job = Background(design(60), path, workers=1)
    messages = followed(job, then=lambda m: job.stop() if m[0] == "progress" and m[5] else None)
    assert messages[-1] == ("done", "stopped")
    done = wb.open_sweep(path).attrs["done"]
    assert len(numbers(messages)) == done
    assert 1 <= done < 60
    again = followed(Background(design(60), path, workers=2))
    assert again[-1] == ("done", "finished")
    assert numbers(again)[:done] == numbers(messages)  # what was there is reported first
    assert sorted(numbers(again)) == list(range(60))
    assert wb.open_sweep(path).attrs["done"] == 60


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "s.zarr").write_text("in the way")
    (*_, last) = followed(Background(design(1), tmp_path / "s.zarr", workers=1))
    assert last[0] == "failed"
    assert "is not a sweep" in last[1]


SCRIPT = """
import sys, time
from pathlib import Path
from workbench.sweeps.background import Background
from workbench.sweeps.design import make_design
import workbench as wb
model = wb.load("cuba", n_neurons=400)
design = make_design(model, {"tau_m": [10 + k / 10 for k in range(200)]}, repeats=1,
    measure="mean_rate", duration_ms=300.0, engine="numpy", operations=(), seed=1)
job = Background(design, Path(sys.argv[1]), 2)
while True:
    for message in job.poll():
        print(message[:3], flush=True)
    time.sleep(0.05)
"""


@pytest.mark.slow
def test_it_ends_with_the_process_that_started_it(tmp_path):
    """Which has no ``if __name__`` guard here, and is not run twice."""
    path, script = tmp_path / "s.zarr", tmp_path / "page.py"
    script.write_text(SCRIPT)
    page = subprocess.Popen(
        [sys.executable, str(script), str(path)], stdout=subprocess.PIPE, text=True
    )
    while "'running', 2" not in page.stdout.readline():
        assert page.poll() is None
    family = psutil.Process(page.pid).children(recursive=True)
    assert len(family) >= 4  # sweep, two simulations, fork servers
    page.kill()
    page.communicate()
    began = time.monotonic()
    while any(p.is_running() and p.status() != "zombie" for p in family):
        assert time.monotonic() - began < 60, "something outlives the page's process"
        time.sleep(0.1)
    assert wb.open_sweep(path).attrs["done"] >= 2
