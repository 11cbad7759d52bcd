"""Convert a circuit to tables, in the order of Nordlie et al. (2009).

Source : Nordlie, Gewaltig & Plesser (2009) PLoS Comput. Biol. 5:e1000456, for the content of a
         description; wording and markup are our own
"""

from __future__ import annotations

import re

from ..description import Notes
from ..elements import Circuit, Edge, Node
from ..rules import Param
from .equations import equations, expression, statements
from .shared_models import NeuronModel, SynapseModel, neuron_models, synapse_models
from .symbols import symbol
from .table import Cell, Line, Math, Piece, Table, cell

_AT_ONCE = Param("constant", 0.0, "ms", 0.0, 0.0, 0.0, variable="delay")
_RULES = {
    "p": "pairwise Bernoulli", "K_in": "fixed in-degree", "K_out": "fixed out-degree",
    "N_syn": "fixed total number",
}  # fmt: skip


def tables_of(circuit: Circuit) -> list[Table]:
    """Return all non-empty tables of the description."""
    notes = circuit.notes or Notes()
    neurons, synapses = neuron_models(circuit), synapse_models(circuit)
    found = [
        _summary(circuit, notes, neurons, synapses),
        _populations(circuit, neurons),
        _connectivity(circuit, synapses),
        *_models(neurons, synapses, notes),
        _inputs(circuit),
        _parameters(circuit, notes),
        _measurements(circuit, notes),
    ]
    return [t for t in found if t.rows]


def models_of(circuit: Circuit) -> list[Table]:
    """Return the tables with equations: of neurons, of synapses, and of their plasticity."""
    notes = circuit.notes or Notes()
    found = _models(neuron_models(circuit), synapse_models(circuit), notes)
    return [t for t in found if t.rows]


def _models(neurons: list[NeuronModel], synapses: list[SynapseModel], notes: Notes) -> list[Table]:
    return [
        *(_neuron(m, notes) for m in neurons),
        _synapses([m for m in synapses if not m.plastic], notes),
        *(_plasticity(m, notes) for m in synapses if m.plastic),
    ]


def _summary(
    circuit: Circuit, notes: Notes, neurons: list[NeuronModel], synapses: list[SynapseModel]
) -> Table:
    populations = _of_kind(circuit, "population")
    inputs, modulators = _of_kind(circuit, "input"), _of_kind(circuit, "modulator")
    total = sum(n.size for n in populations)
    rules = list(dict.fromkeys(_plain_rule(e) for e in _projections(circuit) if e.rule))
    plastic = [e for e in _projections(circuit) if e.plastic]
    rows: list[tuple[str, str]] = [
        ("Purpose", notes.purpose),
        ("Source", notes.source),
        ("Populations", f"{_count(len(populations), 'population')}, {_count(total, 'neuron')}"),
        ("Modulators", ", ".join(n.label for n in modulators)),
        ("Connectivity", f"{_count(len(_projections(circuit)), 'projection')}, "
                         f"{_count(sum(e.n_synapses for e in _projections(circuit)), 'synapse')}"
                         + (f"; {', '.join(rules)}" if rules else "")),
        ("Neuron models", ", ".join(f"{m.key}: {m.type}" for m in neurons)),
        ("Synapse models", "; ".join(_message(synapses))),
        ("Plasticity", ", ".join(_ends(e) for e in plastic) or "none"),
        ("Input", ", ".join(f"{n.label} ({_device(n)})" for n in inputs) or "none"),
        ("Measurements", ", ".join(dict.fromkeys(
            [m.what for m in notes.measured] + [_device(n) for n in _of_kind(circuit, "recorder")]
        )) or "none"),
        ("Time step", "" if notes.dt_ms is None else f"{notes.dt_ms:g} ms"),
    ]  # fmt: skip
    return Table("Model summary", tuple((cell(a), cell(b)) for a, b in rows if b))


def _populations(circuit: Circuit, neurons: list[NeuronModel]) -> Table:
    model = {name: m.key for m in neurons for name in m.names}
    rows = []
    for n in circuit.nodes:
        if n.kind == "recorder":
            continue
        size: Piece | Line = f"{n.size:,}"
        if n.symbol:
            size = (Math(symbol(n.symbol)), f" = {n.size:,}")
        effect = "" if n.sign == "none" else n.sign
        if n.compartments:
            size = f"{n.size:,} ({n.compartments} compartments)"
        rows.append((cell(n.label), cell(model.get(n.name, _device(n))), cell(effect), cell(size)))
    return Table(
        "Populations", tuple(rows), ("Name", "Elements", "Effect on targets", "Size"),
        (0.36, 0.26, 0.22, 0.16), (3,),
    )  # fmt: skip


def _connectivity(circuit: Circuit, synapses: list[SynapseModel]) -> Table:
    model = {name: m.key for m in synapses for name in m.names}
    rows = []
    for e in _projections(circuit):
        effect = f"{e.sign}, plastic" if e.plastic else e.sign
        ends = f"{_ends(e)} (onto {_words(e.onto)})" if e.onto else _ends(e)
        rows.append(
            (
                cell(*([f"{_words(e.name)}:"] if circuit.parallel(e) else []), ends),
                cell("; ".join(p for p in (model.get(e.name, ""), effect) if p)),
                _pattern(e),
                cell(_param(e.weight), *_adds(e)),
                cell(*_delays(e)),
                cell(f"{e.n_synapses:,}" if e.n_synapses else ""),
            )
        )
    return Table(
        "Connectivity", tuple(rows),
        ("From → to", "Synapse", "Pattern", "Weight", "Delay", "Synapses"),
        (0.27, 0.16, 0.22, 0.14, 0.09, 0.12), (5,),
    )  # fmt: skip


def _pattern(e: Edge) -> Cell:
    if e.rule is None:
        return ()
    return cell(e.rule.describe())


def _neuron(m: NeuronModel, notes: Notes) -> Table:
    lines = sorted(
        equations(m.equations, notes.symbols),
        key=lambda line: line.name not in _words_of(m.threshold),
    )
    spike = expression(m.threshold, notes.symbols) if m.threshold else ""
    rows: list[tuple[str, Cell]] = [
        ("Populations", cell(", ".join(_words(n) for n in m.names))),
        ("Type", cell(m.type)),
        ("Dynamics", _formulas(lines)),
        ("Spike", cell((Math(spike),)) if spike else ()),
        ("At a spike", cell(*((Math(s),) for s in statements(m.reset, notes.symbols)))),
        ("Refractory", _refractory(m.refractory, notes)),
        *_steps(m.groups, notes),
        ("Integration", cell(_methods(m.groups, notes))),
    ]
    return Table(f"Neuron model {m.key}", tuple((cell(a), b) for a, b in rows if b and b != ((),)))


def _words_of(code: str) -> list[str]:
    """Names in a condition; the threshold condition contains the membrane variable."""
    return re.findall(r"[A-Za-z_]\w*", code)


def _synapses(models: list[SynapseModel], notes: Notes) -> Table:
    """Table of the models without plasticity, a few lines each."""
    rows = []
    for m in models:
        lines: list[Piece | Line] = [*_formulas(equations(m.equations, notes.symbols))]
        lines += [(Math(s), " at a presynaptic spike") for s in statements(m.on_pre, notes.symbols)]
        lines += [
            (Math(s), " at a postsynaptic spike") for s in statements(m.on_post, notes.symbols)
        ]
        for when, code in _steps(m.projections, notes):
            lines += [(*line, f" {when.lower()}") for line in code]
        if method := _methods(m.projections, notes):
            lines.append(f"integration: {method}")
        rows.append((cell(m.key), _type(m), cell(*lines), cell(", ".join(m.described))))
    return Table(
        "Synapse models", tuple(rows), ("Name", "Type", "Dynamics", "Projections"),
        (0.08, 0.16, 0.46, 0.3),
    )  # fmt: skip


def _plasticity(m: SynapseModel, notes: Notes) -> Table:
    rows: list[tuple[str, Cell]] = [
        ("Projections", cell(", ".join(m.described))),
        ("Type", _type(m)),
        ("Dynamics", _formulas(equations(m.equations, notes.symbols))),
        (
            "At a presynaptic spike",
            cell(*((Math(s),) for s in statements(m.on_pre, notes.symbols))),
        ),
        (
            "At a postsynaptic spike",
            cell(*((Math(s),) for s in statements(m.on_post, notes.symbols))),
        ),
        *_steps(m.projections, notes),
        ("Integration", cell(_methods(m.projections, notes))),
    ]
    return Table(f"Plasticity {m.key}", tuple((cell(a), b) for a, b in rows if b and b != ((),)))


def _type(m: SynapseModel) -> Cell:
    return cell((f"{m.type}, onto ", Math(symbol(m.channel)))) if m.channel else cell(m.type)


def _formulas(lines: list) -> Cell:
    """Equations with their flags; variables without equations are listed as parameters."""
    found = []
    for line in lines:
        if line.kind == "variable":
            continue
        message = [f for f in line.flags if f in ("unless refractory", "event-driven")]
        note = f"  ({', '.join(message)})" if message else ""
        found.append((Math(line.latex), note) if note else (Math(line.latex),))
    return tuple(found)


def _refractory(given: str, notes: Notes) -> Cell:
    return cell((Math(expression(given, notes.symbols)),)) if given else ()


def _steps(groups: tuple[str, ...], notes: Notes) -> list[tuple[str, Cell]]:
    """Operations at fixed times, listed once for groups that share a model."""
    found: dict[str, list[str]] = {}
    for name, code, when in notes.steps:
        if name in groups:
            message = found.setdefault(when, [])
            message += [s for s in statements(code, notes.symbols) if s not in message]
    return [(when.capitalize(), cell(*((Math(s),) for s in code))) for when, code in found.items()]


def _methods(groups: tuple[str, ...], notes: Notes) -> str:
    used = list(dict.fromkeys(method for name, method in notes.methods if name in groups))
    step = f", step {notes.dt_ms:g} ms" if used and notes.dt_ms else ""
    return ", ".join(used) + step


def _inputs(circuit: Circuit) -> Table:
    rows = []
    for n in _of_kind(circuit, "input"):
        targets = dict.fromkeys(_words(e.target) for e in circuit.edges if e.source == n.name)
        # Declarations of variables do not describe the input; equations do.
        lines = [" ".join(line.split()) for line in n.equations.splitlines()]
        telling = [line for line in lines if line and not re.match(r"\w+ ?:", line)]
        message = "; ".join(telling) if n.device != "" or not n.model else ""
        rows.append((cell(n.label), cell(_device(n)), cell(", ".join(targets)), cell(message)))
    return Table(
        "Input", tuple(rows), ("Name", "Type", "Target", "Description"), (0.22, 0.2, 0.23, 0.35)
    )


def _parameters(circuit: Circuit, notes: Notes) -> Table:
    rows = [
        (
            cell((Math(symbol(p.symbol)),)), cell(p.value), cell(p.meaning), cell(p.source),
        )
        for p in notes.parameters
    ]  # fmt: skip
    known = {p.name for p in notes.parameters}
    constants: dict[tuple[str, str], list[str]] = {}
    named = [(n.name, n.constants) for n in circuit.nodes]
    named += [(e.name, e.constants) for e in circuit.edges]
    for owner, own in named:
        for name, value in own:
            if name not in known:
                constants.setdefault((name, value), []).append(_words(owner))
    for (name, value), used in constants.items():
        where = ", ".join(dict.fromkeys(used))
        rows.append((cell((Math(symbol(name)),)), cell(value), cell(f"in {where}"), ()))
    return Table(
        "Parameters",
        tuple(rows),
        ("Symbol", "Value", "Meaning", "Source"),
        (0.13, 0.15, 0.36, 0.36),
    )


def _measurements(circuit: Circuit, notes: Notes) -> Table:
    rows = [
        (cell((Math(symbol(m.what)),) if m.what != "spikes" else m.what), cell(m.of), cell(m.when))
        for m in notes.measured
    ]
    for n in _of_kind(circuit, "recorder"):
        sources = [_words(e.source) for e in circuit.edges if e.target == n.name]
        rows.append((cell(_device(n)), cell(", ".join(dict.fromkeys(sources))), cell(n.label)))
    return Table("Measurements", tuple(rows), ("What", "Of", "When or by"), (0.2, 0.45, 0.35))


# -- text ------------------------------------------------------------------------------------------


def _projections(circuit: Circuit) -> list[Edge]:
    return [e for e in circuit.edges if e.kind != "recording"]


def _of_kind(circuit: Circuit, kind: str) -> list[Node]:
    return [n for n in circuit.nodes if n.kind == kind]


def _device(n: Node) -> str:
    return n.device or {"input": "input", "recorder": "recorder"}.get(n.kind, "")


def _message(models: list[SynapseModel]) -> list[str]:
    """Models of each type, such as "S1–S4: static"."""
    found: dict[str, list[str]] = {}
    for m in models:
        found.setdefault(m.type, []).append(m.key)
    return [
        f"{keys[0] if len(keys) == 1 else f'{keys[0]}–{keys[-1]}'}: {kind}"
        for kind, keys in found.items()
    ]


def _plain_rule(e: Edge) -> str:
    assert e.rule is not None
    return _RULES.get(e.rule.symbol) or e.rule.words.split(" (")[0]


def _param(p: Param | None) -> Piece | Line:
    message = p.describe() if p is not None else ""
    return (
        (Math(symbol(p.name)), f" = {message}") if p is not None and p.name and message else message
    )


def _adds(e: Edge) -> list[str]:
    """Signed increments by a spike, if they differ from the weight."""
    known = e.weight.variable if e.weight is not None else ""
    added = [(v, p) for way in e.pathways for v, p in way.adds]
    if [p.text for _, p in added] == [known] or not known:
        return []
    return [f"adds {p.added()} to {v}" for v, p in added]


def _delays(e: Edge) -> list[Piece | Line]:
    """The delay; one line for each pathway if they differ."""
    given = [p for p in e.pathways if p.delay is not None]
    late = [p for p in given if p.prepost == "pre" or p.delay != _AT_ONCE]
    if len({p.delay for p in late}) < 2:
        return [_param(e.delay)]
    return [f"{_words(p.name)}: {p.delay.describe()}" for p in late if p.delay is not None]


def _ends(e: Edge) -> str:
    return f"{_words(e.source)} {'→' if e.directed else '↔'} {_words(e.target)}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("" if n == 1 else "s")
