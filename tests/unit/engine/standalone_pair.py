"""Simulates a network or a model with Brian2's standalone device and with ours, in C++.

With ours, the numbers of neurons are read when the binary starts.

Usage: python standalone_pair.py pure|framed NUMBER|MODEL  (the number of a network made at random)
Prints one line of JSON: the names of the results that differ. "framed" takes Brian2's
templates in our frame of a code object, which compiles in a fraction of the time.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brian2 as b2
import numpy as np
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import all_devices

from workbench import load
from workbench.brian.fast.device import FLAGS, FastStandalone, PlainCodeObject
from workbench.brian.fast.numbers import read_at_start
from workbench.brian.makefile import recipe
from workbench.engine.compiled.makefile import make

sys.path.insert(0, str(Path(__file__).parent))
from test_against_bare_brian import network as plastic_network

MS = b2.ms
SAME_ARRAY, SHARED = 40, 41  # beside the networks made at random, 0 to 39


class Framed(FastStandalone):
    """Brian2's templates for everything, the network and the pathways included."""

    def code_object_class(self, codeobj_class=None, fallback_pref=None):
        return codeobj_class or PlainCodeObject


def build(which: str) -> None:
    """Describe and run a network, by its number, or a model, on the device that is set."""
    b2.seed(1)
    if not which.isdigit():
        np.random.seed(1)  # noqa: NPY002  models may draw with NumPy while they build
        net = load(which).build()
        groups = [g for g in net.sorted_objects if isinstance(g, b2.SpikeSource)]
        monitors = [
            b2.SpikeMonitor(g, name=f"spikes_{g.name}")
            for g in groups
            if "_spikespace" in g.variables
        ]
        if not net.t_:  # else it runs no other objects
            net.add(*monitors)
        net.run(60 * MS, namespace={})
        return
    number = int(which)
    if number == SAME_ARRAY:
        same_array().run(40 * MS, namespace={})
        return
    if number == SHARED:
        shared_constants().run(60 * MS, namespace={})
        return
    if number % 2 == 0:
        net = plastic_network(number // 2, 1.0)
        net.add(*(b2.SpikeMonitor(net[n], name=f"spikes_{n}") for n in ("a", "b", "noise")))
        net.run(40 * MS, namespace={})
        return
    rng = np.random.default_rng(number)
    net, runs = two_groups(rng)
    for change in runs:
        change()
        net.run(25 * MS, namespace={})


def same_array():
    """Synapses of which both sides, and a linked variable, are of one array."""
    rng = np.random.default_rng(SAME_ARRAY)
    group = b2.NeuronGroup(
        200, """dv/dt = (1.3 - v + 0.1*g)/(10*ms) : 1 (unless refractory)
        dg/dt = -g/(5*ms) : 1
        other : 1 (linked)""",
        threshold="v > 1", reset="v = 0", refractory=2 * MS, method="euler", dt=0.1 * MS, name="a",
    )  # fmt: skip
    group.v, group.g = rng.uniform(0, 1, 200), rng.uniform(0, 1, 200)
    group.other = b2.linked_var(group, "g")
    objects = [group, b2.SpikeMonitor(group, name="spikes_a")]
    for k, delay in enumerate((0, 0.7)):
        s = b2.Synapses(
            group, group, "w : 1", on_pre="g_post += w*(1 + g_pre); w = clip(w + v_post, -1, 1)",
            on_post="g_pre += 0.01*g_post*other_post; w = clip(w - 0.01*other_pre*g_post, -1, 1)",
            delay=delay * MS, dt=0.1 * MS, name=f"s{k}",
        )  # fmt: skip
        i, j = np.nonzero(rng.random((200, 200)) < 0.05)
        order = rng.permutation(len(i)) if k else np.arange(len(i))
        s.connect(i=i[order], j=j[order])
        s.w = rng.normal(0, 0.05, len(i))
        objects.append(s)
    return b2.Network(*objects)


def shared_constants():
    """Time constants that change now and then: exp() of them is the same at most steps."""
    groups = [
        b2.NeuronGroup(
            60, """dv/dt = (1.4 - v + g)/tau : 1 (unless refractory)
            g : 1
            arrives = 1 - exp(-dt/tau) : 1 (shared)
            tau : second (shared)""",
            threshold="v > 1", reset="v = 0", refractory=1 * MS, method="exact", dt=0.1 * MS,
            name=name,
        )
        for name in "ab"
    ]  # fmt: skip
    objects = []
    for source, target in (groups, groups[::-1]):
        source.v = np.linspace(0, 0.9, 60)
        source.run_regularly("tau = 8*ms - 5*ms*int(t > 18*ms) + 2*ms*int(t > 38*ms)", dt=6 * MS)
        source.run_regularly("g *= exp(-dt/tau)", when="before_thresholds")
        s = b2.Synapses(source, target, "w : 1", on_pre="g_post += w*arrives_post")
        s.connect(j="(i + k) % 60 for k in range(7)")
        s.w = "0.3*sin(i + 3*j)"
        objects += [source, s, b2.SpikeMonitor(source, name=f"spikes_{source.name}")]
    return b2.Network(*objects)


def two_groups(rng):
    """Groups of more neurons than a block, joined in every way that the templates tell apart."""
    refractory = ("constant", "own", "shared", "condition", "none")[rng.integers(5)]
    noise = rng.random() < 0.3
    equations = f"""dv/dt = (drive - v + g)/(10*ms) {"+ 0.3*xi*ms**-0.5" if noise else ""} : 1 (unless refractory)
    dg/dt = -g/(5*ms) : 1
    drive : 1
    wait : second {"(shared)" if refractory == "shared" else ""}"""  # noqa: E501
    period = {"constant": 3 * MS, "own": "wait", "shared": "wait", "condition": "v > 0.6",
              "none": False}[refractory]  # fmt: skip
    groups, objects, changes = [], [], []
    for name in "ab":
        group = b2.NeuronGroup(
            int(rng.integers(100, 300)), equations, threshold="v > 1", reset="v = 0",
            refractory=period, method="euler", dt=0.1 * MS, name=name,
        )  # fmt: skip
        group.drive = rng.uniform(0.8, 1.6, group.N)
        group.v = rng.uniform(0, 1, group.N)
        if refractory == "shared":
            group.wait = 2 * MS
            changes.append((group, "wait", 4 * MS))
        elif refractory == "own":
            group.wait = rng.integers(1, 4, group.N) * MS
        if refractory in ("constant", "shared") and rng.random() < 0.3:
            group.run_regularly("lastspike = t - 1*ms", dt=5 * MS)  # refractory without a spike
        # Drawn with rand(), on which poisson() depends.
        group.run_regularly("g += 0.001*poisson(2.0)", dt=1 * MS)
        groups.append(group)
        objects += [group, b2.SpikeMonitor(group, name=f"spikes_{name}")]
    for k in range(4):
        source, target = (groups[rng.integers(2)] for _ in range(2))
        if rng.random() < 0.4:
            source = source[7 : source.N - 5]
        s = b2.Synapses(source, target, "w : 1", on_pre="g_post += w", dt=0.1 * MS, name=f"s{k}")
        i, j = np.nonzero(rng.random((len(source), len(target))) < 0.05)
        order = rng.permutation(len(i)) if rng.random() < 0.5 else np.arange(len(i))
        s.connect(i=i[order], j=j[order])
        s.w = rng.normal(0, 0.05, len(i))
        kind = ("none", "one", "alike", "different")[rng.integers(4)]
        if kind != "none":
            delay = {"one": 1.3, "alike": np.full(len(i), 0.7),
                     "different": rng.integers(0, 30, len(i)) * 0.1}[kind]  # fmt: skip
            s.pre.delay = delay * MS
        if kind in ("alike", "different") and rng.random() < 0.5:
            changes.append((s.pre, "delay", rng.integers(0, 20) * 0.1 * MS))
        objects.append(s)

    def change():
        for thing, name, value in changes:
            setattr(thing, name, value)

    return b2.Network(*objects), [lambda: None, change]


def simulate(device: CPPStandaloneDevice, which: str, level: str, folder: Path) -> None:
    """Run the network of that number with a device; its results are in ``folder / "results"``."""
    flags = [level if f == "-O3" else f for f in FLAGS]
    b2.prefs.codegen.cpp.extra_compile_args_gcc = flags
    all_devices["of_the_test"] = device
    b2.set_device("of_the_test", build_on_run=False)
    build(which)
    device.build(directory=str(folder), compile=False, run=False, with_output=False)
    if isinstance(device, FastStandalone):
        if not isinstance(device, Framed):
            read_at_start(folder)
        make(folder, "a random network")
    else:
        compile_each(folder, flags)
    subprocess.run(["./main"], cwd=folder, check=True, capture_output=True)


def compile_each(folder: Path, flags: list[str]) -> None:
    """Compile Brian2's files one by one as its makefile does, but read the common header once."""
    found = recipe(folder)
    assert found is not None
    compiler = ["g++", *flags, "-I.", "-Ibrianlib/randomkit"]
    subprocess.run([*compiler, "objects.h", "-o", "objects.h.gch"], cwd=folder, check=True)

    def compiled(name: str) -> str:
        made = str(Path(name).with_suffix(".o"))
        header = ["-include", "objects.h"] if name.endswith(".cpp") else []
        language = ["-x", "c"] if name.endswith(".c") else []
        subprocess.run([*compiler, *header, "-c", *language, name, "-o", made],
                       cwd=folder, check=True)  # fmt: skip
        return made

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(compiled, found.files))
    subprocess.run(["g++", *made, "-o", "main", *found.link_flags], cwd=folder, check=True)


def results(folder: Path) -> dict[str, bytes]:
    """Every array after the run, by the name of its file."""
    found = {p.name: p.read_bytes() for p in (folder / "results").iterdir()}
    del found["last_run_info.txt"]  # seconds
    assert any("_t_" in name and data for name, data in found.items())
    return found


def main() -> None:
    kind, which = sys.argv[1:]
    # What Brian2's templates compute does not depend on the level of optimisation, and compiles
    # in less time at a low one. Code that a model brings itself may depend on it.
    level = "-O0" if which.isdigit() else "-O3"
    other = (Framed, "-O1") if kind == "framed" else (CPPStandaloneDevice, level)
    fresh = multiprocessing.get_context("fork")  # Brian2 numbers its objects in each process
    with tempfile.TemporaryDirectory() as place:
        for name, (device, level) in (("fast", (FastStandalone, "-O3")), ("other", other)):
            child = fresh.Process(target=simulate, args=(device(), which, level, Path(place, name)))
            child.start()
            child.join()
            if child.exitcode:
                sys.exit(1)
        fast, own = (results(Path(place, name)) for name in ("fast", "other"))
    unequal = sorted(n for n in fast.keys() | own.keys() if fast.get(n) != own.get(n))
    sys.stdout.write(json.dumps(unequal) + "\n")


if __name__ == "__main__":
    main()
