"""Who may import whom, and who may use private names; read from the source, nothing is run.

Imports inside functions count too; those for type checkers only do not.
"""

from __future__ import annotations

import ast
from itertools import count
from pathlib import Path

PACKAGES = ("workbench", "models", "panels")

# Folders and files of ``workbench/``, from the ground up: each may import what stands above it.
LAYERS = (
    "bundled_packages errors settings palette optional family guard disk_errors network "
    "interventions paths",
    "model data provenance",
    "brian",
    "measures circuits",
    "run store",
    "engine",
    "catalogue comparison replay sweeps checks",
    "plots figures",
    "notebook cli",
)

# What is not yet as `LAYERS` says. These lists may only get shorter.
UPWARD = {
    # Convenience methods, such as `Model.run` and `Run.keep`, look up what they are short for.
    ("workbench.brian.preload", "workbench.engine"),
}
CIRCLES = 5
# Private names of other packages outside the two folders that exist for them.
PRIVATE = {}
ROOMS = ("workbench/brian/", "panels/bokeh_internals/")


def modules(root: Path) -> dict[str, Path]:
    """Dotted name -> file, of every module of the three packages."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = list(path.relative_to(root).with_suffix("").parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> dict[str, list[str]]:
    """Module of ``known`` -> the names that the module ``name`` takes from it."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.dump(test.test)
        for child in test.body
        for node in ast.walk(child)
    }
    taken: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in known:
                    taken.setdefault(alias.name, [])
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            base = ".".join(p for p in (base, node.module or "") if p)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                target = inner if inner in known else base
                if target in known and target != name:
                    taken.setdefault(target, []).append(alias.name)
    return taken


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules each of which leads to every other one (Tarjan 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found, numbers = [], count()

    def visit(node: str) -> None:
        number[node] = low[node] = next(numbers)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in number:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == number[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for node in edges:
        if node not in number:
            visit(node)
    return found


def private_uses(path: Path) -> set[str]:
    """Names such as ``_pathways`` that a file asks of objects, and does not itself define."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    own |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Store) or (
                isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            ):
                own.add(node.attr)
            elif node.attr.startswith("_") and not node.attr.startswith("__"):
                used.add(node.attr)
    return used - own
