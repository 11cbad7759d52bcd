"""A run as a Neo block, with which Elephant and other programs go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..figures.csv import header
from ..optional import optional
from ..whole_file import written_whole
from . import checked
from .trains import trains

if TYPE_CHECKING:
    import neo

    from ..recordings import Samples
    from ..run import Run

EXTRA, WHAT = "neo", "A Neo block"


def to_neo(run: Run, path: str | Path | None = None, overwrite: bool = False) -> neo.Block:
    """Convert a run to a Neo block of one segment.

    A spike train for each neuron (``population``, ``neuron`` among its annotations), a group for
    each population, a signal for each recorded state, with the numbers of its neurons as the array
    annotation ``neuron``, and the interventions as events. Parameters, seed, interventions and
    versions are annotations of the block, as JSON.

    path      : write the block there too, "my_run.mat", as Neo's ``NeoMatlabIO`` reads it
    overwrite : replace a file that is there
    raises    : NotInstalled without Neo; ParameterError for a path that cannot be; StoreError for
                a file that cannot be written
    """
    core, pq = optional("neo", EXTRA, WHAT), optional("quantities", EXTRA, WHAT)
    place = None if path is None else checked(path, (".mat",), "a file of a Neo block", overwrite)
    about = {k: v if isinstance(v, str) else json.dumps(v) for k, v in header(run).items()}
    block = core.Block(name=run.model, description="a run of the circuit workbench", **about)
    segment = core.Segment(name="run", index=0)
    block.segments.append(segment)
    found = trains(run)
    groups = {p.name: core.Group(name=p.name) for p in run.info.spikers}
    block.groups.extend(groups.values())
    for population, neuron, t_ms in zip(found.population, found.neuron, found.t_ms, strict=True):
        train = core.SpikeTrain(
            t_ms, units=pq.ms, t_start=0 * pq.ms, t_stop=run.duration_ms * pq.ms,
            name=f"{population} {neuron}", population=population, neuron=int(neuron),
        )  # fmt: skip
        segment.spiketrains.append(train)
        groups[population].spiketrains.append(train)
    for name in dict.fromkeys([*run.states, *run.recordings]):
        for signal in _signals(core, pq, name, run.samples(name)):
            regular = isinstance(signal, core.AnalogSignal)
            kind = segment.analogsignals if regular else segment.irregularlysampledsignals
            kind.append(signal)
    for name in run.recordings:
        if run.recordings[name].of == "events":
            t_ms, who = run.events(name)
            segment.events.append(_event(core, pq, name, t_ms, who.astype(str)))
    done = run.interventions
    if done:
        texts = np.array([e.describe() for e in done])
        times = np.array([e.t_ms for e in done])
        segment.events.append(_event(core, pq, "interventions", times, texts))
    if place is not None:
        _write(block, place)
    return block


def _event(core: Any, pq: Any, name: str, t_ms: np.ndarray, labels: np.ndarray) -> Any:
    return core.Event(times=t_ms * pq.ms, labels=labels, name=name)


def _signals(core: Any, pq: Any, name: str, samples: Samples) -> list[Any]:
    """The samples as a signal, and as further ones their extremes; none of events."""
    if samples.of == "events" or not len(samples.t_ms):
        return []
    t_ms, every = samples.t_ms, samples.every_ms
    regular = np.allclose(np.diff(t_ms), every, rtol=0, atol=1e-6 * every)
    made = []
    parts = ((name, samples.values), (f"{name} lowest", samples.low), (f"{name} highest",
                                                                        samples.high))  # fmt: skip
    for label, values in parts:
        if values is None:
            continue
        unit, given = _unit(pq, samples.unit)
        about = {"name": label, "array_annotations": {"neuron": samples.index}, **given}
        if regular:
            made.append(core.AnalogSignal(values * unit, sampling_period=every * pq.ms,
                                          t_start=t_ms[0] * pq.ms, **about))  # fmt: skip
        else:
            made.append(core.IrregularlySampledSignal(t_ms * pq.ms, values * unit, **about))
    return made


def _unit(pq: Any, text: str) -> tuple[Any, dict[str, str]]:
    """A unit, and an annotation that says it where Neo knows none of that name."""
    if text == "1":
        return pq.dimensionless, {}
    try:
        return pq.Quantity(1.0, text).units, {}
    except LookupError:
        return pq.dimensionless, {"unit": text}


def _write(block: Any, path: Path) -> None:
    from neo.io import NeoMatlabIO

    with written_whole(path) as new:
        # Neo's NIX files take a tenth of a second for each train, and ever more.
        NeoMatlabIO(filename=str(new)).write_block(block)
