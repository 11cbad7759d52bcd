"""A run as tables: CSV and Parquet files of its spikes, states, weights and interventions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..disk_errors import failing
from ..errors import ParameterError
from ..figures.csv import header
from ..optional import optional
from ..whole_file import written_whole
from . import checked
from .trains import trains

if TYPE_CHECKING:
    import pandas

    from ..run import Run


def to_frames(run: Run) -> dict[str, pandas.DataFrame]:
    """Convert a run to tables: name -> DataFrame; what repeats the run is in their ``attrs``.

    "spikes" has population, neuron and t_ms, ordered by time. Each recorded state has t_ms and a
    column for each neuron, in the unit that its ``attrs`` say, with columns "0 lowest" and
    "0 highest" where extremes were recorded; an event has t_ms and neuron. "weights NAME" has pre,
    post and a column for each moment. "interventions" has t_ms, kind, name and text.
    """
    import pandas as pd

    found = trains(run)
    counts = [len(t) for t in found.t_ms]
    t_ms = np.concatenate([np.empty(0), *found.t_ms])
    order = np.argsort(t_ms, kind="stable")
    names = np.array(found.population, dtype=object)
    tables = {
        "spikes": pd.DataFrame(
            {
                "population": np.repeat(names, counts)[order],
                "neuron": np.repeat(found.neuron, counts)[order],
                "t_ms": t_ms[order],
            }
        )
    }
    for name in dict.fromkeys([*run.states, *run.recordings]):
        samples = run.samples(name)
        if samples.of == "events":
            times, who = run.events(name)
            tables[name] = pd.DataFrame({"t_ms": times, "neuron": who})
            continue
        columns = {"t_ms": samples.t_ms}
        parts = {"": samples.values, " lowest": samples.low, " highest": samples.high}
        for more, values in parts.items():
            if values is not None:
                columns |= {f"{k}{more}": values[:, at] for at, k in enumerate(samples.index)}
        tables[name] = pd.DataFrame(columns)
        tables[name].attrs["unit"] = samples.unit
    for name, weights in run.weights.items():
        columns = {"pre": weights["i"], "post": weights["j"]}
        at = {f"at {t:g} ms": w for t, w in zip(weights["t_ms"], weights["w"], strict=True)}
        tables[f"weights {name}"] = pd.DataFrame(columns | at)
        tables[f"weights {name}"].attrs["unit"] = run.info.projection(name).unit
    if run.interventions:
        rows = [(e.t_ms, e.kind, e.name, e.describe()) for e in run.interventions]
        tables["interventions"] = pd.DataFrame(rows, columns=["t_ms", "kind", "name", "text"])
    about = header(run)
    for table in tables.values():
        table.attrs |= about
    return tables


def to_csv(run: Run, folder: str | Path, overwrite: bool = False) -> Path:
    """Write the tables of `to_frames` as CSV files, what repeats the run in lines with #.

    folder    : is made; overwrite : write into one that is there
    raises    : ParameterError for a folder that cannot be; StoreError if it cannot be written
    """
    place = _folder(folder, overwrite)
    for name, table in to_frames(run).items():
        file = place / f"{_file(name)}.csv"
        with written_whole(file) as new, new.open("w", encoding="utf-8") as out:
            for key, value in table.attrs.items():
                text = value if isinstance(value, str) else json.dumps(value)
                out.write(f"# {key}: {' '.join(text.splitlines())}\n")
            table.to_csv(out, index=False, lineterminator="\n")
    return place


def to_parquet(run: Run, folder: str | Path, overwrite: bool = False) -> Path:
    """Write the tables of `to_frames` as Parquet files; pandas reads their ``attrs`` too.

    folder    : is made; overwrite : write into one that is there
    raises    : NotInstalled without PyArrow; ParameterError and StoreError as `to_csv`
    """
    optional("pyarrow", "parquet", "A Parquet file")
    place = _folder(folder, overwrite)
    for name, table in to_frames(run).items():
        with written_whole(place / f"{_file(name)}.parquet") as new:
            table.to_parquet(new, index=False)
    return place


def _folder(folder: str | Path, overwrite: bool) -> Path:
    place = checked(folder, (), "what tables are written to", overwrite)
    if not place.parent.is_dir():
        raise ParameterError(f"{place} cannot be made: the folder {place.parent} does not exist.")
    with failing(place):
        place.mkdir(exist_ok=True)
    return place


def _file(name: str) -> str:
    """The name of a table as that of a file."""
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
