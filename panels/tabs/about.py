"""The About tab: purpose, equations, parameters and facts of the model, with their sources."""

from __future__ import annotations

import html
import inspect
import sys
from collections.abc import Iterable

import panel as pn

from workbench.model.model import Model
from workbench.numerals import numeral

from ..theme import css


def about(model: type[Model]) -> pn.viewable.Viewable:
    """Create the page about a model, from its declaration."""
    text = inspect.getdoc(sys.modules[model.__module__]) or inspect.getdoc(model) or ""
    parts = [
        f"<h2>{html.escape(model.title)}</h2><p>{html.escape(model.purpose)}</p>",
        f"<p><b>Source.</b> {html.escape(model.source)}</p>",
        f"<h2>Equations and numerics</h2><pre>{html.escape(text)}</pre>",
        "<h2>Parameters</h2>" + _table(
            ("", "name", "default", "allowed", "meaning", "source"),
            (
                (f"<i>{_symbol(q.symbol)}</i>", k, q.text(), q.allowed(), q.doc or "", q.source)
                for k, q in model.parameters().items()
            ),
        ),
    ]  # fmt: skip
    if model.facts:
        parts.append(
            "<h2>Facts that the tests check</h2>" + _table(
                ("fact", "expected", "within", "why that much", "source"),
                (
                    (f.name, f"{numeral(f.value)} {'' if f.unit == '1' else f.unit}",
                     f"± {numeral(f.tol)}",
                     f.why_tol, f.source)
                    for f in model.facts
                ),
            )
        )  # fmt: skip
    return pn.pane.HTML(
        f'<div class="about">{"".join(parts)}</div>', stylesheets=[css("about")], margin=0,
        sizing_mode="stretch_width",
    )  # fmt: skip


def _symbol(text: str) -> str:
    base, _, sub = text.partition("_")
    return html.escape(base) + (f"<sub>{html.escape(sub)}</sub>" if sub else "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Create an HTML table; cells are escaped, except the markup of symbols."""

    def cell(text: str, k: int) -> str:
        safe = text if text.startswith("<i>") else html.escape(text)
        kind = "n" if k in (1, 2) else "s" if k == len(head) - 1 else ""
        return f'<td class="{kind}">{safe}</td>'

    body = "".join(f"<tr>{''.join(cell(t, k) for k, t in enumerate(row))}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{body}</table>"
