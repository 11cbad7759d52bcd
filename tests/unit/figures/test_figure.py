"""Figures for paper: exact size, legible text, provenance inside, the data as CSV."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor

import holoviews as hv
import matplotlib as mpl
import numpy as np
import pytest
from made_up import balanced, made_up, memory, silent
from PIL import Image
from pypdf import PdfReader

from workbench import figures as figure
from workbench.errors import ParameterError, StoreError, UnknownName

VIEWS = ("raster", "rates", "traces", "weights", "circuit")
RUNS = {"memory": memory, "balanced": balanced, "silent": silent}
WIDTHS = (85, 120, 174)

# Each two of run, view and width meet in a third of all cases; the others are slow.
CASES = [
    pytest.param(name, view, width, marks=[pytest.mark.slow] if (n + v + w) % 3 else [])
    for n, name in enumerate(RUNS)
    for v, view in enumerate(VIEWS)
    for w, width in enumerate(WIDTHS)
]


def about(run):
    """What every file must know about its run."""
    return {
        "seed": 7, "parameters": run.parameters, "provenance": run.provenance,
        "interventions": [e.to_json() for e in run.interventions], "model": "made-up",
    }  # fmt: skip


def page_of(data):
    pdf = PdfReader(io.BytesIO(data))
    assert len(pdf.pages) == 1
    return pdf, pdf.pages[0]


@pytest.mark.parametrize(("name", "view", "width_mm"), CASES)
def test_pdf_is_exact_with_embedded_fonts_and_provenance(name, view, width_mm):
    run = RUNS[name]()
    pdf, page = page_of(figure.figure_bytes(run, view, "pdf", width_mm))
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(width_mm, abs=0.01)
    for font in page["/Resources"]["/Font"].values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert "/FontFile2" in descendant.get_object()["/FontDescriptor"].get_object()
    message = json.loads(pdf.metadata["/Keywords"])
    assert {k: message[k] for k in about(run)} == about(run)


@pytest.mark.parametrize(("name", "view", "width_mm"), CASES)
def test_svg_is_exact_with_legible_text_and_its_font_inside(name, view, width_mm):
    run = RUNS[name]()
    svg = figure.figure_bytes(run, view, "svg", width_mm).decode()
    assert re.search(rf'<svg[^>]* width="{width_mm}mm" height="[\d.]+mm"', svg)
    # One unit of the drawing is a point: what is written as 7px is 7 pt on paper.
    box = [float(n) for n in re.search(r'viewBox="([^"]+)"', svg)[1].split()]
    point = width_mm / 25.4 * 72 / box[2]
    sizes = [float(s) for s in re.findall(r"<text[^>]*font(?:-size)?[:=][^>]*?([\d.]+)", svg)]
    assert len(sizes) == svg.count("<text") > 0
    assert min(sizes) * point >= 5.99
    assert "@font-face" in svg
    found = re.search(r'\{(?:"|&quot;)model(?:"|&quot;).*\}', svg)[0].replace("&quot;", '"')
    assert json.loads(found)["parameters"] == run.parameters


def test_png_is_exact_and_knows_its_run():
    run = memory()
    image = Image.open(io.BytesIO(figure.figure_bytes(run, "raster", "png", 85)))
    assert image.width / image.info["dpi"][0] * 25.4 == pytest.approx(85, abs=0.1)
    assert json.loads(image.text["Description"])["seed"] == 7


@pytest.mark.parametrize(("name", "view", "width_mm"), CASES)
def test_nothing_is_cut_off_at_the_edge(name, view, width_mm):
    inside_the_page(figure.figure(RUNS[name](), view, width_mm=width_mm))


def inside_the_page(drawn):
    drawn.canvas.draw()
    page = drawn.bbox
    for axes in drawn.axes:
        box = axes.get_tightbbox(drawn.canvas.get_renderer())
        # Half a stroke may stand over.
        assert box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1, (axes, box, page)
        assert box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1, (axes, box, page)
        assert axes.bbox.width > 0.3 * min(page.width, page.height) or axes.get_label()


def uneven():
    """Five populations of which some are a small part: bands lower than two lines of text."""
    sizes = {"finger": 12, "u": 70, "memory": 490, "hidden": 120, "output": 7}
    return made_up(sizes, 500.0, rate_hz=400.0, states=False, synapses=0.0)


def test_what_uneven_populations_ask_for_has_room():
    for view in ("raster", "rates"):
        inside_the_page(figure.figure(uneven(), view, width_mm=85))


@pytest.mark.parametrize("run", [memory, uneven])
def test_names_of_many_populations_do_not_touch(run):
    for view in ("raster", "rates"):
        drawn = figure.figure(run(), view, width_mm=85)
        drawn.canvas.draw()
        boxes = [t.get_window_extent() for t in drawn.axes[0].get_yticklabels() if t.get_text()]
        boxes.sort(key=lambda b: b.y0)
        assert len(boxes) == len(run().populations)
        assert all(a.y1 <= b.y0 for a, b in itertools.pairwise(boxes)), view


def test_too_many_marks_become_an_image_and_text_stays():
    few, many = (
        made_up({"a": 3000, "b": 1000}, rate_hz=hz, synapses=0.001) for hz in (15.0, 100.0)
    )
    assert len(few.steps) < 50_000 < len(many.steps)
    _, page = page_of(figure.figure_bytes(few, "raster", "pdf"))
    assert not list(page.images)
    data = figure.figure_bytes(many, "raster", "pdf")
    _, page = page_of(data)
    assert len(list(page.images)) >= 1
    assert "Time (ms)" in page.extract_text()
    assert len(data) < 2_000_000


@pytest.mark.parametrize("name", RUNS)
def test_the_same_plot_is_the_same_file(name):
    run = RUNS[name]()
    for fmt in ("svg", "pdf", "png"):
        assert figure.figure_bytes(run, "rates", fmt) == figure.figure_bytes(run, "rates", fmt)


@pytest.mark.slow
def test_neither_theme_nor_backend_changes_the_plot():
    run = memory()
    plain = {v: figure.figure_bytes(run, v, "svg") for v in VIEWS}
    before = hv.Store.current_backend
    import holoviews.plotting.bokeh  # noqa: F401

    hv.Store.set_current_backend("bokeh")
    try:
        with mpl.rc_context({**mpl.style.library["dark_background"], "font.size": 20}):
            for view, data in plain.items():
                assert figure.figure_bytes(run, view, "svg") == data, view
    finally:
        hv.Store.set_current_backend(before)


@pytest.mark.slow
def test_plots_drawn_by_several_threads_at_once_are_the_same():
    run = memory()
    alone = {v: figure.figure_bytes(run, v, "svg") for v in VIEWS}
    with ThreadPoolExecutor(5) as threads:
        jobs = [(v, threads.submit(figure.figure_bytes, run, v, "svg")) for v in VIEWS * 3]
        for view, job in jobs:
            assert job.result() == alone[view], view


def test_drawing_leaves_holoviews_and_matplotlib_as_they_were():
    import matplotlib.pyplot as plt

    settings, backend = dict(mpl.rcParams), hv.Store.current_backend
    open_figures = plt.get_fignums()
    figure.figure(memory(), "rates")
    figure.element_bytes(hv.Curve([1, 2, 3]) + hv.Curve([3, 2, 1]), "svg")
    with pytest.raises(UnknownName):
        figure.figure(memory(), "rastr")
    assert dict(mpl.rcParams) == settings
    assert hv.Store.current_backend == backend
    assert plt.get_fignums() == open_figures


@pytest.mark.parametrize(("name", "width_mm"), [("memory", 85), ("balanced", 174), ("silent", 85)])
def test_whole_layout_has_letters_and_fits_a_page(tmp_path, name, width_mm):
    run = RUNS[name]()
    path = figure.panel_figure(run, path=tmp_path / "all.pdf", width_mm=width_mm)
    _, page = page_of(path.read_bytes())
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(width_mm, abs=0.01)
    panels = "abc" if name == "silent" else "abcde"  # what was not recorded has no panel
    words = page.extract_text().split()
    assert [w for w in "abcde" if w in words] == list(panels) or name == "silent"
    if width_mm == 174:
        assert float(page.mediabox.height) / 72 * 25.4 <= 240


def test_a_figure_shows_itself_in_a_notebook():
    from IPython.core.formatters import DisplayFormatter

    data, about = DisplayFormatter().format(figure.figure(memory(), "raster", width_mm=120))
    image = Image.open(io.BytesIO(data["image/png"]))
    assert image.width == pytest.approx(120 / 25.4 * 220, abs=1)
    assert about["image/png"]["width"] == pytest.approx(image.width / 2, abs=1)


def test_any_element_is_drawn_at_the_exact_size():
    curves = hv.Curve([1, 2, 3]).opts(title="", backend="matplotlib") + hv.Curve([3, 2, 1])
    _, page = page_of(figure.element_bytes(curves, "pdf", 120))
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(120, abs=0.01)
    assert {"a", "b"} <= set(page.extract_text().split())
    _, page = page_of(figure.element_bytes(hv.Curve([1, 2, 3]), "pdf", 85, 40))
    assert float(page.mediabox.height) / 72 * 25.4 == pytest.approx(40, abs=0.01)


# -- the data as CSV -------------------------------------------------------------------------------


def rows_of(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def test_csv_of_a_raster_is_every_spike():
    run = memory()
    text = figure.csv_text(run, "raster")
    rows = rows_of(text)
    assert len(rows) == len(run.steps)
    for name in run.populations:
        t, i = run.spikes(name)
        mine = [(float(r["t_ms"]), int(r["neuron"])) for r in rows if r["population"] == name]
        assert mine == list(zip(t.tolist(), i.tolist(), strict=True))
    assert [float(r["t_ms"]) for r in rows] == run.times(run.steps).tolist()
    header = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("#"))
    assert header["seed"] == "7"
    assert json.loads(header["interventions"]) == [e.to_json() for e in run.interventions]


def test_csv_of_the_other_views_is_what_they_show():
    run = memory()
    rates = rows_of(figure.csv_text(run, "rates", bin_ms=10.0))
    assert float(rates[-1]["to_ms"]) == run.duration_ms
    hz = np.array([float(r["in_cue_Hz"]) for r in rates])
    assert (hz * 5 * 10 / 1e3).sum() == pytest.approx(len(run.spikes("in_cue")[0]))
    states = rows_of(figure.csv_text(run, "traces", t_ms=(50, 60)))
    assert len(states) == 11
    assert float(states[0]["in_cue.v[2]_mV"]) == run.state("in_cue.v")[50, 2]
    assert "in_content.g[1]_uS" in states[0]
    weights = rows_of(figure.csv_text(run, "weights"))
    w = run.weights["first_second"]
    assert [float(r["weight_nA"]) for r in weights] == w["w"][-1].tolist()
    circuit = rows_of(figure.csv_text(run, "circuit"))
    assert (circuit[0]["source"], circuit[0]["target"]) == ("in_cue", "in_content")


@pytest.mark.parametrize("view", VIEWS)
def test_csv_of_a_run_without_data_has_a_head(view):
    lines = figure.csv_text(silent(), view).splitlines()
    assert [line for line in lines if not line.startswith("#")]


# -- what cannot be done ---------------------------------------------------------------------------


def test_what_cannot_be_drawn_is_reported(tmp_path):
    run = memory()
    with pytest.raises(UnknownName, match="Did you mean 'raster'"):
        figure.figure(run, "rastr")
    for width in (4, 1e6, float("nan"), "85"):
        with pytest.raises(ParameterError, match="between 20 and 400 mm"):
            figure.figure(run, "raster", width_mm=width)
    with pytest.raises(ParameterError, match="height_mm"):
        figure.figure(run, "raster", height_mm=-3)
    with pytest.raises(ParameterError, match=r"use \.svg, \.pdf, \.png or \.csv"):
        figure.figure(run, "raster", path=tmp_path / "f.docx")
    with pytest.raises(StoreError, match=r"no/f\.pdf cannot be written: the folder .* make it"):
        figure.figure(run, "raster", path=tmp_path / "no" / "f.pdf")
    with pytest.raises(StoreError, match="cannot be written: is a directory"):
        (tmp_path / "d.pdf").mkdir()
        figure.figure(run, "raster", path=tmp_path / "d.pdf")
    with pytest.raises(ParameterError, match="cannot be drawn so"):
        figure.figure(run, "raster", colour="red")
    with pytest.raises(ParameterError, match="cannot be drawn so"):
        figure.csv_text(run, "raster", colour="red")
    with pytest.raises(UnknownName, match="population"):
        figure.figure(run, "raster", populations=["cell"])
    with pytest.raises(UnknownName, match="file format"):
        figure.figure_bytes(run, "raster", "gif")
