"""Compare two runs of one model: spikes, rates, states and weights."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..network import NetworkInfo, Population

if TYPE_CHECKING:
    import xarray

    from ..run import Run

BINS = 100  # approximate number of bins per run when no width is given
MOST_PARTS = 100_000  # time steps in one tick, at most


@dataclass(frozen=True)
class Spike:
    """First spike that occurs in only one of two runs; ``only_in`` is "a" or "b"."""

    t_ms: float
    population: str
    neuron: int
    only_in: str


class Common:
    """Common numbering of the neurons of two networks whose populations may differ in size.

    populations : union of both networks' populations, each with the larger of the two sizes
    unit        : "a" and "b" -> (n_units,) int64, common index of each unit
    dt_ms       : common time step; the time steps of both runs are multiples of it
    scale       : "a" and "b" -> time step of the run in units of ``dt_ms``
    """

    def __init__(self, a: NetworkInfo, b: NetworkInfo):
        self.dt_ms, _ = common_steps(a.dt_ms, b.dt_ms)
        self.scale = {"a": round(a.dt_ms / self.dt_ms), "b": round(b.dt_ms / self.dt_ms)}
        self.populations: tuple[Population, ...]
        if a.populations == b.populations:
            self.populations = a.populations
            same = np.arange(a.n_units, dtype=np.int64)
            self.unit = {"a": same, "b": same}
        else:
            self.populations = _merged(a, b)
            at = {p.name: p.offset for p in self.populations}
            self.unit = {which: _numbers(i, at) for which, i in (("a", a), ("b", b))}
        self.n_units = max((p.offset + p.size for p in self.populations), default=0)

    def keys(self, which: str, steps: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Sorted spike keys, (S,) int64; equal spikes of "a" and "b" have equal keys."""
        common = np.asarray(steps, np.int64) * self.scale[which]
        return np.sort(common * self.n_units + self.unit[which][units])

    def spike(self, key: int, only_in: str) -> Spike:
        step, unit = divmod(int(key), self.n_units)
        p = next(p for p in self.populations if p.offset <= unit < p.offset + p.size)
        return Spike(round(step * self.dt_ms, 9), p.name, unit - p.offset, only_in)


def common_steps(a_ms: float, b_ms: float) -> tuple[float, float]:
    """The longest step of which two are whole multiples, and the shortest that is one of both."""
    if a_ms == b_ms:
        return a_ms, a_ms
    ratio = Fraction(a_ms / b_ms).limit_denominator(MOST_PARTS)
    return a_ms / ratio.numerator, a_ms * ratio.denominator


def _merged(a: NetworkInfo, b: NetworkInfo) -> tuple[Population, ...]:
    sizes = {p.name: p.size for p in b.populations}
    known = {p.name for p in a.populations}
    found: list[Population] = []
    offset = 0
    for p in (*a.populations, *(p for p in b.populations if p.name not in known)):
        size = max(p.size, sizes.get(p.name, 0))
        found.append(replace(p, size=size, offset=offset))
        offset += size
    return tuple(found)


def _numbers(info: NetworkInfo, at: dict[str, int]) -> np.ndarray:
    numbers = np.zeros(max((p.offset + p.size for p in info.populations), default=0), np.int64)
    for p in info.populations:
        numbers[p.offset : p.offset + p.size] = at[p.name] + np.arange(p.size)
    return numbers


class Tally:
    """Compares two streams of spikes as they arrive.

    n     : "a" and "b" -> spikes compared so far;  n_same : spikes that occur in both
    first : first spike that occurs in only one of them, or None
    """

    def __init__(self, common: Common):
        self.common = common
        self.n = {"a": 0, "b": 0}
        self.n_same = 0
        self.first: Spike | None = None
        self._waiting: dict[str, list[np.ndarray]] = {"a": [], "b": []}

    def add(self, which: str, steps: np.ndarray, units: np.ndarray) -> None:
        """Add spikes of one stream; the order among spikes not yet compared does not matter."""
        if len(steps):
            self._waiting[which].append(self.common.keys(which, steps, units))

    def compare(self, step: int) -> dict[str, np.ndarray]:
        """Compare all spikes before ``step``; both streams must be complete up to there.

        returns : "same", "a" (only in a) and "b" (only in b) -> (n,) int64 keys, sorted
        """
        limit = step * self.common.n_units
        keys = {}
        for which, parts in self._waiting.items():
            joined = np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)
            cut = int(np.searchsorted(joined, limit))
            keys[which], rest = joined[:cut], joined[cut:]
            self._waiting[which] = [rest] if len(rest) else []
            self.n[which] += cut
        split = parted(keys["a"], keys["b"])
        self.n_same += len(split["same"])
        if self.first is None and (len(split["a"]) or len(split["b"])):
            key, which = min((int(split[w][0]), w) for w in ("a", "b") if len(split[w]))
            self.first = self.common.spike(key, which)
        return split


def parted(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """Split two sorted arrays of unique keys into common ("same") and exclusive ("a", "b") keys."""
    if np.array_equal(a, b):
        return {"same": a, "a": a[:0], "b": b[:0]}
    shared = np.isin(a, b, assume_unique=True)
    return {"same": a[shared], "a": a[~shared], "b": b[~np.isin(b, a, assume_unique=True)]}


def first_difference(a: Run, b: Run) -> Spike | None:
    """First spike that occurs in only one of two runs, up to the end of the shorter one."""
    return _tally(a, b).first


def _tally(a: Run, b: Run) -> Tally:
    tally = Tally(Common(a.info, b.info))
    tally.add("a", a.steps, a.units)
    tally.add("b", b.steps, b.units)
    tally.compare(round(min(a.duration_ms, b.duration_ms) / tally.common.dt_ms))
    return tally


def rates(run: Run, bin_ms: float, until_ms: float) -> dict[str, np.ndarray]:
    """Population -> (n,) Hz, mean rate per neuron in each complete bin before ``until_ms``."""
    every = max(1, round(bin_ms / run.info.dt_ms))
    n = int(until_ms / run.info.dt_ms + 1e-6) // every
    found = {}
    for p in run.info.populations:
        mine = (run.units >= p.offset) & (run.units < p.offset + p.size)
        counts = np.bincount(run.steps[mine] // every, minlength=n)[:n]
        found[p.name] = counts / max(p.size, 1) / (every * run.info.dt_ms / 1000)
    return found


def rate_difference(
    a: Run, b: Run, bin_ms: float | None = None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Rate of ``b`` minus rate of ``a``, up to the end of the shorter run.

    bin_ms  : bin width in ms; by default about a hundredth of the time
    returns : (n,) ms, bin centres; population in both -> (n,) Hz, rate in b - rate in a
    raises  : ParameterError if the bin is shorter than a time step or longer than the time
    """
    until = min(a.duration_ms, b.duration_ms)
    width = _bin(a, b, until, bin_ms)
    first, second = rates(a, width, until), rates(b, width, until)
    both = {k: second[k] - first[k] for k in first if k in second}
    n = len(next(iter(both.values()), ()))
    return (np.arange(n) + 0.5) * width, both


def _bin(a: Run, b: Run, until_ms: float, bin_ms: float | None) -> float:
    """The width of a bin: whole steps of both."""
    _, dt = common_steps(a.info.dt_ms, b.info.dt_ms)
    if bin_ms is None:
        bin_ms = max(until_ms / BINS, a.info.tick_ms, dt)
    elif not dt <= bin_ms <= until_ms:
        raise ParameterError(
            f"bin_ms = {bin_ms!r} is not allowed: between one time step, {dt:g} ms, and the time "
            f"that both runs have, {until_ms:g} ms."
        )
    return round(min(bin_ms, until_ms) / dt) * dt


def weight_difference(a: Run, b: Run) -> dict[str, dict[str, np.ndarray]]:
    """Final weights of ``b`` minus those of ``a``, for the synapses that exist in both.

    returns : projection -> {"i", "j": (n,) pre- and postsynaptic neuron, "w": (n,) in the
              projection's unit}
    """
    found = {}
    for name in (n for n in a.weights if n in b.weights):
        wa, wb = a.weights[name], b.weights[name]
        if np.array_equal(wa["i"], wb["i"]) and np.array_equal(wa["j"], wb["j"]):
            in_a = in_b = np.arange(len(wa["i"]))
        else:
            width = 1 + max((int(w["i"].max()) for w in (wa, wb) if len(w["i"])), default=0)
            numbers = [w["j"].astype(np.int64) * width + w["i"] for w in (wa, wb)]
            _, in_a, in_b = np.intersect1d(*numbers, return_indices=True)
        difference = wb["w"][-1][in_b] - wa["w"][-1][in_a]
        found[name] = {"i": wa["i"][in_a], "j": wa["j"][in_a], "w": difference}
    return found


def dataset(a: Run, b: Run, bin_ms: float | None = None) -> xarray.Dataset:
    """Differences of two runs as one Dataset, ``b`` minus ``a``.

    rate_a, rate_b, rate_difference (population, time) Hz, for populations in both; states
    recorded from the same neurons as ``difference_NAME`` (sample, neuron_NAME); weights as
    ``weight_difference_NAME`` (synapse_NAME) with ``pre_NAME`` and ``post_NAME``. ``attrs`` hold
    the changed parameters, the spike counts and the first differing spike.
    """
    import xarray as xr

    until = min(a.duration_ms, b.duration_ms)
    width = _bin(a, b, until, bin_ms)
    t_ms, both = rate_difference(a, b, width)
    each = {"rate_a": rates(a, width, until), "rate_b": rates(b, width, until)}
    names = list(both)
    data: dict[str, Any] = {
        k: (("population", "time"), _stacked(v, names, len(t_ms)), {"units": "Hz"})
        for k, v in (*each.items(), ("rate_difference", both))
    }
    coords: dict[str, Any] = {
        "population": np.array(names, dtype=object),
        "time": ("time", t_ms, {"units": "ms"}),
    }
    n = min(len(a.state_t), len(b.state_t))
    if n and np.array_equal(a.state_t[:n], b.state_t[:n]):
        coords["sample"] = ("sample", a.state_t[:n], {"units": "ms"})
        for name in (k for k in a.states if a.info.watched.get(k) == b.info.watched.get(k)):
            coords[f"neuron_{name}"] = list(a.info.watched.get(name, ()))
            unit = {"units": a.info.traces.get(name, "1")}
            values = b.states[name][:n] - a.states[name][:n]
            data[f"difference_{name}"] = (("sample", f"neuron_{name}"), values, unit)
    for name, w in weight_difference(a, b).items():
        synapse, unit = f"synapse_{name}", {"units": a.info.projection(name).unit}
        data[f"weight_difference_{name}"] = (synapse, w["w"], unit)
        data[f"pre_{name}"], data[f"post_{name}"] = (synapse, w["i"]), (synapse, w["j"])
    tally = _tally(a, b)
    changed = {
        k: [v, b.parameters[k]]
        for k, v in a.parameters.items()
        if k in b.parameters and v != b.parameters[k]
    }
    attrs = {
        "model": a.model,
        "seed": a.seed,
        "engine": a.engine,
        "duration_ms": until,
        "changed": json.dumps(changed),
        "spikes_a": tally.n["a"],
        "spikes_b": tally.n["b"],
        "spikes_in_both": tally.n_same,
        "first_difference": json.dumps(vars(tally.first) if tally.first else None),
    }
    return xr.Dataset(data, coords, attrs)


def _stacked(by_name: dict[str, np.ndarray], names: list[str], n: int) -> np.ndarray:
    return np.stack([by_name[k] for k in names]) if names else np.empty((0, n))
