"""What each way to install the workbench brings, and that the first is enough for the apps."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from test_imports import modules_of

# What conda-forge calls by another name, and what only conda has to bring.
CONDA_NAMES = {
    "matplotlib-base": "matplotlib",
    "dask-core": "dask",
    "jupyter_bokeh": "jupyter-bokeh",
}
ONLY_CONDA = {"python", "pip", "cxx-compiler", "make"}
NOT_FOR_USERS = {
    "h5py", "jax", "jaxlib", "jupyterlab", "mypy", "nbclient", "optax", "playwright", "pypdf",
    "pytest", "pytest-timeout", "pytest-xdist", "ruff",
}  # fmt: skip
NAME = "circuit-workbench"


@pytest.fixture
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))


@pytest.fixture
def commands(repository):
    """The README's two commands."""
    return (repository / "README.md").read_text("utf-8").split("```")[1].strip().splitlines()[1:]


def named(project: dict, command: str) -> list[str]:
    """The requirements that ``uv run`` installs for a command of the README."""
    words = shlex.split(command.partition("uv run ")[2])
    pairs = list(itertools.pairwise(words))
    asked = {k: [b for a, b in pairs if a == k] for k in ("--extra", "--group")}
    groups = project.get("dependency-groups", {})
    by_default = project.get("tool", {}).get("uv", {}).get("default-groups", ["dev"])
    wanted = list(project["project"]["dependencies"])
    for group in [*asked["--group"], *(g for g in by_default if g in groups)]:
        wanted += groups[group]
    return wanted + [f"{NAME}[{extra}]" for extra in asked["--extra"]]


def brought(project: dict, wanted: list[str]) -> set[str]:
    """Names of all distributions that come with the requirements, as far as they are here."""
    extras = project["project"]["optional-dependencies"]
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    left = [(Requirement(text), "") for text in wanted]
    while left:
        requirement, extra = left.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for one in ["", *requirement.extras]:
            if (name, one) in seen:
                continue
            seen.add((name, one))
            if name == NAME:
                left += [(Requirement(text), "") for text in extras.get(one, ())]
                continue
            found.add(name)
            try:
                left += [(Requirement(text), one) for text in metadata.requires(name) or ()]
            except metadata.PackageNotFoundError:
                continue
    return found


def test_the_first_command_brings_no_test_and_training_tools(project, commands):
    first = brought(project, named(project, commands[0]))
    assert {"brian2", "panel", "zarr"} <= first
    assert not NOT_FOR_USERS & first


def test_the_second_command_brings_what_the_tests_need(project, commands):
    second = brought(project, named(project, commands[1]))
    assert second >= NOT_FOR_USERS - {"mypy", "ruff"}
    assert second >= brought(project, named(project, commands[0]))
    assert not {"mypy", "ruff"} & second
    assert brought(project, [f"{NAME}[dev]"]) >= {"mypy", "ruff", "pytest"}


# Every Python that starts with it finds only what the first command brings.
WITHOUT = """
import json, os, sys

class Absent:
    names = frozenset(json.loads(os.environ["ABSENT"]))

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""

PACKAGES = """
import importlib.metadata, json
print(json.dumps(importlib.metadata.packages_distributions()))
"""


@pytest.fixture
def only_first(project, commands, tmp_path):
    """Run a Python in which nothing can be imported that the first command does not bring."""
    here = brought(project, named(project, commands[0])) | {NAME}
    # Asked of a new process: setuptools, once imported, shows what it has inside as well.
    packages = json.loads(
        subprocess.run(
            [sys.executable, "-c", PACKAGES], capture_output=True, text=True, check=True
        ).stdout
    )
    absent = [
        module for module, of in packages.items()
        if not {canonicalize_name(d) for d in of} & here
    ]  # fmt: skip
    assert {"jax", "playwright", "h5py", "jupyterlab"} <= set(absent)
    place = tmp_path / "site"
    place.mkdir()
    (place / "sitecustomize.py").write_text(WITHOUT, encoding="utf-8")
    known = {"PYTHONPATH": str(place), "ABSENT": json.dumps(absent)}

    def run(*args: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *args], env={**os.environ, **known}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    return run


def test_the_apps_need_no_more_than_the_first_command_brings(only_first):
    modules = [m for package in ("workbench", "models", "panels") for m in modules_of(package)]
    importing = "import importlib, json, sys; [importlib.import_module(m) for m in sys.argv[1:]]"
    done = only_first("-c", importing, *modules)
    assert (done.returncode, done.stderr) == (0, "")
    assert only_first("-c", "import jax").returncode == 1


A_RUN_AND_ITS_FIGURE = """
import sys
import workbench as wb

run = wb.load("ssn-pair").run(duration_ms=5, seed=1)
wb.open_run(run.save(sys.argv[1]))
wb.figure(run, "traces", path=sys.argv[2])
"""


@pytest.mark.slow
def test_a_run_and_its_figure_need_no_more_either(only_first, tmp_path):
    run, figure = tmp_path / "r.zarr", tmp_path / "f.pdf"
    done = only_first("-c", A_RUN_AND_ITS_FIGURE, str(run), str(figure))
    assert done.returncode == 0, done.stderr
    assert figure.read_bytes().startswith(b"%PDF")


def test_what_is_missing_is_reported_with_its_extra(only_first):
    for call, message in {
        "from models.elm_neuron.training import jax_module; jax_module()": "extra train (pip",
        "from workbench.data import load; load('shd')": "extra data (pip",
    }.items():
        done = only_first("-c", call)
        assert message in done.stderr.splitlines()[-1]


def test_every_extra_that_a_sentence_names_exists(project, repository):
    extras = project["project"]["optional-dependencies"]
    for folder in ("workbench", "models", "panels"):
        for file in (repository / folder).rglob("*.py"):
            text = file.read_text("utf-8")
            message = re.findall(r"how_to_get\(['\"](\w+)|\boptional\(\w+, \"(\w+)\"", text)
            assert {a or b for a, b in message} <= set(extras), file


# -- conda ------------------------------------------------------------------------------------


def declared(project: dict, extras: list[str], base: bool) -> dict:
    """Name -> bounds in pyproject.toml, for the Python that conda's users get."""
    texts = list(project["project"]["dependencies"]) if base else []
    for extra in extras:
        texts += project["project"]["optional-dependencies"][extra]
    python = {"python_version": "3.12", "python_full_version": "3.12.0"}
    found = {}
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is None or Marker(str(requirement.marker)).evaluate(python):
            found[canonicalize_name(requirement.name)] = requirement.specifier
    found.pop(NAME, None)
    return found


def listed(path) -> dict:
    """Name -> bounds in a file of conda; a name without bounds has empty ones."""
    found = {}
    for line in path.read_text("utf-8").partition("dependencies:")[2].splitlines():
        item = re.fullmatch(r"\s+- ([A-Za-z0-9_.-]+)( [<>=][^#]*)?", line)
        if item:
            requirement = Requirement(f"{CONDA_NAMES.get(item[1], item[1])}{item[2] or ''}")
            found[canonicalize_name(requirement.name)] = requirement.specifier
    return found


def test_conda_users_get_the_same_set_and_a_compiler(project, repository):
    conda = listed(repository / "environment.yml")
    assert str(conda["python"]) == str(Requirement("python>=3.12,<3.15").specifier)
    assert project["project"]["requires-python"] == ">=3.11,<3.15"
    assert conda.keys() >= ONLY_CONDA
    rest = {name: bounds for name, bounds in conda.items() if name not in ONLY_CONDA}
    assert rest == declared(project, ["notebook"], base=True)


def test_conda_developers_get_the_rest(project, repository):
    conda = listed(repository / "environment-dev.yml")
    rest = {name: bounds for name, bounds in conda.items() if name not in ONLY_CONDA}
    assert rest == declared(
        project, ["train", "data", "nwb", "neo", "parquet", "test", "docs", "dev"], base=False
    )
