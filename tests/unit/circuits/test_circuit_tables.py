"""Equations as formulas, a circuit as tables, and the table of connectivity patterns."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from workbench.circuits import Circuit, Edge, Node, Param, Rule
from workbench.circuits.description import Measurement, Notes, ParameterRow, from_plain
from workbench.circuits.render.primitives import Words
from workbench.circuits.serialize import from_plain as circuit_from_plain
from workbench.circuits.serialize import to_plain
from workbench.circuits.tables import latex, markdown
from workbench.circuits.tables.connectivity import _number, drawing
from workbench.circuits.tables.connectivity_values import panels_of
from workbench.circuits.tables.equations import equations, expression, statements
from workbench.circuits.tables.symbols import symbol, unit
from workbench.circuits.tables.table import Code, Math, Table, cell
from workbench.circuits.text.fonts import width
from workbench.errors import UnknownName

LIF = "dv/dt = (E_L - v + g_e)/tau_m : volt (unless refractory)\ndg_e/dt = -g_e/tau_e : volt"
CIRCUIT = Circuit(
    (
        Node("E_1", "E 1", 80, sign="excitatory", model=LIF, threshold="v > V_t", reset="v = V_r",
             refractory="t_ref", group="E_1", symbol="N_E"),
        Node("I", "I", 20, sign="inhibitory", model=LIF, threshold="v > V_t", reset="v = V_r",
             refractory="t_ref", group="I"),
        Node("noise", "noise", 10, "input", "excitatory", device="Poisson", equations="at 5 Hz"),
        Node("spikes", "spikes", 80, "recorder", device="spikes"),
    ),
    (
        Edge("EI", "E_1", "I", "excitatory", n_synapses=160, projection="EI",
             rule=Rule("p", 0.1), weight=Param("constant", 1.62, "mV", name="w_e"),
             delay=Param("constant", 1.5, "ms", low=1.5, high=1.5), on_pre="g_e_post += w_e"),
        Edge("IE", "I", "E_1", "inhibitory", n_synapses=800, projection="IE", plastic=True,
             rule=Rule("K_in", 10), weight=Param("constant", -9.0, "mV"), model="w : volt",
             on_pre="g_e_post += w", on_post="w = clip(w + 1*mV, 0*mV, w_max)"),
        Edge("nE", "noise", "E_1", "excitatory", n_synapses=80, projection="nE",
             on_pre="g_e_post += w_e"),
        Edge("rec", "E_1", "spikes", kind="recording"),
    ),
    "A & B_1",
    notes=Notes(
        "Shows everything.", "Nobody (2026)", 0.1,
        (ParameterRow("tau_m", "τ_m", "20 ms", "membrane time constant", "p. 5, 50 % of |x|"),),
        (("E_1", "exact"), ("I", "exact")), (("E_1", "g_e *= 2", "every step"),),
        (Measurement("v", "3 neurons of E 1", "every 1 ms"),),
    ),
)  # fmt: skip


# -- formulas --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("v", "v"),
        ("tau_m", r"\tau_{m}"),
        ("τ_m", r"\tau_{m}"),
        ("tau_m_slow", r"\tau_{m,\mathrm{slow}}"),
        ("I_syn_post", r"I_{\mathrm{syn}}^{\mathrm{post}}"),
        ("V_T", "V_{T}"),
        ("VT", "V_{T}"),
        ("gNa", r"g_{\mathrm{Na}}"),
        ("tauw", r"\tau_{w}"),
        ("DeltaT", r"\Delta_{T}"),
        ("v1", "v_{1}"),
        ("A_plus", "A_{+}"),
        ("A+", "A_{+}"),
        ("τ_−", r"\tau_{-}"),
        ("Apre", r"A_{\mathrm{pre}}"),
        ("gamma", r"\gamma"),
        ("drive", r"\mathrm{drive}"),
        ("dt", r"\Delta t"),
    ],
)
def test_names_become_symbols(name, wanted):
    assert symbol(name) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("mV", "mV"), ("Mohm", r"M\Omega"), ("usecond", r"\mu s"), ("second", "s"), ("cm2", None)],
)
def test_units_are_upright(name, wanted):
    assert unit(name) == (f"\\mathrm{{{wanted}}}" if wanted else "\\mathrm{cm}^{2}")


@pytest.mark.parametrize("name", ["s", "V", "m", "ge", "v", "nmda", "Gs", "ms_"])
def test_variables_are_not_taken_for_units(name):
    assert unit(name) is None or name == "Gs"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("a - (b - c)", r"a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("a/(b*c)", r"\frac{a}{b\,c}"),
        ("-a/b", r"-\frac{a}{b}"),
        ("a - -b", r"a - (-b)"),
        ("a + -b*c", r"a + (-b\,c)"),
        ("-(a + b)", r"-(a + b)"),
        ("(a + b)*c", r"(a + b)\,c"),
        ("(-a)**2", r"(-a)^{2}"),
        ("(a/b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("a**-0.5", "a^{-0.5}"),
        ("c_pre**n_pre", r"(c^{\mathrm{pre}})^{n^{\mathrm{pre}}}"),
        ("2*3*x", r"2 \cdot 3\,x"),
        ("1e-6*x", r"10^{-6}\,x"),
        ("2.5e6", r"2.5 \times 10^{6}"),
        ("5*mV", r"5\,\mathrm{mV}"),
        ("exp(-t/tau)", r"\exp\left(-\frac{t}{\tau}\right)"),
        ("sqrt(2*x)", r"\sqrt{2\,x}"),
        ("abs(x)", r"\lvert x\rvert"),
        ("rand() < p", r"\mathcal{U}(0, 1) < p"),
        ("int(v > V_t)", r"[v > V_{t}]"),
        ("not (a and b or c)", r"\neg (a \land b \lor c)"),
        ("clip(w, 0, w_max)", r"\mathrm{clip}(w, 0, w_{\mathrm{max}})"),
        ("x % 2 * y", r"(x \;\mathrm{mod}\; 2)\,y"),
        ("sigma*xi*tau**-0.5", r"\sigma\,\xi\,\tau^{-0.5}"),
    ],
)
def test_expressions_keep_their_author_s_order_and_grouping(code, wanted):
    assert expression(code) == wanted


def test_what_is_no_expression_is_shown_as_it_stands():
    assert expression("a ? b_1") == r"\mathtt{a\ ?\ b\_1}"


def test_lines_of_a_model():
    lines = equations(LIF + "\nx = a*b : 1 (summed)\nw : volt (shared)  # weight")
    assert [(e.kind, e.name, e.unit, e.flags) for e in lines] == [
        ("differential", "v", "volt", ("unless refractory",)),
        ("differential", "g_e", "volt", ()),
        ("given", "x", "1", ("summed",)),
        ("variable", "w", "volt", ("shared",)),
    ]
    assert lines[0].latex == (
        r"\frac{\mathrm{d}v}{\mathrm{d}t} = \frac{E_{L} - v + g_{e}}{\tau_{m}}"
    )
    assert lines[2].latex == r"x = \sum a\,b"


def test_statements_say_what_changes():
    assert statements("v = V_r\ng += w; x *= a + b  # grows") == [
        r"v \leftarrow V_{r}",
        r"g \leftarrow g + w",
        r"x \leftarrow x\,(a + b)",
    ]


# -- tables ----------------------------------------------------------------------------------------


def rows_of(text: str, title: str) -> list[list[str]]:
    """Cells of one table of the Markdown text."""
    part = re.split(r"^### . ", text, flags=re.MULTILINE)
    body = next(p for p in part if p.startswith(title))
    lines = [line for line in body.splitlines() if line.startswith("|")]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def test_the_description_says_everything_that_the_circuit_knows():
    text = CIRCUIT.tables("markdown")
    populations = rows_of(text, "Populations")
    assert populations == [
        ["E 1", "N1", "excitatory", "$N_{E}$ = 80"],
        ["I", "N1", "inhibitory", "20"],
        ["noise", "Poisson", "excitatory", "10"],
    ]
    first, second, third = rows_of(text, "Connectivity")
    assert first == ["E 1 → I", "S1; excitatory", "p = 0.1 (inferred)", "$w_{e}$ = 1.62 mV",
                     "1.5 ms", "160"]  # fmt: skip
    assert second[1:3] == ["S2; inhibitory, plastic", "in-degree 10 (inferred)"]
    assert third[1] == "S1; excitatory"
    neuron = dict(rows_of(text, "Neuron model N1"))
    assert neuron["**Populations**"] == "E 1, I"
    assert neuron["**Spike**"] == "$v > V_{t}$"
    assert neuron["**Every step**"] == r"$g_{e} \leftarrow g_{e}\,2$".replace("\\,2", " \\cdot 2")
    assert neuron["**Integration**"] == "exact, step 0.1 ms"
    plastic = dict(rows_of(text, "Plasticity S2"))
    assert r"\mathrm{clip}" in plastic["**At a postsynaptic spike**"]
    summary = dict(rows_of(text, "Model summary"))
    assert summary["**Plasticity**"] == "I → E 1"
    assert summary["**Populations**"] == "2 populations, 100 neurons"
    assert summary["**Measurements**"] == "v, spikes"
    assert rows_of(text, "Parameters") == [
        [r"$\tau_{m}$", "20 ms", "membrane time constant", r"p. 5, 50 % of \|x\|"]
    ]
    assert ["spikes", "E 1", "spikes"] in rows_of(text, "Measurements")


def test_a_circuit_without_notes_has_tables_too():
    text = replace(CIRCUIT, notes=None).tables()
    assert "### B Populations" in text
    assert "Parameters" not in text


def test_markdown_keeps_its_cells_whatever_is_in_them():
    table = Table("T", ((cell("a|b_c*"), cell(Math("|x|"), Code("p|q"))),), ("1", "2"))
    row = markdown.write("", [table]).splitlines()[-1]
    assert row == r"| a\|b\_c\* | $\vert x\vert $<br>`p\|q` |"


def test_html_is_well_formed_and_formulas_are_outlines():
    text = CIRCUIT.tables("html")
    root = ET.fromstring(text.replace("&nbsp;", "&#160;"))
    tables = root.findall("table")
    assert [t.find("caption").text[:1] for t in tables] == list("ABCDEFGHI")[: len(tables)]
    formulas = root.findall(".//{http://www.w3.org/2000/svg}svg")
    assert r"v > V_{t}" in {f.get("aria-label") for f in formulas}
    assert all(f[0].get("d") for f in formulas)
    assert "A &amp; B_1" in text
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", text), "nothing is downloaded"


def test_a_page_of_its_own():
    text = CIRCUIT.tables("html", document=True)
    assert text.startswith("<!doctype html>")
    assert "<title>A &amp; B_1</title>" in text


def test_a_formula_wider_than_its_column_is_cut_between_summands_and_made_to_fit():
    short = r"a \leftarrow b + c"
    assert latex._piece(Math(short)) == rf"$\displaystyle {short}$"
    term = r"\frac{x + 1}{y} \exp\left(-0.5 \left(\frac{z + 2}{s}\right)^{2 + n}\right) (u + v)"
    long = rf"a \leftarrow {term}+{term}"
    assert latex._piece(Math(long)).split(r" \newline ") == [
        rf"\fitted{{$\displaystyle a \leftarrow {term}$}}",
        rf"\fitted{{$\displaystyle {{}}+{term}$}}",
    ]
    table = Table("Wide", ((cell("a"), cell(Math(long))),))
    assert latex.write("", [table]).count(r"\providecommand{\fitted}") == 1
    assert "fitted" not in latex.write("", [Table("Short", ((cell("a"), cell(Math(short))),))])


def test_latex_is_balanced_and_escaped():
    text = CIRCUIT.tables("latex", document=True)
    opened = re.findall(r"\\begin\{(\w+)\}", text)
    closed = re.findall(r"\\end\{(\w+)\}", text)
    assert sorted(opened) == sorted(closed)
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert r"A \& B\_1" in text
    assert r"50 \% of \textbar{}x\textbar{}" in text
    for table in re.findall(r"\\begin\{longtable\}(.*?)\\end\{longtable\}", text, re.DOTALL):
        columns = table.splitlines()[0].count("p{")
        rows = [r for r in table.splitlines()[1:] if r.endswith(r"\\") and "multicolumn" not in r]
        assert rows
        for row in rows:
            assert len(re.findall(r"(?<!\\)&", row)) == columns - 1, row
    outside = re.sub(r"\$.*?\$", "", text)
    assert not re.search(r"(?<![\\{}\w])_", outside), "an index outside a formula"
    assert all(ord(c) < 0x250 for c in text), "a character that LaTeX does not know"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("τ → ∞", r"\ensuremath{\tau} \ensuremath{\to} \ensuremath{\infty}"),
        ("naïve", "naïve"),
        ("Ω", r"\ensuremath{\Omega}"),
        ("λ", r"\ensuremath{\lambda}"),
        ("x² – “y”", r"x\ensuremath{^{2}} -- ``y''"),
        ("ﬁ", "fi"),
        ("漢", "[U+6F22]"),
    ],
)
def test_every_character_is_one_that_latex_prints(given, wanted):
    assert latex.text(given) == wanted


def test_another_format_is_refused():
    with pytest.raises(UnknownName, match="Allowed: markdown, html or latex"):
        CIRCUIT.tables("docx")


def test_it_shows_itself_in_a_notebook():
    assert set(CIRCUIT.tables("html")._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert set(CIRCUIT.tables("latex")._repr_mimebundle_()) == {"text/plain"}


def test_notes_survive_being_stored():
    import json

    stored = json.loads(json.dumps(to_plain(CIRCUIT)))
    assert from_plain(stored["notes"]) == CIRCUIT.notes
    assert circuit_from_plain(stored).tables() == CIRCUIT.tables()


# -- pattern table ---------------------------------------------------------------------------------


def test_its_numbers_are_those_of_the_synapses():
    p, w, k = panels_of(CIRCUIT)
    assert [panel.key for panel in (p, w, k)] == ["p", "w", "K"]
    assert {key: [e.value for e in entries] for key, entries in p.cells.items()} == {
        ("E_1", "I"): [160 / (80 * 20)], ("I", "E_1"): [800 / (20 * 80)],
        ("noise", "E_1"): [80 / (10 * 80)],
    }  # fmt: skip
    assert k.cells["I", "E_1"][0].value == 10
    assert w.scales == {"mV": 9.0}
    assert ("noise", "E_1") not in w.cells


def test_private_sources_have_no_pairs():
    edge = Edge("P", "P", "E_1", "excitatory", n_synapses=800, projection="P")
    c = Circuit((Node("P", "P", 10, "input"), CIRCUIT.nodes[0]), (edge,))
    (k,) = panels_of(c)
    assert k.key == "K"
    assert k.cells["P", "E_1"][0].value == 10


@pytest.mark.parametrize("width_mm", [60, 85, 174])
def test_it_fits_its_width_and_its_text_can_be_read(width_mm):
    svg = CIRCUIT.to_svg(width_mm, notation="cpt")
    assert f'width="{width_mm}mm"' in svg
    page = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    assert page == pytest.approx(width_mm * 72 / 25.4, abs=0.3)
    scene = drawing(CIRCUIT, width_mm)
    assert scene.width * scene.scale == pytest.approx(width_mm * 72 / 25.4, abs=0.3)
    items = [item for group in scene.groups for item in group.items]
    for item in items:
        if isinstance(item, Words):
            assert item.size * scene.scale >= 6.0
            wide = width(item.text, item.size)
            left = item.x - (wide / 2 if item.anchor == "middle" else 0)
            assert left >= 0 and left + wide <= scene.width, item.text
        else:
            xs = [x for step in item.path for x in step[1::2]]
            assert min(xs) >= 0 and max(xs) <= scene.width


def test_every_projection_has_its_cells():
    svg = CIRCUIT.to_svg(85, notation="cpt")
    for name, panels in (("EI", "pwK"), ("IE", "pwK"), ("nE", "pK")):
        for key in panels:
            assert f'id="edge-{name}-{key}"' in svg
    assert "edge-rec" not in svg


@pytest.mark.parametrize(
    ("value", "message"),
    [(0, "0"), (0.02, "0.02"), (1, "1"), (3.14, "3.1"), (320, "320"), (1234.5, "1,234"),
     (-9, "−9"), (2.3e-5, "2.3e−5"), (99.6, "100")],
)  # fmt: skip
def test_numbers_are_short(value, message):
    assert _number(value) == message
