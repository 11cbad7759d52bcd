"""Files and drawings are made in few processes at a time, whatever is clicked, and end with us."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from panels.parts import drawn_ahead, figure_drawing
from panels.parts.figure_drawing import FigureAsked, FigureDrawing
from panels.widgets import background_job
from panels.widgets.background_job import MOST_AT_ONCE, WRITTEN, elsewhere, writing
from workbench.errors import WorkbenchError

ASKED = 3 * MOST_AT_ONCE
SLOW_S = 0.3
SLOW = """
import time
from pathlib import Path

def slow(place: str) -> None:
    Path(place).touch()
    time.sleep(60)
"""
THAT_ENDS = """
import asyncio, sys
from pathlib import Path
from panels.widgets.background_job import elsewhere
from slow import slow

begun, asked = sys.argv[1], []

async def left():
    asked.extend(asyncio.ensure_future(elsewhere(slow, begun)) for _ in range(4))
    while not Path(begun).exists():
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)

if __name__ == "__main__":
    asyncio.new_event_loop().run_until_complete(left())  # as a server: nothing is called off
"""


def touch_and_stay(place: str) -> None:
    Path(place).touch()
    time.sleep(300)


def seen_at_work(folder: str, name: str) -> int:
    """How many others work in this folder while this one does."""
    own = Path(folder) / name
    own.touch()
    time.sleep(SLOW_S)
    others = len(list(Path(folder).iterdir()))
    own.unlink()
    return others


def test_few_files_are_made_at_once_and_the_loop_has_its_threads(tmp_path):
    async def asked() -> tuple[list[int], float]:
        jobs = [
            asyncio.ensure_future(elsewhere(seen_at_work, str(tmp_path), str(k)))
            for k in range(ASKED)
        ]
        began = time.monotonic()
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(None, time.sleep, 0) for _ in range(50)))
        took = time.monotonic() - began
        assert not all(job.done() for job in jobs)
        return await asyncio.gather(*jobs), took

    found, took = asyncio.run(asked())
    assert len(found) == ASKED
    assert 1 <= max(found) <= MOST_AT_ONCE
    assert took < SLOW_S


def test_a_program_that_ends_does_not_wait_for_its_drawings(tmp_path):
    script, slow, begun = (tmp_path / name for name in ("ends.py", "slow.py", "begun"))
    script.write_text(THAT_ENDS)
    slow.write_text(SLOW)
    command = [sys.executable, str(script), str(begun)]
    subprocess.run(command, check=True, timeout=50, cwd=Path(__file__).parents[2])


def test_files_of_a_page_that_closes_are_not_written_for_nobody(tmp_path, monkeypatch):
    session = SimpleNamespace(destroyed=False)
    document = SimpleNamespace(session_context=SimpleNamespace(session=session))
    monkeypatch.setattr(
        background_job, "pn", SimpleNamespace(state=SimpleNamespace(curdoc=document))
    )

    async def asked() -> list[Any]:
        files = [
            asyncio.ensure_future(elsewhere(touch_and_stay, str(tmp_path / str(k))))
            for k in range(ASKED)
        ]
        while not any(tmp_path.iterdir()):
            await asyncio.sleep(0.05)
        session.destroyed = True
        return await asyncio.wait_for(asyncio.gather(*files, return_exceptions=True), 30)

    found = asyncio.run(asked())
    assert all(isinstance(each, asyncio.CancelledError) for each in found)
    assert len(list(tmp_path.iterdir())) <= MOST_AT_ONCE


def test_a_file_that_is_being_written_is_not_written_a_second_time():
    button = SimpleNamespace(loading=False)
    with writing(button):
        assert button.loading
        button.loading = False  # as a browser may say
        with pytest.raises(WorkbenchError) as refused, writing(button):
            pass
        assert str(refused.value) == WRITTEN
    assert not button.loading


def test_runs_that_were_kept_are_drawn_one_after_another(monkeypatch):
    drawn, at_work, most = [], [], []

    class Job:
        def __init__(self, _draw, *asked, name):
            self.over = threading.Event()
            at_work.append(asked)
            most.append(len(at_work))
            threading.Timer(0.05, self._end, [asked]).start()

        def _end(self, asked):
            at_work.remove(asked)
            drawn.append(asked)
            self.over.set()

    monkeypatch.setattr(drawn_ahead, "BackgroundJob", Job)
    asked = [("runs", f"cuba-{k}") for k in range(6)]
    for each in asked:
        drawn_ahead.draw_ahead(*each)
    began = time.monotonic()
    while len(drawn) < len(asked):
        assert time.monotonic() - began < 30
        time.sleep(0.01)
    assert drawn == asked
    assert max(most) == 1


@pytest.mark.parametrize("while_it", ["is started", "draws"])
def test_a_figure_of_a_page_that_closes_meanwhile_is_not_begun_anew(monkeypatch, while_it):
    drawing, started, ended = FigureDrawing(), [], []

    def closed(*_question: object) -> None:
        drawing.end()
        raise EOFError  # the process is gone

    def launched(*_args: object, **_named: object) -> tuple[object, object]:
        started.append(object())
        if while_it == "is started":
            drawing.end()
        return started[-1], SimpleNamespace(send=lambda _question: None, recv=closed)

    monkeypatch.setattr(figure_drawing, "launch", launched)
    monkeypatch.setattr(figure_drawing, "end_soon", ended.append)
    with pytest.raises(WorkbenchError, match="could not be drawn"):
        drawing.file(FigureAsked({}, ()), "png")
    assert len(started) == 1
    assert ended == started
