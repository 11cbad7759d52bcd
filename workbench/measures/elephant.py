"""Measures of spike trains that Elephant computes: variability, correlation, spectrum."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ParameterError
from ..optional import optional

if TYPE_CHECKING:
    import pandas

    from ..run import Run

EXTRA, WHAT = "neo", "Measuring spike trains"
SEGMENTS, LEAST_BINS = 8, 16  # of a spectrum
NEURONS = 200  # of a population: what is a mean over neurons or pairs is one over so many


@dataclass(frozen=True)
class Stretch:
    """From when to when a run is measured, and the bins of what counts spikes.

    start_ms, stop_ms : the stretch
    bin_ms    : bins of correlations and spectra
    window_ms : windows of the Fano factor
    """

    start_ms: float
    stop_ms: float
    bin_ms: float
    window_ms: float


def measure(
    run: Run,
    *,
    start_ms: float = 0.0,
    stop_ms: float | None = None,
    bin_ms: float = 5.0,
    window_ms: float = 100.0,
    neurons: int = NEURONS,
) -> pandas.DataFrame:
    """Measure the spike trains of each population, by Elephant.

    One row a population. ``rate_Hz``: mean over all neurons. ``cv``, ``lv``, ``cv2``: variability
    of the intervals, means over neurons of at least three spikes; all are 0 for a clock and 1 for a
    Poisson process. ``fano``: variance over mean of the counts in windows, mean over neurons that
    fire. ``correlation``: mean Pearson correlation of the counts in bins, over pairs of neurons
    that fire. ``synchrony``: variance over mean of the population's count in bins. ``peak_Hz``:
    where the spectrum of the population's rate is highest, without 0. NaN where too few spikes are.

    run       : or what `RecordedSpikes.as_run` makes
    start_ms, stop_ms : the stretch that is measured; by default all
    bin_ms    : of correlation, synchrony and spectrum
    window_ms : of the Fano factor
    neurons   : at most so many, drawn with a fixed seed, stand for all in means over neurons
    raises    : NotInstalled without Elephant; ParameterError for a stretch, bin or window that
                cannot be
    source    : Elephant (doi:10.5281/zenodo.1186602); LV: Shinomoto et al. 2003; CV2: Holt et al.
                1996
    """
    import pandas as pd

    where = _stretch(run, start_ms, stop_ms, bin_ms, window_ms)
    rows = {p.name: _measured(run, p.name, p.size, where, neurons) for p in run.info.spikers}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("population")


def spectrum(
    run: Run,
    population: str,
    *,
    start_ms: float = 0.0,
    stop_ms: float | None = None,
    bin_ms: float = 1.0,
) -> pandas.DataFrame:
    """Power spectrum of a population's rate, by Elephant's Welch estimate in eight segments.

    run, population   : whose rate
    start_ms, stop_ms : the stretch that is measured; by default all
    bin_ms            : of the rate; half of its inverse is the highest frequency
    returns           : ``frequency_Hz`` and ``power``, Hz**2/Hz, of the rate of a neuron
    raises            : as `measure`; UnknownName
    """
    import pandas as pd

    t_ms, _ = run.spikes(population)
    where = _stretch(run, start_ms, stop_ms, bin_ms, bin_ms)
    size = run.populations[population]
    frequency, power = _spectrum(_pooled(t_ms, where), size, where)
    return pd.DataFrame({"frequency_Hz": frequency, "power": power})


def _stretch(
    run: Run, start_ms: float, stop_ms: float | None, bin_ms: float, window_ms: float
) -> Stretch:
    stop_ms = run.duration_ms if stop_ms is None else stop_ms
    if not 0 <= start_ms < stop_ms <= run.duration_ms:
        raise ParameterError(
            f"From {start_ms:g} to {stop_ms:g} ms is not possible: the run goes from 0 to "
            f"{run.duration_ms:g} ms."
        )
    for name, value in (("bin_ms", bin_ms), ("window_ms", window_ms)):
        if not 0 < value <= stop_ms - start_ms:
            raise ParameterError(
                f"{name} = {value:g} is not allowed: above 0, and at most the stretch that is "
                f"measured, {stop_ms - start_ms:g} ms."
            )
    return Stretch(start_ms, stop_ms, bin_ms, window_ms)


def _measured(run: Run, name: str, size: int, where: Stretch, most: int) -> dict[str, Any]:
    t_ms, i = run.spikes(name)
    inside = (t_ms >= where.start_ms) & (t_ms < where.stop_ms)
    firing = np.unique(i[inside])
    chosen = firing
    if len(firing) > most:
        chosen = np.sort(np.random.default_rng(0).choice(firing, most, replace=False))
    trains = _trains(run, name, chosen, where)
    length_s = (where.stop_ms - where.start_ms) / 1e3
    return {
        "neurons": size,
        "spikes": int(inside.sum()),
        "measured": len(chosen),
        "rate_Hz": float(inside.sum() / size / length_s),
        **_intervals(trains),
        "fano": _fano(trains, where),
        "correlation": _correlation(trains, where),
        **_together(_pooled(t_ms, where), size, where),
    }


def _trains(run: Run, name: str, who: np.ndarray, where: Stretch) -> list[Any]:
    """Neo's trains of some neurons within the stretch."""
    t_ms, i = run.spikes(name)
    order = np.argsort(i, kind="stable")
    t_ms, i = t_ms[order], i[order]
    first, end = (np.searchsorted(i, who, side=s) for s in ("left", "right"))
    return [_pooled(t_ms[a:b], where) for a, b in zip(first, end, strict=True)]


def _pooled(t_ms: np.ndarray, where: Stretch) -> Any:
    """The spikes within the stretch as one train of Neo."""
    core, pq = optional("neo", EXTRA, WHAT), optional("quantities", EXTRA, WHAT)
    inside = t_ms[(t_ms >= where.start_ms) & (t_ms < where.stop_ms)]
    ends = {"t_start": where.start_ms * pq.ms, "t_stop": where.stop_ms * pq.ms}
    return core.SpikeTrain(inside, units=pq.ms, **ends)


def _intervals(trains: list[Any]) -> dict[str, float]:
    statistics = optional("elephant.statistics", EXTRA, WHAT)
    gaps = [statistics.isi(t) for t in trains if len(t) > 2]
    return {
        name: _mean([float(getattr(statistics, name)(g)) for g in gaps])
        for name in ("cv", "lv", "cv2")
    }


def _fano(trains: list[Any], where: Stretch) -> float:
    """Mean of the neurons' Fano factors, with the unbiased variance."""
    statistics = optional("elephant.statistics", EXTRA, WHAT)
    k = int((where.stop_ms - where.start_ms) / where.window_ms + 1e-9)
    if k < 2:
        return float("nan")
    edges = where.start_ms + where.window_ms * np.arange(k + 1)
    found = []
    for train in trains:
        t_ms = train.magnitude
        cuts = np.searchsorted(t_ms, edges)
        windows = [t_ms[a:b] for a, b in itertools.pairwise(cuts)]
        if cuts[-1] > cuts[0]:
            found.append(float(statistics.fanofactor(windows, warn_tolerance=None)) * k / (k - 1))
    return _mean(found)


def _binned(trains: list[Any], where: Stretch) -> Any:
    conversion = optional("elephant.conversion", EXTRA, WHAT)
    pq = optional("quantities", EXTRA, WHAT)
    n_bins = int((where.stop_ms - where.start_ms) / where.bin_ms + 1e-9)
    return conversion.BinnedSpikeTrain(
        trains, bin_size=where.bin_ms * pq.ms, n_bins=n_bins, t_start=where.start_ms * pq.ms
    )


def _correlation(trains: list[Any], where: Stretch) -> float:
    correlation = optional("elephant.spike_train_correlation", EXTRA, WHAT)
    counts = _binned(trains, where).to_array() if trains else np.empty((0, 0))
    varied = [t for t, c in zip(trains, counts, strict=True) if np.ptp(c)]
    if len(varied) < 2:
        return float("nan")
    found = correlation.correlation_coefficient(_binned(varied, where))
    return float(found[~np.eye(len(found), dtype=bool)].mean())


def _together(train: Any, size: int, where: Stretch) -> dict[str, float]:
    """Synchrony of all neurons, whose spikes are one train, and where the spectrum is highest."""
    counts = _binned([train], where).to_array()[0]
    frequency, power = _spectrum(train, size, where)
    flat = len(power) < 3 or not power[1:].any()
    return {
        "synchrony": float(counts.var() / counts.mean()) if counts.any() else float("nan"),
        "peak_Hz": float("nan") if flat else float(frequency[1 + np.argmax(power[1:])]),
    }


def _spectrum(train: Any, size: int, where: Stretch) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies, Hz, and power; empty for too few bins."""
    core, pq = optional("neo", EXTRA, WHAT), optional("quantities", EXTRA, WHAT)
    spectral = optional("elephant.spectral", EXTRA, WHAT)
    rate = _binned([train], where).to_array()[0] / size / (where.bin_ms / 1e3)
    if len(rate) < LEAST_BINS:
        return np.empty(0), np.empty(0)
    signal = core.AnalogSignal(rate[:, None] * pq.Hz, sampling_period=where.bin_ms * pq.ms)
    frequency, power = spectral.welch_psd(signal, n_segments=SEGMENTS)
    return frequency.rescale("Hz").magnitude, np.asarray(power.magnitude)[0]


def _mean(values: list[float]) -> float:
    known = [v for v in values if np.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")
