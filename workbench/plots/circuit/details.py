"""What was clicked in the circuit, in words: its facts, its equations, and where to see more."""

from __future__ import annotations

from html import escape

from workbench.network import NetworkInfo

from ...circuits import Circuit, Edge, Node
from ...circuits.tables.equations import equations, expression, statements
from ...circuits.tables.html import typeset
from ..in_words import with_unit


def details(circuit: Circuit, selected: str, info: NetworkInfo) -> str:
    """HTML for "node:NAME" or "edge:NAME"; "" for nothing.

    A button's ``data-act`` is "select ...", "raster NAME", "traces NAME" or "weights NAME".
    """
    kind, _, name = selected.partition(":")
    if kind == "node":
        node = next((n for n in circuit.nodes if n.name == name), None)
        return _node(circuit, node, info) if node else ""
    edge = next((e for e in circuit.edges if e.name == name), None)
    return _edge(circuit, edge, info) if edge and kind == "edge" else ""


def _node(circuit: Circuit, node: Node, info: NetworkInfo) -> str:
    symbols = _symbols(circuit)
    known = {p.name for p in info.populations}
    go = []
    if node.name in known:
        go.append(_button(f"raster {node.name}", "Raster"))
    for name in info.traces:
        if name.partition(".")[0] == node.name:
            what = with_unit(info.label_of(name), "1")
            go.append(_button(f"traces {name}", f"Trace of {what}"))
    unit = "neuron" if node.kind == "population" else "unit"
    facts = [f"{node.size:,} {unit}{'' if node.size == 1 else 's'}"]
    facts += [
        message for message in (node.device, "" if node.sign == "none" else node.sign) if message
    ]
    received = [e for e in circuit.edges if e.target == node.name]
    sent = [e for e in circuit.edges if e.source == node.name]
    parts = [
        _header(node.label),
        f'<p>{escape(", ".join(facts))} <span data-reading="rate"></span></p>',
        f'<div class="go">{"".join(go)}</div>' if go else "",
        _model(node, symbols),
        _ends(circuit, "Receives", received, "source"),
        _ends(circuit, "Projects to", sent, "target"),
    ]
    return "".join(parts)


def _edge(circuit: Circuit, edge: Edge, info: NetworkInfo) -> str:
    symbols = _symbols(circuit)
    carried = [p.name for p in info.projections if p.weight is not None]
    name = next((n for n in (edge.name, edge.projection) if n in carried), None)
    go = [_button(f"weights {name}", "Weight matrix")] if name else []
    go += [
        _button(f"select node:{end}", f"{what} {circuit.label_of(end)}")
        for what, end in (("From", edge.source), ("To", edge.target))
    ]
    arrow = "→" if edge.directed else "↔"
    _, *facts = edge.describe().split(", ")
    parts = [
        _header(f"{circuit.label_of(edge.source)} {arrow} {circuit.label_of(edge.target)}"),
        f"<p>{escape(', '.join(facts))}</p>",
        '<p data-reading="weight"></p>',
        f'<div class="go">{"".join(go)}</div>',
        _formulas("Synapse", _lines(edge.model, symbols)),
        _formulas("At a presynaptic spike", statements(edge.on_pre, symbols)),
        _formulas("At a postsynaptic spike", statements(edge.on_post, symbols)),
        _constants(edge.constants),
    ]
    return "".join(parts)


def _model(node: Node, symbols: dict[str, str]) -> str:
    if not node.model:
        return f"<p>{escape(node.equations)}</p>" if node.equations else ""
    spike = [expression(node.threshold, symbols)] if node.threshold else []
    return "".join(
        [
            _formulas("Equations", _lines(node.model, symbols)),
            _formulas("Spikes when", spike),
            _formulas("Then", statements(node.reset, symbols)),
            _formulas(
                "Refractory", [expression(node.refractory, symbols)] if node.refractory else []
            ),
            _constants(node.constants),
        ]
    )


def _symbols(circuit: Circuit) -> dict[str, str]:
    return circuit.notes.symbols if circuit.notes is not None else {}


def _lines(model: str, symbols: dict[str, str]) -> list[str]:
    return [line.latex for line in equations(model, symbols) if line.kind != "variable"]


def _formulas(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    set_ = "".join(f'<span class="formula">{typeset(line)}</span>' for line in lines)
    return f"<h4>{escape(title)}</h4>{set_}"


def _constants(constants: tuple[tuple[str, str], ...]) -> str:
    if not constants:
        return ""
    message = ", ".join(f"{name} = {value}" for name, value in constants)
    return f'<p class="note">{escape(message)}</p>'


def _ends(circuit: Circuit, title: str, edges: list[Edge], end: str) -> str:
    """The projections on one side, each a button that selects it."""
    if not edges:
        return ""
    items = []
    for e in edges:
        other = escape(circuit.label_of(getattr(e, end)))
        message = escape(e.sign + (", plastic" if e.plastic else ""))
        button = _button(
            f"select edge:{e.name}", f'{other} <span class="note">{message}</span>', True
        )
        items.append(f"<li>{button}</li>")
    return f"<h4>{title}</h4><ul>{''.join(items)}</ul>"


def _header(title: str) -> str:
    return (
        f'<header><h3>{escape(title)}</h3><button data-act="close" aria-label="Close" '
        'title="Close">✕</button></header>'
    )


def _button(act: str, label: str, markup: bool = False) -> str:
    return f'<button data-act="{escape(act)}">{label if markup else escape(label)}</button>'
