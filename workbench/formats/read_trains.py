"""Spike trains out of NWB files, tables and whatever Neo reads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ParameterError, StoreError
from ..model.misread import shortened
from ..optional import optional

TABLES = (".csv", ".tsv", ".txt")
PICKLES = (".pkl", ".pickle")
TIMES = ("t_ms", "time_ms", "spike_time_ms", "t_s", "time_s", "spike_time_s", "t", "time",
         "spike_time", "spike_times")  # fmt: skip
NEURONS = ("neuron", "unit", "i", "id", "cell", "neuron_id", "unit_id", "cluster", "sender")
IN_MS = {"ms": 1.0, "s": 1e3}
# Each has a name and a colour in every plot; a column of another kind has one for each row.
MOST_POPULATIONS = 1000
LISTED, LONGEST_LISTED = 6, 20  # names in a message, and characters of each
LONGEST_REASON = 120
# Characters of a line of a table: finding out how a long one is divided takes longer and longer.
LONGEST_LINE = 20_000


@dataclass(frozen=True)
class Found:
    """Trains of a file: population -> times of each neuron, ms, ordered; and when it begins."""

    trains: dict[str, list[np.ndarray]]
    start_ms: float
    stop_ms: float


def of_table(
    path: Path, time: str | None, neuron: str | None, population: str | None, unit: str | None
) -> Found:
    """A row for each spike; raises ParameterError naming the columns, StoreError."""
    import pandas as pd

    _refuse_long_lines(path)
    try:
        table = pd.read_csv(path, comment="#", sep=None, engine="python", skipinitialspace=True)
    except Exception as error:
        raise _unreadable(path, error) from error
    time = _column(path, table, time, TIMES, "the spike times", "time")
    neuron = _column(path, table, neuron, NEURONS, "whose spike it is", "neuron")
    if population is not None or "population" in table:
        population = _column(path, table, population, ("population",), "the population",
                             "population")  # fmt: skip
    ending = time.rpartition("_")[2]
    unit = unit or (ending if ending in IN_MS else None)
    if unit not in IN_MS:
        raise ParameterError(
            f"The unit of the column {shortened(time)!r} of {path.name} is {unit or 'not known'}: "
            "say unit = 'ms' or 's'."
        )
    try:
        with np.errstate(over="ignore"):  # what is not finite then is refused below
            t_ms = table[time].to_numpy(dtype=float) * IN_MS[unit]
    except (ValueError, OverflowError) as error:
        raise _unreadable(path, error) from error
    if not np.isfinite(t_ms).all():
        raise ParameterError(
            f"The column {shortened(time)!r} of {path.name} must have finite numbers only."
        )
    names = table[population].astype(str) if population else pd.Series(path.stem, table.index)
    check_populations(path, names.nunique())
    trains = {}
    for name in dict.fromkeys(names):
        mine = (names == name).to_numpy()
        trains[str(name)] = _by_neuron(t_ms[mine], table[neuron].to_numpy()[mine])
    last = float(t_ms.max()) if len(t_ms) else 0.0
    first = float(t_ms.min()) if len(t_ms) else 0.0
    # A table does not say how long was recorded: from 0 to just after the last spike.
    return Found(trains, min(0.0, first), float(np.floor(last) + 1))


def _refuse_long_lines(path: Path) -> None:
    """Raises StoreError for a table with a line that no table of spikes has."""
    try:
        with path.open(encoding="latin-1") as file:
            longest = max(map(len, file), default=0)
    except OSError as error:
        raise _unreadable(path, error) from error
    if longest > LONGEST_LINE:
        raise StoreError(
            f"{path} cannot be read: a line of it has {longest:,} characters, and at most "
            f"{LONGEST_LINE:,} are allowed. A table has a row for each spike."
        )


def of_nwb(path: Path, population: str | None) -> Found:
    """The units of an NWB file, by a column; raises StoreError, ParameterError, NotInstalled."""
    pynwb = optional("pynwb", "nwb", "Reading an NWB file")
    _refuse_other_files(path)
    try:
        reader = pynwb.NWBHDF5IO(str(path), "r", load_namespaces=True)
    except Exception as error:
        raise _unreadable(path, error) from error
    with reader:
        try:
            units = reader.read().units
        except Exception as error:
            raise _unreadable(path, error) from error
        if units is None or "spike_times" not in units.colnames:
            return Found({}, 0.0, 0.0)
        for column in units.columns:
            _refuse_elsewhere(path, column.data)
            _refuse_elsewhere(path, getattr(getattr(column, "target", None), "data", None))
        times = [np.sort(np.asarray(t, dtype=float)) * 1e3 for t in units["spike_times"][:]]
        column = population or ("population" if "population" in units.colnames else None)
        if column is not None and column not in units.colnames:
            raise _no_column(path, column, units.colnames, "population")
        names = [str(n) for n in units[column][:]] if column else [path.stem] * len(times)
        ends = [np.ravel(x) * 1e3 for x in units["obs_intervals"][:]] if (
            "obs_intervals" in units.colnames
        ) else []  # fmt: skip
    trains: dict[str, list[np.ndarray]] = {}
    for name, t in zip(names, times, strict=True):
        trains.setdefault(name, []).append(np.round(t, 9))
    known = [e for e in (*times, *ends) if len(e)]
    start = min((float(e.min()) for e in ends if len(e)), default=0.0)
    return Found(trains, start, round(max((float(e.max()) for e in known), default=0.0), 9))


def _refuse_other_files(path: Path) -> None:
    """HDF5 can name any file to take data from, and whoever brings the file in would read that.

    raises : StoreError
    """
    import h5py

    def other(name: str, link: Any) -> Any:
        """The other file that a link leads to; None goes on (h5py loses what is raised here)."""
        if isinstance(link, h5py.ExternalLink):
            return link.filename
        return _file_of(file[name]) if isinstance(link, h5py.HardLink) else None

    try:
        with h5py.File(path, "r") as file:
            found = file.visititems_links(other)
    except Exception as error:
        raise _unreadable(path, error) from error
    if found is not None:
        raise _elsewhere(path, found)


def _refuse_elsewhere(path: Path, data: Any) -> None:
    """Also for what no link of the file leads to: a reference may."""
    found = _file_of(data)
    if found is not None:
        raise _elsewhere(path, found)


def _file_of(data: Any) -> Any:
    """The other file that a dataset of HDF5 has its numbers in; None for its own file."""
    import h5py

    if not isinstance(data, h5py.Dataset):
        return None
    if data.external:
        return data.external[0][0]
    return data.virtual_sources()[0].file_name if data.is_virtual else None


def _elsewhere(path: Path, other: Any) -> StoreError:
    return StoreError(
        f"{path} has data in another file, {str(other)[:100]!r}, which is not opened: write all of "
        "it into one file."
    )


def of_neo(path: Path, population: str | None) -> Found:
    """All trains of the first segment that Neo finds; raises StoreError, NotInstalled."""
    optional("neo", "neo", "Reading this file")
    from neo.io import get_io

    if path.suffix.lower() in PICKLES:  # reading one may run any code
        raise ParameterError(
            f"{path.name} is a pickle, which can hold a program: give another file of the trains, "
            "such as NWB or CSV."
        )
    try:
        block = get_io(str(path)).read_block()
        segment = block.segments[0]
        given = list(segment.spiketrains)
    except Exception as error:  # each of Neo's readers fails in its own way
        raise _unreadable(path, error) from error
    trains: dict[str, list[np.ndarray]] = {}
    for train in given:
        name = train.annotations.get(population or "population")
        if name is None and population:
            raise _no_column(path, population, train.annotations, "population")
        t_ms = np.atleast_1d(train.rescale("ms").magnitude).astype(float)
        trains.setdefault(str(name or path.stem), []).append(np.round(np.sort(t_ms), 9))
    start = min((float(s.t_start.rescale("ms")) for s in given), default=0.0)
    return Found(trains, start, max((float(s.t_stop.rescale("ms")) for s in given), default=0.0))


def _by_neuron(t_ms: np.ndarray, who: np.ndarray) -> list[np.ndarray]:
    """The times of each neuron; whole numbers from 0 on stay the neurons' numbers."""
    numbers, index = np.unique(who, return_inverse=True)
    n = len(numbers)
    if numbers.dtype.kind in "iu" and n and numbers[0] >= 0 and numbers[-1] < 10 * n + 1000:
        index, n = who.astype(np.int64), int(numbers[-1]) + 1  # some may be silent
    order = np.lexsort((t_ms, index))
    ends = np.searchsorted(index[order], np.arange(n + 1))
    return [t_ms[order][a:b] for a, b in itertools.pairwise(ends)]


def _column(
    path: Path, table: Any, given: str | None, usual: Iterable[str], what: str, option: str
) -> str:
    names = {str(c).strip().lower(): str(c) for c in table.columns}
    if given is not None:
        if given not in table.columns:
            raise _no_column(path, given, table.columns, option)
        return given
    for name in usual:
        if name in names:
            return names[name]
    raise ParameterError(
        f"{path.name} has no column with a usual name for {what}: name it by {option}, one of "
        f"{listed(table.columns)}."
    )


def _no_column(path: Path, name: str, known: Iterable[Any], option: str) -> ParameterError:
    columns = listed(known) or "none"
    return ParameterError(f"{path.name} has no {shortened(name)!r} for {option}: it has {columns}.")


def listed(names: Iterable[Any], longest: int = LONGEST_LISTED) -> str:
    """The first names, for a sentence: a file may have any number of them, of any length."""
    known = [str(name) for name in names]
    shown = [shortened(name, longest) for name in known[:LISTED]]
    if len(known) > LISTED:
        shown.append(f"and {len(known) - LISTED:,} more")
    return ", ".join(shown)


def check_populations(path: Path, number: int) -> None:
    """Raises ParameterError for more populations than plots can tell apart."""
    if number > MOST_POPULATIONS:
        raise ParameterError(
            f"{path.name} has {number:,} populations: at most {MOST_POPULATIONS:,} are read. Is it "
            "another column that names them?"
        )


def _unreadable(path: Path, error: Exception) -> StoreError:
    text = shortened(" ".join(str(error).split()), LONGEST_REASON)
    return StoreError(f"{path} cannot be read ({type(error).__name__}: {text}): is it damaged?")
