"""`wb.controls` and `async for frame in session`: without a browser."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import aclosing

import pytest
from toys import Toy

import workbench as wb
from workbench.errors import UnknownName
from workbench.notebook_controls import Controls

WAIT_S = 60  # only a failure takes as long


async def until(condition):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < WAIT_S
        await asyncio.sleep(0.01)


def beating(controls, condition):
    """Ask for news, as the page does while its hidden clock plays."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < WAIT_S
        assert controls._beat.playing
        controls._beat.value += 1
        time.sleep(0.02)


def test_there_is_a_slider_for_each_parameter_in_its_unit():
    controls = wb.controls("cuba")
    cls = wb.models()["cuba"]
    assert list(controls.sliders) == list(cls.parameters())
    slider, parameter = controls.sliders["tau_m"], cls.parameters()["tau_m"]
    assert (slider.value, slider.min, slider.max) == (20, 5, 60)
    assert slider.description == "tau_m (ms)"
    assert parameter.doc in slider.tooltip and parameter.source in slider.tooltip
    assert type(controls.sliders["n_neurons"]).__name__ == "IntSlider"
    assert not controls.sliders["n_neurons"].continuous_update  # it needs a rebuild
    some = wb.controls("cuba", only=["w_e", "w_i"])
    assert list(some.sliders) == ["w_e", "w_i"]
    with pytest.raises(UnknownName, match="Did you mean 'w_e'"):
        wb.controls("cuba", only=["w_ee"])


def test_a_choice_is_a_menu():
    slug, name, parameter = next(
        (slug, name, q)
        for slug, cls in wb.models().items()
        for name, q in cls.parameters().items()
        if q.choices
    )
    menu = wb.controls(slug, only=[name]).sliders[name]
    assert [text for text, _ in menu.options] == list(parameter.choices)


def test_the_controls_play_a_simulation():
    from ipywidgets import interactive_output

    drawn = []

    controls = Controls(Toy(), speed=math.inf, engine="numpy", seed=3, window_ms=100)
    interactive_output(lambda t_ms: drawn.append(t_ms), {"t_ms": controls.time})
    controls.sliders["n_cells"].value = 4  # before the start: no rebuild is needed
    controls._buttons["run"].click()
    beating(controls, lambda: controls.time.value > 50)
    session = controls.session
    controls.sliders["current"].value = 2.0
    controls.sliders["n_cells"].value = 5
    assert "needs a rebuild" in controls.status.value
    controls._buttons["pause"].click()
    beating(controls, lambda: not controls._beat.playing)
    assert session.status().state == "paused" and "paused" in controls.status.value
    assert session.info.population("cells").size == 4
    assert [(e.name, e.value) for e in session.interventions] == [("current", 2.0)]
    t_ms, neuron = controls.spikes("cells")
    assert len(t_ms) and set(neuron.tolist()) <= {0, 1, 2, 3}
    assert t_ms.min() >= controls.time.value - 100
    sampled, values = controls.samples("cells.v")
    assert values.shape[0] == len(sampled) > 0
    assert sampled.min() >= controls.time.value - 100
    with pytest.raises(UnknownName, match="Did you mean 'cells'"):
        controls.spikes("cellz")
    controls._buttons["reset"].click()
    assert controls.session is None and controls.time.value == 0
    assert controls.spikes("cells")[0].size == 0
    assert drawn[-1] == 0 and len(set(drawn)) > 2 and max(drawn) > 50
    # Controls of the same model that are made anew end the former simulation.
    assert "application/vnd.jupyter.widget-view+json" in controls._repr_mimebundle_()
    controls.run()
    running = controls.session
    Controls(Toy())
    assert controls.session is None and running._closed


def test_frames_can_be_awaited():
    async def spikes():
        steps = []
        with Toy().start(duration_ms=60, seed=2, engine="numpy") as session:
            beside = asyncio.create_task(asyncio.sleep(0))  # others go on meanwhile
            async for frame in session:
                steps += frame.steps.tolist()
            assert beside.done() and session.listeners == ()
            return steps, session.stop()

    steps, run = asyncio.run(spikes())
    assert steps == run.steps.tolist() and len(steps) > 0


def test_whoever_stops_awaiting_leaves_the_session_to_others():
    async def first():
        with Toy().start(seed=2, engine="numpy", speed=1000) as session:
            async with aclosing(aiter(session)) as frames:
                async for frame in frames:
                    if frame.t_ms > 0:
                        break
            assert session.listeners == ()
            await until(lambda: session.status().t_ms > frame.t_ms)
            return session.frames()

    assert asyncio.run(first())


def test_a_session_that_fails_ends_the_frames():
    from toys import Explodes

    async def last():
        with Explodes().start(seed=2, engine="numpy") as session:
            async for _ in session:
                pass
            return session.status().state

    assert asyncio.run(last()) == "failed"
