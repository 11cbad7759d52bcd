"""Who may import whom, and who may use private names: read from the source, nothing is run.

Imports inside functions count; those for type checking do not, nor does ``import workbench``, whose
names are looked up when they are used.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Folders and files of ``workbench/``, from the ground up: each may import those of its own line and
# of the lines above.
LAYERS = (
    "bundled_packages errors numerals optional palette family guard disk_errors whole_file "
    "accounts network sparse toml_files",
    "model data settings paths interventions provenance brian recordings scripts",
    "measures circuits engine run store",
    "catalogue comparison replay links sweeps lessons checks plots figures formats export "
    "installation",
    "notebook_controls notebook cli __main__",
)

# Where private names of Brian2, Bokeh and Panel may be used, and the few that are used elsewhere.
ROOMS = ("workbench/brian/", "panels/bokeh_internals/")
ELSEWHERE = {
    "workbench/scripts/child.py": {"_exit"},  # documented by Python
    "workbench/scripts/execution.py": {"_getframe"},
    "workbench/family.py": {"_exit"},
    "workbench/figures/__init__.py": {"_max_cols"},  # columns of a HoloViews layout
}


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
    return (found & known.keys()) - {name, name.partition(".")[0]}


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


@pytest.mark.parametrize("package", ["workbench", "models", "panels"])
def test_no_module_imports_itself_by_way_of_others(package):
    assert circles(graph_of(ROOT / package)) == []


def test_no_model_imports_another():
    def model(module: str) -> str:
        return module.split(".")[1] if "." in module else ""

    crossing = [
        (one, other)
        for one, others in graph_of(ROOT / "models").items()
        for other in others
        if model(one) != model(other) and not model(other).startswith("_") and model(other)
    ]
    assert crossing == []


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


def test_the_folders_of_the_workbench_stand_on_one_another():
    level = {name: k for k, line in enumerate(LAYERS) for name in line.split()}
    graph = graph_of(ROOT / "workbench")
    assert "workbench.engine.simulation" in graph["workbench.engine.runtime"]
    upward = {
        (one, other)
        for one, others in graph.items()
        for other in others
        if "." in one and level[one.split(".")[1]] < level[other.split(".")[1]]
    }
    assert upward == set()


def test_no_file_beside_the_models_begins_with_an_underscore():
    folder = Path(__file__).parents[2] / "models"
    assert [p.name for p in folder.glob("_*.py") if p.name != "__init__.py"] == []


def test_what_begins_with_an_underscore_stays_in_its_module():
    taken = {
        (file.relative_to(ROOT).as_posix(), alias.name)
        for package in ("workbench", "models", "panels")
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    }
    assert {t for t in taken if "_shared" not in t[1]} == set()


def test_private_names_of_other_packages_are_used_in_their_rooms_only():
    found = {}
    for package in ("workbench", "models", "panels"):
        for file in (ROOT / package).rglob("*.py"):
            path = file.relative_to(ROOT).as_posix()
            if not path.startswith(ROOMS) and (used := private_uses(file)):
                found[path] = used
    assert found == ELSEWHERE


def test_a_private_name_is_noticed(tmp_path):
    file = tmp_path / "one.py"
    file.write_text("class A:\n    def f(self, other):\n        self._a = other._b\n")
    assert private_uses(file) == {"_b"}


def annotations_of(path: Path, name: str) -> set[str]:
    """What a file says the arguments of this name are; "" for one without."""
    return {
        ast.unparse(a.annotation) if a.annotation else ""
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.Lambda)
        for a in (*node.args.args, *node.args.kwonlyargs)
        if a.arg == name
    }


def test_whoever_gets_the_explorer_says_what_of_it_may_be_touched():
    found = {
        file.relative_to(ROOT).as_posix(): message
        for file in (ROOT / "panels").rglob("*.py")
        if (message := annotations_of(file, "explorer"))
    }
    pages = {f"panels/{name}.py" for name in ("ssn", "elm_neuron", "v1_spiking", "hippocampal_cam")}
    assert pages <= found.keys()
    whole = ("panels/page.py", "panels/tabs/compare.py", "panels/parts/watchdog.py")
    for file, message in found.items():
        allowed = {"Explorer"} if file in whole else {"ModelPage", "weakref.ref[Explorer]"}
        assert message <= allowed, file
