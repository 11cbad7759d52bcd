"""A kind of plot is declared once: one of another package is found wherever plots are."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from made_up import made_up
from PIL import Image
from pypdf import PdfReader
from seen import frame
from typer.testing import CliRunner

import workbench
from workbench import figures
from workbench.errors import ParameterError, UnknownName
from workbench.model import registry
from workbench.plots import PlotKind, PlotOption, ids, kinds, plot_kind, register, unregister
from workbench.plots.kind import loaded
from workbench.plots.registry import GROUP
from workbench.settings import PNG_DPI

ROOT = Path(workbench.__file__).parents[1]
DECLARATION = """
from workbench.model import registry
from workbench.plots import PlotKind, PlotOption

KIND = PlotKind(
    id="intervals",
    title="Intervals",
    help="How long neurons wait between two spikes.",
    placeholder="Intervals appear here.",
    available=lambda info: info.spiking,
    has_data=lambda run: run.info.spiking,
    static="others_intervals:histogram",
    table="others_intervals:table",
    live="others_intervals:IntervalView",
    options=(
        PlotOption("population", "whose intervals"),
        PlotOption("t_ms", "from when to when", "span"),
    ),
    selects="population",
    on_page=15,
    in_figure=25,
)
"""
FUNCTIONS = """
import numpy as np
from bokeh.plotting import figure


def of(run, population, t_ms):
    t, i = run.spikes(population or run.info.populations[0].name)
    low, high = t_ms or (0, run.duration_ms)
    keep = (t >= low) & (t <= high)
    return np.concatenate([np.diff(t[keep][i[keep] == n]) for n in range(3)])


def histogram(run, population=None, t_ms=None):
    import holoviews as hv

    counts, edges = np.histogram(of(run, population, t_ms), 10)
    return hv.Histogram((edges, counts), kdims="Interval between spikes")


def table(run, population=None, t_ms=None):
    return ("interval_ms",), [(float(v),) for v in of(run, population, t_ms)]


class IntervalView:
    def __init__(self, info, *, colors, dark, link, window_ms):
        self.names = tuple(p.name for p in info.populations)
        self.selected = self.names[0]
        self.root = figure()
        self.seen = 0

    def update(self, frames, t_ms):
        self.seen += len(frames)

    def show(self, seen):
        pass
"""


# The buttons of the save dialog: panel-material-ui gives both.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def small():
    return made_up({"exc": 12, "inh": 4})


def add_package(folder, entry, **files):
    """What an installed distribution leaves behind: its modules and its entry points."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    about = folder / "others-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{entry}\n")


@pytest.fixture
def others(tmp_path, monkeypatch):
    """A package of somebody else that brings the plot "intervals"."""
    folder = tmp_path / "site"
    folder.mkdir()
    add_package(
        folder, "intervals = others_plot:KIND",
        others_plot=DECLARATION, others_intervals=FUNCTIONS,
    )  # fmt: skip
    for name in ("others_plot", "others_intervals"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(folder))
    return folder


def pages(data):
    return PdfReader(io.BytesIO(data)).pages[0].extract_text()


# -- a kind from outside ---------------------------------------------------------------------------


def test_it_is_listed_in_its_place(others):
    assert list(kinds())[:3] == ["raster", "intervals", "map"]
    assert "intervals" in ids()
    assert plot_kind("intervals").title == "Intervals"


def test_figures_and_tables_have_it(others, tmp_path):
    run = small()
    path = figures.figure(run, "intervals", path=tmp_path / "i.pdf", t_ms=(0, 100))
    assert "Interval between spikes" in pages(path.read_bytes())
    rows = [r for r in figures.csv_text(run, "intervals").splitlines() if r[0] != "#"]
    assert rows[0] == "interval_ms" and len(rows) > 5
    everything = pages(figures.panel_figure(run))
    assert "Interval between spikes" in everything
    assert set("abcdef") <= set(everything.split())
    with pytest.raises(ParameterError, match="no option 'width'; it has population or t_ms"):
        figures.figure(run, "intervals", width=3)


def test_the_page_has_a_card_for_it(others):
    from panels.parts.plots import Plots
    from panels.widgets.cards import Card

    plots = Plots(registry.model_class("cuba"), lambda *_: None, lambda act: act())
    plots.arrange([], Card("log", "log", None, wide=True))
    keys = [c.css_classes[1].removeprefix("wb-card-") for c in plots.view]
    assert keys[:4] == ["raster", "map", "circuit", "intervals"]
    card = plots.cards["intervals"]
    assert card.title == "Intervals"
    plots.build(small().info)
    view = plots.views["intervals"]
    assert type(view).__name__ == "IntervalView" and card.view.visible
    plots.update([frame(10.0)], 10.0)
    assert view.seen == 1
    assert plots.selectors["intervals"].value == view.selected
    assert plots.chosen("intervals") == {"population": view.selected}


def test_the_save_dialog_offers_it(others):
    from panels.parts.save_dialog import LAYOUT, SaveDialog, draw

    run = small()
    dialog = SaveDialog("toy", lambda: run)
    dialog.open("intervals", "Intervals", {}, (0.0, 50.0))
    assert dialog.time.visible and dialog.files["csv"].visible
    assert draw(run, "intervals", "csv", 85, {"t_ms": (0.0, 50.0)}).count(b"\n") > 8
    options = {"intervals": {"t_ms": (0.0, 100.0)}}
    assert "Interval between spikes" in pages(draw(run, LAYOUT, "pdf", 174, options))


def test_everything_is_saved_as_the_page_shows_it():
    from panels.parts.plots import Plots
    from panels.parts.save_dialog import LAYOUT, draw

    run = small()
    plots = Plots(registry.model_class("cuba"), lambda *_: None, lambda act: act())
    for built in (False, True):
        if built:
            plots.build(run.info)
        chosen = {key: plots.chosen(key) for key in plots.cards}
        assert chosen["raster"] == {}
        assert chosen["weights"] == ({"projection": "first_second"} if built else {})
        assert chosen["circuit"]["notation"] == "senk"
    assert set("abcde") <= set(pages(draw(run, LAYOUT, "pdf", 174, chosen)).split())


def test_the_page_of_saved_runs_shows_it(others, tmp_path):
    from panels.parts.run_plots import of_one

    found = of_one(str(small().save(tmp_path / "r.zarr")))
    titles = [title for title, _png in found]
    assert titles == ["Raster", "Intervals", "Rates", "Weights"]


def test_the_command_line_names_it(others, tmp_path):
    command = [sys.executable, "-m", "workbench", "figure", "-h"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": f"{others}{os.pathsep}{ROOT}"},
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert "intervals" in done.stdout
    from workbench.cli import app

    message = CliRunner().invoke(app, ["plots"]).stdout
    assert "How long neurons wait between two spikes." in message and "from when to when" in message
    run, out = small().save(tmp_path / "r.zarr"), tmp_path / "i.csv"
    args = ["figure", str(run), "intervals", "-o", str(out), "--option", "t_ms=0,0.1"]
    assert CliRunner().invoke(app, args).exit_code == 0
    assert out.read_text().splitlines()[-1] == "interval_ms"  # nobody spikes twice in a step


def test_the_reference_has_it(others):
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/make_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = module.reference()
    assert "| `intervals` | How long neurons wait between two spikes. | `population`: whose" in text


def test_one_that_cannot_be_used_is_reported_and_left_out(tmp_path, monkeypatch, caplog):
    broken = "from workbench.plots import NothingOfThisName"
    monkeypatch.delitem(sys.modules, "others_broken", raising=False)
    add_package(tmp_path, "broken = others_broken:KIND", others_broken=broken)
    monkeypatch.syspath_prepend(str(tmp_path))
    with caplog.at_level(logging.ERROR):
        assert "broken" not in kinds() and "raster" in kinds()
    assert "'broken' of others_broken:KIND cannot be imported" in caplog.text


def test_one_can_be_registered_and_the_processes_that_draw_know_it():
    from panels.parts.save_dialog import draw
    from panels.widgets.background_job import BackgroundJob

    mine = PlotKind(
        id="counts", title="Counts", help="Spikes.", placeholder="", available=lambda info: True,
        has_data=lambda run: True, table=lambda run: (("n",), [(len(run.steps),)]),
    )  # fmt: skip
    register(mine)
    try:
        with pytest.raises(ParameterError, match="There is a plot 'counts' already"):
            register(mine)
        with pytest.raises(ParameterError, match="'counts' has no figure"):
            figures.figure(small(), "counts")
        job = BackgroundJob(draw, small(), "counts", "csv", 85, {})
        assert job.over.wait(120)
        kind, data = job.poll()[-1][:2]
        assert kind == "done" and data.decode().splitlines()[-1] == str(len(small().steps))
    finally:
        unregister("counts")
    with pytest.raises(UnknownName, match="plot: 'counts'"):
        plot_kind("counts")


# -- said once -------------------------------------------------------------------------------------


def test_no_other_file_holds_the_list_of_kinds():
    """Four of the ids in one place, as strings or within one sentence, would be such a list."""
    own, found = set(ids()), {}
    for path in [p for folder in ("workbench", "panels") for p in (ROOT / folder).rglob("*.py")]:
        # A kind's folder speaks of itself; a model's own page says which cards lead it.
        if path.parent.parent == ROOT / "workbench/plots":
            continue
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        listed = own & set(texts)
        quoted = [own & set(re.findall(r"\w+", t)) for t in texts if len(t) < 200]
        most = max([listed, *quoted], key=len)
        if len(most) > 3:
            found[str(path.relative_to(ROOT))] = sorted(most)
    assert not found


@pytest.mark.parametrize("name", ids())
def test_the_declared_options_are_those_of_the_functions(name):
    kind = plot_kind(name)
    for function in (kind.static, kind.table):
        declared = [o.name for o in kind.options]
        if kind.sized and function == kind.static:
            declared.append("width_mm")
        parameters = list(inspect.signature(loaded(function)).parameters.values())[1:]
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            continue  # it passes all on
        assert [p.name for p in parameters] == declared
        assert all(p.default is not p.empty for p in parameters)
    assert kind.help.endswith(".") and kind.placeholder.endswith(".")
    assert kind.selects in ["", *declared]


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        ("name", "exc", "exc"), ("names", "exc, inh", ["exc", "inh"]), ("number", "2.5", 2.5),
        ("integer", "-1", -1), ("span", "0,500", (0.0, 500.0)), ("switch", "no", False),
    ],
)  # fmt: skip
def test_options_are_read_from_text(type, text, value):
    assert PlotOption("x", "an option", type).read(text) == value


@pytest.mark.parametrize(
    ("type", "text", "message"),
    [
        ("number", "two", "x = 'two' is not allowed: give a number."),
        ("span", "5", "x = '5' is not allowed: give start and end in ms, such as 0,500."),
        ("switch", "maybe", "x = 'maybe' is not allowed: give yes or no."),
        ("", "1", "x cannot be given as text: use it from Python."),
    ],
)
def test_what_an_option_cannot_be_is_reported(type, text, message):
    with pytest.raises(ParameterError) as error:
        PlotOption("x", "an option", type).read(text)
    assert str(error.value) == message


def test_unknown_options_are_reported():
    with pytest.raises(UnknownName, match=r"of the plot weights: 'projektion'\. Did you mean"):
        plot_kind("weights").read(["projektion=a"])
    with pytest.raises(ParameterError, match="'at' is no option: write NAME=VALUE"):
        plot_kind("weights").read(["at"])


# -- the save dialog -------------------------------------------------------------------------------


def test_the_dialog_says_the_resolution_that_the_file_has(tmp_path):
    from panels.parts.save_dialog import FORMATS, draw

    file = Image.open(io.BytesIO(draw(small(), "rates", "png", 85, {})))
    assert file.info["dpi"][0] == pytest.approx(PNG_DPI, abs=0.5)
    assert f"{PNG_DPI} dots per inch" in FORMATS["png"]
    with Image.open(small().info.circuit.save(tmp_path / "c.png", width_mm=60)) as circuit:
        assert circuit.info["dpi"][0] == pytest.approx(PNG_DPI, abs=0.5)


def test_save_all_has_every_plot_and_the_circuit_as_it_was_placed():
    from panels.parts.save_dialog import LAYOUT, draw

    run = small()
    named = pages(draw(run, LAYOUT, "pdf", 174, {"circuit": {"notation": "classic"}}))
    assert set("abcde") <= set(named.split())  # circuit, raster, rates, traces and weights
    with pytest.raises(UnknownName, match="notation"):
        draw(run, LAYOUT, "pdf", 174, {"circuit": {"notation": "clasic"}})


def test_rates_can_be_cut_to_what_is_shown_as_all_plots_of_time():
    from panels.parts.save_dialog import LAYOUT, SaveDialog

    dialog = SaveDialog("toy", small)
    for view in ("raster", "rates", "traces", LAYOUT):
        dialog.open(view, view, {}, (0.0, 50.0))
        assert dialog.time.visible
    dialog.open("weights", "weights", {}, (0.0, 50.0))
    assert not dialog.time.visible
    dialog.open(LAYOUT, LAYOUT, {}, (0.0, 50.0))
    assert not dialog.files["csv"].visible
