"""The notebooks run from the first cell to the last."""

from __future__ import annotations

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config


# In a real JupyterLab they are run by test_jupyterlab; that of the ELM neuron needs its trials.
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("astrocyte_lsm", marks=pytest.mark.slow),
        pytest.param("gain_control", marks=pytest.mark.slow),
        pytest.param("hippocampal_cam", marks=pytest.mark.slow),
        pytest.param("l2mu_braille", marks=pytest.mark.slow),
        pytest.param("lmu_delay", marks=pytest.mark.slow),
    ],
)
def test_every_cell_runs(name, repository):
    notebook = jupytext.read(repository / "notebooks" / f"{name}.py")
    assert isinstance(notebook, nbformat.NotebookNode)
    # Files instead of ports, which somebody else could be given before the kernel listens.
    files = Config(KernelManager={"transport": "ipc"})
    NotebookClient(
        notebook, timeout=280, startup_timeout=240, kernel_name="python3", config=files,
        resources={"metadata": {"path": str(repository)}},
    ).execute()  # fmt: skip
    figures = [
        o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs
        if "image/svg+xml" in o.get("data", {}) or "image/png" in o.get("data", {})
    ]  # fmt: skip
    assert len(figures) >= 5
