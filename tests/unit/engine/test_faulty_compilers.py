"""A compiler that is no program, fails or hangs: it is said why, and nothing stays running."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from workbench.engine.compiled import cache

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the compilers are shell scripts")


@pytest.fixture
def compiler_that(tmp_path, monkeypatch):
    """Puts a shell script in the place of the compiler."""

    def put(script: str) -> None:
        path = tmp_path / "g++"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("CXX", str(path))
        cache.compiler.cache_clear()

    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    yield put
    monkeypatch.undo()
    cache.compiler.cache_clear()


@pytest.mark.parametrize("script", ["exit 1", "exit 0", "exec sleep 60"])
def test_one_that_does_not_say_its_version_is_none(compiler_that, monkeypatch, script):
    monkeypatch.setattr(cache, "ANSWER_S", 0.3)
    compiler_that(script)
    assert cache.compiler() is None


def test_one_that_is_no_program_is_none(compiler_that, tmp_path):
    compiler_that("")
    (tmp_path / "g++").write_bytes(b"\x7fELF no program")
    cache.compiler.cache_clear()
    assert cache.compiler() is None


def wait_for(condition, timeout_s=120.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s
        time.sleep(0.1)


ANSWERS = 'if [ "$1" = --version ]; then echo "g++ 12"; exit 0; fi\n'


# In a process of its own: a fork server keeps the environment in which it began.
BUILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
from toys import Toy
from workbench.engine.compiled.background import build_now
build = build_now(Toy())
while not (build.look().failed or build.built):
    time.sleep(0.1)
print(build.failed)
"""


def builder() -> subprocess.Popen:
    here = str(Path(__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, here], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


@pytest.mark.slow  # writes the code of a network
def test_one_that_fails_is_reported(compiler_that):
    compiler_that(ANSWERS + 'echo "main.cpp:1:1: error: no more room for templates" >&2; exit 1')
    said, error = builder().communicate(timeout=200)
    assert 0 < len(said.strip()) <= 300, said
    assert "no more room for templates" in said
    assert error == ""


@pytest.mark.slow
def test_one_that_hangs_ends_with_the_process_that_asked_for_it(compiler_that, tmp_path):
    compiler_that(ANSWERS + f"echo $$ > {tmp_path}/pid; exec sleep 600")
    with builder() as asking:
        wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
        hanging = psutil.Process(int((tmp_path / "pid").read_text()))
        assert asking.poll() is None
        asking.kill()
    wait_for(lambda: not hanging.is_running() or hanging.status() == "zombie")
