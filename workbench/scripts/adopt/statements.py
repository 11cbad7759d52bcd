"""The statements of a script that make its network: those before its first run, without the rest.

Left out are plots, prints, what chooses device, seed and code, and monitors that nothing reads.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.util
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ..execution import RunCall, ScriptError
from .edits import Source

# The engine does these: it seeds, chooses what code is made, and puts states back.
OF_THE_ENGINE = {"seed", "set_device", "start_scope", "clear_cache", "store", "restore", "reinit"}
PREFERENCES = {"codegen", "devices", "logging"}


def before_the_run(source: Source, call: RunCall, path: Path) -> list[ast.stmt]:
    """The statements at the top of a script before that of its first run.

    raises : ScriptError where the run is in a function or in a loop
    """
    found: list[ast.stmt] = []
    waiting = list(source.tree.body)
    while waiting:
        node = waiting.pop(0)
        if _is_main(node):
            waiting = [*node.body, *waiting]  # type: ignore[attr-defined]
            continue
        if call.line and node.lineno <= call.line <= (node.end_lineno or 0):
            if call.function or not isinstance(node, ast.Expr | ast.Assign):
                where = f"the function {call.function}" if call.function else _kind(node)
                raise ScriptError(
                    path.name,
                    f"its first run is in {where}: put the statements that make the network and "
                    "one run(...) at the top of a script, and adopt that.",
                    call.line,
                )
            return found
        found.append(node)
    if call.function:
        raise ScriptError(path.name, f"its first run is in the function {call.function}.")
    return found


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _kind(node: ast.stmt) -> str:
    return f"a {type(node).__name__.lower()} statement"


class Statements:
    """What is kept of the statements before a run; ``names`` are those of the script then."""

    def __init__(self, nodes: Iterable[ast.stmt], names: Mapping[str, Any], path: Path):
        self.names, self.path = names, path
        nodes = list(nodes)
        self._imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
        self.kept = [n for n in nodes if n not in self._imports and not self._left_out(n)]
        # What only plots or records is not needed if nothing else reads it.
        for node in reversed([n for n in self.kept if self._can_go(n)]):
            others = [n for n in self.kept if n is not node]
            if not bound(node) & (read(others) | words(others)):
                self.kept = others

    def imports(self, wanted: set[str]) -> list[str]:
        """Import statements for what the kept ones use, and for the names ``wanted`` of Brian2.

        raises : ScriptError for an import of a file beside the script
        """
        free = read(self.kept) - {n for node in self.kept for n in bound(node)}
        lines: dict[str, None] = {}
        brian2: set[str] = set(wanted)
        for node in reversed(self._imports):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if module == "__future__":
                continue
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                there = free & _public(self._module(module, node)) if alias.name == "*" else {name}
                mine = there & free
                free -= mine
                if not mine:
                    continue
                self._need_no_file(module or alias.name, node)
                if module == "brian2" and alias.asname is None:
                    brian2 |= mine
                elif alias.name == "*":
                    lines[f"from {module} import {', '.join(sorted(mine))}"] = None
                else:
                    single = type(node)(**{**vars(node), "names": [alias]})
                    lines[ast.unparse(single)] = None
        return [*reversed(lines), f"from brian2 import {', '.join(sorted(brian2))}"]

    def value(self, node: ast.AST) -> Any:
        """What a name, or a name in a module, stands for; None for anything else."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, ast.Attribute):
            home = self.value(node.value)
            return getattr(home, node.attr, None) if isinstance(home, ModuleType | type) else None
        return None

    def _module(self, name: str | None, node: ast.stmt) -> ModuleType:
        assert name is not None
        return importlib.import_module(name)

    def _need_no_file(self, module: str, node: ast.stmt) -> None:
        spec = importlib.util.find_spec(module.partition(".")[0])
        origin = getattr(spec, "origin", None) or ""
        if origin and Path(origin).is_relative_to(self.path.resolve().parent):
            raise ScriptError(
                self.path.name,
                f"it imports {module}, a file beside it, which a model cannot: put its lines into "
                "the script, and adopt that.",
                node.lineno,
            )

    def _left_out(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Expr):
            called = node.value
            if not isinstance(called, ast.Call):
                return True  # texts and values that nobody takes
            last = ast.unparse(called.func).rpartition(".")[2]
            root = self.value(_root(called.func))
            own = root is None or getattr(root, "__name__", "") != "random"
            return self._draws(called) or last == "print" or (last in OF_THE_ENGINE and own)
        if isinstance(node, ast.Assign):
            parts = ast.unparse(node.targets[0])
            if re.search(r"(^|\.)defaultclock\.dt$", parts) or self._draws(node.targets[0]):
                return True
            preference = re.search(r"(?:^|\.)prefs[.\[][\"']?(\w+)", parts)
            return preference is not None and preference[1] in PREFERENCES
        return False

    def _draws(self, node: ast.AST) -> bool:
        """Whether a call, or what something is assigned to, is of matplotlib."""
        root = _root(node.func if isinstance(node, ast.Call) else node)
        if isinstance(node, ast.Name):
            return False
        value = self.value(root)
        home = getattr(value, "__name__" if isinstance(value, ModuleType) else "__module__", None)
        return (home or type(value).__module__ or "").partition(".")[0] in ("matplotlib", "pylab")

    def _can_go(self, node: ast.stmt) -> bool:
        import brian2

        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            return not node.decorator_list
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            return False
        made = self.value(node.value.func)
        recorders = (
            brian2.SpikeMonitor, brian2.EventMonitor, brian2.StateMonitor,
            brian2.PopulationRateMonitor,
        )  # fmt: skip
        return self._draws(node.value) or (isinstance(made, type) and issubclass(made, recorders))


def bound(node: ast.stmt) -> set[str]:
    """Names that a statement gives a value to, not counting those inside of functions."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }


def read(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that statements read."""
    parts = (part for node in nodes for part in ast.walk(node))
    return {p.id for p in parts if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Load)}


def words(nodes: Iterable[ast.AST]) -> set[str]:
    """Words in the texts of statements, which may be equations."""
    parts = (part for node in nodes for part in ast.walk(node))
    texts = (p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))
    return {word for text in texts for word in re.findall(r"[A-Za-z_]\w*", text)}


def _root(node: ast.AST) -> ast.AST:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def _public(module: ModuleType) -> set[str]:
    names = getattr(module, "__all__", None)
    return set(names if names is not None else (n for n in vars(module) if n[0] != "_"))
