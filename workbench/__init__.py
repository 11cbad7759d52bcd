"""The circuit workbench: simulate spiking and biophysical models live and interactively."""

from __future__ import annotations

import importlib
from typing import Any

# Everything is imported on first use, so that importing the workbench is fast.
_HOME = {
    "Catalogue": "catalogue",
    "Circuit": "circuits",
    "Comparison": "model.experiment",
    "Experiment": "model.experiment",
    "Fact": "model.model",
    "FigurePage": "figures.composed",
    "Inject": "model.operation",
    "Frame": "engine.frames",
    "Model": "model.model",
    "Operation": "model.operation",
    "Option": "model.experiment",
    "Pair": "comparison.pair",
    "Parameter": "model.parameter",
    "Recording": "recordings",
    "Run": "run",
    "Session": "engine.session",
    "View": "plots.live.view",
    "WorkbenchError": "errors",
    "Write": "model.operation",
    "circuit": "circuits",
    "compare": "comparison",
    "controls": "notebook",
    "explore": "notebook",
    "export_notebook": "export",
    "export_script": "export",
    "figure": "figures",
    "link": "links",
    "load": "model.registry",
    "measure": "measures.elephant",
    "models": "model.registry",
    "open_figure_page": "figures.page_file",
    "open_run": "store",
    "open_script": "scripts",
    "open_sweep": "sweeps",
    "read_link": "links",
    "read_spikes": "formats.spikes",
    "recording_cost": "engine.recording_cost",
    "option": "model.operation",
    "runs": "catalogue",
    "spectrum": "measures.elephant",
    "sweep": "sweeps",
}

__all__ = sorted(_HOME)

# Earlier names, for one more release.
_FORMER = {"Quantity": "Parameter"}

# Functions behind convenience methods such as `Model.run` and `Run.save`. Looked up here, so that
# the modules of the data classes need not import them.
_METHODS = {
    "beside_run": ("formats.spikes", "beside"),
    "branch_session": ("replay.branch", "branch"),
    "circuit_svg": ("circuits.render.svg", "to_svg"),
    "circuit_tables": ("circuits.tables", "tables"),
    "load_ipython_extension": ("notebook", "load_ipython_extension"),
    "replay_run": ("replay", "replay"),
    "run_model": ("engine.batch", "run_batch"),
    "run_methods": ("formats.methods", "methods"),
    "run_to_csv": ("formats.frames", "to_csv"),
    "run_to_frames": ("formats.frames", "to_frames"),
    "run_to_neo": ("formats.neo_block", "to_neo"),
    "run_to_nwb": ("formats.nwb", "to_nwb"),
    "run_to_parquet": ("formats.frames", "to_parquet"),
    "run_to_xarray": ("store", "to_xarray"),
    "save_circuit": ("circuits.render.export", "save"),
    "save_run": ("store", "save"),
    "term_of": ("circuits.ncd.derive.derive", "term_of"),
}


def __getattr__(name: str) -> Any:
    name = _FORMER.get(name, name)
    if name not in _HOME and name not in _METHODS:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    module, function = _METHODS.get(name) or (_HOME[name], name)
    value = getattr(importlib.import_module(f".{module}", __name__), function)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
