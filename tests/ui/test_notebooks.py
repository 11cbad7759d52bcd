"""The notebooks run from the first cell to the last."""

from __future__ import annotations

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient


# The others are run in a real JupyterLab, in test_jupyterlab.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["astrocyte_lsm", "gain_control"])
def test_every_cell_runs(name, repository):
    notebook = jupytext.read(repository / "notebooks" / f"{name}.py")
    assert isinstance(notebook, nbformat.NotebookNode)
    NotebookClient(
        notebook, timeout=280, kernel_name="python3",
        resources={"metadata": {"path": str(repository)}},
    ).execute()  # fmt: skip
    figures = [
        o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs
        if "image/svg+xml" in o.get("data", {}) or "image/png" in o.get("data", {})
    ]  # fmt: skip
    assert len(figures) >= 5
