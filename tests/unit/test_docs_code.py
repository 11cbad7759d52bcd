"""The code blocks of the documents: all can be read and name what exists; Python is run, slowly."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import tomllib
from pathlib import Path

import pytest

import workbench as wb

ROOT = Path(__file__).resolve().parents[2]
# Pages that are made from others, of the repository or when the site is built.
GENERATED = ("reference", "api", "cite", "gallery", "contributing", "changelog")
PAGES = [
    ROOT / "README.md",
    *(
        p
        for p in sorted((ROOT / "docs").rglob("*.md"))
        if p.stem not in GENERATED and p.parent.name != "howto"
    ),
]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
LANGUAGES = {"python", "sh", "toml", "nginx", "text"}

# (page, section) -> what its blocks take for granted, as the words around them say.
BEFORE = {
    ("howto", "Add a model"): "from workbench import Parameter",
    ("howto", "Use your own connections and weights"): """
import numpy as np
np.save("weights.npy", np.where(np.eye(20, k=1), 0.5, 0))
""",
    ("howto", "Export a figure"): """
run = wb.load("cuba", n_neurons=100).run(400)
run.save("memory.zarr")
""",
    ("howto", "Run from the shell"): 'wb.load("cuba", n_neurons=100).run(20).save("cuba.zarr")',
    ("howto", "Keep runs and find them again"): 'run = wb.load("cuba", n_neurons=100).run(20)',
}
# Long ones are shortened here; what is simulated is the same otherwise.
SHORTER = {
    "run(20_000)": "run(200)", "run(8000": "run(4001", "run(5000": "run(500", "run(1000": "run(601",
    "run(2200": "run(100", "run(5 * 256": "run(256", "repeats=5": "repeats=1",
    'load("cuba")': 'load("cuba", n_neurons=200)',
}  # fmt: skip
# (page, section, number of the block in it) -> why it is not run here.
NOT_RUN = {
    ("howto", "Bring spike trains in, and measure them", 0): "needs a recording of one's own",
    ("howto", "Record anything", 1): "goes on with a session of a plastic model",
    ("howto", "Send somebody what you see: links", 0): "repeats a run: test_links",
    ("howto", "Work in JupyterLab", 0): "the app: test_jupyterlab",
    ("howto", "Work in JupyterLab", 2): "test_controls awaits frames",
    ("from_brian2", "See it live", 0): "the app of Brian2 objects: test_live_objects",
    ("elm_neuron", "The Expressive Leaky Memory neuron", 0): "needs the published file",
}


def _blocks() -> list[tuple[str, str, int, str, str]]:
    """(page, section, number of the block in it, language, text) of every block."""
    found, seen = [], {}
    for page in PAGES:
        text = page.read_text("utf-8")
        for match in BLOCK.finditer(text):
            section = re.findall(r"^#+ (.*)$", text[: match.start()], re.MULTILINE)[-1]
            key = (page.stem, section, match[2])
            seen[key] = seen.get(key, -1) + 1
            body = "\n".join(line.removeprefix(match[1]) for line in match[3].splitlines())
            found.append((page.stem, section, seen[key], match[2], body))
    return found


BLOCKS = _blocks()
PYTHON = [each for each in BLOCKS if each[3] == "python"]


def test_every_block_can_be_read():
    assert len(PYTHON) > 25 and {each[3] for each in BLOCKS} <= LANGUAGES
    for page, section, _, language, text in BLOCKS:
        if language == "toml":
            assert tomllib.loads(text)
        elif language == "python":
            try:
                compile(text, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            except SyntaxError as error:
                raise AssertionError(f"{page}: {section}: {error}") from error


def test_every_name_of_the_workbench_that_a_page_uses_exists():
    used = {
        (page, name)
        for page in PAGES
        for name in re.findall(r"\bwb\.([a-zA-Z_]+)", page.read_text("utf-8"))
    }
    assert len(used) > 30
    assert [each for each in used if not hasattr(wb, each[1])] == []


def test_what_is_not_run_exists():
    known = {each[:3] for each in PYTHON}
    assert known >= set(NOT_RUN)
    assert {each[:2] for each in known} >= set(BEFORE)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("page", "section", "number", "language", "text"),
    [pytest.param(*each, id=f"{each[0]}-{each[1]}-{each[2]}") for each in PYTHON],
)
def test_the_python_of_the_documents_runs(
    page, section, number, language, text, tmp_path, monkeypatch
):
    if reason := NOT_RUN.get((page, section, number)):
        pytest.skip(reason)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    for long, short in SHORTER.items():
        text = text.replace(long, short)
    space: dict = {"wb": wb, "__name__": "__main__"}
    exec(BEFORE.get((page, section), ""), space)
    code = compile(text, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, space)
    if inspect.iscoroutine(result):
        asyncio.run(result)
    for value in list(space.values()):
        if isinstance(value, wb.Session):
            value.close()
