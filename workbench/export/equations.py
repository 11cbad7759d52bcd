"""Equations and code of Brian2 objects as text that can be read back."""

from __future__ import annotations

from typing import Any

from .values import unit_in_equations


def equation(e: Any) -> str:
    kind = {"float": unit_in_equations(e.dim)}.get(e.var_type, e.var_type)
    left = f"d{e.varname}/dt = " if e.type == "differential equation" else f"{e.varname} = "
    left = e.varname if e.expr is None else left + " ".join(str(e.expr.code).split())
    flags = f" ({', '.join(e.flags)})" if e.flags else ""
    return f"{left} : {kind}{flags}"


def synaptic_equations(synapses: Any) -> tuple[list[str], list[str]]:
    """The equations of synapses as lines, and their right sides."""
    constant = synapses.subexpression_updater
    code = "" if constant is None else constant.abstract_code
    slow = dict(line.split(" = ", 1) for line in code.splitlines() if line.strip())
    found = {**(synapses.event_driven or {}), **synapses.equations}
    skipped = ("lastupdate", synapses.multisynaptic_index, *slow)
    equations = [e for name, e in found.items() if name not in skipped]
    lines = [equation(e) for e in equations]
    codes = [str(e.expr.code) for e in equations if e.expr is not None]
    given = [(name, updater.expression.code, "summed") for name, updater in
             synapses.summed_updaters.items()]  # fmt: skip
    for name, right in slow.items():
        shared = "shared, " if synapses.variables[name].scalar else ""
        given.append((name, right, f"{shared}constant over dt"))
    for name, right, flags in given:
        right_side = " ".join(str(right).split())
        dim = unit_in_equations(synapses.variables[name].dim)
        lines.append(f"{name} = {right_side} : {dim} ({flags})")
        codes.append(right_side)
    return lines, codes


def block(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 2:
        return repr(lines[0] if lines else "")
    return '"""\n' + "\n".join(f"        {line}" for line in lines) + '\n    """'
