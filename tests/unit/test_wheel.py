"""The wheel, installed beside packages of a user that are called ``models`` and ``panels``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

MINE = "WHOSE = 'mine'\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built from a copy of what git tracks."""
    root = Path(__file__).resolve().parents[2]
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=root, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return next(place.glob("*.whl"))


@pytest.fixture(scope="module")
def project(wheel, tmp_path_factory):
    """A user's folder, and the environment to work in it: nothing there comes from the clone."""
    place = tmp_path_factory.mktemp("project")
    site = place / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    packages = Path(sysconfig.get_path("purelib"))
    for item in packages.iterdir():
        # All that the tests have, but not the clone, which an editable install points to.
        if not item.name.startswith(("circuit_workbench", "_circuit_workbench", "__pycache__")):
            target = site / item.name
            if not target.exists():
                target.symlink_to(item)
    work = place / "work"
    for name in ("models", "panels"):
        (work / name).mkdir(parents=True)
        (work / name / "__init__.py").write_text(MINE)
    return work, {
        **{k: v for k, v in os.environ.items() if not k.startswith(("WORKBENCH_", "PYTHON"))},
        "PYTHONPATH": os.pathsep.join([str(work), str(site)]),
        "WORKBENCH_RUNS": str(place / "runs"),
        "WORKBENCH_CACHE": str(place / "cache"),
        "WORKBENCH_BUILD": "0",
    }


def python(project, *arguments):
    work, environment = project
    done = subprocess.run(
        # -S: without the folder of installed packages, and so without the clone
        [sys.executable, "-S", *arguments], cwd=work, env=environment, capture_output=True,
        text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_one_package_with_all_that_the_folders_hold(wheel, repository):
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.partition("/")[0] for n in names if ".dist-info/" not in n} == {"workbench"}
    tracked = subprocess.run(
        ["git", "ls-files", "models", "panels", "notebooks"], cwd=repository,
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert tracked and {f"workbench/bundled/{f}" for f in tracked} <= set(names)


def test_a_user_s_own_packages_and_the_models_get_along(project):
    code = (
        "import json, models, panels, workbench as wb\n"
        "run = wb.load('cuba', n_neurons=100).run(duration_ms=20, seed=1)\n"
        "print(json.dumps([models.WHOSE, panels.WHOSE, sorted(wb.models()), run.model, "
        "sorted(run.files)]))"
    )
    models, panels, known, model, files = json.loads(python(project, "-c", code))
    assert (models, panels, model) == ("mine", "mine", "cuba")
    # What lies beside it, such as NumPy, is not the model's.
    assert "workbench/bundled/models/cuba.py" in files
    assert all(name.startswith(("workbench/__", "workbench/bundled/")) for name in files)
    assert {"hippocampal-cam", "ssn", "v1-spiking"} <= set(known)


def test_a_new_model_is_written_beside_the_user_s_files(project):
    work, _ = project
    message = python(project, "-m", "workbench", "new", "my-model", "--folder", str(work / "own"))
    assert str(work / "own" / "my_model.py") in message
    shutil.rmtree(work / "own")


def test_the_pages_of_an_installed_workbench_answer(project):
    code = (
        "import threading, urllib.request\n"
        "from workbench.bundled.panels import serving\n"
        "import panel as pn\n"
        "port = serving.free_port()\n"
        "pages = {k: v for k, v in serving.pages().items() if k in ('cuba', 'hippocampal-cam')}\n"
        "server = pn.serve(pages, port=port, address='127.0.0.1', show=False, start=False)\n"
        "def ask():\n"
        "    try:\n"
        "        for name in pages:\n"
        "            print(urllib.request.urlopen(f'http://127.0.0.1:{port}/{name}').status)\n"
        "    finally:\n"
        "        server.io_loop.add_callback(server.io_loop.stop)\n"
        "threading.Thread(target=ask).start()\n"
        "server.io_loop.start()\n"
    )
    assert python(project, "-c", code).split()[-2:] == ["200", "200"]
