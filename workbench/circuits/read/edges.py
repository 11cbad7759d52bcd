"""Convert the synapses of a Brian2 network to edges of a circuit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...brian import internals
from ...engine.cells import compartments
from ..elements import Edge
from ..rules import Rule
from . import weights as params
from .declared_rule import calls, declared
from .effect import assignments, increments, is_plastic, projection_sign
from .group_values import GroupState, identifiers, whole
from .inferred_rule import infer
from .nodes import Piece, Pieces, constants, covered
from .pathways import joint_delay, pathways
from .synapse_values import SynapseState

_log = logging.getLogger(__name__)


def edges_of(
    s: Any, pieces: Pieces, namespace: dict[str, Any] | None, others: Sequence[Any] = ()
) -> list[Edge]:
    """One edge for each connected pair of nodes. ``others``: synapses that may change these."""
    source, target, onto = s.source, s.target, ""
    while internals.is_synapses(target):  # synapses onto synapses: drawn to their target
        onto = onto or target.name
        target = target.target
    of_synapses = internals.is_synapses(source)
    while internals.is_synapses(source):  # synapses as source: drawn from their own source
        source = source.source
    sources, targets = covered(source, pieces), covered(target, pieces)
    if not sources or not targets or not len(s):
        return []
    numbered = not onto and not of_synapses
    i = np.asarray(s.variables["_synaptic_pre"].get_value())
    j = np.asarray(s.variables["_synaptic_post"].get_value())
    plastic = not onto and is_plastic(s, others)
    common = {
        "plastic": plastic,
        "projection": s.name,
        "onto": onto,
        "channel": next((n for n, _ in increments(s)), "") if not onto else "",
        "model": _model(s),
        "on_pre": _code(s, "pre"),
        "on_post": _code(s, "post"),
        "constants": constants(s),
        "kind": _kind(s, onto, namespace, i, j),
    }
    if not numbered:
        targets = targets[:1] if onto else targets
        sources = sources[:1]
    whole_pair = len(sources) == len(targets) == 1
    found = []
    for a in sources:
        for b in targets:
            mine = None
            if not whole_pair and numbered:
                inside = (i >= a.start) & (i < a.stop) & (j >= b.start) & (j < b.stop)
                mine = np.flatnonzero(inside)
                if not mine.size:
                    continue
            ii, jj = (i, j) if mine is None else (i[mine], j[mine])
            rule = None
            if numbered:
                cut = (len(sources) > 1, len(targets) > 1)
                rule = _rule(s, a, b, ii - a.start, jj - b.start, cut)
            ways = pathways(s, namespace, mine)
            sign: Any = "modulatory" if onto else projection_sign(s, namespace, mine)
            if common["kind"] == "gap junction":
                sign = "mixed"
            found.append(
                Edge(
                    name=s.name if whole_pair else f"{a.name}_to_{b.name}",
                    source=a.name,
                    target=b.name,
                    sign=sign,
                    n_synapses=len(ii),
                    delay=joint_delay(ways),
                    pathways=ways,
                    weight=params.weight(s, mine, plastic),
                    rule=rule,
                    **common,
                )
            )
    return found


def links(groups: list[Any], pieces: Pieces, namespace: dict[str, Any] | None) -> list[Edge]:
    """Edges for variables that a group reads from another one (``linked_var``)."""
    found = []
    for group in groups:
        for name in sorted(getattr(group, "_linked_variables", ())):
            owner = getattr(group.variables.get(name), "owner", None)
            for a in pieces.get(getattr(owner, "name", ""), ()):
                for b in pieces[group.name]:
                    sign: Any = "unknown"
                    effect = GroupState(group, namespace).effect(name, _little(group, name))
                    if effect != "none":
                        sign = "excitatory" if effect == "rise" else "inhibitory"
                    found.append(
                        Edge(f"{a.name}_{name}_to_{b.name}", a.name, b.name, sign,
                             projection=f"{group.name}.{name}", kind="continuous", channel=name)
                    )  # fmt: skip
    return found


def modulations(edges: list[Edge], synapses: list[Any]) -> list[Edge]:
    """Mark edges that act on the plasticity of another projection through a target variable.

    A third factor, such as dopamine, is a variable of the target neurons that does not affect the
    membrane potential, but is read where a projection onto them changes its weight.
    """
    read = {s.name: _third_factors(s) for s in synapses}
    group = {s.name: whole(s.target).name for s in synapses if hasattr(s.target, "N")}
    found = []
    for e in edges:
        onto = ""
        if e.sign == "unknown" and e.channel and e.kind in ("synapse", "continuous"):
            mine = group.get(e.projection) or e.projection.split(".")[0]
            onto = next(
                (n for n, names in read.items()
                 if n != e.projection and group.get(n) == mine and e.channel in names), "",
            )  # fmt: skip
        found.append(replace(e, sign="modulatory", kind="modulation", onto=onto) if onto else e)
    return found


def _rule(s: Any, a: Piece, b: Piece, i: np.ndarray, j: np.ndarray, cut: tuple[bool, bool]) -> Rule:
    """The declared rule if valid for this part of the projection, else the inferred rule."""
    same = a == b
    n_pre, n_post = (1 if compartments(whole(g)) else p.stop - p.start
                     for g, p in ((s.source, a), (s.target, b)))  # fmt: skip
    # All compartments of a cell count as one neuron.
    i, j = (k * (n > 1) for k, n in ((i, n_pre), (j, n_post)))
    seen = inferred = infer(i, j, n_pre, n_post, same)
    if any(compartments(whole(g)) for g in (s.source, s.target)):
        return inferred
    # Indices are relative to subgroups: i == j is an autapse only if both start at one neuron.
    aligned = getattr(s.source, "start", 0) == getattr(s.target, "start", 0)
    rule = declared(calls(s), same and aligned)
    if rule is None or (same and not aligned and calls(s)[0].condition):
        return inferred
    if same and not aligned and calls(s)[0].treats_all_alike:
        rule = replace(rule, autapses="yes")
    if rule.symbol == "X" and not rule.text:  # lists of indices
        if inferred.symbol in ("Ω", "δ"):  # deterministic rules are certain
            return replace(inferred, certain=True)
        if inferred.certain and inferred.symbol != "X":
            return inferred
        return replace(rule, evidence=seen.evidence, text=rule.text or inferred.text,
                       autapses=_there(np.any(i == j)) if same else "unknown",
                       multapses=_there(inferred.multapses == "yes"))  # fmt: skip
    lost = {"N_syn": any(cut), "K_in": cut[0], "K_out": cut[1], "δ": any(cut)}
    if lost.get(rule.symbol):  # a number fixed for the whole projection varies between its parts
        return inferred
    return replace(rule, evidence=seen.evidence)


def _there(happens: Any) -> Any:
    return "yes" if happens else "no"


def _kind(s: Any, onto: str, namespace: Any, i: np.ndarray, j: np.ndarray) -> Any:
    if onto:
        return "modulation"
    if any(p.prepost == "pre" and str(p.code).strip() for p in internals.pathways(s)):
        return "synapse"
    summed = [n for n in s.summed_updaters if n.endswith("_post")]
    if not summed:
        return "synapse" if internals.pathways(s) else "continuous"
    return "gap junction" if _is_gap(s, summed[0], namespace) else "continuous"


def _is_gap(s: Any, name: str, namespace: Any) -> bool:
    """True if the summed current is proportional to the pre-post difference of one variable."""
    expression = s.variables[f"_summed_{name}"].expr
    names = identifiers(expression)
    for one in names:
        if not one.endswith("_pre") or one == "N_pre":
            continue
        plain = one.removesuffix("_pre")
        other = f"{plain}_post" if f"{plain}_post" in names else plain
        if other not in names:
            continue
        try:
            state = SynapseState(s, GroupState(s.target, namespace), namespace, None, 200)
            f = [state.evaluate(expression, **{one: x, other: y})
                 for x, y in ((1.0, 1.0), (2.0, 1.0), (1.0, 2.0), (4.0, 2.0))]  # fmt: skip
        except Exception:
            _log.debug("the coupling of %s cannot be read", s.name, exc_info=True)
            return False
        flat = np.allclose(f[0], 0) and np.any(f[1] != 0)
        return bool(flat and np.allclose(f[1], -f[2]) and np.allclose(2 * f[1], f[3]))
    return False


def _third_factors(s: Any) -> set[str]:
    """Target variables that weight changes depend on, other than those the synapses act on."""
    from .effect import weight_variable

    weight = weight_variable(s)
    codes = [p.code for p in internals.pathways(s)] + _at_intervals(s)
    names: set[str] = set()
    for code in codes:
        read: dict[str, set[str]] = {}  # temporary name in the code -> names that it depends on
        for name, change in assignments(code):
            mine = {m for n in identifiers(change) for m in read.get(n, {n})}
            if name == weight:
                names |= mine
            elif name not in s.variables:
                read[name] = mine - {name}
    if weight in s.equations.diff_eq_names:
        names |= set(identifiers(str(s.equations[weight].expr)))
    own = {name for name, _ in increments(s)}
    found = set()
    for name in names:
        variable = s.variables.get(name)
        # A target subexpression is copied to the synapses; only the suffix shows its origin.
        theirs = name.endswith("_post") or getattr(variable, "owner", s).name != s.name
        if variable is not None and theirs:
            found |= _behind(s.target, name.removesuffix("_post"))
    return found - own


def _behind(group: Any, name: str) -> set[str]:
    """A variable of a group and those that it depends on, by equations or ``run_regularly``."""
    made: dict[str, set[str]] = {}
    for code in _at_intervals(group):
        for assigned, change in assignments(code):
            made.setdefault(assigned, set()).update(identifiers(change))
    found: set[str] = set()
    new = {name}
    while new:
        found |= new
        read: set[str] = set()
        for n in new:
            variable = group.variables.get(n)
            if type(variable).__name__ == "Subexpression":
                read |= set(identifiers(variable.expr))
            read |= made.get(n, set())
        new = {n for n in read if n in group.variables} - found
    return found


def _at_intervals(owner: Any) -> list[str]:
    """Code added to a group or to synapses by ``run_regularly``."""
    return [
        o.abstract_code
        for o in owner.contained_objects
        if type(o).__name__ == "CodeRunner" and isinstance(o.abstract_code, str)
    ]


def _little(group: Any, name: str) -> float:
    value = np.atleast_1d(np.asarray(group.variables[name].get_value(), dtype=float))
    return 1e-3 * float(np.abs(value).max()) or 1e-3


def _model(s: Any) -> str:
    """All equations, event-driven ones first."""
    parts = (s.event_driven, s.equations)
    return "\n".join(str(e).strip() for e in parts if e is not None and len(e))


def _code(s: Any, prepost: str) -> str:
    return "\n".join(str(p.code).strip() for p in internals.pathways(s) if p.prepost == prepost)
