"""The raster on paper when there are more spikes than print can show."""

from __future__ import annotations

import io

import holoviews as hv
import numpy as np
import pytest
from made_up import made_up
from PIL import Image
from pypdf import PdfReader

from workbench import figures
from workbench.plots.raster import density as dense
from workbench.plots.raster.static import raster

SIZES = {"excitatory": 3200, "inhibitory": 800}
DPI = 600


def modulated(n: int, duration_ms: float = 10_000.0, hz: float = 2.0, depth: float = 1.0):
    """A run of 4,000 neurons whose common rate goes as 1 + depth cos(2 pi hz t)."""
    rng = np.random.default_rng(0)
    t = rng.random(4 * n) * duration_ms
    swing = 1 + depth * np.cos(2 * np.pi * hz * t / 1e3)
    t = t[rng.random(len(t)) * (1 + depth) < swing][:n]
    assert len(t) == n
    steps = np.sort(np.floor(t / 0.1).astype(np.int64))
    units = rng.integers(0, sum(SIZES.values()), n).astype(np.int32)
    return made_up(
        SIZES, duration_ms, rate_hz=0.0, states=False, synapses=0.0, steps=steps, units=units,
        interventions=[],
    )  # fmt: skip


def of_kind(overlay, kind):
    return [e for e in overlay if isinstance(e, kind)]


@pytest.mark.parametrize("depth", [1.0, 0.3])
def test_a_modulation_of_the_rate_is_seen_in_print(depth):
    drawn = figures.figure(modulated(1_000_000, depth=depth), "raster", width_mm=85)
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=DPI)
    ink = 255.0 - np.asarray(Image.open(buffer).convert("L"), float)
    axes = drawn.axes[0]
    box = axes.get_window_extent().transformed(drawn.transFigure.inverted())
    left, right = (round(x * ink.shape[1]) for x in (box.x0, box.x1))
    top, bottom = (round((1 - y) * ink.shape[0]) for y in (box.y1, box.y0))
    low_s, high_s = axes.get_xlim()
    t_s = low_s + (np.arange(left, right) + 0.5 - left) / (right - left) * (high_s - low_s)
    inside = (t_s > 0) & (t_s < 10)
    rate = 1 + depth * np.cos(2 * np.pi * 2.0 * t_s[inside])
    half = (top + bottom) // 2  # above it only the excitatory band, at the lower edge the other
    for rows in (slice(top + 12, half), slice(bottom - (bottom - top) // 4, bottom - 12)):
        columns = ink[rows, left:right].mean(axis=0)[inside]
        assert np.corrcoef(columns, rate)[0, 1] > 0.95


def test_the_image_has_600_dpi_and_the_rest_stays_vector():
    run = modulated(200_000)
    drawn = figures.figure(run, "raster", width_mm=85)
    page = PdfReader(io.BytesIO(figures.figure_bytes(run, "raster", "pdf", 85))).pages[0]
    sizes = [i.image.size for i in page.images]
    drawn.savefig(io.BytesIO(), format="png")  # which lays it out
    axes = drawn.axes[0]
    low, high = axes.get_xlim()
    inches = axes.get_window_extent().width / drawn.dpi * 10 / (high - low)
    wide = [w for w, _ in sizes if w > 100]
    assert len(wide) == 2
    assert wide == pytest.approx([DPI * inches] * 2, rel=0.01)
    message = page.extract_text()
    assert "Time (s)" in message and "excitatory" in message and dense.BAR_SAYS in message
    svg = figures.figure_bytes(run, "raster", "svg", 85).decode()
    assert svg.count("<image") == 3 and "Rate per neuron (Hz)" in svg


def test_more_spikes_than_dots_of_print_are_an_image_and_wider_paper_has_more_dots():
    run = modulated(300_000)
    counts = [len(run.spikes(name)[0]) for name in SIZES]
    narrow, wide = raster(run, width_mm=85), raster(run, width_mm=300)
    assert len(of_kind(narrow, hv.RGB)) == 2
    assert not of_kind(narrow, hv.Points)
    assert not of_kind(wide, hv.RGB)
    assert [len(e) for e in of_kind(wide, hv.Points)] == counts


def test_a_band_with_room_keeps_its_marks_beside_one_without():
    run = made_up({"few": 20, "many": 3000}, 2000.0, rate_hz=60.0, synapses=0.0)
    run.interventions = []
    shown = raster(run)
    (image,) = of_kind(shown, hv.RGB)
    (marks,) = of_kind(shown, hv.Points)
    assert len(marks) == len(run.spikes("few")[0])
    colors = figures.figure(run, "raster").axes[0].child_axes
    assert len(colors) == 1 and len(colors[0].images) == 1
    assert image.bounds.lbrt()[1] < min(marks.dimension_values("y0"))


@pytest.mark.parametrize("n_neurons", [1, 7, 199, 3200, 3203])
@pytest.mark.parametrize("span", [(0.0, 1000.0), (12.3, 1000.7), (0.0, 99.7)])
def test_every_spike_is_counted_once_in_cells_of_true_size(n_neurons, span):
    rng = np.random.default_rng(2)
    low, high = span
    t = np.round(rng.integers(np.ceil(low / 0.1), np.floor(high / 0.1), 40_000) * 0.1, 9)
    i = rng.integers(0, n_neurons, len(t))
    d = dense.density(
        t, i, n_neurons, span, 0.1, (60.0, 20.0), color="#224488", bottom=0.0, height=1.0
    )
    rows, columns = d.hz.shape
    mean = len(t) / n_neurons / ((high - low) / 1e3)
    assert rows <= n_neurons
    # Cells of the last row and column may be smaller ones, so the mean over cells may differ by
    # what chance leaves in them.
    whole = d.hz[: max(1, rows - 1), : max(1, columns - 1)]
    assert whole.mean() == pytest.approx(mean, rel=0.03)
    assert d.hz.mean() == pytest.approx(mean, rel=0.05)
    assert d.rgb().shape == (rows, columns, 3)
    assert (d.hz <= d.top_hz * (1 + 1e-9)).mean() >= 1 - dense.SATURATED


def test_a_slower_clock_leaves_no_stripes():
    """Every neuron fires in every fifth step of the network: the rate is the same everywhere."""
    steps = np.arange(0, 20_000, 5)
    t, i = np.repeat(steps * 0.05, 30), np.tile(np.arange(30), len(steps))
    d = dense.density(
        t, i, 30, (0.0, 1000.0), 0.05, (61.0, 20.0), color="#224488", bottom=0.0, height=1.0
    )
    assert d.hz.shape[1] > 50
    assert np.allclose(d.hz, 4000.0)


def test_ink_grows_with_the_rate():
    shades = dense.shade(np.linspace(0, 1, 50), "#CC6677")
    assert shades[0].tolist() == [1.0, 1.0, 1.0]
    assert (np.diff(shades.sum(axis=1)) < 0).all()


@pytest.mark.parametrize(
    ("value", "round_"), [(0.0, 1.0), (1.0, 1.0), (1.1, 1.5), (37, 40), (81, 100), (0.033, 0.04)]
)
def test_scales_end_at_round_numbers(value, round_):
    assert dense.nice(value) == round_


def test_a_silent_run_is_marks():
    run = made_up(SIZES, rate_hz=0.0, synapses=0.0)
    assert not of_kind(raster(run), hv.RGB)
