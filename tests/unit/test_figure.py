"""Figures for paper: exact size, legible text, provenance inside, the data as CSV."""

from __future__ import annotations

import csv
import io
import json
import re

import holoviews as hv
import numpy as np
import pytest
from pypdf import PdfReader
from toys import Toy

from workbench import figure
from workbench.errors import ParameterError, StoreError, UnknownName

VIEWS = ("raster", "rates", "traces", "weights")


@pytest.fixture(scope="module")
def run():
    return Toy().run(80, seed=2, engine="numpy", input_spikes={"source": ([5, 40], [1, 2])})


@pytest.mark.parametrize("width_mm", [85, 120, 174])
@pytest.mark.parametrize("view", VIEWS)
def test_size_fonts_and_provenance(run, tmp_path, view, width_mm):
    pdf = PdfReader(figure(run, view, path=tmp_path / "f.pdf", width_mm=width_mm))
    page = pdf.pages[0]
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(width_mm, abs=0.05)
    for font in page["/Resources"]["/Font"].values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert "/FontFile2" in descendant.get_object()["/FontDescriptor"].get_object()
    about = json.loads(pdf.metadata["/Keywords"])
    assert about["seed"] == 2
    assert about["parameters"] == run.parameters
    assert "brian2" in about["provenance"]
    svg = figure(run, view, path=tmp_path / "f.svg", width_mm=width_mm).read_text()
    width_pt = float(re.search(r'<svg[^>]* width="([\d.]+)pt"', svg)[1])
    assert width_pt / 72 * 25.4 == pytest.approx(width_mm, abs=0.05)
    assert '"seed": 2' in svg.replace("&quot;", '"')


@pytest.mark.parametrize("view", VIEWS)
def test_text_is_legible_and_inside_the_page(run, view):
    drawn = figure(run, view, width_mm=85)
    drawn.canvas.draw()
    page = drawn.bbox
    for axes in drawn.axes:
        for text in [
            *axes.get_xticklabels(),
            *axes.get_yticklabels(),
            axes.xaxis.label,
            axes.yaxis.label,
            *(axes.get_legend() or axes).findobj(type(axes.title)),
        ]:
            if not (text.get_visible() and text.get_text().strip()):
                continue
            box = text.get_window_extent()
            if not box.overlaps(axes.bbox.padded(200)):
                continue
            assert text.get_size() >= 6, text
            assert box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1, (view, text)
            assert box.y0 >= page.y0 - 1, (view, text)  # fmt: skip


def test_raster_shows_every_spike(run):
    drawn = figure(run, "raster")
    drawn_marks = sum(len(c.get_segments()) for c in drawn.axes[0].collections)
    assert drawn_marks == len(run.steps)


def test_csv_is_the_data(run):
    text = figure.csv_text(run, "raster")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert len(rows) == len(run.steps)
    t, i = run.spikes("cells")
    mine = [(float(r["t_ms"]), int(r["neuron"])) for r in rows if r["population"] == "cells"]
    assert mine == sorted(zip(t.tolist(), i.tolist(), strict=True), key=lambda r: r[0])
    assert "# seed: 2" in text
    matrix = figure.csv_text(run, "weights").splitlines()[-1].split(",")
    assert float(matrix[2]) == 5.0


def test_whole_layout_has_letters(run, tmp_path):
    path = figure.panel_figure(run, path=tmp_path / "all.pdf", width_mm=174)
    page = PdfReader(path).pages[0]
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(174, abs=0.05)
    text = page.extract_text()
    assert all(letter in text.split() for letter in "abcd")


def test_drawing_leaves_holoviews_and_matplotlib_as_they_were(run):
    import matplotlib as mpl

    backend, size = hv.Store.current_backend, mpl.rcParams["font.size"]
    figure(run, "rates")
    figure.element_bytes(hv.Curve([1, 2, 3]) + hv.Curve([3, 2, 1]), "svg")
    assert (hv.Store.current_backend, mpl.rcParams["font.size"]) == (backend, size)


def test_a_run_without_spikes_is_an_empty_picture():
    silent = Toy(current=0).run(20, engine="numpy")
    assert len(silent.steps) == 0
    for view in VIEWS:
        assert figure.figure_bytes(silent, view, "png").startswith(b"\x89PNG")
    assert np.isfinite(figure(silent, "rates").axes[0].get_ylim()).all()


def test_what_cannot_be_drawn_is_said(run, tmp_path):
    with pytest.raises(UnknownName, match="Did you mean 'raster'"):
        figure(run, "rastr")
    with pytest.raises(ParameterError, match="between 20 and 400 mm"):
        figure(run, "raster", width_mm=4)
    with pytest.raises(ParameterError, match=r"use \.svg, \.pdf"):
        figure(run, "raster", path=tmp_path / "f.docx")
    with pytest.raises(StoreError, match="cannot be written"):
        figure(run, "raster", path=tmp_path / "no" / "f.pdf")
    with pytest.raises(ParameterError, match="cannot be drawn so"):
        figure(run, "raster", colour="red")
    with pytest.raises(UnknownName, match="population"):
        figure(run, "raster", populations=["cell"])
