"""Measures of a sweep: named ones, and any function of a run.

``@register("name", "unit")`` adds a measure to `NAMED`; the command line and the app list these.
"""

from __future__ import annotations

import hashlib
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..bundled_packages import bundled
from ..errors import ParameterError, unknown
from ..measures.variability import isi_cv

if TYPE_CHECKING:
    import xarray

    from ..run import Run

BIN_MS = 5.0


@dataclass(frozen=True)
class Measure:
    """A function of a run, with its name in the Dataset and a hash of its code."""

    name: str
    function: Callable[[Run], Any]
    unit: str = ""
    doc: str = ""
    code: str = ""

    def packed(self) -> str | bytes:
        """Return the name, or the pickled function for processes that cannot import it."""
        return self.name if self.name in NAMED else _pickled(self.function)


NAMED: dict[str, Measure] = {}


def register(name: str, unit: str) -> Callable[[Callable[[Run], Any]], Callable[[Run], Any]]:
    """Add the decorated function of a run under ``name``; its docstring describes it."""

    def add(function: Callable[[Run], Any]) -> Callable[[Run], Any]:
        message = (function.__doc__ or "").strip().splitlines()
        NAMED[name] = Measure(name, function, unit, message[0].rstrip(".") if message else "")
        return function

    return add


def find(measure: Any) -> Measure:
    """Return a measure by name or from a function; raises UnknownName or ParameterError."""
    if isinstance(measure, str):
        if measure not in NAMED:
            raise unknown("measure", measure, NAMED)
        return NAMED[measure]
    if not callable(measure):
        raise ParameterError(
            f"measure = {measure!r} is not allowed: give a name ({', '.join(NAMED)}) or a function "
            "of a run."
        )
    name = getattr(measure, "__name__", type(measure).__name__)
    return Measure(name if name.isidentifier() else "measure", measure, code=_mark(measure))


def unpack(packed: str | bytes) -> Callable[[Run], Any]:
    """Inverse of ``Measure.packed``; only for data from the process that started the sweep."""
    if isinstance(packed, str):
        return NAMED[packed].function
    import cloudpickle

    return cloudpickle.loads(packed)


def _mark(function: Any) -> str:
    """Hash the compiled code; the source of a lambda would include the rest of its line."""
    code = getattr(function, "__code__", None)
    if code is None:
        return type(function).__qualname__
    held = [c.cell_contents for c in getattr(function, "__closure__", None) or ()]
    plain = [v for v in (*held, *(function.__defaults__ or ())) if isinstance(v, int | float | str)]
    text = f"{_code_text(code)}|{plain}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _code_text(code: CodeType) -> str:
    held = [_code_text(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return f"{code.co_code.hex()}|{code.co_names}|{held}"


def _pickled(function: Any) -> bytes:
    """Pickle a function, by value if its module is not an installed package."""
    import sys

    import cloudpickle

    module = sys.modules.get(getattr(function, "__module__", "") or "")
    file = getattr(module, "__file__", None)
    libraries = [Path(sysconfig.get_path(k)) for k in ("purelib", "platlib", "stdlib")]
    package = module.__name__.partition(".")[0] if module is not None else "__main__"
    installed = file is None or any(Path(file).is_relative_to(p) for p in libraries)
    if (
        module is None
        or installed
        or package in ("__main__", "workbench", bundled("models"), bundled("panels"))
    ):
        return cloudpickle.dumps(function)
    cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.dumps(function)
    finally:
        cloudpickle.unregister_pickle_by_value(module)


# -- named measures ------------------------------------------------------------------------------


def _each(run: Run, values: list[float], unit: str) -> xarray.DataArray:
    import xarray as xr

    names = list(run.populations)
    return xr.DataArray(values, {"population": names}, ["population"], attrs={"units": unit})


@register("mean_rate", "Hz")
def mean_rate(run: Run) -> xarray.DataArray:
    """Mean firing rate of each population."""
    return _each(run, [run.rate(p) for p in run.populations], "Hz")


@register("spike_count", "1")
def spike_count(run: Run) -> xarray.DataArray:
    """Number of spikes of each population."""
    return _each(run, [len(run.spikes(p)[0]) for p in run.populations], "1")


@register("cv_isi", "1")
def cv_isi(run: Run) -> xarray.DataArray:
    """Irregularity: coefficient of variation of the inter-spike intervals, mean over neurons.

    The CV is the standard deviation over the mean of a neuron's intervals. Neurons with fewer
    than three spikes are left out; a population without any other neurons is NaN. 0 is regular,
    1 is a Poisson process.
    """
    return _each(run, [cv_of(run, p) for p in run.populations], "1")


def cv_of(run: Run, population: str) -> float:
    """Mean CV of the inter-spike intervals of one population; nan as for `cv_isi`."""
    t_ms, i = run.spikes(population)
    found = isi_cv(t_ms, i, int(i.max()) + 1) if len(i) else np.empty(0)
    known = found[np.isfinite(found)]
    return float(known.mean()) if len(known) else float("nan")


@register("synchrony", "1")
def synchrony(run: Run) -> xarray.DataArray:
    """Synchrony: variance over mean of each population's spike count in 5 ms bins.

    1 for independent Poisson neurons; the number of neurons if all spike together and rarely.
    """
    return _each(run, [synchrony_of(run, p) for p in run.populations], "1")


def synchrony_of(run: Run, population: str) -> float:
    """Synchrony of one population; nan for a silent one."""
    edges = np.arange(0.0, run.duration_ms + 1e-9, BIN_MS)
    counts, _ = np.histogram(run.spikes(population)[0], edges)
    return float(counts.var() / counts.mean()) if counts.sum() else float("nan")


@register("mean_weight", "")
def mean_weight(run: Run) -> dict[str, Any]:
    """Mean weight of each projection at the end of the run, in its unit."""
    import xarray as xr

    return {
        f"mean_weight_{name}": xr.DataArray(
            float(np.mean(w["w"][-1])) if w["w"].size else float("nan"),
            attrs={"units": run.info.projection(name).unit},
        )
        for name, w in run.weights.items()
    }
