"""Changes the text of a script at places that its syntax tree names, and indents what is left.

Comments and line breaks stay as they are; nothing inside of a string is indented.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """The characters from ``start`` to ``end`` of a text become ``text``."""

    start: int
    end: int
    text: str


class Source:
    """The text of a script, in which nodes of its tree are found."""

    def __init__(self, text: str):
        self.text = text
        self.tree = ast.parse(text)
        lines = [f"{line}\n" for line in text.split("\n")]  # as Python counts them
        self._lines = [line.encode() for line in lines]
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))

    def place(self, line: int, column: int) -> int:
        """Index of a character; columns of a syntax tree count bytes."""
        return self._starts[line - 1] + len(self._lines[line - 1][:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        """First character of a node, and the one after its last."""
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        first = node.lineno, node.col_offset  # type: ignore[attr-defined]
        return self.place(*first), self.place(end_line, end_column)

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def statement(self, node: ast.stmt) -> tuple[int, int]:
        """As `span`, with decorators, the comments above and the comment at the end."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node, *decorators], key=lambda n: n.lineno)
        start, end = self.place(first.lineno, 0), self.span(node)[1]
        if self.text[start : self.span(first)[0]].strip(" \t@"):
            start = self.span(first)[0]  # another statement stands before it on its line
        else:
            start = self._with_comments_above(first.lineno)
        rest = self.text[end : self._starts[node.end_lineno or 0]]
        return start, end + (len(rest.rstrip()) if rest.lstrip().startswith("#") else 0)

    def _with_comments_above(self, line: int) -> int:
        while line > 1 and self._lines[line - 2].startswith(b"#"):
            line -= 1
        return self._starts[line - 1]

    def edited(self, start: int, end: int, edits: Iterable[Edit]) -> str:
        """A part of the text with those of the changes that lie within it."""
        text, at = "", start
        for edit in sorted(edits, key=lambda e: (e.start, e.end)):
            if start <= edit.start and edit.end <= end and edit.start >= at:
                text += self.text[at : edit.start] + edit.text
                at = edit.end
        return text + self.text[at:end]


def with_arguments(source: Source, call: ast.Call, given: dict[str, str]) -> list[Edit]:
    """Changes that give a call further keyword arguments, where it has not got them."""
    new = ", ".join(
        f"{k}={v}" for k, v in given.items() if k not in {word.arg for word in call.keywords}
    )
    if not new:
        return []
    end = source.span(call)[1] - 1
    parts = [*call.args, *(word.value for word in call.keywords)]
    if not parts:
        return [Edit(end, end, new)]
    last = max(source.span(part)[1] for part in parts)
    # After the last argument, which may stand in brackets of its own, and before a comma after it.
    while source.text[last:end].lstrip().startswith(")"):
        last += source.text[last:end].index(")") + 1
    return [Edit(last, last, f", {new}")]


def indented(text: str, by: str) -> str:
    """The text with each line moved to the right, but for those that begin within a string."""
    within: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if tokenize.tok_name[token.type].startswith(("STRING", "FSTRING")):
            within.update(range(token.start[0] + 1, token.end[0] + 1))
    lines = text.split("\n")
    return "\n".join(
        line if number in within or not line.strip() else by + line
        for number, line in enumerate(lines, 1)
    )
