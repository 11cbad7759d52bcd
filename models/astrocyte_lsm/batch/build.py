"""Makes the binary that shows samples to a liquid. Needs Brian2: runs in a process of its own."""

from __future__ import annotations

import shutil
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench.engine.compiled import cache as binary_cache
from workbench.engine.compiled.makefile import make
from workbench.errors import BuildError, WorkbenchError
from workbench.model.transfer import unpack_model

from ..network import PROJECTIONS, network

FOREVER_MS = 1e12
_HERE = Path(__file__).parent
# What a new sample sets to zero, and what it restores or lets go on, by object.
_CLEARED = {
    "liquid": ("v", "I", "J", "x", "wait", "fired"),
    "input": ("v", "x", "wait", "fired", "drive"),
    "astrocyte": ("heard",),
}
KEPT = (*((name, "w") for name in PROJECTIONS), ("liquid", "trace"), ("liquid", "calcium"),
        ("input", "trace"))  # fmt: skip


def build(conn: Connection, packed: dict[str, Any], plastic: bool, folder: str) -> None:
    """Generate and compile into ``folder``; sends the binary's path and which variables it has."""
    try:
        conn.send(_built(unpack_model(packed), plastic, Path(folder)))
    except WorkbenchError as error:
        conn.send(error)
    except Exception as error:
        conn.send(BuildError(f"The liquid could not be built. {type(error).__name__}: {error}"))
    finally:
        conn.close()


def _built(model: Any, plastic: bool, folder: Path) -> dict[str, Any]:
    import brian2

    from workbench.brian.device import activate

    if binary_cache.compiler() is None:
        raise BuildError(
            "Whole data sets need a C++ compiler and make, and this machine has none: install g++ "
            "and make."
        )
    device = activate()
    brian2.prefs.codegen.cpp.headers = ['"samples.h"']
    net = network(model, plastic=plastic, pictures=False)
    clock = net["liquid"].clock
    hook = _hook(clock)
    running = brian2.Network(*net.objects, hook, name="samples_network")
    running.run(FOREVER_MS * brian2.ms, namespace={})
    sources = folder
    sources.mkdir(parents=True, exist_ok=True)
    for name in ("h", "cpp"):
        shutil.copy2(_HERE / f"samples.{name}", sources / f"samples.{name}")
    (sources / "samples_table.h").write_text(_table(net, device))
    device.build(
        directory=str(sources), compile=False, run=False, with_output=False,
        additional_source_files=["samples.cpp"],
    )  # fmt: skip
    key = binary_cache.key_of(sources)
    with binary_cache.building(key):
        binary = binary_cache.find(key)
        if binary is None:
            binary = binary_cache.keep(key, make(sources, model.slug), model.slug)
    objects = {o.name: o for o in net.objects}
    live = {
        name: [o.name for o in objects.values() if _sets(o, name)] for name in model.parameters()
    }
    return {"binary": str(binary), "variables": {k: v for k, v in live.items() if v}}


def _sets(owner: Any, name: str) -> bool:
    variable = getattr(owner, "variables", {}).get(name)
    return variable is not None and variable.scalar and variable.owner.name == owner.name


def _hook(clock: Any) -> Any:
    import brian2

    call = brian2.Function(_never, arg_units=[1], return_unit=1, stateless=False)
    call.implementations.add_implementation("cpp", "", name="samples_at_step")
    hook = brian2.NeuronGroup(
        1, "called : 1", clock=clock, namespace={"samples_at_step": call}, name="samples_hook"
    )
    hook.run_regularly(
        "called = samples_at_step(t_in_timesteps)", clock=clock, when="start", order=-1000,
        name="samples_step",
    )  # fmt: skip
    return hook


def _never(step: float) -> float:
    raise NotImplementedError("only exists in C++")


def _table(net: Any, device: Any) -> str:
    """The part of the C++ code that is about this network."""

    def name_of(group: str, variable: str) -> str:
        return str(device.get_array_name(net[group].variables[variable], access_data=False))

    def field(group: str, variable: str) -> str:
        name = f"brian::{name_of(group, variable)}"
        vector = name.startswith("brian::_dynamic")
        data = f"{name}.data()" if vector else name
        size = f"{name}.size()" if vector else name.replace("brian::", "brian::_num_", 1)
        return f"  {{[]() -> double* {{ return {data}; }}, []() -> size_t {{ return {size}; }}}},"

    def pointer(kind: str, name: str, group: str, variable: str) -> str:
        return f"inline {kind} {name}() {{ return brian::{name_of(group, variable)}; }}"

    cleared = [field(g, v) for g, names in _CLEARED.items() for v in names]
    return "\n".join([
        "const Field cleared[] = {", *cleared, "};",
        "const Field kept[] = {", *(field(g, v) for g, v in KEPT), "};",
        f"const int32_t n_liquid = {len(net['liquid'])}, n_inputs = {len(net['input'])};",
        pointer("double*", "share", "input", "share"),
        pointer("double*", "drive", "input", "drive"),
        pointer("double*", "A", "astrocyte", "A"),
        pointer("double*", "b_astro", "astrocyte", "b_astro"),
        pointer("double*", "gain", "liquid", "gain"),
        pointer("const int32_t*", "liquid_spikes", "liquid", "_spikespace"),
        pointer("const int32_t*", "input_spikes", "input", "_spikespace"),
        "",
    ])  # fmt: skip
