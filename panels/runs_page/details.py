"""HTML details of one saved run, or of two runs side by side."""

from __future__ import annotations

import html
from base64 import b64encode
from itertools import islice

from panels.access.visitor import in_words, served_to_others
from workbench.catalogue import RunEntry
from workbench.model import registry
from workbench.model.parameter import Parameter
from workbench.numerals import numeral
from workbench.settings import PNG_DPI

from ..parts.run_plots import Plots

PX_AN_INCH = 108  # of all plots alike, so that their letters have one size
MOST_ROWS = 1000  # of a table: a file may name any number of parameters


def heading(chosen: list[RunEntry]) -> str:
    """Heading with the names of the runs, and the message of a single run."""
    if not chosen:
        return (
            "<p>Choose a run to look at it; the boxes choose two, which are laid over one "
            "another.</p>"
        )
    if len(chosen) > 1:
        return f"<h2>A: {html.escape(chosen[0].id)}<br>B: {html.escape(chosen[1].id)}</h2>"
    entry = chosen[0]
    kind = ' class="bad"' if entry.outcome in ("damaged", "failed") else ""
    message = f"<p{kind}>{html.escape(in_words(entry.message))}</p>" if entry.message else ""
    return f"<h2>{html.escape(entry.id)}</h2>{message}"


def of_one(entry: RunEntry) -> str:
    """Metadata, parameters that differ from the model's defaults, and a folded list of all."""
    facts = "".join(
        f"<tr><td>{html.escape(what)}</td><td>{html.escape(value)}</td></tr>"
        for what, value in entry.facts()
        if value and not (what == "folder" and served_to_others())
    )
    own = _declared(entry.model)
    rows = "".join(
        f"<tr><td>{html.escape(k)}</td><td class=n>{html.escape(_value(entry, k, own))}</td>"
        f"<td class=n>{html.escape(own[k].text())}</td>"
        f"<td>{html.escape((own[k].doc or '').strip())}</td></tr>"
        for k, v in entry.parameters.items()
        if k in own and v != own[k].default
    )
    table = (
        "<table><tr><th>parameter</th><th>this run</th><th>default</th><th>meaning</th></tr>"
        f"{rows}</table>"
        if rows
        else "<p>Every parameter had its default.</p>"
        if own
        else ""
    )
    everything = "".join(
        f"<tr><td>{html.escape(k)}</td><td class=n>{html.escape(_value(entry, k, own))}</td>"
        f"<td>{html.escape((own[k].doc or '').strip() if k in own else '')}</td></tr>"
        for k in islice(entry.parameters, MOST_ROWS)
    )
    more = _more(len(entry.parameters))
    return (
        f"<h3>What it is</h3><table class=facts>{facts}</table>{table}"
        f"<details><summary>All parameters at t = 0</summary>"
        f"<table>{everything}</table>{more}</details>"
    )


def of_two(first: RunEntry, second: RunEntry) -> str:
    """Table of the differences between two runs."""
    rows = []
    theirs = dict(second.facts())
    for what, value in first.facts():
        if what not in ("folder", "size", "tags") and value != theirs[what]:
            rows.append((what, value, theirs[what]))
    one, other = _declared(first.model), _declared(second.model)
    for name in dict.fromkeys([*first.parameters, *second.parameters]):
        a, b = first.parameters.get(name), second.parameters.get(name)
        if a != b:
            rows.append((name, _value(first, name, one), _value(second, name, other)))
    shown = "".join(
        f"<tr><td>{html.escape(what)}</td><td>{html.escape(a)}</td><td>{html.escape(b)}</td></tr>"
        for what, a, b in rows[:MOST_ROWS]
    )
    return (
        f"<h3>What differs</h3><table><tr><th></th><th>A</th><th>B</th></tr>{shown}</table>"
        f"{_more(len(rows))}"
    )


def plots(found: Plots) -> str:
    """Plots on white, each under its title, or the reason why it could not be drawn."""
    parts = []
    for title, drawn in found:
        name = html.escape(title)
        if isinstance(drawn, str):
            parts.append(f'<p class="bad">{html.escape(in_words(drawn))}</p>')
            continue
        uri = f"data:image/png;base64,{b64encode(drawn).decode()}"
        # The first part of a PNG says how wide it is.
        width_px = PX_AN_INCH * int.from_bytes(drawn[16:20], "big") / PNG_DPI
        style = f"width: {width_px:.0f}px; max-width: 100%"
        image = f'<div class="figure"><img alt="{name}" style="{style}" src="{uri}"></div>'
        parts.append(f'<div class="one"><h3>{name}</h3>{image}</div>')
    return f'<div class="abreast">{"".join(parts)}</div>'


def _more(rows: int) -> str:
    return f"<p>… and {rows - MOST_ROWS:,} more.</p>" if rows > MOST_ROWS else ""


def _declared(model: str) -> dict[str, Parameter]:
    """The parameters of a model as they are now; empty if the model is not available."""
    cls = registry.models().get(model)
    return {} if cls is None else cls.parameters()


def _value(entry: RunEntry, name: str, own: dict[str, Parameter]) -> str:
    """A parameter of a run with its unit, where ``own``, what its model declares, tells it."""
    value, declared = entry.parameters.get(name), own.get(name)
    if value is None:
        return "–"
    return numeral(value) if declared is None else declared.text(value)
