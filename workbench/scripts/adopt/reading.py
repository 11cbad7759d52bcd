"""Looks at a script to be adopted, in its process: what its model declares, and its ``build()``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...brian.constants import identifiers_of
from ...model.model import Model
from ...model.units import brian_unit
from ..execution import RunCall
from ..literals import assignments
from ..network import Names, leave, network_of
from ..opening import Opening, Slider
from ..reading import in_unit, opening_of
from .body import Body, network_of_names
from .edits import Source
from .statements import Statements, before_the_run
from .statements import read as names_read


@dataclass(frozen=True)
class Found:
    """What is known of a script that is adopted, as plain data.

    opening    : with the sliders that become parameters
    doc        : of the script
    body       : of ``build()``;  imports : the statements before it
    clock      : variable of the network's clock, "" where each object has its own step
    equations  : population or projection -> its equations
    external   : names of the script that equations use
    network    : variable of the script's network, or else the variables of what it consists of
    own        : whether it is the former
    """

    opening: Opening
    doc: str
    body: str
    imports: tuple[str, ...]
    clock: str
    equations: dict[str, str]
    external: tuple[str, ...]
    network: tuple[str, ...]
    own: bool
    remarks: tuple[str, ...]


def read(first_run: Callable[[], RunCall], path: Path) -> Found:
    """What a model of a script needs; called in the script's process."""
    folder, data = str(Path.cwd()), path.read_bytes()
    source, call = Source(data.decode()), first_run()
    nodes = before_the_run(source, call, path)
    net, renamed = network_of(call)
    opening = opening_of(call, net, path, folder, data)
    if not _same_order(net, renamed):
        opening = _with_names(opening, {given: own for _, own, given in renamed})
        leave(net, renamed)
    statements = Statements(nodes, call.namespace, path)
    sliders = _parameters(opening, statements, call.namespace)
    expressions = {
        s.name: f"self.{s.name}" if s.unit == "1" else f'self.brian("{s.name}")'
        for s in sliders
        if s.kind != "variable"
    }
    named = {k: v.name for k, v in call.namespace.items() if hasattr(v, "contained_objects")}
    body = Body(source, statements, expressions, named)
    network = network_of_names(body, net, call.namespace, call.net)
    own = len(network) == 1 and call.namespace.get(network[0]) is call.net
    external = sorted({n for o in net.objects for n in identifiers_of(o)} & body.bound)
    wanted = set() if own else {"Network"}
    wanted |= {"Clock", "ms"} if body.own_clock else set()
    wanted |= {"Clock"} if body.own_clocks else set()
    imports = statements.imports(wanted)
    if body.given_names:
        imports.append("from workbench.brian.internals import give_name")
    return Found(
        opening=replace(opening, sliders=tuple(sliders)),
        doc=ast.get_docstring(source.tree) or "",
        body=body.text,
        imports=tuple(imports),
        clock=body.clock if body.own_clock else "",
        equations={o.name: str(o.equations) for o in net.sorted_objects
                   if getattr(o, "equations", None)},
        external=tuple(external),
        network=tuple(network),
        own=own,
        remarks=tuple(body.remarks),
    )  # fmt: skip


def _same_order(net: Any, renamed: Names) -> bool:
    """Whether objects do their work in the order of the script under the names of its variables.

    Brian2 orders by name what has the same place in a step, and random numbers are drawn in that
    order.
    """
    from brian2.groups.group import Group

    given = {own: new for _, own, new in renamed}
    before = {id(item): own for item, own, _ in renamed}

    def name(item: Any) -> str:
        own = before.get(id(item), item.name)
        first = max((o for o in given if own == o or own.startswith(f"{o}_")), key=len, default="")
        return given[first] + own[len(first) :] if first else own

    items = [o for o in _with_contained(net) if not isinstance(o, Group)]  # these do nothing
    now = sorted(items, key=lambda o: (o.when, o.order, before.get(id(o), o.name)))
    then = sorted(items, key=lambda o: (o.when, o.order, name(o)))
    return all(a is b for a, b in zip(now, then, strict=True))


def _with_contained(net: Any) -> Iterator[Any]:
    seen: set[int] = set()
    waiting = list(net.sorted_objects)
    while waiting:
        item = waiting.pop()
        if id(item) not in seen:
            seen.add(id(item))
            yield item
            waiting += item.contained_objects


def _with_names(opening: Opening, own: Mapping[str, str]) -> Opening:
    """The opening with the objects' own names for those of the script's variables."""

    def of(trace: str) -> str:
        group, _, variable = trace.partition(".")
        return f"{own.get(group, group)}.{variable}"

    return replace(
        opening,
        traces={of(k): v for k, v in opening.traces.items()},
        watched={of(k): v for k, v in opening.watched.items()},
        weight_units={own.get(k, k): v for k, v in opening.weight_units.items()},
    )


def _parameters(opening: Opening, statements: Statements, names: Mapping[str, Any]) -> list[Slider]:
    """The numbers of the kept statements, and shared variables, as they are declared.

    Live is a constant that only equations read: what the script computes from it would stay.
    A number is left in the statement if no number of its unit is the same to the last digit.
    """
    kept = {
        name
        for node in statements.kept
        if isinstance(node, ast.Assign)
        for name, _, _ in assignments(ast.Module([node], []))
    }
    reading = names_read(statements.kept)
    found = []
    for slider in opening.sliders:
        if hasattr(Model, slider.name):
            continue
        if slider.kind == "variable":
            found.append(slider)
        elif slider.line and slider.name in kept and slider.name in names:
            live = slider.kind == "constant" and slider.name not in reading
            number = _exactly(slider, names[slider.name])
            if number is not None:
                kind = "constant" if live else "literal"
                found.append(replace(slider, value=number, live=live, kind=kind))
    return found


def _exactly(slider: Slider, value: Any) -> float | int | None:
    """The number that gives exactly the script's value in the unit of a slider."""
    import brian2

    if slider.unit == "1" or float(slider.value * brian_unit(slider.unit)) == float(value):
        return slider.value
    dim = brian2.get_dimensions(value)
    number = in_unit(float(value), dim, slider.unit, exact=True)
    return None if number is None else float(number)
