"""What every test gets: fixed random numbers, a place of its own for recordings, the data."""

from __future__ import annotations

import gc
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest

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
