"""Layout and files of circuit diagrams; no simulator involved."""

import math
import pickle
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise

import pypdf
import pytest

from workbench.circuits import Circuit, Edge, Node, Param, Rule
from workbench.circuits.layout.fit_width import SMALLEST_PT, fit
from workbench.circuits.layout.layout import layout
from workbench.circuits.render.legend import draw, legend_of, samples
from workbench.circuits.render.primitives import LIGHT, Mark
from workbench.errors import ParameterError, UnknownName

ONE_MS = Param("constant", 1.0, "ms", 0.0, 1.0, 1.0)
SVG = "{http://www.w3.org/2000/svg}"


def circuit(nodes, edges, title=""):
    """From ``name: sign`` and ``(source, target, sign[, "plastic"])``."""
    return Circuit(
        tuple(
            Node(n, n.replace("_", " "), 10, "input" if n.startswith("in_") else "population", sign)
            for n, sign in nodes.items()
        ),
        tuple(
            Edge(f"e{k}", a, b, sign, bool(more), 100, ONE_MS, Rule("p", 0.1))
            for k, (a, b, sign, *more) in enumerate(edges)
        ),
        title,
    )


BALANCED = circuit(
    {"in_noise": "excitatory", "pyramidal": "excitatory", "basket": "inhibitory"},
    [
        ("in_noise", "pyramidal", "excitatory"),
        ("pyramidal", "pyramidal", "excitatory", "plastic"),
        ("pyramidal", "basket", "excitatory"),
        ("basket", "pyramidal", "inhibitory"),
        ("basket", "basket", "inhibitory"),
        ("basket", "basket", "unknown"),
    ],
    title="Balanced <network> & more",
)
CHAIN = circuit(
    {"in_cue": "excitatory"} | {f"long_name_{k}": "none" for k in range(9)},
    [("in_cue", "long_name_0", "excitatory")]
    + [(f"long_name_{k}", f"long_name_{k + 1}", "excitatory") for k in range(8)]
    + [("long_name_0", "long_name_7", "inhibitory"), ("long_name_6", "long_name_1", "mixed")],
)
ALL = [BALANCED, CHAIN, circuit({"alone": "none"}, []), Circuit((), ())]


def heights(legend):
    """(top, bottom) of each outline of a legend, with its line."""
    for mark in (m for m in legend.items if isinstance(m, Mark) and m.path[-1] == ("Z",)):
        ys = [v for _, *numbers in mark.path for v in numbers[1::2]]
        yield min(ys) - mark.width / 2, max(ys) + mark.width / 2


@pytest.mark.parametrize("size", [5.0, 6.5, 9.0])
def test_outlines_in_rows_below_one_another_do_not_touch(size):
    legend, height = draw(legend_of(BALANCED, BALANCED.edges), size, 90.0, 0.0, LIGHT, False)
    found = sorted(heights(legend))
    below = [(a, b) for a, b in pairwise(found) if b[0] > a[0] + 4]
    assert below and all(b[0] > a[1] + 1 for a, b in below)
    assert found[-1][1] < height


@pytest.mark.parametrize("c", ALL)
@pytest.mark.parametrize("direction", ["right", "down"])
def test_nodes_do_not_overlap_and_edges_end_on_them(c, direction):
    placed = layout(c, direction)
    for k, a in enumerate(placed.boxes):
        assert a.x - a.w / 2 >= 0 and a.x + a.w / 2 <= placed.width + 1e-6
        for b in placed.boxes[:k]:
            assert abs(a.x - b.x) >= (a.w + b.w) / 2 or abs(a.y - b.y) >= (a.h + b.h) / 2
    assert [curve.index for curve in placed.curves] == list(range(len(c.edges)))
    box = {b.name: b for b in placed.boxes}
    for curve in placed.curves:
        edge = c.edges[curve.index]
        for name, (x, y) in ((edge.source, curve.points[0]), (edge.target, curve.points[-1])):
            b = box[name]
            outside = max(abs(x - b.x) - b.w / 2, abs(y - b.y) - b.h / 2)
            assert -0.35 * b.h <= outside <= 1e-6, (edge, outside)


@pytest.mark.parametrize("direction", ["right", "down"])
def test_edges_keep_clear_of_nodes_they_do_not_end_at(direction):
    placed = layout(CHAIN, direction)
    for curve in placed.curves:
        edge = CHAIN.edges[curve.index]
        for b in placed.boxes:
            if b.name not in (edge.source, edge.target):
                for x, y in curve.sampled(60):
                    assert abs(x - b.x) > b.w / 2 or abs(y - b.y) > b.h / 2, (edge, b.name)


TAUGHT = Circuit(
    tuple(
        Node(name, name, size, "population", sign)
        for name, size, sign in (
            ("input", 64, "excitatory"), ("excitatory", 100, "excitatory"),
            ("inhibitory", 100, "inhibitory"), ("classes", 10, "none"), ("protocol", 1, "none"),
        )
    ),
    (
        Edge("read", "excitatory", "classes", "excitatory", True, projection="read"),
        Edge("call", "excitatory", "inhibitory", "excitatory"),
        Edge("report", "excitatory", "protocol", "excitatory", kind="continuous"),
        Edge("silence", "inhibitory", "excitatory", "inhibitory"),
        Edge("see", "input", "excitatory", "excitatory", True, projection="see"),
        Edge("tell", "protocol", "classes", "modulatory", kind="modulation", onto="read"),
        Edge("learn", "protocol", "excitatory", "modulatory", kind="modulation", onto="see"),
        Edge("show", "protocol", "input", "unknown", kind="continuous"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("direction", ["right", "down"])
def test_edges_onto_edges_keep_clear_of_names_and_of_other_edges(direction):
    placed = layout(TAUGHT, direction)
    curves = {TAUGHT.edges[c.index].name: c for c in placed.curves}
    for name, onto in (("tell", "read"), ("learn", "see")):
        points = curves[name].sampled(100)
        for b in placed.boxes:
            left, top, right, bottom = b.words
            assert not any(left < x < right and top < y < bottom for x, y in points), (name, b.name)
        ends = (math.dist(points[-1], p) for p in curves[onto].sampled(200))
        assert min(ends) < 1.0  # of 200 samples of a curve some 100 pt long
        for other in curves.values():
            assert other is curves[name] or math.dist(points[0], other.points[0]) > 4.0


def test_two_way_pairs_and_loops_are_apart():
    curves = {c.index: c for c in layout(BALANCED).curves}
    forth, back = curves[2].at(0.5), curves[3].at(0.5)
    assert math.dist(forth, back) > 5
    assert math.dist(curves[4].at(0.5), curves[5].at(0.5)) > 6  # one around the other


def test_the_same_structure_has_the_same_layout():
    again = pickle.loads(pickle.dumps(BALANCED))
    assert again == BALANCED
    assert layout(again) is layout(BALANCED)  # from the cache
    assert again.to_svg() == BALANCED.to_svg()


@pytest.mark.parametrize("width_mm", [85.0, 120.0, 174.0])
@pytest.mark.parametrize("c", [BALANCED, CHAIN])
def test_text_is_readable_at_every_width(c, width_mm):
    fitted = fit(c, width_mm)
    assert fitted.scale * fitted.layout.style.small >= SMALLEST_PT - 1e-9
    assert fitted.scale * fitted.page == pytest.approx(width_mm * 72 / 25.4)
    root = ET.fromstring(c.to_svg(width_mm=width_mm))
    assert root.get("width") == f"{width_mm:g}mm"


def three_pairs():
    pairs = [(f"in{k}", f"out{k}") for k in range(3)]
    nodes = {n: "excitatory" for pair in pairs for n in pair}
    return circuit(nodes, [(*pair, "excitatory") for pair in pairs])


def test_parts_that_nothing_joins_stand_side_by_side_where_there_is_room():
    c = three_pairs()
    wide, narrow = fit(c, 174), fit(c, 60)
    tops = [{round(b.y) for b in f.layout.boxes} for f in (wide, narrow)]
    assert len(tops[0]) == 1 and len(tops[1]) > 1
    assert wide.layout.height < narrow.layout.height
    left = [b.x for b in wide.layout.boxes]
    assert left == sorted(left)  # in the order in which they are given
    areas = [a for b in wide.layout.boxes for a in b.areas()]
    assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
               for k, a in enumerate(areas) for b in areas[k + 1 :]
               if a[2] > a[0] and b[2] > b[0])  # fmt: skip
    for curve, (a, b) in zip(wide.layout.curves, [(0, 1), (2, 3), (4, 5)], strict=True):
        ends = curve.line(9)[[0, -1], 0]
        boxes = wide.layout.boxes
        assert boxes[a].x < ends[0] < ends[1] < boxes[b].x


@pytest.mark.parametrize("dark", [False, True])
def test_svg_names_its_parts(dark):
    root = ET.fromstring(BALANCED.to_svg(dark=dark, colors={"basket": "#123456"}))
    ids = {g.get("id"): g for g in root.iter(f"{SVG}g") if g.get("id")}
    for n in BALANCED.nodes:
        assert ids[f"node-{n.name}"].get("data-name") == n.name
        assert ids[f"halo-{n.name}"].get("opacity") == "0"
    for e in BALANCED.edges:
        assert ids[f"edge-{e.name}"].get("data-source") == e.source
        assert e.sign in ids[f"edge-{e.name}"].get("class").split()
        assert ids[f"flow-{e.name}"].get("opacity") == "0"
    assert "plastic" in ids["edge-e1"].get("class").split()
    assert "#123456" in ET.tostring(ids["node-basket"]).decode()
    assert root.get("role") == "img"
    assert "in noise excites pyramidal" in root.get("aria-label")
    words = {p.get("aria-label") for p in root.iter(f"{SVG}path")}
    words |= {g.get("aria-label") for g in root.iter(f"{SVG}g")}
    assert {"pyramidal", "N = 10", "excitatory", "plastic"} <= words
    assert not list(root.iter(f"{SVG}text"))  # outlines: the same whatever fonts there are


def test_the_key_explains_what_occurs_and_no_more():
    message = [s.label for s in samples(BALANCED, BALANCED.edges)]
    assert message == ["input", "excitatory", "inhibitory", "sign unknown", "probabilistic"]
    alone = circuit({"a": "none"}, [])
    assert [s.label for s in samples(alone, ())] == ["no output"]
    unread = circuit({"a": "none", "b": "none"}, [("a", "b", "unknown")])
    shapes = [s.label for s in samples(unread, unread.edges) if s.shape == "square"]
    assert shapes == ["no output or sign unknown"]  # b has none, that of a cannot be read


@pytest.mark.parametrize("width_mm", [85.0, 174.0])
def test_pdf_is_vector_of_exact_width_with_its_font(tmp_path, width_mm):
    path = BALANCED.save(tmp_path / "c.pdf", width_mm=width_mm, metadata={"seed": "1"})
    (page,) = pypdf.PdfReader(path).pages
    assert float(page.mediabox.width) == pytest.approx(width_mm * 72 / 25.4, abs=0.01)
    assert "pyramidal" in page.extract_text()
    fonts = [f.get_object() for f in page["/Resources"]["/Font"].values()]
    assert fonts
    for f in fonts:
        inner = f["/DescendantFonts"][0].get_object() if "/DescendantFonts" in f else f
        assert "/FontFile2" in inner["/FontDescriptor"]
    assert "/XObject" not in page["/Resources"] or not page["/Resources"]["/XObject"]
    assert "seed: 1" in pypdf.PdfReader(path).metadata["/Subject"]


def test_svg_file_carries_metadata_and_nothing_for_the_screen(tmp_path):
    text = BALANCED.save(tmp_path / "c.svg", metadata={"seed": "1"}).read_text()
    ET.fromstring(text)
    assert "halo-" not in text and 'class="hit"' not in text
    assert "seed" in re.search(r"<dc:description>(.*)</dc:description>", text)[1]
    assert "Balanced &lt;network&gt; &amp; more" in text


def test_png_has_the_width_asked_for(tmp_path):
    from PIL import Image

    path = BALANCED.save(tmp_path / "c.png", width_mm=85, dpi=300)
    with Image.open(path) as image:
        assert image.width == pytest.approx(85 / 25.4 * 300, abs=1)


def test_errors_say_what_is_allowed(tmp_path):
    with pytest.raises(ParameterError, match=r"must end in \.svg, \.pdf or \.png"):
        BALANCED.save(tmp_path / "c.jpg")
    with pytest.raises(ParameterError, match="between 20 and 1000 mm"):
        BALANCED.save(tmp_path / "c.pdf", width_mm=3)
    with pytest.raises(UnknownName, match="Did you mean 'basket'"):
        BALANCED.node("baskets")


def test_drawing_needs_no_simulator():
    code = (
        "import sys, pickle; from workbench.circuits import Circuit, Node;"
        "Circuit((Node('a', 'a', 1),), ()).to_svg(); import workbench.plots.circuit.live;"
        "assert 'brian2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
