"""Notations: shapes, lines, tips and annotations by the rules of Senk et al. 2022."""

import dataclasses
import re
import time
import xml.etree.ElementTree as ET

import numpy as np
import pypdf
import pytest

from workbench.circuits import Circuit, Edge, Node, Param, Rule, notations
from workbench.circuits.layout.edge_labels import note
from workbench.circuits.layout.fit_width import SMALLEST_PT, fit
from workbench.circuits.layout.label_placement import arrange
from workbench.circuits.layout.layout import layout
from workbench.circuits.render.legend import legend_of
from workbench.circuits.render.svg import classic, drawing
from workbench.circuits.text.fonts import glyphs
from workbench.circuits.text.math import outlined
from workbench.errors import UnknownName

SIGNS = ("excitatory", "inhibitory", "mixed", "unknown")
RULES = (
    Rule("p", 0.1, "no", "no", "declared"), Rule("Ω", autapses="yes", source="declared"),
    Rule("δ"), Rule("K_in", 10, "unknown", "yes"), Rule("N_syn", 70, "no", "yes", certain=False),
    Rule("f(r)", text="abs(i - j) < 3", source="declared"), Rule("X"), None,
)  # fmt: skip
WEIGHTS = (
    Param("constant", 1.6, "mV", name="w_e"), Param("distributed", 0.5, "nS", 0.1, 0, 1, "N"),
    Param("distributed", 0.5, "nS", 0.1, 0, 1), Param("function", 1.0, text="w(t)"), None,
)  # fmt: skip
ONE_MS = Param("constant", 1.0, "ms", 0.0, 1.0, 1.0)


def random_circuit(seed, n=None, m=None):
    """A circuit with inputs, loops and two-way pairs, and every kind of annotation."""
    rng = np.random.default_rng(seed)
    n = n or int(rng.integers(2, 9))
    m = m or int(rng.integers(n, 3 * n))
    names = [f"population {k}" if rng.random() < 0.4 else f"P{k}" for k in range(n)]
    nodes = tuple(
        Node(name, name, int(rng.choice([1, 5, 80, 3200])),
             "input" if k and rng.random() < 0.15 else "population",
             str(rng.choice(["excitatory", "inhibitory", "mixed", "none"])))
        for k, name in enumerate(names)
    )  # fmt: skip
    targets = [x.name for x in nodes if x.kind != "input"]
    edges = []
    for k in range(m):
        a = nodes[int(rng.integers(n))]
        b = a.name if a.kind != "input" and rng.random() < 0.2 else str(rng.choice(targets))
        w = WEIGHTS[int(rng.integers(len(WEIGHTS)))]
        edges.append(
            Edge(f"e{k}", a.name, b, SIGNS[int(rng.integers(4))],
                 w is not None and w.form == "function", 100,
                 ONE_MS if rng.random() < 0.7 else None, RULES[int(rng.integers(len(RULES)))],
                 f"e{k}", weight=w)
        )  # fmt: skip
    return Circuit(nodes, tuple(edges), f"random {seed}")


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 1e-6 and min(a[3], b[3]) - max(a[1], b[1]) > 1e-6


@pytest.mark.parametrize("width_mm", [None, 85.0])
@pytest.mark.parametrize("seed", range(12))
def test_labels_cover_no_node_and_no_other_label(seed, width_mm):
    c = random_circuit(seed)
    for labels in ("auto", "keyed"):
        fitted = fit(c, width_mm, labels=labels, classic=bool(seed % 2))
        words = [r for b in fitted.layout.boxes for r in b.areas() if r[2] > r[0]]
        labels = [n.area for n in fitted.labels]
        for k, one in enumerate(labels):
            assert not any(overlap(one, r) for r in words)
            assert not any(overlap(one, r) for r in labels[:k])
        outlines = [b.areas()[0] for b in fitted.layout.boxes]
        for k, one in enumerate(outlines):
            assert not any(overlap(one, r) for r in outlines[:k])
        # What is written stands on the page.
        page = fitted.page
        assert all(n[0] + fitted.left + 6 >= 0 and n[2] + fitted.left + 6 <= page for n in labels)


@pytest.mark.parametrize("notation", [drawing, classic])
@pytest.mark.parametrize("seed", range(4))
def test_text_and_lines_are_legible_at_85_mm(seed, notation):
    scene = notation(random_circuit(seed, n=5, m=9), 85.0)
    for g in scene.groups:
        for item in g.items:
            if hasattr(item, "size"):
                assert item.size * scene.scale >= SMALLEST_PT - 1e-9
            elif item.stroke and item.stroke != "none":
                assert item.width * scene.scale >= 0.5 - 1e-9


def test_a_label_that_fits_nowhere_is_said_to():
    placed = layout(random_circuit(1))
    long = r"\mathrm{" + "x" * 400 + "}"
    labels, missing = arrange(placed, {placed.curves[0].index: (long,)}, 7.0)
    assert (labels, missing) == ([], [placed.curves[0].index])


@pytest.mark.parametrize(
    ("edge", "lines"),
    [
        ({"rule": Rule("δ", source="declared")}, [r"\delta"]),
        ({"rule": Rule("Ω", autapses="no", source="declared"), "target": "a"},
         [r"\Omega,\,\cancel{A}"]),
        ({"rule": Rule("p", 0.1, "no", "no", "declared"), "target": "a"},
         [r"p=0.1,\,\cancel{A}"]),
        ({"rule": Rule("p", 0.1)}, [r"p^{*}=0.1"]),
        ({"rule": Rule("p", 0.1, certain=False)}, [r"p^{?}=0.1"]),
        ({"rule": Rule("K_in", 80, "no", "no", "declared"), "target": "a"},
         [r"K_{\mathrm {in}}=80,\,\cancel{A},\,\cancel{M}"]),
        ({"rule": Rule("K_out", 9, "no", "yes", "declared")}, [r"K_{\mathrm {out}}=9,\,M"]),
        ({"rule": Rule("N_syn", 700, source="declared")}, [r"N_{\mathrm {syn}}=700"]),
        ({"rule": Rule("f(r)", text="p = exp(-x)", source="declared", chance=True)}, ["p(r)"]),
        ({"weight": Param("constant", -9.0, "mV"), "delay": ONE_MS},
         [r"\bar{w}={-}9\,\mathrm {mV},\,\bar{d}=1\,\mathrm {ms}"]),
        ({"weight": Param("constant", 2.0, "mV", name="w_e")},
         [r"\overline{w_{e}}=2\,\mathrm {mV}"]),
        ({"weight": WEIGHTS[1]}, [r"w\sim \mathcal{N}(0.5,0.1)\,\mathrm {nS}"]),
        ({"weight": WEIGHTS[2]}, [r"w\sim \mathcal{D}"]),
        ({"weight": WEIGHTS[3], "plastic": True}, ["w(t)"]),
        ({"delay": Param("distributed", 1, "ms", 0.5, 0, 2, "U")}, [r"d\sim \mathcal{U}"]),
        ({"delay": Param("constant", 0.0, "ms", 0, 0, 0)}, []),
    ],
)  # fmt: skip
def test_annotations(edge, lines):
    found = note(Edge(**{"name": "e", "source": "a", "target": "b", **edge}), values=True)
    assert list(found.lines) == lines
    for line in lines:
        assert outlined(line).width > 0


def groups(c, notation="senk", **options):
    """id -> the group of the drawing."""
    root = ET.fromstring(c.to_svg(notation=notation, **options))
    return {g.get("id"): g for g in root.iter("{http://www.w3.org/2000/svg}g") if g.get("id")}


def parts(group, cls):
    return [p for p in group if p.get("class") == cls]


def corners(group):
    """Number of straight sides of a node's outline; 0 for a round one."""
    d = parts(group, "frame-line")[0].get("d")
    return 0 if "C" in d else len(re.findall("[ML]", d))


PAIR = Circuit(
    (
        Node("E", "E", 80, sign="excitatory"),
        Node("I", "I", 1, sign="inhibitory"),
        Node("in", "in", 5, "input"),
        Node("x", "x", 5, sign="mixed"),
        Node("m", "m", 5, "modulator"),
        Node("rec", "spikes", 1, "recorder", device="spikes"),
    ),
    (
        Edge("EI", "E", "I", "excitatory", rule=Rule("Ω")),
        Edge("IE", "I", "E", "inhibitory", rule=Rule("p", 0.1)),
        Edge("in", "in", "x", "mixed", rule=Rule("δ")),
        Edge("XX", "x", "x", "mixed", kind="gap junction", projection="g"),
        Edge("EX", "E", "x", "mixed", kind="gap junction", projection="g"),
        Edge("XE", "x", "E", "mixed", kind="gap junction", projection="g"),
        Edge("mod", "m", "I", "modulatory", kind="modulation", onto="EI"),
        Edge("rec", "E", "rec", kind="recording"),
    ),
)
PAIR = dataclasses.replace(
    PAIR, edges=tuple(dataclasses.replace(e, projection=e.projection or e.name) for e in PAIR.edges)
)


def test_shapes_and_frames_of_senk():
    g = groups(PAIR, recorders=True)
    assert [corners(g[f"node-{n}"]) for n in ("E", "I", "in", "x", "m", "rec")] == [
        3,
        0,
        6,
        4,
        4,
        4,
    ]
    width = {n: float(parts(g[f"node-{n}"], "frame-line")[0].get("stroke-width")) for n in "EI"}
    assert width["E"] > 2 * width["I"]  # a population, and a single unit
    rec = parts(g["node-rec"], "frame-line")[0].get("d")
    x = [float(v.split()[0]) for v in re.findall(r"[ML]([^MLZ]*)", rec)]
    assert len(set(x)) == 4  # slanted


def test_recorders_are_drawn_when_asked_for():
    assert "node-rec" not in groups(PAIR) and "edge-rec" not in groups(PAIR)


def test_lines_and_tips_of_senk():
    g = groups(PAIR)
    assert parts(g["edge-EI"], "line")[0].get("stroke-dasharray") is None
    assert parts(g["edge-IE"], "line")[0].get("stroke-dasharray") is not None
    excites, inhibits, either = (parts(g[f"edge-{n}"], "tip") for n in ("EI", "IE", "in"))
    assert excites[0].get("fill") != "none" and "C" not in excites[0].get("d")
    assert inhibits[0].get("fill") != "none" and "C" in inhibits[0].get("d")
    assert either[0].get("fill") == "none" and "Z" not in either[0].get("d")
    assert parts(g["edge-mod"], "tip")[0].get("fill") == "none"
    assert len(parts(g["edge-EX"], "tip")) == 2  # two ways in one
    assert "edge-XE" not in g


def test_what_modulates_ends_on_the_projection():
    placed = layout(PAIR.without("recorder"))
    curves = {c.index: c for c in placed.curves}
    mod = curves[5]
    onto = curves[0].line(200)
    assert np.hypot(*(onto - mod.points[-1]).T).min() < 1.0


def test_classic_has_bars_and_pyramids():
    g = groups(PAIR, "classic")
    bar = parts(g["edge-IE"], "tip")[0]
    assert bar.get("fill") == "none" and len(re.findall("[ML]", bar.get("d"))) == 2
    assert len(g["node-E"].findall("{http://www.w3.org/2000/svg}path")) > len(
        groups(PAIR)["node-E"].findall("{http://www.w3.org/2000/svg}path")
    )  # dendrites
    assert corners(g["node-I"]) == 0


def test_the_key_explains_every_symbol_that_is_used():
    c = random_circuit(3, n=5, m=12)
    for labels in ("full", "keyed"):
        fitted = fit(c, 174.0, labels=labels)
        key = legend_of(c, c.edges, fitted.key, False, fitted.labels)
        message = {e.tex for p in key for e in p}
        written = [x for n in fitted.labels for x in n.lines] + [x for k in fitted.key for x in k]
        for symbol in (r"\delta", r"\Omega", r"\cancel{A}", "w(t)"):
            assert (symbol in message) == any(symbol in line for line in written)


def test_notations_have_names():
    assert notations()[:3] == ("senk", "classic", "ncd")
    with pytest.raises(UnknownName, match=r"Did you mean 'senk'\? Allowed: senk, classic,"):
        PAIR.to_svg(notation="senck")


@pytest.mark.parametrize("notation", ["senk", "classic"])
@pytest.mark.parametrize("width_mm", [85.0, 174.0])
def test_every_format_is_as_wide_as_asked_to_a_tenth_of_a_millimetre(tmp_path, notation, width_mm):
    from PIL import Image

    for kind in ("svg", "pdf", "png"):
        PAIR.save(tmp_path / f"c.{kind}", width_mm=width_mm, notation=notation)
    root = ET.fromstring((tmp_path / "c.svg").read_text())
    assert root.get("width") == f"{width_mm:g}mm"
    box = [float(v) for v in root.get("viewBox").split()]
    assert float(root.get("height")[:-2]) / width_mm == pytest.approx(box[3] / box[2], rel=1e-3)
    (page,) = pypdf.PdfReader(tmp_path / "c.pdf").pages
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(width_mm, abs=0.1)
    with Image.open(tmp_path / "c.png") as image:
        assert image.width / image.info["dpi"][0] * 25.4 == pytest.approx(width_mm, abs=0.1)


def test_where_a_person_puts_a_node_it_stays():
    where = {"E": (0.0, 0.0), "I": (150.0, 40.0)}
    placed = {b.name: b for b in layout(PAIR.placed(where)).boxes}
    assert placed["I"].x - placed["E"].x == pytest.approx(150)
    assert placed["I"].y - placed["E"].y == pytest.approx(40)
    assert PAIR.placed(where).placed({"E": (5, 5)}).positions[0] == ("E", 5.0, 5.0)
    assert PAIR.placed(where).placed({}).positions == ()
    assert PAIR.to_svg(positions=where) == PAIR.placed(where).to_svg()
    everywhere = {n.name: (40.0 * k, 30.0 * (k % 3)) for k, n in enumerate(PAIR.nodes)}
    narrow = fit(PAIR.placed(everywhere), 85.0)
    assert narrow.scale * narrow.layout.style.small >= SMALLEST_PT - 1e-9
    with pytest.raises(UnknownName, match="'F'"):
        PAIR.placed({"F": (0, 0)})


def test_outlines_are_set_once():
    assert outlined(r"\bar{w}") is outlined(r"\bar{w}")
    assert glyphs("pyramidal") is glyphs("pyramidal")
    struck = outlined(r"\cancel{M}")
    assert struck.strokes and struck.path


def test_sixty_populations_and_three_hundred_projections_take_less_than_a_second():
    c = random_circuit(5, n=60, m=300)
    before = time.process_time()  # of this process: other jobs on the machine do not count
    svg = c.to_svg(width_mm=174.0)
    assert time.process_time() - before < 1.0
    assert svg.count('class="edge ') == 300
    outlines = [b.areas()[0] for b in fit(c, 174.0).layout.boxes]
    for k, one in enumerate(outlines):
        assert not any(overlap(one, r) for r in outlines[:k])
