"""What every test gets: fixed random numbers, a place of its own for recordings, the data."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[1]


def pytest_collection_finish() -> None:
    """Leave what was imported out of later garbage collections.

    Brian2 collects garbage before each run, which takes half a second beside everything that the
    tests import, and a few milliseconds without it.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def fixed_random_numbers() -> None:
    """Seed the global generators; Brian2's NumPy target draws from NumPy's."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002


@pytest.fixture(autouse=True, scope="session")
def recordings_of_tests_only(tmp_path_factory: pytest.TempPathFactory):
    """Sessions record where the tests can clean up, and only the project's own models are seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_RUNS", str(tmp_path_factory.mktemp("runs")))
        # What was compiled on this machine before must not decide which engine "auto" takes.
        patch.setenv("WORKBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("WORKBENCH_BUILD", "0")
        patch.delenv("WORKBENCH_MODELS", raising=False)
        yield


@pytest.fixture
def programs_hear_ctrl_c():
    """Those that a shell starts in the background ignore Ctrl-C, with all that they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of published recordings: ``WORKBENCH_DATA``, or ``../shared/data``."""
    given = os.environ.get("WORKBENCH_DATA")
    folder = Path(given) if given else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no published recordings at {folder}: set WORKBENCH_DATA to their folder")
    return folder


@pytest.fixture
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the registry scans after the packaged models."""
    folder = tmp_path / "own_models"
    folder.mkdir()
    monkeypatch.setenv("WORKBENCH_MODELS", str(folder))
    return folder


@pytest.fixture
def go_on():
    """``go_on(session, ms)`` lets so much be simulated, however long the machine takes for it."""

    def wait(session, ms):
        until, began = session.status().t_ms + ms, time.monotonic()
        while session.status().t_ms < until:
            session.frames()
            assert time.monotonic() - began < 60, session.status()
            time.sleep(0.005)

    return wait


@pytest.fixture(scope="session")
def brian_alone(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """``brian_alone(*arguments)`` runs Python in an environment that has Brian2 and no more.

    It has the packages that Brian2 requires, in the versions of this environment. ``cwd`` is the
    folder to run in; returns what it prints.
    """
    site = tmp_path_factory.mktemp("brian_alone")
    waiting, done = ["brian2"], set()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        distribution = metadata.distribution(name)
        for top in {f.parts[0] for f in distribution.files or () if f.parts[0] != ".."}:
            if not (site / top).exists():
                (site / top).symlink_to(distribution.locate_file(top))
        needed = (Requirement(text) for text in distribution.requires or ())
        waiting += [r.name for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WORKBENCH_", "PYTHON"))}

    def run(*arguments: str, cwd: Path) -> str:
        made = subprocess.run(
            # -S: without the folder of all that is installed
            [sys.executable, "-S", *arguments], cwd=cwd, capture_output=True, text=True,
            env={**kept, "PYTHONPATH": str(site)}, timeout=280, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        return made.stdout

    return run
