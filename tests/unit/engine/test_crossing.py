"""Which thresholders are told by the state update where they have to look."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workbench.engine.compiled.cache import compiler

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler")


def main() -> None:
    """Print which groups are told, and digests of all arrays after a run."""
    import brian2 as b2
    from brian2.devices.device import all_devices
    from standalone_pair import Framed

    from workbench.brian.fast.device import FLAGS, FastStandalone
    from workbench.engine.compiled.makefile import make

    b2.prefs.codegen.cpp.extra_compile_args_gcc = list(FLAGS)
    device, simulated = sys.argv[1:]
    all_devices["of_the_test"] = FastStandalone() if device == "ours" else Framed()
    b2.set_device("of_the_test", build_on_run=False)
    ms, objects = b2.ms, []
    equations = """dv/dt = (1.2 + i*1e-3 - v)/(10*ms) : 1 (unless refractory)
    high : 1
    shared_high : 1 (shared)"""
    for name, threshold, refractory in (
        ("plain", "v > 1", 2 * ms),
        ("always", "v > 1", False),
        ("own", "v > high and i != 7", 2 * ms),
        ("shared", "v > shared_high", 2 * ms),
        ("calls", "exp(v) > 2.8", 2 * ms),
        ("written", "v > 1", 2 * ms),
        ("before", "v > 1", 2 * ms),
    ):
        group = b2.NeuronGroup(
            300, equations, threshold=threshold, reset="v = 0", refractory=refractory,
            method="euler", dt=0.1 * ms, name=name,
        )  # fmt: skip
        group.high, group.shared_high = "0.5 + 0.002*i", 0.9
        if name == "written":  # between the two
            group.run_regularly("v = 1.1", dt=7 * ms, when="before_thresholds")
        if name == "before":
            group.run_regularly("v = 1.1", dt=7 * ms, when="start")
        objects += [group, b2.SpikeMonitor(group, name=f"spikes_{name}")]
    b2.Network(*objects).run(40 * ms, namespace={})
    with tempfile.TemporaryDirectory() as folder:
        b2.device.build(directory=folder, compile=False, run=False, with_output=False)
        told = [
            name.removesuffix("_stateupdater_codeobject")
            for name, codeobj in b2.device.code_objects.items()
            if "_crossing.looked = true" in codeobj.code.cpp_file
        ]
        arrays = {}
        if simulated == "simulated":
            make(Path(folder), "the test")
            subprocess.run(["./main"], cwd=folder, check=True)
            arrays = {p.name: p.read_bytes() for p in Path(folder, "results").glob("_*")}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in arrays.items() if data}
    sys.stdout.write(json.dumps([sorted(told), digests]) + "\n")


def found(*options: str) -> list:
    """What `main` prints, in a process of its own: a standalone device is the process's."""
    done = subprocess.run(
        [sys.executable, __file__, *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_those_between_which_nobody_writes_are_told():
    told, _ = found("ours", "generated")
    assert told == ["always", "before", "own", "plain", "shared"]


@pytest.mark.slow
def test_those_that_are_told_miss_nothing():
    _, ours = found("ours", "simulated")
    _, brian2 = found("brian2", "simulated")
    assert sum("dynamic_array_spikes" in name for name in ours) == 2 * 7  # t and i of each
    assert ours == brian2


if __name__ == "__main__":
    main()
