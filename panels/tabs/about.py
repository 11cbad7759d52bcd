"""The About tab: purpose, equations, parameters and facts of the model, with their sources."""

from __future__ import annotations

import html
import inspect
import re
import sys
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import panel as pn

from workbench.circuits.tables import models_html
from workbench.circuits.tables.symbols import GREEK
from workbench.model.model import Model
from workbench.network import NetworkInfo
from workbench.numerals import numeral

from ..theme import css

if TYPE_CHECKING:
    from panels.extension import ModelPage

# A part of a model's docstring: its name, and what follows it on the line and is indented below.
_PART = re.compile(r"^([A-Z]\w+) {2,}(.*(?:\n(?: {2,}.*)?)*)", re.MULTILINE)
# What is written as in code within a sentence: indices, powers, letters by their names, arrows.
_MATHS = re.compile(
    r"(?P<name>[A-Za-z]+)(?P<index>(?:_[A-Za-z0-9]+)+(?:,[A-Za-z]\b)?)?"
    r"|_(?P<low>\+|\w|\([^()]*\)|\{[^{}]*\})|\^(?P<high>\([^()]*\)|-?\w+(?:/\d+)?)"
    r"|(?P<sign><-|->|>=|<=|(?<=[ (\[])-(?=[ \w(]))|`(?P<code>[^`]+)`"
)
_SIGNS = {"<-": "←", "->": "→", ">=": "≥", "<=": "≤", "-": "−"}
_WORDS = {"sqrt": "√", **{name: html.unescape(f"&{name};") for name in GREEK}}


class AboutTab:
    """The tab of one page; the equations of its network are typeset when they are known."""

    def __init__(self, explorer: ModelPage):
        self._explorer = explorer
        self._begun = False
        self.view = pn.pane.HTML(
            stylesheets=[css("about")], margin=0, sizing_mode="stretch_width",
        )  # fmt: skip

    def build(self) -> pn.pane.HTML:
        """Create the tab's content."""
        self.view.object = about(self._explorer.model_class)
        self._explorer.on_info(self._typeset)
        if self._explorer.info is not None:
            self._typeset(self._explorer.info)
        return self.view

    def _typeset(self, info: NetworkInfo) -> None:
        """Add the equations; in a thread, for those of a large model take a second."""
        if self._begun or info.circuit is None:
            return
        self._begun = True
        explorer = self._explorer

        def work() -> None:
            made = about(explorer.model_class, models_html(info.circuit))
            explorer.later(lambda: self.view.param.update(object=made))

        threading.Thread(target=work, name="workbench-typeset", daemon=True).start()


def about(model: type[Model], equations: str = "") -> str:
    """HTML about a model, from its declaration.

    equations : of its network, as HTML
    """
    text = inspect.getdoc(sys.modules[model.__module__]) or inspect.getdoc(model) or ""
    told = [
        f"<h2>{html.escape(model.title)}</h2><p>{html.escape(model.purpose)}</p>",
        f"<p><b>Source.</b> {html.escape(model.source)}</p>",
        _parts(text),
    ]
    if equations:
        told.append(f"<h2>Equations of the network</h2>{equations}")
    listed = [
        "<h2>Parameters</h2>" + _table(
            ("", "name", "default", "allowed", "meaning", "source"),
            (
                (f"<i>{_symbol(q.symbol)}</i>", k, q.text(), q.allowed(), q.doc or "", q.source)
                for k, q in model.parameters().items()
            ),
        ),
    ]  # fmt: skip
    if model.facts:
        listed.append(
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
    return f'<div class="about"><div>{"".join(told)}</div><div>{"".join(listed)}</div></div>'


def _parts(text: str) -> str:
    """A docstring: its parts under their names, equations line by line, the rest as paragraphs."""
    found = _PART.findall(text)
    if not found:
        return f"<p class=plain>{html.escape(text)}</p>"
    # The line before them is the purpose in other words.
    _title, *before = _PART.split(text, maxsplit=1)[0].strip().split("\n\n")
    parts = [f"<p>{_in_a_sentence(p)}</p>" for p in before]
    for name, body in found:
        lines = [line.strip() for line in body.strip().splitlines()]
        if name.startswith("Equation"):
            shown = "".join(f"<p class=line>{_set(line)}</p>" for line in lines)
        else:
            shown = f"<p>{_in_a_sentence(' '.join(lines))}</p>"
        parts.append(f"<h3>{html.escape(name)}</h3>{shown}")
    return "".join(parts)


def _in_a_sentence(text: str) -> str:
    return re.sub(r"`+([^`]+)`+", r"<code>\1</code>", html.escape(text, quote=False))


def _set(text: str) -> str:
    """A line of equations with indices, powers and Greek letters as in print."""
    made, at = [], 0
    for found in _MATHS.finditer(text):
        made.append(html.escape(text[at : found.start()]))
        made.append(_one(found))
        at = found.end()
    return "".join([*made, html.escape(text[at:])])


def _one(found: re.Match[str]) -> str:
    name, index, low, high = found.group("name", "index", "low", "high")
    if found["sign"]:
        return _SIGNS[found["sign"]]
    if found["code"]:
        return f"<code>{html.escape(found['code'])}</code>"
    if low:
        return f"<sub>{_set(low.strip('(){}'))}</sub>"
    if high:
        return f"<sup>{_set(high.strip('(){}'))}</sup>"
    # A d before a letter is that of a derivative.
    d, letter = ("d", name[1:]) if name[0] == "d" and name[1:] in _WORDS else ("", name)
    shown = "∑" if letter == "sum" and _is_indexed(found) else _WORDS.get(letter, letter)
    if not index:
        return d + (f"<i>{shown}</i>" if shown != letter else letter)
    below = ",".join(_WORDS.get(part, part) for part in index[1:].split("_"))
    return f"{d}<i>{shown}</i><sub>{below}</sub>"


def _is_indexed(name: re.Match[str]) -> bool:
    return bool(name["index"]) or name.string[name.end() :].startswith("_")


def _symbol(text: str) -> str:
    base, _, sub = text.partition("_")
    return html.escape(base) + (f"<sub>{html.escape(sub)}</sub>" if sub else "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Create an HTML table; cells are escaped, except the markup of symbols."""

    def cell(text: str, k: int) -> str:
        safe = text if text.startswith("<i>") else html.escape(text)
        kind = "n" if k in (1, 2) else "s" if k == len(head) - 1 else ""
        return f'<td class="{kind}" data-head="{head[k]}">{safe}</td>'

    body = "".join(f"<tr>{''.join(cell(t, k) for k, t in enumerate(row))}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{body}</table>"
