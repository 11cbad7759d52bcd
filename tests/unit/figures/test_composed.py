"""Figures of several panels: exact width, aligned axes, legible text, drawn anew from files."""

from __future__ import annotations

import io
import itertools
import json
import runpy
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import LinearColorMapper
from bokeh.plotting import figure as bokeh_figure
from made_up import balanced, made_up, memory, silent
from matplotlib.text import Text
from pypdf import PdfReader
from typer.testing import CliRunner

import workbench as wb
from workbench.cli import app
from workbench.errors import ParameterError, StoreError, UnknownName
from workbench.figures import typefaces
from workbench.figures.composed import FigurePage
from workbench.figures.journals import JOURNALS
from workbench.figures.page_file import open_figure_page, packed, save_figure_page
from workbench.figures.seen_file import seen_bytes
from workbench.figures.time_axes import round_below
from workbench.plots.live.seen import Layer, Seen, seen_of

SPAN = (50.0, 150.0)


def two(run=None, **page) -> FigurePage:
    """Raster above rates, of the same time."""
    made = FigurePage(**page)
    run = balanced() if run is None else run
    made.add(run, "raster", t_ms=SPAN, zero_ms=100.0, height_mm=40.0)
    made.add(run, "rates", t_ms=SPAN, zero_ms=100.0, height_mm=26.0, bin_ms=5.0)
    return made


def words_of(figure) -> list:
    """All text that is drawn, with its box in pixels."""
    renderer = figure.canvas.get_renderer()
    idle = set()  # labels of ticks that Matplotlib keeps and does not draw
    for axes in figure.axes:
        box = axes.get_window_extent().padded(2)
        for axis, ends in ((axes.xaxis, box.intervalx), (axes.yaxis, box.intervaly)):
            k = 0 if axis is axes.xaxis else 1
            for tick in axis.majorTicks:
                for label in (tick.label1, tick.label2):
                    place = axes.transData.transform(label.get_position())[k]
                    there = label in axis.get_ticklabels() and ends[0] <= place <= ends[1]
                    idle |= set() if there else {label}
    found = figure.findobj(lambda a: isinstance(a, Text) and a.get_text().strip())
    shown = [t for t in found if t.get_visible() and t not in idle]
    return [(t, t.get_window_extent(renderer)) for t in shown]


@pytest.mark.parametrize("width_mm", [85, 174])
def test_it_is_exact_and_its_axes_are_aligned(width_mm):
    figure = two(width_mm=width_mm).draw()
    assert figure.get_size_inches() * 25.4 == pytest.approx((width_mm, 66.0))
    upper, lower = (axes.get_position() for axes in figure.axes)
    assert (upper.x0, upper.x1) == pytest.approx((lower.x0, lower.x1))
    assert upper.y0 > lower.y1
    # One axis of time serves both, and calls 100 ms zero.
    raster, rates = figure.axes
    assert raster.get_xlabel() == ""
    assert rates.get_xlabel() == "Time (ms)"
    figure.draw_without_rendering()
    assert "0" in [t.get_text() for t in rates.get_xticklabels()]
    assert {100.0, 120.0} <= {round(x, 6) for x in rates.get_xticks()}
    assert [t.get_text() for t in figure.texts] == ["a", "b"]


def test_late_in_a_long_run_time_is_in_seconds_without_a_power_of_ten():
    late = replace(balanced(), duration_ms=342_081.0)
    page = FigurePage(width_mm=85)
    for plot in ("raster", "rates"):
        page.add(late, plot, t_ms=(340_083.0, 342_081.0))
    figure = page.draw()
    figure.draw_without_rendering()
    below = figure.axes[-1]
    assert below.get_xlabel() == "Time (s)"
    assert below.xaxis.get_offset_text().get_text() == ""
    assert "341.0" in [t.get_text() for t in below.get_xticklabels()]


@pytest.mark.parametrize("journal", list(JOURNALS))
def test_text_is_as_large_as_the_journal_asks_inside_the_page_and_apart(journal):
    page = two(journal=journal)
    for axis in ("axis", "scale bar"):
        page.add(page.panels[0].run, "traces", t_ms=SPAN, height_mm=55, axis=axis, spikes=True)
    figure = page.draw()
    figure.set_dpi(300)
    figure.draw_without_rendering()
    words = words_of(figure)
    assert len(words) > 12
    assert min(artist.get_fontsize() for artist, _ in words) >= page.journal.tick_pt >= 6
    inside = figure.bbox.padded(1)
    for artist, box in words:
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1, artist.get_text()
        assert inside.y0 <= box.y0 and box.y1 <= inside.y1, artist.get_text()
    for (one, a), (other, b) in itertools.combinations(words, 2):
        crossing = a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1
        assert not crossing, (one.get_text(), other.get_text())


def test_a_pdf_has_its_fonts_embedded_and_says_how_its_runs_were_made():
    pdf = PdfReader(io.BytesIO(two(made_up({"exc": 20, "inh": 5}), width_mm=85).encode("pdf")))
    (page,) = pdf.pages
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(85, abs=0.01)
    for font in page["/Resources"]["/Font"].values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert "/FontFile2" in descendant.get_object()["/FontDescriptor"].get_object()
    about = json.loads(pdf.metadata["/Keywords"])
    (run,) = about["runs"]
    assert (run["seed"], run["model"]) == (7, "made-up")


def test_rows_fill_and_columns_of_unlike_panels_align():
    run, few = balanced(), memory()
    page = FigurePage(174, letters="A")
    for plot in ("raster", "weights"):
        page.add(run, plot, width="half", height_mm=50)
    page.add(run, "traces", width="half", height_mm=45)
    page.add(few, "raster", width="half", height_mm=70)
    page.add(few, "circuit")
    assert [[p.plot for p in row] for row in page.rows()] == [
        ["raster", "weights"], ["traces", "raster"], ["circuit"]
    ]  # fmt: skip
    figure = page.draw()
    boxes = {label: axes.get_position() for label, axes in
             (("raster", figure.axes[0]), ("first trace", figure.axes[4]),
              ("second trace", figure.axes[5]))}  # fmt: skip
    assert len({round(b.x0, 4) for b in boxes.values()}) == 1
    assert len({round(b.x1, 4) for b in boxes.values()}) == 1
    assert [t.get_text() for t in figure.texts] == list("ABCDE")


def test_a_scale_bar_stands_for_what_it_says():
    page = FigurePage(85)
    page.add(made_up({"a": 5, "b": 5}), "traces", axis="scale bar", name=["a.v"])
    (axes,) = page.draw().axes
    said = {t.get_text() for t in axes.texts}
    low, high = axes.get_ylim()
    value = round_below(0.4 * (high - low))
    assert said == {"20 ms" if round_below(0.2 * 202.4) == 20 else "", f"{value:g} mV"}
    along, up = (line.get_xydata() for line in axes.lines if line.get_linewidth() > 1.1)
    assert np.ptp(along[:, 0]) == pytest.approx(20)
    assert np.ptp(up[:, 1]) == pytest.approx(value)
    assert not axes.spines["bottom"].get_visible()


def test_spikes_are_marked_on_the_traces_of_their_neurons():
    run = made_up({"a": 5, "b": 5})
    page = FigurePage(85)
    page.add(run, "traces", name=["a.v"], spikes=True, t_ms=(20, 180))
    (axes,) = page.draw().axes
    t, neuron = run.spikes("a", (20, 180))
    marks = [c.get_segments() for c in axes.collections]
    for k in range(3):  # neurons 0, 1 and 2 are watched
        assert [s[0][0] for s in marks[k]] == pytest.approx(t[neuron == k].tolist())
        assert min(s[0][1] for s in marks[k]) > max(line.get_ydata().max() for line in axes.lines)
    with pytest.raises(ParameterError, match="marked on traces"):
        page.add(run, "raster", spikes=True)


@pytest.mark.parametrize(("value", "below"), [(19.9, 10), (20, 20), (0.06, 0.05), (1e4, 1e4)])
def test_bars_have_round_lengths(value, below):
    assert round_below(value) == pytest.approx(below)


def test_the_caption_says_what_it_takes_to_repeat_the_runs():
    text = two().caption()
    for said in (
        "a, Raster, −50 ms to 50 ms (0 is at 100 ms of the run)", "(bins of 5 ms)",
        "4,000 neurons: 3,200 excitatory and 800 inhibitory", "seed 7", "engine numpy",
        "at 150 ms: tau_m",
    ):  # fmt: skip
        assert said in text
    mixed = FigurePage()
    mixed.add(balanced(), "raster")
    mixed.add(memory(), "raster")
    assert "a: Made up (4,000" in mixed.caption()
    assert "b: Made up (86" in mixed.caption()


@pytest.mark.slow  # four drawings
def test_the_zip_redraws_the_same_figure_by_its_script_and_by_its_file(tmp_path):
    page = two(made_up({"exc": 20, "inh": 5}), journal="Nature")
    with zipfile.ZipFile(io.BytesIO(packed(page))) as archive:
        archive.extractall(tmp_path)
    first = (tmp_path / "figure.pdf").read_bytes()
    (tmp_path / "figure.pdf").unlink()
    runpy.run_path(str(tmp_path / "figure.py"))
    assert (tmp_path / "figure.pdf").read_bytes() == first
    again = open_figure_page(tmp_path / "figure.toml")
    assert again.encode("pdf") == first
    done = CliRunner().invoke(app, ["redraw", str(tmp_path / "figure.toml"), "--caption"])
    assert (done.exit_code, (tmp_path / "figure.pdf").read_bytes()) == (0, first)
    assert page.caption() in done.stdout
    assert (tmp_path / "caption.txt").read_text().strip() == page.caption() == again.caption()


def test_what_a_card_showed_is_a_panel_that_is_read_back(tmp_path):
    fig = bokeh_figure(x_range=(0, 10), y_range=(0, 5), x_axis_label="angle (deg)")
    fig.line([0, 5, 10], [1, 4, 2], line_color="#117733")
    fig.image(
        [np.arange(6.0).reshape(2, 3)],
        x=0,
        y=0,
        dw=10,
        dh=5,
        color_mapper=LinearColorMapper("Viridis256", low=0, high=5),
    )
    run = made_up({"exc": 20, "inh": 5})
    run.save(tmp_path / "run.zarr")
    page = FigurePage()
    page.add(wb.open_run(tmp_path / "run.zarr"), "raster")
    page.add_seen(seen_of(fig), "Tuning")
    save_figure_page(page, tmp_path / "figure.toml")
    again = wb.open_figure_page(tmp_path / "figure.toml")
    assert again.encode("svg") == page.encode("svg")
    np.testing.assert_array_equal(again.panels[1].seen.layers[0].data["y"], [1, 4, 2])
    (tmp_path / "figure-panel-2.npz").write_bytes(b"nothing")
    with pytest.raises(StoreError, match="save the figure again"):
        wb.open_figure_page(tmp_path / "figure.toml")


@pytest.mark.parametrize("name", ["run 𝜏 🧠", "run\x7fdel", 'a "quoted" one', "tab\there"])
def test_any_name_of_a_run_or_a_panel_is_read_back(tmp_path, name):
    made_up({"exc": 20, "inh": 5}).save(tmp_path / f"{name}.zarr")
    page = FigurePage()
    page.add(wb.open_run(tmp_path / f"{name}.zarr"), "raster")
    save_figure_page(page, tmp_path / "figure.toml")
    again = wb.open_figure_page(tmp_path / "figure.toml")
    assert again.panels[0].run.path == tmp_path / f"{name}.zarr"


def test_what_cannot_be_is_refused_in_a_sentence(tmp_path):
    run = memory()
    page = FigurePage()
    with pytest.raises(ParameterError, match="A figure without panels"):
        page.draw()
    with pytest.raises(
        ParameterError, match=r"height_mm = 5 is not allowed: between 10 and 220 mm"
    ):
        page.add(run, "raster", height_mm=5)
    with pytest.raises(UnknownName, match="bin_ms"):
        page.add(run, "raster", bin_ms=5)
    with pytest.raises(ParameterError, match="'whole', 'two thirds', 'half' or 'third'"):
        page.add(run, "raster", width="quarter")
    with pytest.raises(UnknownName, match="Did you mean"):
        FigurePage(journal="nature")
    with pytest.raises(ParameterError, match="between 5 and 14 points"):
        FigurePage(tick_pt=3)
    page.add(silent(), "weights")
    with pytest.raises(ParameterError, match="has nothing for the plot 'weights'"):
        page.draw()
    with pytest.raises(ParameterError, match="never saved"):
        save_figure_page(page, tmp_path / "figure.toml")
    (tmp_path / "odd.toml").write_text("widht_mm = 85\n")
    with pytest.raises(UnknownName, match="width_mm"):
        open_figure_page(tmp_path / "odd.toml")


@pytest.mark.parametrize(
    "text",
    [
        "panels = 3", "panels = [3]", f"panels = {'[' * 5000}", f"width_mm = '{'x' * 5000}'",
        f"{'.'.join('a' * 20_000)} = 1", "letters = []", "font = []", "journal = []",
        "[[panels]]\nrun = 3", "[[panels]]\nseen = '/dev/zero'", "[[panels]]\nname = 3",
        f"[[panels]]\nseen = '{'x' * 250}'", "[[panels]]\nrun = 'r.zarr'\noptions = []",
        *(
            f"[[panels]]\nrun = 'r.zarr'\nplot = '{plot}'\noptions = {{ {option} }}"
            for plot, option in (
                ("raster", "t_ms = 3"), ("raster", "t_ms = [0, 1e308]"), ("raster", "rows = 'x'"),
                ("raster", "populations = []"), ("raster", "populations = 3"),
                ("rates", "bin_ms = 1e-300"), ("rates", "bin_ms = true"),
                ("circuit", "notation = []"), ("circuit", "positions = { exc = ['a', 3] }"),
                ("weight-histogram", "bins = 1.5"),
            )
        ),
    ],
)  # fmt: skip
def test_a_file_of_somebody_else_is_refused_in_one_sentence(tmp_path, text):
    made_up({"exc": 20, "inh": 5}).save(tmp_path / "r.zarr")
    (tmp_path / "figure.toml").write_text(text)
    with pytest.raises(wb.WorkbenchError) as refused:
        open_figure_page(tmp_path / "figure.toml").encode("svg")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value).replace(str(tmp_path), "")) <= 300


@pytest.mark.parametrize(
    "wrong",
    [{"x_label": 3}, {"title": r"$\frac$"}, {"x": 3}, {"layers": [3]}, {"y_ticks": [[1]]}],
)
def test_what_a_card_showed_that_does_not_fit_is_refused(tmp_path, wrong):
    lines = (Layer("line", {"x": np.arange(3.0), "y": np.arange(3.0)}),)
    with np.load(io.BytesIO(seen_bytes(Seen((0, 3), (0, 3), lines)))) as stored:
        arrays = dict(stored)
    arrays["about"] = np.array(json.dumps({**json.loads(str(arrays["about"])), **wrong}))
    np.savez(tmp_path / "seen.npz", **arrays)
    page = FigurePage()
    with pytest.raises(wb.WorkbenchError, match="save the figure again"):
        page.add_seen(tmp_path / "seen.npz")
        page.encode("svg")


def test_what_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "seen.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.npy", bytes(200_000_000))
    began = time.process_time()
    with pytest.raises(StoreError, match="save the figure again"):
        FigurePage().add_seen(tmp_path / "seen.npz")
    assert time.process_time() - began < 0.1


def test_what_is_not_as_the_journal_asks_is_said(monkeypatch):
    monkeypatch.setitem(typefaces.FONTS, "Arial", ("No such font",))
    typefaces.family_for.cache_clear()
    try:
        page = FigurePage(120, journal="Nature")
        for _ in range(5):
            page.add(balanced(), "raster", height_mm=60)
        font, width, height = page.warnings()
    finally:
        typefaces.family_for.cache_clear()
    assert font == "Arial is not installed here: DejaVu Sans is drawn instead."
    assert width == "Nature asks for widths of 89 or 183 mm, not 120."
    assert height == "The figure is 300 mm high; Nature has room for 170."
