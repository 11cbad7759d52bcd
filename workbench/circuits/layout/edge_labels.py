"""What stands along an edge, in the symbols of Senk et al. 2022, as TeX."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..elements import Edge
from ..rules import Param, Rule
from ..text.math import symbol

_RULES = {"δ": r"\delta", "Ω": r"\Omega", "X": r"X", "f(r)": r"f(r)"}
_COUNTS = {
    "N_syn": r"N_{\mathrm {syn}}",
    "K_in": r"K_{\mathrm {in}}",
    "K_out": r"K_{\mathrm {out}}",
}
_FAMILIES = {"N": r"\mathcal{N}", "U": r"\mathcal{U}", "logN": r"\log\mathcal{N}",
             "exp": r"\mathrm {Exp}", "": r"\mathcal{D}"}  # fmt: skip
STRUCK = {"A": r"\cancel{A}", "M": r"\cancel{M}"}
SEPARATOR = r",\,"


@dataclass(frozen=True)
class Note:
    """Lines of TeX, and the same in words."""

    lines: tuple[str, ...]
    message: str


def note(e: Edge, values: bool) -> Note:
    """The annotation of an edge; no lines where nothing is known.

    values : whether numbers are written, or only what kind of number it is
    """
    first = []
    if e.rule is not None and e.kind not in ("recording", "gap junction"):
        first = [rule(e.rule, values), *switches(e.rule, e.source == e.target)]
    second = [
        p
        for p in (param(e.weight, "w", values, e.plastic), *delays(e, values))
        if p and e.kind != "recording"
    ]
    lines = [SEPARATOR.join(part) for part in (first, second) if part]
    if len(lines) == 2 and not values:
        lines = [SEPARATOR.join([*first, *second])] if len(first) + len(second) < 4 else lines
    return Note(tuple(lines), e.describe())


def delays(e: Edge, values: bool) -> list[str]:
    """The delay; one for each pathway, under its name, where they differ."""
    given = {p.name: p.delay for p in e.pathways if p.delay is not None}
    late = {n: d for n, d in given.items() if (d.low, d.high) != (0, 0)}
    mine = {p.name: p.delay for p in e.pathways if p.prepost == "pre"}
    if len({*mine.values()}) < 2 and set(late) <= set(mine):
        return [param(e.delay, "d", values)]
    return [param(replace(d, name=f"d_{name}"), "d", values) for name, d in late.items()]


def rule(r: Rule, values: bool) -> str:
    """``\\delta``, ``p^{*} = 0.1``, ``K_{in} = 80``: a star says inferred, a question mark that
    it may be another rule."""
    known = "" if r.source == "declared" else r"^{*}" if r.certain else r"^{?}"
    if r.symbol == "f(r)" and r.chance:
        return rf"p{known}(r)"
    if r.symbol in _RULES:
        return _RULES[r.symbol] + known
    tex = "p" if r.symbol == "p" else _COUNTS[r.symbol]
    if not values or r.value is None:
        return tex + known
    return rf"{tex}{known}={number(r.value)}"


def switches(r: Rule, same: bool) -> list[str]:
    """A and M, struck where forbidden; only where they say more than the rule does."""
    found = []
    if same and r.autapses != "unknown" and r.symbol != "δ":
        found.append("A" if r.autapses == "yes" else STRUCK["A"])
    drawn = r.symbol in _COUNTS
    if (drawn and r.multapses != "unknown") or r.multapses == "yes":
        found.append("M" if r.multapses == "yes" else STRUCK["M"])
    return found


def param(p: Param | None, letter: str, values: bool, plastic: bool = False) -> str:
    """A weight or a delay: overlined if constant, with its distribution, or as a function."""
    if plastic:
        return f"{letter}(t)"
    if p is None or (p.form == "constant" and p.value == 0 and letter == "d"):
        return ""
    base = symbol(p.name) if p.name else letter
    if p.factor:  # the numbers are those of the product
        letter = base = rf"{symbol(p.factor)}\,{base}"
    if p.form == "function":
        return rf"{letter}(r)" if p.text.endswith("(r)") else rf"{letter}(\cdot)"
    if p.form == "constant":
        mean = rf"\overline{{{base}}}" if p.name or p.factor else rf"\bar{{{letter}}}"
        if not values or p.value is None:
            return mean
        return rf"{mean}={number(p.value)}{unit(p.unit)}"
    if p.name and letter == "d":
        letter = base
    family = _FAMILIES[p.family]
    if not values or p.family != "N" or p.value is None or p.sd is None:
        return rf"{letter}\sim {family}"
    return rf"{letter}\sim {family}({number(p.value)},{number(p.sd, 2)}){unit(p.unit)}"


def number(value: float, digits: int = 3) -> str:
    """A number as TeX, with at most so many digits."""
    if value < 0:
        return rf"{{-}}{number(-value, digits)}"
    if value == round(value) and abs(value) < 1e6:
        return f"{int(value)}"
    text = f"{value:.{digits}g}"
    if "e" in text:
        head, power = text.split("e")
        return rf"{head}\cdot 10^{{{int(power)}}}"
    return text


def unit(name: str) -> str:
    """A unit as TeX, after a thin space."""
    if not name or name == "1":
        return ""
    name = re.sub(r"^u(?=[A-Za-z])", "µ", name).replace("*", r"\,").replace("ohm", "Ω")
    name = re.sub(r"\^(-?\d+)", r"^{\1}", name)
    return rf"\,\mathrm {{{name}}}"


def key_of(notes: list[Note]) -> list[tuple[str, ...]]:
    """The different annotations among these, the most frequent first."""
    counts: dict[tuple[str, ...], int] = {}
    for n in notes:
        if n.lines:
            counts[n.lines] = counts.get(n.lines, 0) + 1
    return sorted(counts, key=lambda lines: -counts[lines])
