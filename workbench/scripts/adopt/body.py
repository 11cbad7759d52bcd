"""The statements of a script as those of a model's ``build()``: names, a clock, parameters."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ..execution import ScriptError
from ..literals import assignments
from .edits import Edit, Source, indented, with_arguments
from .statements import Statements, bound

INDENT = " " * 8
CLOCK = "clock"


class Body:
    """The text of ``build()``, but for its first and last lines.

    parameters : name -> expression that takes the place of what the script assigns to it
    named      : variable of the script -> name for the object
    remarks    : what the author of the model has to do, a sentence each
    """

    def __init__(
        self, source: Source, statements: Statements, parameters: Mapping[str, str],
        named: Mapping[str, str],
    ):  # fmt: skip
        self.source, self.statements = source, statements
        self.parameters, self.named = dict(parameters), named
        self.remarks: list[str] = []
        self.own_clock = self.own_clocks = False
        self.bound = {name for node in statements.kept for name in bound(node)}
        self.clock = CLOCK if CLOCK not in self.bound else f"model_{CLOCK}"
        self.edits: list[Edit] = []
        self.given_names = False  # to what takes no name when it is made
        self._regular: dict[str, int] = {}
        for node in statements.kept:
            self._replace_numbers(node)
            self._name_object(node)
            self._walk(node)

    @property
    def text(self) -> str:
        parts: list[str] = []
        last_end: int | None = None
        for node in self.statements.kept:
            start, end = self.source.statement(node)
            between = "" if last_end is None else self.source.text[last_end:start]
            text = self.source.edited(start, end, self.edits)
            shift = node.col_offset  # from within ``if __name__ == "__main__":``
            lines = indented(_moved_left(text, shift) if shift else text, INDENT)
            parts.append("\n" + lines if between.count("\n") > 1 and parts else lines)
            last_end = end
        return "\n".join(parts)

    def _replace_numbers(self, node: ast.stmt) -> None:
        if not isinstance(node, ast.Assign):
            return
        for name, value, _ in assignments(ast.Module([node], [])):
            if name in self.parameters:
                self.edits.append(Edit(*self.source.span(value), self.parameters[name]))

    def _name_object(self, node: ast.stmt) -> None:
        """Give what a statement makes its name, and what an operation is made of too."""
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                self._name_operation(node.name, decorator)
            return
        import brian2

        value = getattr(node, "value", None)
        if not isinstance(value, ast.Call):
            return
        made = self.statements.value(value.func)
        targets = node.targets if isinstance(node, ast.Assign) else []
        target = targets[0] if len(targets) == 1 else None
        if _is_named(made) and isinstance(target, ast.Name):
            if issubclass(made, brian2.PoissonInput):
                end = self.source.statement(node)[1]
                own = self.named.get(target.id, target.id)
                self.edits.append(Edit(end, end, f'\ngive_name({target.id}, "{own}")'))
                self.given_names = True
            else:
                name = self.named.get(target.id, target.id)
                self._arguments(value, {"name": f'"{name}"', **self._clock_for(made)})
        elif isinstance(value.func, ast.Attribute) and value.func.attr == "run_regularly":
            owner = ast.unparse(value.func.value)
            if owner.isidentifier():
                count = self._regular[owner] = self._regular.get(owner, -1) + 1
                name = f"{self.named.get(owner, owner)}_run_regularly{f'_{count}' if count else ''}"
                self._arguments(value, {"name": f'"{name}"'})

    def _name_operation(self, name: str, decorator: ast.expr) -> None:
        call = decorator if isinstance(decorator, ast.Call) else None
        function = decorator if call is None else call.func
        if ast.unparse(function).rpartition(".")[2] != "network_operation":
            return
        given = {"name": f'"{self.named.get(name, name)}"'}
        if call is not None:
            self._arguments(call, {**given, "clock": self.clock})
            return
        given["clock"] = self.clock
        self.own_clock = True
        end = self.source.span(decorator)[1]
        text = ", ".join(f"{k}={v}" for k, v in given.items())
        self.edits.append(Edit(end, end, f"({text})"))

    def _walk(self, node: ast.stmt) -> None:
        """Clocks of objects that are made elsewhere in a statement, and the default clock."""
        top = getattr(node, "value", None)
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and part is not top:
                made = self.statements.value(part.func)
                if _is_named(made):
                    self._arguments(part, self._clock_for(made))
                    if "name" not in {word.arg for word in part.keywords}:
                        self.remarks.append(
                            f"line {part.lineno}: give the {made.__name__} a name of its own, "
                            "name=..., so that a rebuild finds what was compiled before."
                        )
            default = ast.unparse(part) if isinstance(part, ast.Name | ast.Attribute) else ""
            if default.rpartition(".")[2] == "defaultclock" and _is_default(self, part):
                self.edits.append(Edit(*self.source.span(part), self.clock))
                self.own_clock = True

    def _clock_for(self, made: type) -> dict[str, str]:
        import brian2

        kinds = (
            brian2.NeuronGroup, brian2.PoissonGroup, brian2.SpikeGeneratorGroup, brian2.Synapses,
            brian2.NetworkOperation,
        )  # fmt: skip
        return {"clock": self.clock} if issubclass(made, kinds) else {}

    def _arguments(self, call: ast.Call, given: dict[str, str]) -> None:
        words = {word.arg: word for word in call.keywords}
        if words.keys() & {"dt", "clock"}:
            given = {k: v for k, v in given.items() if k != "clock"}
        name = given.get("name") or (self.source.of(words["name"].value) if "name" in words else "")
        step = words.get("dt")
        if step is not None and ast.unparse(step.value) != "None" and name.startswith(('"', "'")):
            # Brian2 would number the clock that it makes of a step.
            text = self.source.edited(*self.source.span(step.value), self.edits)
            clock = f"clock=Clock({text}, name={name[:-1]}_clock{name[-1]})"
            self.edits.append(Edit(*self.source.span(step), clock))
            self.own_clocks = True
        self.own_clock = self.own_clock or "clock" in given
        self.edits += with_arguments(self.source, call, given)


def network_of_names(body: Body, net: Any, names: Mapping[str, Any], own: Any) -> list[str]:
    """The variable of the script's own network, or else those of what its network consists of.

    net    : with the objects that are simulated
    names  : of the script at its first run
    own    : the network that the script runs, which may be the one of a bare ``run()``
    raises : ScriptError for an object that the script holds nowhere at its top
    """
    import brian2

    names = {k: v for k, v in names.items() if k in body.bound}
    mine = [k for k, v in names.items() if v is own]
    if mine:
        return mine[:1]
    objects = list(net.objects)
    inside = {id(p) for o in objects for p in o.contained_objects}
    listed: dict[str, None] = {}
    for item in objects:
        place = _held(item, names)
        if id(item) in inside or (not place and _recorder(item, brian2)):
            continue
        if not place:
            raise ScriptError(
                body.statements.path.name,
                f"{item.name} of its network is in no variable at the top of the script: give it "
                "one, and adopt that.",
            )
        listed[place] = None
    return list(listed)


def _held(item: Any, names: Mapping[str, Any]) -> str:
    """How a variable of the script gives an object, "" for none."""
    for name, value in names.items():
        if value is item:
            return name
    for name, value in names.items():
        if isinstance(value, list | tuple) and any(v is item for v in value):
            return f"*{name}"
        if isinstance(value, dict) and any(v is item for v in value.values()):
            return f"*{name}.values()"
    return ""


def _recorder(item: Any, brian2: Any) -> bool:
    kinds = (
        brian2.SpikeMonitor, brian2.EventMonitor, brian2.StateMonitor, brian2.PopulationRateMonitor,
    )  # fmt: skip
    return isinstance(item, kinds)


def _is_named(made: Any) -> bool:
    """Whether something makes objects that a network lists by name."""
    import brian2

    kinds = (brian2.BrianObject, brian2.Clock)
    return isinstance(made, type) and issubclass(made, kinds) and made is not brian2.Subgroup


def _is_default(body: Body, node: ast.AST) -> bool:
    import brian2

    return body.statements.value(node) is brian2.defaultclock


def _moved_left(text: str, by: int) -> str:
    lines = text.split("\n")
    return "\n".join(line[by:] if line[:by].isspace() else line for line in lines)
