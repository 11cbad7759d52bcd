"""``workbench sweep``: run one model at many parameter values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ParameterError, unknown
from ..model import registry
from ..sweeps.measures import NAMED
from . import complete
from .list_models import ModelName
from .numbers import number_option, whole_option
from .output import complain, echo, number, table, wrote
from .parse import model_with, operation, pairs
from .run import Engine, Operations, Settings

if TYPE_CHECKING:
    import xarray

SHOWN_ROWS = 60


def sweep(
    model: ModelName,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="NAME=VALUES",
            help="tau_m=10:40:7 (from, to, how many), tau_m=1:100:5:log, or w_e=1,2,3. Several "
            "make a grid.",
            autocompletion=complete.settings,
        ),
    ],
    repeats: Annotated[
        int, whole_option("--repeats", "Runs at each point, each with its own seed.")
    ] = 1,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="NAME",
            help=f"What to measure: {', '.join(NAMED)}; without it, mean_rate. May be repeated.",
            autocompletion=complete.measures,
        ),
    ] = None,
    duration: Annotated[
        float,
        number_option("--duration", "Simulated time of each run in ms.", unit="ms", metavar="MS"),
    ] = 1000.0,
    seed: Annotated[
        int, whole_option("--seed", "From which the seeds of all runs are derived.")
    ] = 1,
    engine: Engine = "auto",
    set_: Settings = None,
    do: Operations = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="PATH.zarr",
            help="Keep every point here as soon as it is done; the same command goes on from there."
        ),
    ] = None,
    no_resume: Annotated[
        bool, typer.Option("--no-resume", help="Refuse a PATH.zarr that is there already.")
    ] = False,
    scheduler: Annotated[
        str,
        typer.Option("--scheduler", help="local, or the address of a Dask scheduler."),
    ] = "local",
    workers: Annotated[
        int | None, whole_option("--workers", "How many local ones; without it, one a core.")
    ] = None,
) -> None:  # fmt: skip
    """Simulate a model at many parameter values.

    Prints a table of means over repeats. Ctrl-C stops and keeps the finished points; exit
    code 1 if some failed.
    """
    from ..sweeps import sweep as run_sweep
    from ..sweeps.design import range_of

    if out is not None and out.suffix.lower() in (".csv", ".parquet", ".json"):
        raise ParameterError(
            f"{out} would be a folder: a sweep is stored as Zarr. Name it "
            f"{out.with_suffix('.zarr')}; in Python, "
            "wb.open_sweep(path).to_dataframe().to_csv(file) makes a table of it."
        )
    cls = registry.model_class(model)
    names = list(cls.parameters())
    given = pairs(vary, f"{names[0] if names else 'name'}=1:10:4")
    chosen = model_with(cls, set_ or [])
    if both := set(given) & set(pairs(set_ or [], "tau_m=1")):
        raise ParameterError(f"{both.pop()} cannot be both set and varied: leave out one of them.")
    for name in measure or ():
        if name not in NAMED:
            raise unknown("measure", name, NAMED)
    data = run_sweep(
        chosen,
        {name: range_of(cls, name, text) for name, text in given.items()},
        repeats=repeats,
        measure=measure or ["mean_rate"],
        duration_ms=duration,
        engine=engine,
        operations=[operation(chosen, text) for text in do or []],
        seed=seed,
        scheduler=scheduler,
        workers=workers,
        path=out,
        resume=not no_resume,
    )
    summary(data)
    if out is not None:
        wrote(out)
    if data.attrs["outcome"] != "finished":
        again = ": the same command goes on from there" if out is not None else ""
        complain(f"Stopped after {data.attrs['done']} of {data.attrs['runs']} runs{again}.")
    if data.attrs["failed"]:
        raise typer.Exit(1)


def summary(data: xarray.Dataset) -> None:
    """Print means over repeats, one row per point; then the reasons for failures."""
    from ..sweeps.dataset import measured

    dims = [d for d in data["seed"].dims if d != "repeat"]
    columns: dict[str, Any] = {}
    for name in measured(data):
        for title, values in _columns(data[name], dims):
            columns[title] = (values.mean("repeat"), values.std("repeat", ddof=1))
    points = data["seed"].isel(repeat=0).stack(point=dims)["point"].to_index().to_frame()
    rows = []
    for at in points.itertuples(index=False):
        here = dict(zip(dims, at, strict=True))
        cells = [number(v, 6) for v in at]
        for mean, deviation in columns.values():
            value, spread = float(mean.sel(here)), float(deviation.sel(here))
            cells.append(number(value) + (f" ± {number(spread, 2)}" if spread == spread else ""))
        rows.append(cells)
    names = [_with_unit(str(d), data[d].attrs.get("units", "1")) for d in dims]
    table([*names, *columns], rows[:SHOWN_ROWS], right=[*names, *columns])
    if len(rows) > SHOWN_ROWS:
        echo(f"and {len(rows) - SHOWN_ROWS} more points")
    reasons = [e for e in data["error"].values.ravel() if e]
    for reason in dict.fromkeys(reasons):
        complain(f"{reasons.count(reason)} failed: {reason}", red=True)


def _columns(values: Any, dims: list[Any]) -> list[tuple[str, Any]]:
    """Split a measure into table columns: one per label of its own dimension, if it has one."""
    unit, own = values.attrs.get("units", ""), [d for d in values.dims if d not in dims]
    own.remove("repeat")
    if not own:
        return [(_with_unit(values.name, unit), values)]
    if len(own) == 1 and own[0] in values.coords and values.sizes[own[0]] <= 6:
        labels = values[own[0]].values
        return [
            (_with_unit(f"{values.name} {n}", unit), values.isel({own[0]: k}))
            for k, n in enumerate(labels)
        ]
    return []  # larger arrays are only in the Dataset


def _with_unit(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit not in ("", "1") else name
