"""Sweeps on Dask: results, stored points, and recovery from processes that die."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from distributed import Client, LocalCluster
from toys import Toy
from typer.testing import CliRunner

import workbench as wb
from workbench.cli import app
from workbench.errors import SimulationError
from workbench.sweeps.journal import read
from workbench.sweeps.simulate import TOO_BIG, sentence

VARY = {"tau": [5, 10], "current": [1.2, 1.5, 2.0]}
BARE = {"n_workers": 0, "processes": True, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """A scheduler with one worker under a nanny, as somebody may have one."""
    folder = str(tmp_path_factory.mktemp("worker"))
    one = {"n_workers": 1, "threads_per_worker": 1, "memory_limit": 0, "local_directory": folder}
    with (
        LocalCluster(**BARE | one) as cluster,
        Client(cluster.scheduler_address, timeout=60, set_as_default=False) as client,
    ):
        client.wait_for_workers(1, timeout=120)  # a sweep would wait for thirty seconds
        yield cluster.scheduler_address


def quietly(**options):
    return {"duration_ms": 50.0, "engine": "numpy", "progress": False, **options}


def spikes(run):
    return {"spikes": len(run.steps), "first": int(run.units[0]) if len(run.units) else -1}


def test_it_is_what_each_run_alone_would_have_given(scheduler):
    data = wb.sweep(
        Toy(n_cells=4), VARY, repeats=2, measure=["mean_rate", spikes],
        **quietly(scheduler=scheduler),
    )  # fmt: skip
    assert data.attrs["outcome"] == "finished"
    assert set(data["engine"].values.ravel()) == {"numpy"}
    assert set(data["error"].values.ravel()) == {""}
    assert data["mean_rate"].attrs["units"] == "Hz"
    assert len(set(data["seed"].values.ravel())) == 12
    for tau, current, repeat in ((5, 1.2, 0), (10, 2.0, 1)):
        at = data.sel(tau=tau, current=current, repeat=repeat)
        alone = Toy(n_cells=4, tau=tau, current=current).run(
            50.0, seed=int(at["seed"]), engine="numpy"
        )
        assert int(at["spikes"]) == len(alone.steps) > 0
        assert int(at["first"]) == alone.units[0]
        assert float(at["mean_rate"].sel(population="cells")) == alone.rate("cells")


def moody(run):
    if run.parameters["tau"] == 10:
        raise ZeroDivisionError("no such luck")
    return len(run.steps)


class Picky(Toy):
    """Cannot be built with a strong current."""

    def build(self):
        if self.current > 1.9:
            raise RuntimeError("the current is too strong")
        return super().build()


def test_a_point_that_fails_says_why_and_the_rest_goes_on(scheduler, tmp_path):
    path = tmp_path / "s.zarr"
    data = wb.sweep(Picky(), VARY, measure=moody, **quietly(scheduler=scheduler, path=path))
    reasons = data["error"].isel(repeat=0)
    assert "the current is too strong" in str(reasons.sel(tau=5, current=2.0).item())
    assert str(reasons.sel(tau=10, current=1.2).item()) == (
        "measure moody failed: ZeroDivisionError: no such luck"
    )
    assert (reasons == "").sum() == 2
    assert data["moody"].notnull().sum() == 2
    assert (data.attrs["done"], data.attrs["failed"]) == (6, 4)
    # Tried again, for the reason may have gone; what was finished is not simulated again.
    wb.sweep(Picky(), VARY, measure=moody, **quietly(scheduler=scheduler, path=path))
    lines = [json.loads(x)["k"] for x in (path / "points.jsonl").read_text().splitlines()]
    good = [k for k, o in read(path)[1].items() if not o["error"]]
    assert len(lines) == 6 + 4
    assert all(lines.count(k) == 1 for k in good)


def test_stopped_and_resumed_without_repeating_anything(scheduler, tmp_path):
    path, stop, seen = tmp_path / "s.zarr", threading.Event(), []

    def watch(progress):
        seen.append((progress.state, progress.done))
        if progress.done == 4:
            stop.set()

    options = quietly(scheduler=scheduler, path=path)
    first = wb.sweep(Toy(), VARY, repeats=2, stop=stop, **{**options, "progress": watch})
    done = first.attrs["done"]
    assert first.attrs["outcome"] == "stopped"
    assert 4 <= done < 12
    assert seen[0] == ("starting", 0)
    assert seen[-1] == ("stopped", done)
    second = wb.sweep(Toy(), VARY, repeats=2, **options)
    assert second.attrs["outcome"] == "finished"
    lines = (path / "points.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["k"] for line in lines) == list(range(12))
    before = first["mean_rate"].notnull()
    np.testing.assert_array_equal(
        second["mean_rate"].values[before.values], first["mean_rate"].values[before.values]
    )
    wb.sweep(Toy(), VARY, repeats=2, **options)  # nothing is left to do
    assert len((path / "points.jsonl").read_text().splitlines()) == 12


def test_from_the_command_line(scheduler, tmp_path):
    args = ["sweep", "cuba", "--set", "n_neurons=50", "--set", "p_connect=0", "--vary",
            "tau_m=10:20:2", "--vary", "w_e=1 mV,2 mV", "--repeats", "2", "--duration", "50",
            "--measure", "mean_rate", "--scheduler", scheduler, "--out",
            str(tmp_path / "s.zarr")]  # fmt: skip
    done = CliRunner().invoke(app, args, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    rows = done.stdout.splitlines()
    assert re.match(r"tau_m \(ms\) +w_e \(mV\) +mean_rate excitatory \(Hz\)", rows[0])
    assert len(rows) == 1 + 4 + 1
    assert rows[-1] == f"Wrote {tmp_path / 's.zarr'}"
    data = wb.open_sweep(tmp_path / "s.zarr")
    assert data["mean_rate"].dims == ("tau_m", "w_e", "repeat", "population")
    assert data["w_e"].attrs["units"] == "mV"
    assert float(data["mean_rate"].min()) > 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--vary", "tau_n=1:2:2"], "Did you mean 'tau_m'?"),
        (["--vary", "tau_m=0:2:2"], "CUBA.tau_m = 0 ms is not allowed: it must be at least 0.5 ms"),
        (["--vary", "tau_m"], "write name=value, such as n_neurons=1:10:4."),
        (["--vary", "tau_m=1:2"], "write from:to:count, such as 10:40:7"),
        (["--vary", "tau_m=5", "--measure", "mean"], "Unknown measure: 'mean'."),
        (["--vary", "tau_m=5", "--set", "tau_m=6"], "tau_m cannot be both set and varied"),
        (["--vary", "tau_m=5", "--scheduler", "tcp://127.0.0.1:9"], "No Dask scheduler answers at"),
    ],
)  # fmt: skip
def test_the_command_line_refuses_in_a_sentence(args, message, monkeypatch):
    monkeypatch.setattr("workbench.sweeps.cluster.CONNECT_S", 1.0)
    done = CliRunner().invoke(app, ["sweep", "cuba", *args])
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_nobody_to_work(monkeypatch):
    monkeypatch.setattr("workbench.sweeps.cluster.WAIT_S", 0.5)
    with (
        LocalCluster(**BARE) as cluster,
        pytest.raises(SimulationError, match="has no workers: start some with `dask worker"),
    ):
        wb.sweep(Toy(), VARY, **quietly(scheduler=cluster.scheduler_address))


def commands(root):
    """Process id -> command line of everything that descends from a process."""
    found = {}
    for process in root.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found[process.pid] = " ".join(process.cmdline())
    return found


def test_only_this_machine_can_reach_a_sweep():
    def listening():
        here, found = psutil.Process(), set()
        for process in (here, *here.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                connections = process.net_connections(kind="inet")
                found |= {(process.pid, c.laddr) for c in connections if c.status == "LISTEN"}
        return found

    before, seen = listening(), set()  # other tests have servers of their own
    wb.sweep(
        Toy(), {"tau": [5, 10]}, workers=2, measure=spikes,
        **quietly(progress=lambda _: seen.update(listening() - before)),
    )  # fmt: skip
    assert len(seen) == 2, "scheduler and worker answer over HTTP"
    assert {address.ip for _, address in seen} == {"127.0.0.1"}


def simulations(root):
    """Processes that simulate runs of a sweep: forked from a server, or children themselves."""
    found = {}
    for pid, command in commands(root).items():
        with contextlib.suppress(psutil.Error):
            if "multiprocessing.forkserver" in " ".join(psutil.Process(pid).parent().cmdline()):
                found[pid] = command
    return found


def test_a_simulation_that_is_killed_is_simulated_again():
    killed: list[int] = []
    before = set(simulations(psutil.Process()))

    def kill(progress):
        if not killed and progress.done >= 4:
            killed.append(max(set(simulations(psutil.Process())) - before))
            os.kill(killed[-1], signal.SIGKILL)

    data = wb.sweep(Toy(), VARY, repeats=4, workers=2, measure=spikes, **quietly(progress=kill))
    assert len(killed) == 1
    assert data.attrs["outcome"] == "finished"
    assert set(data["error"].values.ravel()) == {""}
    assert int(data["spikes"].notnull().sum()) == 24
    wait_for(lambda: not set(simulations(psutil.Process())) - before)


def suicidal(run):
    if run.parameters["tau"] == 10:
        os.kill(os.getpid(), signal.SIGSEGV)
    return len(run.steps)


def test_a_simulation_that_kills_its_process_twice_says_so_and_the_rest_goes_on():
    data = wb.sweep(Toy(), VARY, workers=2, measure=suicidal, **quietly())
    reasons = data["error"].isel(repeat=0)
    assert set(reasons.sel(tau=10).values) == {
        "The process that simulated it died twice (exit code -11)."
    }
    assert set(reasons.sel(tau=5).values) == {""}


def greedy(run):
    return float(np.ones(2**28).sum())  # 2 GB


def test_too_much_memory_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setenv("WORKBENCH_MEMORY_GB", "1.5")
    data = wb.sweep(Toy(), {"tau": [5]}, workers=1, measure=[greedy], **quietly())
    assert str(data["error"].item()) == TOO_BIG


def test_a_setting_of_one_run_is_not_that_of_the_next():
    def meddling(run):
        import brian2

        found = float(brian2.defaultclock.dt / brian2.ms), brian2.prefs.codegen.max_cache_dir_size
        brian2.defaultclock.dt = 0.7 * brian2.ms
        brian2.prefs.codegen.max_cache_dir_size = 7
        return {"dt": found[0], "size": found[1]}

    data = wb.sweep(Toy(), VARY, workers=1, measure=meddling, **quietly())
    assert set(data["error"].values.ravel()) == {""}
    assert set(data["dt"].values.ravel()) == {0.1}
    sizes = set(data["size"].values.ravel())
    assert len(sizes) == 1 and 7 not in sizes


@pytest.mark.slow
def test_a_lost_worker_of_a_scheduler_loses_no_point():
    killed: list[int] = []
    with LocalCluster(**BARE | {"n_workers": 2, "threads_per_worker": 1}) as cluster:

        def kill(progress):
            if not killed and progress.done >= 4:
                pids = Client(cluster, set_as_default=False).run(os.getpid)
                killed.append(next(iter(pids.values())))
                os.kill(killed[-1], signal.SIGKILL)

        data = wb.sweep(
            Toy(), VARY, repeats=4, measure=spikes,
            **quietly(progress=kill, scheduler=cluster.scheduler_address),
        )  # fmt: skip
    assert len(killed) == 1
    assert data.attrs["outcome"] == "finished"
    assert set(data["error"].values.ravel()) == {""}
    assert int(data["spikes"].notnull().sum()) == 24


def test_reasons_are_sentences():
    assert sentence(ValueError("no")) == "ValueError: no"
    assert sentence(SimulationError("It went wrong.")) == "It went wrong."
    try:
        try:
            raise MemoryError
        except MemoryError as error:
            raise SimulationError("What?") from error
    except SimulationError as error:
        assert "needs more memory than" in sentence(error)


LOST = (
    r"^(The connection to the scheduler was lost|The scheduler has dropped the sweep); "
    r"what is done is kept\.$"
)
COMMAND = ["sweep", "cuba", "--set", "n_neurons=400", "--vary", "tau_m=10:40:10", "--repeats", "6",
           "--duration", "300", "--workers", "2"]  # fmt: skip


def started(path):
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", *COMMAND, "--out", str(path)],
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def points(path) -> int:
    file = path / "points.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def wait_for(condition, timeout_s=60.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.slow
def test_kill_9_of_the_client_keeps_what_is_finished(tmp_path):
    path = tmp_path / "s.zarr"
    client = started(path)
    wait_for(lambda: points(path) >= 5)
    family = psutil.Process(client.pid).children(recursive=True)
    client.kill()
    client.communicate()
    found = wb.open_sweep(path)
    kept = found.attrs["done"]
    assert 5 <= kept < 60
    assert int(found["mean_rate"].isel(population=0).notnull().sum()) == kept
    wait_for(lambda: not any(p.is_running() and p.status() != "zombie" for p in family))
    again = started(path)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert wb.open_sweep(path).attrs["outcome"] == "finished"
    assert points(path) == 60
    assert f"Wrote {path}" in out


@pytest.mark.slow
@pytest.mark.usefixtures("programs_hear_ctrl_c")
def test_ctrl_c_stops_and_keeps_what_is_finished(tmp_path):
    path = tmp_path / "s.zarr"
    client = started(path)
    wait_for(lambda: points(path) >= 5)
    os.killpg(client.pid, signal.SIGINT)
    _out, err = client.communicate(timeout=30)
    assert client.returncode == 0, err
    kept = wb.open_sweep(path).attrs["done"]
    assert err == (f"Stopped after {kept} of 60 runs: the same command goes on from there.\n")
    assert 5 <= kept < 60


@contextlib.contextmanager
def dask_of_the_shell(folder, port: int):
    """A scheduler and a worker as somebody starts them; gives address and scheduler."""
    env = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "critical"}
    dask = [sys.executable, "-m", "dask"]
    here = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], env=env
    )
    address = f"tcp://127.0.0.1:{port}"
    there = subprocess.Popen(
        [*dask, "worker", address, "--nthreads", "2", "--no-dashboard", "--local-directory",
         str(folder), "--death-timeout", "60"], env=env,
    )  # fmt: skip
    try:
        with Client(address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=120)
        yield address, here
    finally:
        for process in (there, here):
            process.terminate()
            process.wait(60)


@pytest.mark.slow
def test_workers_started_from_the_shell_will_do(tmp_path):
    """Those are daemons of their nannies, which may not start processes with multiprocessing."""
    with dask_of_the_shell(tmp_path, 39871) as (address, _):
        data = wb.sweep(Toy(), VARY, measure=spikes, **quietly(scheduler=address))
    assert int(data["spikes"].notnull().sum()) == 6


@pytest.mark.slow
def test_a_scheduler_that_is_lost_costs_no_finished_point(tmp_path, scheduler):
    path, lost = tmp_path / "s.zarr", []

    with dask_of_the_shell(tmp_path / "there", 39872) as (address, process):

        def kill(progress):
            if progress.done >= 4 and not lost:
                lost.append(time.monotonic())
                process.kill()

        options = quietly(path=path, measure=spikes)
        with pytest.raises(SimulationError, match=LOST):
            wb.sweep(Toy(), VARY, repeats=8, scheduler=address, **{**options, "progress": kill})
        assert time.monotonic() - lost[0] < 60
    kept = wb.open_sweep(path)
    done = kept.attrs["done"]
    assert 4 <= done < 48
    assert points(path) == done
    data = wb.sweep(Toy(), VARY, repeats=8, scheduler=scheduler, **options)
    assert data.attrs["outcome"] == "finished"
    lines = (path / "points.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["k"] for line in lines) == list(range(48))
    before = kept["spikes"].notnull()
    np.testing.assert_array_equal(data["spikes"].values[before], kept["spikes"].values[before])
