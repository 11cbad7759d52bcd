"""Every app by itself: in Panel's own server, and as a module."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from panels import alone, serving
from workbench.model import registry

MODELS = registry.models()


def test_the_apps_are_the_files_that_can_be_served_and_no_others(repository):
    message = subprocess.run(
        [sys.executable, "-m", "panels"], capture_output=True, text=True, check=True
    )
    offered = {Path(line).resolve() for line in message.stdout.splitlines()}
    folder = repository / "panels"
    assert offered == {p for p in folder.glob("*.py") if "\n    show(__file__)\n" in p.read_text()}
    # Every model that comes with the workbench, the page for any model, and the saved runs.
    packaged = {slug.replace("-", "_") for slug in MODELS}
    assert {p.stem for p in offered} == packaged | {"explorer", "runs"}


@pytest.fixture(scope="module")
def panel_server(tmp_path_factory):
    """``panel serve`` of all apps, as the documentation says it."""
    message = tmp_path_factory.mktemp("alone") / "said"
    with message.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "panel", "serve", "--address", "127.0.0.1", "--port", "0",
             "--unused-session-lifetime", "1", "--check-unused-sessions", "500",
             *map(str, alone.files())],
            stdout=out, stderr=out,
        )  # fmt: skip
    try:
        began = time.monotonic()
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/", message.read_text())):
            assert process.poll() is None and time.monotonic() - began < 180, message.read_text()
            time.sleep(0.1)
        yield found[0], message
    finally:
        process.terminate()
        process.wait(90)


QUICK = ("runs", "cuba")  # one of each kind; each takes seconds


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in alone.APPS]
)
def test_every_app_is_served_alone(name, panel_server):
    url, message = panel_server
    with urllib.request.urlopen(url + name, timeout=120) as answer:
        assert answer.status == 200
        page = answer.read().decode()
    slug = alone.APPS[name]
    title = "Saved runs" if slug == "runs" else MODELS[slug or next(iter(MODELS))].title
    assert title in page, message.read_text()
    assert "Traceback" not in message.read_text()


@pytest.mark.parametrize("name", alone.APPS)
def test_as_a_module_every_app_opens_its_page(name, monkeypatch):
    opened = []
    monkeypatch.setattr(serving, "serve", lambda **how: opened.append(how))
    (file,) = (p for p in alone.files() if p.stem == name)
    runpy.run_path(str(file), run_name="__main__")
    assert opened == [{"show_only": alone.APPS[name]}]
