"""Describe a circuit in tables, as needed for a paper, in three formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import unknown

if TYPE_CHECKING:
    from ..elements import Circuit

FORMATS = ("markdown", "html", "latex")


class Document(str):
    """The tables as text; renders in a notebook."""

    written = "markdown"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        kinds = {"markdown": "text/markdown", "html": "text/html"}
        shown = {"text/plain": str(self)}
        return {**shown, kinds[self.written]: str(self)} if self.written in kinds else shown


def models_html(circuit: Circuit) -> str:
    """Return the equations of neurons and synapses as HTML, with formulas as outlines."""
    from . import html
    from .content import models_of

    return html.write("", models_of(circuit))


def tables(
    circuit: Circuit, format: str = "markdown", document: bool = False, paragraph: str = ""
) -> Document:
    """Return the complete description of the model as tables.

    circuit   : of the network
    format    : "markdown", "html" (formulas as outlines) or "latex"
    document  : return a complete file that can be opened or compiled, instead of a fragment
    paragraph : plain text between the title and the tables
    raises    : UnknownName for another format
    source    : the content follows Nordlie, Gewaltig & Plesser (2009), PLoS Comput. Biol.
                5:e1000456
    """
    from . import html, latex, markdown
    from .content import tables_of

    if format not in FORMATS:
        raise unknown("format of tables", format, FORMATS)
    found = tables_of(circuit)
    title = circuit.title
    if format == "latex":
        text = latex.write(title, found, document, paragraph)
    elif format == "html":
        text = (html.page if document else html.write)(title, found, paragraph=paragraph)
    else:
        text = markdown.write(title, found, paragraph)
    made = Document(text)
    made.written = format
    return made
