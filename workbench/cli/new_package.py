"""A package of one model, to be installed and given to others."""

from __future__ import annotations

from pathlib import Path

from ..errors import WorkbenchError
from ..model.folders import GROUP

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{slug}"
version = "0.1.0"
description = "A model for the circuit workbench"
requires-python = ">=3.11"
dependencies = ["circuit-workbench"]

# The workbench looks here: a name, and the module that holds one model.
[project.entry-points."{group}"]
{slug} = "{module}"
"""
TEST = '''\
"""The quick checks of the workbench hold for the model; `workbench check {slug}` has all."""

import pytest
from workbench.checks import CHECKS
from workbench.model.registry import model_class


@pytest.mark.parametrize("check", [c for c in CHECKS if not c.slow], ids=lambda c: c.name)
def test_check(check):
    check.run(model_class("{slug}"))
'''


def write_package(slug: str, folder: Path, text: str) -> list[Path]:
    """Write ``folder/slug`` with the package of a model; returns its files, the model's first.

    text   : the content of the model's file
    raises : WorkbenchError if the folder is there already
    """
    module = slug.replace("-", "_")
    place = folder / slug
    if place.exists():
        raise WorkbenchError(f"{place} exists already: choose another name, or another --folder.")
    files = {
        place / module / "__init__.py": text,
        place / "pyproject.toml": PYPROJECT.format(slug=slug, module=module, group=GROUP),
        place / "tests" / f"test_{module}.py": TEST.format(slug=slug),
    }
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return list(files)
