"""Neural circuit diagrams as plots: their structure, their size, and nothing over anything."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from elm_cell import parameters, plain
from elm_cell import term as elm

from workbench.circuits import Circuit
from workbench.circuits.ncd import (
    Add,
    Array,
    Axis,
    Broadcast,
    Compose,
    Einsum,
    Elementwise,
    Iterate,
    Linear,
    Par,
    Rearrange,
    Reindex,
    SoftMax,
    TermError,
    apply,
    evaluate,
    identity,
    time,
    to_svg,
)
from workbench.circuits.ncd.draw.columns import columns
from workbench.circuits.ncd.draw.draw import describe, scene
from workbench.circuits.ncd.draw.place import heights, lines

N, M, K, T = Axis("n", "n", 3), Axis("m", "m", 4), Axis("k", "k", 5), time()
NUMBER = Array()


def attention():
    """Scaled attention: a product, a softmax, another product."""
    q, k, v = Array((N, K)), Array((M, K)), Array((M, K))
    scores = Array((N, M))
    soft = Broadcast(SoftMax("", (Array((M,)),), (Array((M,)),)), (scores,), (scores,))
    return Compose(
        (
            Einsum((q, k), scores) @ identity(v),
            soft @ identity(v),
            Einsum((scores, v), Array((N, K))),
        )
    )


def recurrent():
    """y_t = tanh(W y_{t-1} + x_t)."""
    y, x = Array((T, N), name="y"), Array((T, N), name="x")
    op = Linear("W", (Array((N,)),), (Array((N,)),), True, weight="W")
    back = Broadcast(op, (y,), (y,), (Reindex(0, T, (T,), offset=-1, label="t-1"),))
    add = Broadcast(Add("+", (NUMBER,) * 2, (NUMBER,)), (y, x), (y,))
    bend = Broadcast(Elementwise("f", (NUMBER,), (NUMBER,), formula="tanh(x)"), (y,), (y,))
    body = Compose((back @ identity(x), add, bend, Rearrange((y,), (0, 0))))
    return Iterate(body, T, 1)


TERMS = {"attention": attention, "recurrent": recurrent, "elm": elm}


@pytest.fixture(params=TERMS)
def term(request):
    return TERMS[request.param]()


def test_the_cell_of_an_elm_computes_the_published_recurrence():
    p = parameters()
    x = np.random.default_rng(1).choice([-1.0, 0, 1], size=(80, 24), p=[0.1, 0.8, 0.1])
    (y,) = evaluate(elm(), [x], p)
    assert np.abs(y - plain(x, p)).max() < 1e-12


def test_scaled_attention_is_what_numpy_makes_of_it():
    rng = np.random.default_rng(2)
    q, k, v = rng.normal(size=(3, 5)), rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    e = np.exp(q @ k.T)
    wanted = e / e.sum(axis=1, keepdims=True) @ v
    assert np.allclose(evaluate(attention(), [q, k, v])[0], wanted)


def test_it_is_a_picture_of_the_stated_width(term):
    for width in (85, 174):
        root = ET.fromstring(to_svg(term, width_mm=width, title="A cell"))
        assert root.get("width") == f"{width}mm"
        _, _, w, h = map(float, root.get("viewBox").split())
        assert abs(w * 25.4 / 72 - width) < 0.1
        assert abs(float(root.get("height").removesuffix("mm")) / width - h / w) < 1e-4
        assert root.get("aria-label").startswith("Neural circuit diagram of A cell")
        assert root.find("{*}title").text == "A cell"


def test_labels_and_strokes_can_be_read_at_the_width_of_a_column(term):
    drawn = scene(term, 85)
    assert drawn.scale == 1.0 and drawn.text >= 6.0
    items = [i for g in drawn.groups for i in g.items]
    assert min(i.width for i in items if getattr(i, "stroke", None)) >= 0.5
    assert min(i.size for i in items if hasattr(i, "size")) >= 6.0


def test_the_same_term_gives_the_same_bytes(term):
    assert to_svg(term, 85) == to_svg(term, 85)


def test_every_wire_knows_its_axis_and_lights_up():
    svg = to_svg(elm(), 174)
    axes = set(re.findall(r'data-axis="(\w+)"', svg))
    assert {"t", "s", "b", "m", "h", "y"} <= axes
    assert 'svg:has([data-axis="s"]:hover) [data-axis="s"] path' in svg


def test_no_wire_leaves_its_drawing_and_neighbours_keep_their_distance(term):
    made = columns(term)
    for line in lines(made, 230.0):
        heights(line, made)
        for k in line.columns:
            for bundles in (made[k].left, made[k].right):
                y = [w.y for b in bundles for w in b.wires]
                assert all(b - a > 8.9 for a, b in itertools.pairwise(y)), y
                assert all(line.top < v < line.bottom for v in y)


def test_wires_that_pass_are_straight():
    made = columns(recurrent())
    first = made[1].left[-1]  # x, which waits for the sum
    assert any(b is first for b in made[1].right)


def test_long_diagrams_are_broken_where_the_term_is():
    made = columns(elm())
    parts = [line.columns for line in lines(made, 240.0)]
    assert [k for part in parts for k in part] == list(range(len(made))) and len(parts) > 2
    assert all(line.width <= 240.0 for line in lines(made, 240.0))


def test_one_wire_an_array_where_the_page_is_too_short():
    spikes = Array((N,), "bool")
    one = apply(Linear("W", (spikes,), (Array((N,)),), weight="W"), (T,))
    tall = Par((one,) * 30)
    by_axes, by_arrays = (scene(tall, 85, detail=d) for d in ("axes", "arrays"))
    assert by_arrays.height < 0.6 * by_axes.height
    assert scene(tall, 85).height == by_arrays.height  # more than a page would be needed
    assert scene(one, 85).height == scene(one, 85, detail="axes").height


def test_it_is_read_aloud():
    assert describe(recurrent(), "a network") == (
        "Neural circuit diagram of a network: from left to right W; +; f."
    )


def test_a_circuit_without_a_term_says_so():
    with pytest.raises(TermError, match=r"^A net has no term, so there is nothing to draw"):
        Circuit((), (), "A net").to_svg(notation="ncd")


def test_files_for_a_paper(tmp_path):
    from pypdf import PdfReader

    circuit = Circuit((), (), "ELM", term=elm())
    page = PdfReader(circuit.save(tmp_path / "f.pdf", width_mm=85, notation="ncd")).pages[0]
    assert abs(float(page.mediabox.width) * 25.4 / 72 - 85) < 0.1
    assert "mm" in circuit.save(tmp_path / "f.svg", width_mm=85, notation="ncd").read_text("utf-8")


def test_terms_are_drawn_where_there_is_no_brian():
    code = (
        "import sys; import workbench.circuits.ncd as n; "
        "from workbench.circuits.ncd.term.program import Machine; "
        " n.to_svg(n.identity(n.Array((n.time(),)))); "
        "sys.exit('brian2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
