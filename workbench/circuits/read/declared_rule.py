"""Declared connection rules: records the calls of `Synapses.connect` while a network is built.

Brian2 discards the arguments of ``connect`` once the synapses are created. Recorded rules are
exact, so they need not be inferred from the synapses.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from ...brian import watch_connect
from ..rules import Allowed, Rule, Symbol

_ARRAY = "an array"
_seen: WeakKeyDictionary[Any, list[Call]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Call:
    """The arguments of one ``connect``: text as given, ``_ARRAY`` for numbers.

    names : values of the numeric names in ``p``, ``n`` and ``j`` at the call
    """

    condition: str | None = None
    i: str | None = None
    j: str | None = None
    p: float | str = 1.0
    n: int | str = 1
    names: dict[str, float] = field(default_factory=dict)

    @property
    def treats_all_alike(self) -> bool:
        """Whether no pair of neurons is told from another, not even one neuron with itself."""
        anyone = self.condition in (None, "True") and self.i is None and self.j is None
        return anyone and not isinstance(self.p, str) and not isinstance(self.n, str)


@contextmanager
def watched() -> Iterator[None]:
    """Context manager that records every call of ``Synapses.connect``."""
    with watch_connect.watched(_note):
        yield


def _note(synapses: Any, given: dict[str, Any], around: Mapping[str, Any]) -> None:
    p, n = given["p"], given["n"]
    texts = [a for a in given.values() if isinstance(a, str)]
    call = Call(
        _text(given["condition"]), _text(given["i"]), _text(given["j"]),
        p if isinstance(p, str) else float(p), n if isinstance(n, str) else int(n),
        _numbers(texts, around),
    )  # fmt: skip
    _seen.setdefault(synapses, []).append(call)


def calls(synapses: Any) -> tuple[Call, ...]:
    """Recorded calls for these synapses, () if none."""
    return tuple(_seen.get(synapses, ()))


def declared(seen: tuple[Call, ...], same: bool) -> Rule | None:
    """Return the declared rule; None if no call, or no single rule, was recorded.

    same : source and target are the same population
    """
    if len(seen) != 1:
        return None
    call = seen[0]
    multiple = "no" if call.n == 1 else "yes"
    if call.i == _ARRAY or call.j == _ARRAY:
        return Rule("X", source="declared")
    if call.i is not None or call.j is not None:
        found = _generated(call)
    else:
        found = _conditioned(call, same)
    switches: dict[str, Any] = {}
    if found.multapses == "unknown":
        switches["multapses"] = multiple
    if not same:
        switches["autapses"] = "unknown"
    elif found.autapses == "unknown":
        switches["autapses"] = "yes"
    return Rule(**{**_fields(found), **switches, "source": "declared"})


def _conditioned(call: Call, same: bool) -> Rule:
    """Rule of ``connect()``, ``connect(p=...)`` or ``connect(condition=...)``."""
    condition = call.condition
    autapses: Allowed = "unknown"
    if condition in (None, "True"):
        condition = ""
    elif (rest := _without_self(condition)) is not None:
        # Between two populations, i != j is an ordinary condition.
        if not same and not rest and call.p == 1.0:
            return Rule("X", text="i ≠ j")
        condition, autapses = (rest, "no") if same else (condition, autapses)
    assert condition is not None
    if _plain(condition) in ("i==j", "j==i"):
        return Rule("δ", text="" if call.p == 1.0 else f"p = {call.p}", chance=call.p != 1.0)
    p = _value(call.p, call.names)
    if p is None:  # the probability depends on the neurons
        text = str(call.p) + (f" if {condition}" if condition else "")
        return Rule("f(r)", autapses=autapses, text=text, chance=True)
    if not condition:
        if p >= 1:
            return Rule("Ω", autapses=autapses)
        return Rule("p", p, autapses=autapses, name=_name(call.p))
    names = _identifiers(condition)
    symbol: Symbol = "f(r)" if {"i", "j"} <= names or any(_of_a_neuron(n) for n in names) else "X"
    text = condition if p >= 1 else f"p = {p:g} if {condition}"
    return Rule(symbol, autapses=autapses, text=text, chance=p < 1)


def _generated(call: Call) -> Rule:
    """Rule of ``connect(j=...)`` or ``connect(i=...)`` with an expression or a generator."""
    one = call.j if call.j is not None else call.i
    assert one is not None
    fixed: Symbol = "K_out" if call.j is not None else "K_in"
    p = _value(call.p, call.names)
    thinned = p is None or p < 1
    other, size = ("i", "N_post") if call.j is not None else ("j", "N_pre")
    text = one if not thinned else f"{one}, p = {call.p}"
    if _plain(one) == other:
        return Rule("δ", text="" if not thinned else f"p = {call.p}", chance=thinned)
    drawn = re.fullmatch(r"int\((?:rand\(\)\*(\w+)|(\w+)\*rand\(\))\)", _plain(one))
    if drawn and size in drawn.groups() and not thinned:
        count = _value(call.n, call.names)
        return Rule(fixed, count, multapses="yes" if count and count > 1 else "no",
                    name=_name(call.n))  # fmt: skip
    sampled = re.fullmatch(r"\s*(\w+)\s+for\s+\1\s+in\s+sample\((.*)\)\s*", one)
    if sampled and not thinned and call.n == 1:
        given = _arguments(sampled[2])
        if given.get("") in ((size,), ("0", size)) and len(given) == 2:
            if "size" in given and (count := _value(given["size"], call.names)) is not None:
                return Rule(fixed, count, multapses="no", name=_name(given["size"]))
            if "p" in given:
                chance = _value(given["p"], call.names)
                if chance is not None:
                    return Rule("p", chance, multapses="no", name=_name(given["p"]))
    chance = thinned or bool(re.search(r"\b(sample|rand|randn)\s*\(", one))
    return Rule("f(r)", text=text, chance=chance)


def _fields(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}


def _text(argument: Any) -> str | None:
    if argument is None:
        return None
    return str(argument) if isinstance(argument, str | bool) else _ARRAY


def _plain(text: str) -> str:
    """Remove spaces and outer parentheses."""
    text = re.sub(r"\s+", "", text)
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _without_self(condition: str) -> str | None:
    """Remove i != j from a condition; None if the condition does not contain it."""
    parts = [p for p in re.split(r"\band\b|&", condition) if p.strip()]
    rest = [p for p in parts if _plain(p) not in ("i!=j", "j!=i")]
    return None if len(rest) == len(parts) else " and ".join(p.strip() for p in rest)


def _identifiers(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text))


def _of_a_neuron(name: str) -> bool:
    return name.endswith(("_pre", "_post")) and name not in ("N_pre", "N_post")


def _numbers(texts: list[str], around: Mapping[str, Any]) -> dict[str, float]:
    """Values of the numeric names in these texts."""
    found = {}
    for name in {n for t in texts for n in _identifiers(t)}:
        value = around.get(name)
        if isinstance(value, int | float) or getattr(value, "shape", None) == ():
            try:
                found[name] = float(value)  # type: ignore[arg-type]
            except (TypeError, ValueError):
                continue
    return found


def _value(given: float | str, names: dict[str, float]) -> float | None:
    """Value of a number or numeric expression; None for anything else."""
    if not isinstance(given, str):
        return float(given)
    try:
        return float(_evaluate(ast.parse(given.strip(), mode="eval").body, names))
    except (SyntaxError, KeyError, TypeError, ZeroDivisionError):
        return None


def _evaluate(node: ast.expr, names: dict[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand, names)
    if isinstance(node, ast.BinOp):
        a, b = _evaluate(node.left, names), _evaluate(node.right, names)
        if isinstance(node.op, ast.Add):
            return a + b
        if isinstance(node.op, ast.Sub):
            return a - b
        if isinstance(node.op, ast.Mult):
            return a * b
        if isinstance(node.op, ast.Div):
            return a / b
    raise TypeError(ast.dump(node))


def _name(given: Any) -> str:
    return given.strip() if isinstance(given, str) and given.strip().isidentifier() else ""


def _arguments(text: str) -> dict[str, Any]:
    """Arguments of a call, positional ones as a tuple of text under ""."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
    except SyntaxError:
        return {}
    assert isinstance(call, ast.Call)
    named: dict[str, Any] = {k.arg: ast.unparse(k.value) for k in call.keywords if k.arg}
    return {"": tuple(ast.unparse(a) for a in call.args), **named}
