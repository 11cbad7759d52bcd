"""Which way the packages may look: ``workbench <- models <- panels``, and who may load Brian2.

Each package is imported module by module in a fresh process, which stops at the first module
that brings in what it must not.
"""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys

import pytest

# The modules whose business it is to import Brian2: for the fork server, and to extend its device.
LOADS_BRIAN2 = {
    "workbench.brian.preferences",
    "workbench.brian.preload",
    "workbench.brian.device",
    "workbench.brian.fast.crossing",
    "workbench.brian.fast.device",
    "workbench.brian.fast.generator",
    "workbench.brian.cache_keys",
    "workbench.brian.integration_cache",
}

PROBE = """
import importlib, json, sys
modules, forbidden = json.loads(sys.argv[1])
for module in modules:
    importlib.import_module(module)
    loaded = [f for f in forbidden if any(m == f or m.startswith(f + ".") for m in sys.modules)]
    if loaded:
        sys.exit(f"importing {module} loads {', '.join(loaded)}")
"""


def modules_of(package: str) -> list[str]:
    folder = __import__(package).__path__
    found = [
        m.name for m in pkgutil.walk_packages(folder, f"{package}.", onerror=lambda name: None)
    ]
    found = [m for m in found if m not in LOADS_BRIAN2 and not m.endswith(".__main__")]
    return [package, *found]


def imports(modules: list[str], forbidden: list[str]) -> str:
    """What a fresh process complains of when it imports ``modules``; empty if of nothing."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE, json.dumps([modules, forbidden])],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("workbench", ["brian2", "models", "panels", "jax"]),
        ("models", ["brian2", "panel", "panels", "bokeh", "matplotlib", "jax"]),
        ("panels", ["brian2", "jax"]),
    ],
)
def test_a_package_looks_only_where_it_may(package, forbidden):
    assert imports(modules_of(package), forbidden) == ""


@pytest.mark.parametrize("module", ["workbench", "workbench.cli", "workbench.model.registry"])
def test_the_front_door_is_light(module):
    heavy = ["brian2", "panel", "bokeh", "holoviews", "matplotlib", "xarray", "zarr", "pandas"]
    assert imports([module], heavy) == ""


@pytest.mark.parametrize("command", ["--help", "list"])
def test_a_light_command_loads_nothing_heavy(command, tmp_path):
    code = (
        "import sys; from workbench.cli import app\n"
        "app(sys.argv[1:], prog_name='workbench', standalone_mode=False)\n"
        "heavy = {'numpy', 'param', 'scipy', 'models', 'workbench.model.model'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = None
    for _ in range(1 if command == "--help" else 2):  # the first `list` makes the index
        done = subprocess.run(
            [sys.executable, "-c", code, command], capture_output=True, text=True, check=False,
            env=os.environ | {"WORKBENCH_CACHE": str(tmp_path)},
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "cuba" in done.stdout or "describe" in done.stdout


@pytest.mark.parametrize(
    "module", ["plots.registry", "circuits", "plots", "figures", "store", "engine.session"]
)
def test_what_the_web_process_uses_needs_no_brian2(module):
    assert imports([f"workbench.{module}"], ["brian2", "models"]) == ""


def test_the_server_starts_without_what_only_some_pages_need():
    heavy = ["brian2", "scipy", "sklearn", "matplotlib", "pandas", "xarray", "zarr", "distributed"]
    assert imports(["panels.serving"], heavy) == ""


def test_reading_the_registry_needs_no_brian2_and_no_panel():
    code = (
        "import sys, workbench as wb; wb.models(); wb.load('cuba', tau_m='15 ms')\n"
        "sys.exit(', '.join({'brian2', 'panel', 'bokeh'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_forbidden_import_is_noticed():
    assert "importing json.tool loads argparse" in imports(["json", "json.tool"], ["argparse"])


def test_everything_that_the_front_door_offers_exists():
    import workbench

    for name in workbench.__all__:
        assert getattr(workbench, name) is not None
