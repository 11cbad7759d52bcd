"""Streams that share one call, and keep what they know when others come and go."""

from __future__ import annotations

import numpy as np
import pytest
from recording_models import HodgkinHuxley, TwoClocks

from workbench.engine.runtime import Runtime, brian_settings_kept
from workbench.engine.streams import streams_of
from workbench.recordings import Recording, joined

STEPS = 20  # of 0.1 ms, between two samples


def different_cells():
    runtime = Runtime(HodgkinHuxley(), 1, "numpy")
    runtime.build()
    runtime.targets["hh.v"].owner.v_ = [-0.065, -0.064, -0.063]
    return runtime


def simulated(changes, duration_ms):
    """Blocks by recording; ``changes`` has the recordings from a tick on."""
    blocks, streams = {}, {}
    with brian_settings_kept():
        runtime = different_cells()

        def at(tick):
            if tick in changes:
                take()
                wanted = changes[tick]
                new = {k: w for k, w in wanted.items() if k not in streams}
                streams.update(
                    {s.key: s for s in streams_of(runtime.targets, runtime.info, new)[0]}
                )
                runtime.record([streams[k] for k in wanted], runtime.t_ms if tick else None)
            if tick % 5 == 4:
                take()

        def take():
            for key, block in runtime.streams.take().items():
                blocks.setdefault(key, []).append(block)

        at(0)
        runtime.on_tick = lambda tick: at(tick) if tick else None
        runtime.run(duration_ms)
        take()
    return {key: joined(b) for key, b in blocks.items()}


def test_extremes_stay_those_of_all_steps_when_streams_come_and_go():
    every = {"hh.v": Recording("0:3", 0.1)}
    a = {"hh.v#a": Recording([1, 0], 2, extremes=True)}
    b = {"hh.v#b": Recording([2], 2, extremes=True)}
    changes = {0: every | a, 3: every | a | b, 7: every | b}
    found = simulated(changes, 13)
    v = found["hh.v"].values
    assert len(v) == 130
    for key, columns, times, begins in (
        ("hh.v#a", [1, 0], [0, 2, 4, 6], 0),
        ("hh.v#b", [2], [4, 6, 8, 10, 12], 30),
    ):
        block = found[key]
        assert block.t_ms.tolist() == times
        for k, t_ms in enumerate(times):
            step = round(10 * t_ms)
            since = v[max(begins, step - STEPS) : step + 1, columns]
            assert np.array_equal(block.values[k], v[step, columns])
            assert np.array_equal(block.low[k], since.min(axis=0))
            assert np.array_equal(block.high[k], since.max(axis=0))


def test_a_stream_that_begins_at_a_sample_has_it():
    changes = {0: {"hh.v": Recording([0], 0.1)}, 4: {"hh.v#b": Recording([0], 2, extremes=True)}}
    found = simulated(changes, 7)
    later = found["hh.v#b"]
    assert later.t_ms.tolist() == [4, 6]
    assert later.values[0] == later.low[0] == later.high[0] == found["hh.v"].values[40]


def test_other_entries_under_the_same_key_are_sampled_anew():
    """So it is where somebody watches other neurons."""
    with brian_settings_kept():
        runtime = different_cells()
        for entry in (0, 2):
            option = {"hh.v#shown": Recording([entry], 0.1)}
            streams, _ = streams_of(runtime.targets, runtime.info, option)
            runtime.record(streams)
        runtime.run(1)
    assert runtime.streams.take()["hh.v#shown"].values[0] == -63


@pytest.mark.parametrize(("model", "clocks"), [(HodgkinHuxley, 1), (TwoClocks, 2)])
def test_the_ticks_share_the_fastest_clock(model, clocks):
    with brian_settings_kept():
        runtime = Runtime(model(), 1, "numpy")
        runtime.build()
        seen = []
        runtime.on_tick = lambda tick: seen.append((tick, runtime.t_ms))
        runtime.run(4)
    assert len({id(o.clock) for o in runtime.net.sorted_objects}) == clocks
    assert seen == [(k, k * runtime.info.tick_ms) for k in range(4)]
