"""No circle of imports in the workbench, imports inside functions counted too.

Imports for type checking are not counted, nor is ``import workbench``: its names are looked up when
they are used.
"""

from __future__ import annotations

import ast
from pathlib import Path

import workbench

ROOT = Path(workbench.__file__).parent


def names_of(root: Path) -> dict[str, Path]:
    """Module name -> file, of a package and all below it."""
    return {
        ".".join((root.name, *file.relative_to(root).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): file
        for file in root.rglob("*.py")
    }


def imported(name: str, file: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the same package that a module imports anywhere but for type checking."""
    found: set[str] = set()
    home = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    waiting: list[ast.AST] = [ast.parse(file.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = home[: len(home) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                found.add(whole if whole in known else module)
        waiting += ast.iter_child_nodes(node)
    return (found & known.keys()) - {name, ROOT.name}


def circles(graph: dict[str, set[str]]) -> list[str]:
    """The modules that can be reached from themselves."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(graph[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += graph[name]
        return seen

    return sorted(name for name in graph if name in reached(name))


def graph_of(root: Path) -> dict[str, set[str]]:
    known = names_of(root)
    return {name: imported(name, file, known) for name, file in known.items()}


def test_no_module_imports_itself_by_way_of_others():
    graph = graph_of(ROOT)
    assert "workbench.engine.simulation" in graph["workbench.engine.runtime"]
    assert circles(graph) == []


def test_a_circle_is_noticed_within_a_function_too(tmp_path):
    root = tmp_path / "package"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "one.py").write_text("from .two import b\n")
    (root / "two.py").write_text("def b():\n    from . import one\n    return one\n")
    (root / "three.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .four import d\n"
    )
    (root / "four.py").write_text("from .three import c\n")
    assert circles(graph_of(root)) == ["package.one", "package.two"]
