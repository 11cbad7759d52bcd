"""Parts of the pages that are plain functions."""

from __future__ import annotations

import html
import math
import re
from dataclasses import replace

import numpy as np
import panel as pn
import panel_material_ui as pmui
import pytest

from panels.gallery import START, TOPICS, tiles
from panels.gallery import page as gallery
from panels.model_plots.memory_table import describe, memory_svg
from panels.model_plots.recall_quality import running_mean
from panels.parts import status as strip
from panels.parts.controls import from_operations, label_of
from panels.parts.parameters import Parameters, groups_of, row_of
from panels.parts.seed_and_engine import SeedAndEngine
from panels.parts.status import sentence, speed_text
from panels.parts.transport import speed_options
from panels.tabs.experiments import Experiments, table
from panels.widgets.number_field import NumberField, field_for, typed_in
from workbench.cli.list_models import option_rows
from workbench.engine.frames import Status
from workbench.errors import ParameterError
from workbench.model import registry
from workbench.model.model import Comparison
from workbench.model.slider import nice_step
from workbench.plots.circuit.activity import FADE_S, Activity
from workbench.plots.in_words import clock, whose

from .fakes import INFO, TwoGroups, frame

MODELS = sorted(registry.models())


@pytest.mark.parametrize("slug", MODELS)
def test_sliders_span_the_soft_bounds_and_meet_the_default(slug):
    model = registry.model_class(slug)
    for group in groups_of(model, model().values()):
        for row in group["rows"]:
            parameter = model.parameter(row["name"])
            assert (row["low"], row["high"]) == parameter.softbounds
            assert row["low"] <= row["default"] <= row["high"]
            steps = (row["default"] - row["low"]) / row["step"]
            assert abs(steps - round(steps)) < 1e-6, f"{row['name']}: the default is between steps"
            assert row["live"] == parameter.live


@pytest.mark.parametrize("slug", MODELS)
def test_the_speed_slider_has_the_model_s_own_pace(slug):
    pace = registry.model_class(slug).pace
    options = speed_options(pace)
    assert pace is None or float(pace) in options.values()
    numbers = [v for v in options.values() if v != "max"]
    assert numbers == sorted(numbers)
    assert list(options)[-1] == "as fast as possible"
    assert "real time" in options


def test_only_the_first_group_is_open_when_there_are_many():
    model = registry.model_class("hippocampal-cam")
    groups = groups_of(model, model().values())
    assert [g["open"] for g in groups] == [True, False, False, False]


@pytest.mark.parametrize(
    ("low", "high", "default", "step"),
    [
        (1, 50, 10, 0.2),
        (0, 1, 0.5, 0.005),
        (-20, 0, -9, 0.1),
        (1, 10, 3.4, 0.02),
        (2, 30, 8.571, 0.001),
        (0, 3000, 3500 / 3, 3500 / 3 / 78),
    ],
)
def test_steps_are_round_numbers(low, high, default, step):
    assert nice_step(low, high, default) == pytest.approx(step)


@pytest.mark.parametrize("slug", MODELS)
def test_rows_say_in_words_what_they_are_and_words_are_no_symbols(slug):
    model = registry.model_class(slug)
    for row in (r for g in groups_of(model, model().values()) for r in g["rows"]):
        assert row["doc"], row["name"]
        # A word, such as "contrast", is shown as a word; it is not set as a symbol.
        assert not (
            row["symbol"] == row["name"] and len(row["name"]) > 2 and "_" not in row["name"]
        )


def test_a_row_without_soft_bounds_still_has_a_range():
    parameter = TwoGroups.parameter("tau_m")
    row = row_of("tau_m", parameter, 10.0)
    assert row["max"] is None
    assert row["allowed"] == "at least 0.1 ms"
    assert row["default_text"] == "10 ms"


def test_the_step_is_set_on_a_slider_of_parts_of_a_tick():
    model = registry.model_class("cuba")
    (row,) = [r for g in groups_of(model, model().values()) for r in g["rows"] if r["stops"]]
    assert (row["name"], row["unit"], row["live"]) == ("dt_ms", "ms", False)
    assert row["stops"] == [0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5]
    fixed = registry.model_class("elm-neuron")
    rows = [r for g in groups_of(fixed, fixed().values()) for r in g["rows"]]
    assert "dt_ms" not in [r["name"] for r in rows]


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0 ms"), (12, "12 ms"), (480, "480 ms"), (12480, "12.48 s")]
)
def test_times_have_the_digits_they_deserve(ms, text):
    assert clock(ms) == text


@pytest.mark.parametrize(
    ("what", "population", "text"),
    [
        ("neuron", "pool", "neuron, pool"),
        ("neuron", "neurons", "neuron"),
        ("Neuron", "", "Neuron"),
        ("presynaptic neuron", "layer_4", "presynaptic neuron, layer 4"),
        ("presynaptic neuron", "neurons", "presynaptic neuron"),
        ("postsynaptic", "neurons", "postsynaptic, neurons"),
    ],
)
def test_an_axis_does_not_say_the_same_twice(what, population, text):
    assert whose(what, population) == text


@pytest.mark.parametrize(
    ("speed", "text"),
    [(20, "20 ms/s"), (1000, "real time"), (998, "real time"), (11600, "11.6 × real time"),
     (200, "0.2 × real time")],
)  # fmt: skip
def test_speeds_in_words(speed, text):
    assert speed_text(speed) == text


def test_a_measured_speed_keeps_the_unit_of_the_chosen_one():
    assert speed_text(99.8, chosen=50) == "99.8 ms/s"
    assert speed_text(101.3, chosen=50) == "101 ms/s"
    for chosen in (100, math.inf):
        assert speed_text(99.8, chosen) == "0.0998 × real time"
        assert speed_text(101.3, chosen) == "0.101 × real time"
    running = Status(state="running", engine="cython", t_ms=12480, real_time_factor=0.0998)
    assert "0.0998 × real time" in sentence(running, "m", 30, 0.0, "", speed=100.0)
    assert "99.8 ms/s" in sentence(running, "m", 30, 0.0, "", speed=20.0)


def test_the_strip_says_when_it_is_behind_and_what_was_not_drawn():
    running = Status(
        state="running", engine="cython", t_ms=12480, seed=7, real_time_factor=11.6,
        behind_ms=900, dropped_spikes=1200,
    )  # fmt: skip
    assert sentence(running, "m", 30, 0.0, "") == [
        "Cython", "t = 12.48 s", "11.6 × real time", "30 frames/s",
        "!0.9 s behind the requested speed", "!1,200 spikes recorded but not drawn", "seed 7",
    ]  # fmt: skip


def test_the_strip_says_when_nothing_is_heard_of_the_simulation():
    running = Status(state="running", engine="cython", t_ms=12480, silent_s=strip.SILENT_S)
    quiet = sentence(running, "m", 0, 0.0, "")
    longer = sentence(replace(running, silent_s=12.3), "m", 0, 0.0, "")
    (added,) = [part for part in longer if part not in quiet]
    assert added.startswith("!nothing was heard of it for 12 s: ")


def test_the_strip_says_how_far_compiling_is_and_since_when_it_is_compiled():
    def engine(**changes):
        status = Status(state="running", engine="numpy", t_ms=1500)
        parts = sentence(replace(status, **changes), "m", 30, 0.0, "")
        return parts[: parts.index("t = 1.50 s")]

    assert engine() == ["NumPy"]
    assert engine(compiling_s=4.4) == ["NumPy, compiling for 4 s"]
    assert engine(goes_on=True) == ["NumPy, going on compiled"]
    assert engine(engine="compiled", compiled_since_ms=1240.0) == ["compiled since 1.24 s"]
    assert engine(engine="compiled", compiled_since_ms=0.0) == ["compiled"]
    assert engine(next_engine="compiled") == ["NumPy (compiled after a reset)"]
    assert engine(stays="'x' runs Python code.") == ["NumPy", "not compiled: 'x' runs Python code."]


def test_compiled_within_the_first_tick_is_compiled_from_the_beginning():
    status = Status(state="paused", engine="compiled", t_ms=1500, compiled_since_ms=5.0)
    assert sentence(status, "m", 0, 0.0, "", tick_ms=5.0)[0] == "compiled"
    assert sentence(status, "m", 0, 0.0, "", tick_ms=1.0)[0] == "compiled since 5 ms"


def test_building_says_what_and_how_long_it_took_last_time(monkeypatch):
    monkeypatch.setitem(strip._last_build_s, "m", 2.14)
    building = Status(state="building", seed=1)
    assert sentence(building, "m", 0, 0.4, "") == ["making the network", "seed 1"]
    assert sentence(building, "m", 0, 3.2, "new seed: 1") == [
        "new seed: 1", "3 s, last time 2.1 s", "seed 1",
    ]  # fmt: skip


def test_glow_follows_the_strongest_population_and_fades():
    activity = Activity(INFO)
    assert activity.levels() == {"exc": 0.0, "inh": 0.0}
    activity.take([frame(1.0, units=[0, 1, 2, 3, 4, 10])], now=1.0)
    # half of one population and a fifth of the other
    assert activity.levels() == pytest.approx({"exc": 1.0, "inh": math.sqrt(0.4)})
    activity.take([], now=1.0 + FADE_S)
    assert activity.levels()["exc"] == pytest.approx(math.exp(-0.5), rel=0.02)
    activity.reset()
    assert activity.levels() == {"exc": 0.0, "inh": 0.0}


def test_memory_table_counts_what_differs():
    assert describe({}, 0) == "Nothing was taught yet: press Learn among the controls."
    assert describe({0: (1,)}, 0) == "1 memory taught; all bits are stored as they should be."
    assert describe({0: (1,), 2: (0,)}, 3) == "2 memories taught; 3 bits differ."
    right = memory_svg(2, 3, {0: (1,)}, {0: (1,)}, {0: (1,)})
    assert "all bits are stored as they should be" in right
    assert "stray" not in right
    assert right.count('class="cell"') == 6
    assert re.findall(r"<text[^>]*>([^<]*)", right) == ["content", "0", "1", "2", "cue 0", "cue 1"]
    ghost = memory_svg(2, 3, {0: (1,)}, {0: (1,)}, {0: (1, 2)})
    assert "1 bit differs" in ghost
    assert ghost.count("stray") == 1
    assert "too many" in memory_svg(100, 100, {}, {}, {})
    said = memory_svg(2, 3, {0: (1,)}, {0: (1,)}, {0: (1,)}, "Recall by cue 0 gave {1}: correct.")
    assert "as they should be. Recall by cue 0 gave {1}: correct.</div>" in said


def test_running_mean():
    assert running_mean(np.array([1.0, 0.0, 1.0, 1.0]), 2).tolist() == [1.0, 0.5, 0.5, 1.0]
    assert running_mean(np.array([]), 2).tolist() == []


def typed(name, text, default=()):
    """What a control makes of a text in the field of an option."""
    field = field_for(name, default, label=name, margin=0)
    field.value = text
    return typed_in(field, name, default)


def test_numbers_typed_into_a_control():
    assert typed("units", "0, 3 7") == (0, 3, 7)
    assert typed("cue", "4", 0) == 4
    assert typed("times_ms", "1.5, 3", (0.5,)) == (1.5, 3.0)
    assert typed("gains", "0.5, 1", (0.0,)) == (0.5, 1.0)
    assert typed("each_ms", "2", 5.0) == 2.0
    assert typed("each_ms", "0.3 s", 5.0) == 300.0
    assert typed("data", "mnist", "") == "mnist"
    for name, text, default in (
        ("times_ms", "0,5 1,5", (0.5,)),  # decimal commas, or four numbers?
        ("cue", "", 4),  # the field was emptied
        ("cue", "1.5", 4), ("each_ms", "1,62", 5.0), ("each_ms", "2**3", 5.0),
        ("each_ms", "−5", 5.0), ("each_ms", "5 mV", 5.0), ("units", "0.5, 1", ()),
    ):  # fmt: skip
        with pytest.raises(ParameterError):
            typed(name, text, default)
    with pytest.raises(ParameterError) as caught:
        typed("units", "0; x")
    assert str(caught.value) == "units = '0; x' cannot be read: write numbers, such as 0, 3, 7."


@pytest.mark.parametrize("default", [1 / 3, 1e-7, 1e20, 350.0, 3, (2 / 3, 1.0), [1, 2]])
def test_an_untouched_field_says_its_default_to_the_last_digit(default):
    assert typed_in(field_for("x", default, label="x", margin=0), "x", default) == default


def test_an_operation_is_not_performed_with_a_number_that_cannot_be_read():
    """It is not performed with the number that stood there before, either."""
    from models._shared.geometric_sweep import ContrastSweep

    done = []
    (controls,) = from_operations((ContrastSweep,), done.append)
    fields = {f.label: f for f in controls.select(NumberField)}
    (button,), (message,) = controls.select(pmui.Button), controls.select(pmui.Alert)
    fields["Each (ms)"].value = "1,62"
    assert fields["Each (ms)"].error_state
    button.param.trigger("clicks")
    assert not done
    assert "each_ms" in message.said
    assert "did you mean '1.62'?" in message.said
    assert message.visible
    fields["Each (ms)"].value = "0.4 s"
    button.param.trigger("clicks")
    assert [one.each_ms for one in done] == [400.0]
    assert not message.visible
    assert not fields["Each (ms)"].error_state


def test_a_text_of_a_few_is_chosen_from_a_list():
    from models.spike_matching.operations import KINDS, SetWeights

    done = []
    (controls,) = from_operations((SetWeights,), done.append)
    (field,) = controls.select(pmui.Select)
    assert (field.label, field.value, field.options) == ("Weights", "naive", list(KINDS))
    (button,) = controls.select(pmui.Button)
    field.value = "reference"
    button.param.trigger("clicks")
    assert [one.weights for one in done] == ["reference"]


@pytest.mark.parametrize("slug", MODELS)
def test_what_experiments_offer_holds_what_they_begin_with(slug):
    for experiment in registry.model_class(slug).experiments:
        for name, choices in experiment.choices.items():
            assert not choices or experiment.options[name][0] in choices


def test_a_seed_is_read_strictly():
    began = []
    seed = SeedAndEngine(began.append)
    (field,), (message,) = seed.view.select(NumberField), seed.view.select(pmui.Alert)
    for text, why in (
        ("1,5", "it has a decimal comma"), ("1.5", "must be a whole number"), ("", "Seed"),
        ("-1", "Seed = -1 is not allowed: at least 0."),
        ("4294967296", "Seed = 4294967296 is not allowed: at most 4294967295."),
    ):  # fmt: skip
        field.value = text
        assert why in message.said
        assert message.visible
        assert (seed.seed, began) == (1, [])
    field.value = "7"
    assert (seed.seed, began) == (7, ["new seed: 7"])
    assert not message.visible


def test_what_is_typed_beside_a_slider_is_read_strictly():
    heard = []
    values = TwoGroups().values()
    column = Parameters(TwoGroups, values, lambda *message: heard.append(message), lambda: None)

    def typed(text):
        column._handle_msg({"type": "set", "name": "tau_m", "value": text, "final": True})
        return column.state["tau_m"]

    assert typed("0.012 s") == {"value": 12.0, "note": ""}
    assert heard == [("tau_m", 12.0, True)]
    for text, why in (
        ("1,62", "it has a decimal comma; did you mean '1.62'?"),
        ("9**9**9", "nothing is calculated here"),
        ("−5", "did you mean '-5'?"),
        ("5 mV", "it is measured in ms"),
        ("1" * 100_000, "it has 100,000 characters"),
        ("0", "must be at least 0.1 ms"),
        ("nan", "must be finite"),
    ):
        message = typed(text)
        assert why in message["note"]
        assert message["value"] == 12.0
    assert len(heard) == 1


def test_experiment_table_has_published_ours_difference_verdict():
    drawn = table([Comparison("rate", 5.0, 5.5, 0.2, "Hz"), Comparison("n", 3, 3, 0)])
    assert "5 Hz</td>" in drawn
    assert "5.5 Hz" in drawn
    assert "0.5 Hz" in drawn
    assert drawn.count("differs") == 1
    assert drawn.count("agrees") == 1


def test_where_published_numbers_are_from_is_said_once():
    here, there = (
        [Comparison("a", 1, 1, 0, note=first), Comparison("b", 2, 2, 0, note=second)]
        for first, second in (("Table 1", "Table 1"), ("Table 1", "Table 2"))
    )
    assert table(here).count("Table 1") == 1 and "Published: Table 1" in table(here)
    assert table(there).count("<td>Table") == 2 and "Published:" not in table(there)


def test_options_of_experiments_have_names_and_explanations():
    model = registry.model_class("astrocyte-lsm")
    tab = Experiments(model, dict)
    tab.build()
    entry = tab.entries[0]
    shown = {field.label for field in entry.inputs.values()}
    assert {"Settling samples", "Results folder", "Data folder"} <= shown
    explained = {pane.object for pane in entry.view.select(pn.pane.HTML)}
    assert {html.escape(doc) for _, doc in entry.experiment.options.values()} <= explained
    assert entry.inputs["data"].options == ["mnist", "fashion-mnist", "digits"]
    rows = {row[0]: row[1:] for row in option_rows(entry.experiment)}
    assert rows["--initial"][:2] == ("1000", "Settling samples")
    assert rows["--keep"][:2] == ("", "Results folder")


def test_a_broken_model_file_is_a_tile_with_its_reason(models_folder):
    (models_folder / "broken.py").write_text("raise ValueError('no <good>')")
    drawn = tiles()
    assert "broken.py" in drawn
    assert "no &lt;good&gt;" in drawn
    for slug in MODELS:
        assert f'href="./{slug}"' in drawn


def test_the_gallery_has_a_place_to_start_and_every_topic():
    drawn = gallery()
    assert all(f'class="step" href="./{slug}"' in drawn for slug in START)
    assert START.keys() <= registry.models().keys()
    assert {m.topic for m in registry.models().values()} == set(TOPICS)
    places = [drawn.index(f"<h2>{topic}</h2>") for topic in TOPICS]
    assert places == sorted(places)
    assert drawn.index('class="step"') < places[0]
    assert "membrane time constant" in drawn  # what can be searched for


def test_a_model_without_a_topic_comes_last(models_folder):
    template = registry.models()["cuba"].topic
    (models_folder / "mine.py").write_text(
        "from workbench.model.model import Model\n\n\nclass Mine(Model):\n"
        "    slug, title, purpose, source = 'mine', 'Mine', 'It is mine.', 'none'\n"
    )
    drawn = tiles()
    assert drawn.index("Other models") > drawn.index(template)
    assert drawn.index("It is mine.") > drawn.index("Other models")


def test_fields_of_operations_are_named_with_their_units_and_explained():
    from models._shared.geometric_sweep import ContrastSweep

    assert [label_of(n) for n in ("each_ms", "mask_angle", "cue")] == [
        "Each (ms)", "Mask angle", "Cue"
    ]  # fmt: skip
    (controls,) = from_operations((ContrastSweep,), lambda _operation: None)
    message = {i.label: i.description for i in controls.select(NumberField)}
    assert message["Each (ms)"] == "how long each is shown, a multiple of the tick"


def test_cards_that_lead_come_first_and_the_model_s_own_before_the_usual_ones():
    from panels.parts.plots import Plots
    from panels.widgets.cards import Card

    plots = Plots(TwoGroups, lambda *_: None, lambda act: act())
    own = [Card(f"own-{k}", "own", None) for k in range(2)]
    log = Card("log", "log", None, wide=True)
    plots.arrange(own, log, ("own", "circuit"))
    keys = [c.css_classes[1].removeprefix("wb-card-") for c in plots.view]
    assert keys == [
        "own-0", "circuit", "own-1", "raster", "map", "traces", "state-map", "rates", "weights",
        "weight-course", "weight-histogram", "weight-matrix", "log",
    ]  # fmt: skip
