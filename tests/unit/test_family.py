"""What the workbench has started ends with it, also when it is killed and can end nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from workbench import family
from workbench.family import guarded, kill_group, run_guarded

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signal 9")

WAIT_S = 100.0
NEVER_S = "6111"  # by which the compiler that never ends is known
COMPILER = f"""#!/bin/sh
case "$*" in
  *--version*|*flag_test*) exec g++ "$@" ;;
  *c++-header*) exit 1 ;;
esac
sleep {NEVER_S}
"""
MODEL = """from toys import Toy

class Small(Toy):
    slug = "small"
    title = "Small"
    doc = "Ten cells."
"""


def wait_for(condition, what):
    began = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - began < WAIT_S, f"{what}: not within {WAIT_S:g} s"
        time.sleep(0.1)
    return found


def alive(processes):
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append((process.pid, process.cmdline()))
    return found


def commands(pid):
    """The descendants of a process, and their command lines as one text."""
    family, message = psutil.Process(pid).children(recursive=True), []
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            message.append(" ".join(process.cmdline()))
    return family, "\n".join(message)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A toy to simulate, a compiler that takes for ever, and nothing compiled yet."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small.py").write_text(MODEL)
    slow = tmp_path / "slow-c++"
    slow.write_text(COMPILER)
    slow.chmod(0o755)
    monkeypatch.setenv("CXX", str(slow))
    monkeypatch.setenv("WORKBENCH_BUILD", "1")
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    return tmp_path


@pytest.fixture
def begin():
    """Starts ``workbench`` with these words; ends whatever a failed test left behind."""
    begun = []

    def start(*words):
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", *words],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        begun.append(process)
        return process

    yield start
    for process in begun:
        for one in getattr(process, "family", []):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        process.kill()
        process.wait()
        process.stdout.close()


def killed_and_alone(process, marks=(NEVER_S,), how=signal.SIGKILL):
    """Wait until its descendants' command lines have the marks; kill it; none of them may live."""

    def there():
        process.family, message = commands(process.pid)
        assert process.poll() is None, f"it ended by itself ({process.returncode})"
        return all(m in message for m in marks)

    wait_for(there, f"{marks} among its processes")
    process.send_signal(how)
    process.wait()
    wait_for(lambda: not alive(process.family), "the end of what it had started")


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_a_server_that_ends_leaves_nothing_running(how, place, begin):
    server = begin("serve", "--no-browser")
    address = server.stdout.readline().split()[4]
    with urllib.request.urlopen(f"{address}small", timeout=WAIT_S) as page:  # and its session
        assert page.status == 200
    killed_and_alone(server, (NEVER_S, "forkserver", "slow-c++"), how)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["run", "small", "--engine", "compiled", "--duration", "1000"],
        ["sweep", "small", "--engine", "compiled", "--vary", "tau=5:10:2", "--duration", "10",
         "--workers", "1"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_command_that_is_killed_leaves_nothing_running(words, place, begin):
    killed_and_alone(begin(*words, "--out", str(place / "out.zarr")))


def test_a_script_whose_circuit_is_asked_for_ends_with_the_command(tmp_path, begin):
    script = tmp_path / "script.py"
    script.write_text(f"import subprocess\nsubprocess.run(['sleep', '{NEVER_S}'])\n")
    killed_and_alone(begin("circuit", str(script), "-o", str(tmp_path / "circuit.pdf")))


def test_a_guarded_program_says_and_ends_what_it_would_alone():
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = run_guarded([sys.executable, "-c", code])
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
    done = run_guarded(["sh", "-c", "kill -TERM $$"])
    assert done.returncode == -signal.SIGTERM
    done = run_guarded(["no-such-program"])
    assert done.returncode == 127
    assert done.stderr == "no-such-program cannot be run: No such file or directory\n"


def test_a_guarded_program_is_killed_with_what_it_started():
    process = guarded(["sh", "-c", f"sleep {NEVER_S}; true"])
    wait_for(lambda: f"\nsleep {NEVER_S}" in commands(process.pid)[1], "its own program")
    family, _ = commands(process.pid)
    kill_group(process)
    process.wait()
    wait_for(lambda: not alive(family), "the end of what it had started")
    kill_group(process)  # nobody is left: nothing happens


YIELDING = """
import os, sys
from pathlib import Path
from workbench.family import end_with_parent, run_guarded, yield_by
end_with_parent()
yield_by(7)
print(os.nice(0), Path("/proc/self/autogroup").read_text().split()[-1])
show = "import os, pathlib; print(os.nice(0), pathlib.Path('/proc/self/autogroup').read_text())"
print(run_guarded([sys.executable, "-c", show]).stdout)
"""


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no sessions share time here")
def test_where_sessions_share_time_those_of_what_yields_do_too():
    done = subprocess.run(
        [sys.executable, "-c", YIELDING], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    own, programs = done.stdout.strip().splitlines()
    assert own.split() == ["7", "7"]
    assert [programs.split()[0], programs.split()[-1]] == ["7", "7"]


def test_no_file_of_the_working_folder_is_imported_by_what_is_started(tmp_path):
    """As `workbench` of an installation does it, which does not look there itself."""
    folder, script = tmp_path / "of_somebody", tmp_path / "bin" / "start.py"
    for place in (folder, script.parent):
        place.mkdir()
    hit = tmp_path / "hit"
    for name in ("types", "selectors", "random", "struct", "brian2"):
        text = f"open({str(hit)!r}, 'a').write(__name__ + ' '); raise RuntimeError(__name__)"
        (folder / f"{name}.py").write_text(text)
    script.write_text(
        "import os, sys\n"
        "import workbench as wb\nfrom workbench.family import python, run_guarded\n"
        "with wb.load('ssn-pair').start(duration_ms=5) as session:\n"
        "    session.wait(100)\n"
        "    print(session.stop().outcome)\n"
        "print(run_guarded(python('-c', 'import random; print(random.__name__)')).stdout.strip())\n"
        "print('PYTHONSAFEPATH' in os.environ)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, text=True, check=False,
        env={**environment, "PYTHONPATH": str(Path(family.__file__).parents[1])},
    )  # fmt: skip
    assert done.stdout.split() == ["finished", "random", "False"], done.stderr
    assert not hit.exists()


def test_a_worker_s_own_programs_start_as_ever(tmp_path):
    (tmp_path / "beside.py").write_text(
        "import os\n\n\ndef asked(conn):\n    conn.send(os.environ.get('PYTHONSAFEPATH', ''))\n"
    )
    script = tmp_path / "start.py"
    script.write_text(
        "from beside import asked\nfrom workbench.engine.process import launch\n"
        "process, line = launch(asked, name='asked')\nprint(repr(line.recv()))\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd="/", capture_output=True, text=True, check=False,
        env={**environment, "PYTHONPATH": str(Path(family.__file__).parents[1])},
    )  # fmt: skip
    assert done.stdout == "''\n", done.stderr
