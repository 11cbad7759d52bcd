"""Check of the tables that describe a model in a paper."""

from __future__ import annotations

import re

from ..model.model import Model
from .check import check, need
from .network import default_network


@check("can be described in tables that leave nothing out")
def described_in_tables(cls: type[Model]) -> None:
    from ..circuits.tables.content import tables_of
    from ..circuits.tables.table import Math

    circuit = default_network(cls).circuit
    tables = {t.title: t for t in tables_of(circuit)}
    pieces = [p for t in tables.values() for row in t.rows for c in row for line in c for p in line]
    for q in cls.parameters().values():
        need(
            not q.doc or any(" ".join(q.doc.split()) == p for p in pieces),
            f"The table of parameters leaves out what {q.name} means.",
        )
    sizes = {f"{n.size:,}" for n in circuit.nodes if n.kind != "recorder" and not n.compartments}
    reported = {p for row in tables["Populations"].rows for line in row[3] for p in line}
    message = {part for p in reported if isinstance(p, str) for part in p.split(" = ")}
    need(
        sizes <= message,
        f"The table of populations leaves out the sizes {sorted(sizes - message)}.",
    )
    for p in pieces:
        formula = p.latex if isinstance(p, Math) else ""
        need(_closed(formula), f"The formula {formula!r} does not close what it opens.")
        need(
            "\\mathtt" not in formula,
            f"The equation {formula!r} cannot be typeset: write it in Brian2's own syntax.",
        )
    for format in ("markdown", "html", "latex"):
        need(len(circuit.tables(format)) > 200, f"The {format} tables are empty.")


def _closed(formula: str) -> bool:
    r"""Whether all braces and all ``\left`` and ``\right`` delimiters are balanced."""
    opened, closed = (len(re.findall(rf"\\{side}(?![a-z])", formula)) for side in ("left", "right"))
    return formula.count("{") == formula.count("}") and opened == closed
