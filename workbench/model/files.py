"""The files that a model is made of, with a hash of each: what a run says of its model's code.

A file belongs to a model when its code imports it, in the end, or names it as a text, and it lies
in the model's own package or folder; where it is installed, in its package only. Code that has no
file, as in a notebook, is one entry.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.util
import inspect
import sys
import textwrap
import types
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

EDITED = "edited after it was loaded: "  # before the hash of a file that is not what ran
MADE_AT = "made_at_ns"  # attribute of a class: when it was made
CARRIED = "_files_of_origin"  # attribute of a class that came from another process
_LONGEST = 100  # letters of a text that may be the name of a file
_LARGEST = 64 * 2**20  # bytes; a file that is larger is told by its size


def files_of(model: type) -> dict[str, str]:
    """File -> SHA-256 of what it holds, for every file of a model class.

    Names are relative to the folder in which the model, or its package, lies. A file that was
    changed after the class was made is marked with `EDITED`: it is not what runs.
    """
    carried = vars(model).get(CARRIED)
    if carried is not None:
        return dict(carried)
    path = _source(model)
    if path is None:
        return {f"class {model.__qualname__}": _hash(_written(model).encode())}
    known = _known.get(model)
    if known is not None and known[0] == _stamps(known[0]):
        return dict(known[1])
    root = _root(path)
    since = getattr(model, MADE_AT, None)
    files = sorted(_belonging(path, root))
    found = {file.relative_to(root).as_posix(): _marked(file, since) for file in files}
    _known[model] = _stamps(files), found
    return dict(found)


def changed_files(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What happened to the files of a model between two runs, a few words each."""
    if not then:  # recorded before files were
        return []
    found = []
    for name in sorted({*then, *now}):
        a, b = then.get(name), now.get(name)
        if a is None:
            found.append(f"{name} is new")
        elif b is None:
            found.append(f"{name} is no part of the model any more")
        elif a != b:
            found.append(f"{name} has changed")
        elif a.startswith(EDITED):
            found.append(f"{name} was edited after it was loaded")
    return found


# Class -> (file -> when it changed, the result): a sweep asks for one class a thousand times.
_known: WeakKeyDictionary[type, tuple[dict[Path, int], dict[str, str]]] = WeakKeyDictionary()


def _stamps(files: Iterable[Path]) -> dict[Path, int]:
    found = {}
    for file in files:
        with contextlib.suppress(OSError):
            found[file] = file.stat().st_mtime_ns
    return found


def _source(model: type) -> Path | None:
    module = sys.modules.get(model.__module__)
    file = getattr(module, "__file__", None)
    if file is None or model.__module__ == "__main__":
        return None
    path = Path(file).resolve()
    return path if path.is_file() else None


def _root(path: Path) -> Path:
    """The folder of a model's own files: of its package, else the one it lies in."""
    root = path.parent
    while (root / "__init__.py").exists():
        root = root.parent
    return root


def _marked(path: Path, since: int | None) -> str:
    try:
        stat = path.stat()
        message = _hash_of(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:  # it goes as we look: no reason for a run to end
        return f"cannot be read: {error.strerror}"
    edited = since is not None and path.suffix == ".py" and stat.st_mtime_ns > since
    return (EDITED if edited else "") + message


@lru_cache(maxsize=4096)
def _hash_of(path: Path, changed: int, size: int) -> str:
    if size > _LARGEST:
        return f"{size} bytes"
    return _hash(path.read_bytes())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# -- which files -----------------------------------------------------------------------------------


def _belonging(path: Path, root: Path) -> set[Path]:
    found: set[Path] = set()
    front = [path]
    while front:
        file = front.pop()
        if file in found:
            continue
        found.add(file)
        if file.suffix == ".py" and file.is_file():
            front += _named(file, root, file.stat().st_mtime_ns)
    return found


def _named(file: Path, root: Path, changed: int) -> Iterator[Path]:
    """The files below ``root`` that a Python file imports, or names in a text."""
    modules, texts = _names(file, root, changed)
    own = file.relative_to(root).parts[0]
    for name in modules:
        # Beside an installed model lies all that is installed: NumPy, SymPy and what they import.
        if name.partition(".")[0] == own or not _installed(root):
            yield from _module(root, name)
    for text in texts:
        yield from _data(file.parent, text)


@lru_cache(maxsize=4096)
def _names(file: Path, root: Path, changed: int) -> tuple[list[str], list[str]]:
    """The modules that a Python file imports, by their names from ``root`` on, and its texts."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return [], []
    modules: dict[str, None] = {}
    texts: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= dict.fromkeys(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, file, root)
            if base is not None:
                names = [f"{base}.{name.name}" if base else name.name for name in node.names]
                modules |= dict.fromkeys([base, *names])
        elif text := _text(node):
            texts[text] = None
    return [*modules], [*texts]


def _text(node: ast.AST) -> str:
    """A text that may name a file; with a star for each part that is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values)
    else:
        return ""
    return text if len(text) < _LONGEST and len(set(text) - set("./* ")) > 2 else ""


def _absolute(node: ast.ImportFrom, file: Path, root: Path) -> str | None:
    """The dotted name, from ``root`` on, that ``from ... import`` means."""
    if not node.level:
        return node.module
    parts = file.parent.relative_to(root).parts
    if node.level - 1 > len(parts):
        return None
    above = parts[: len(parts) - (node.level - 1)]
    return ".".join([*above, *([node.module] if node.module else [])])


def _module(root: Path, name: str) -> Iterator[Path]:
    """The file of a module below ``root``, and the packages it lies in."""
    parts = name.split(".")
    # In a wheel, the models that come with the workbench are inside it.
    if not name or (parts[0] == "workbench" and parts[1:2] != ["bundled"]):
        return
    if _elsewhere(root, parts[0]):
        return
    place = root
    for k, part in enumerate(parts):
        if (place / part / "__init__.py").is_file():
            place = place / part
            yield place / "__init__.py"
        elif k == len(parts) - 1 and (place / f"{part}.py").is_file():
            yield place / f"{part}.py"
        else:
            return


@lru_cache(maxsize=64)
def _installed(root: Path) -> bool:
    """Whether packages of others are installed in a folder, so that it is nobody's own."""
    return next(root.glob("*.dist-info"), None) is not None


@lru_cache(maxsize=1024)
def _elsewhere(root: Path, name: str) -> bool:
    """Whether a module of that name is found outside ``root``, where Python would take it from."""
    if name in sys.stdlib_module_names:
        return True
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    origin = getattr(spec, "origin", None)
    return origin is not None and not Path(origin).resolve().is_relative_to(root)


def _data(folder: Path, text: str) -> Iterator[Path]:
    """What a text names beside the code: a file, or all files of a folder."""
    if text.startswith("/") or "\n" in text:
        return
    place = folder / text
    try:
        if "*" in text:
            yield from (p for p in folder.glob(text) if p.is_file() and p.suffix != ".pyc")
        elif place.is_file():
            yield place
        elif place.is_dir() and not (place / "__init__.py").exists():
            yield from (p for p in place.rglob("*") if p.is_file() and p.suffix != ".pyc")
    except (OSError, ValueError, NotImplementedError):  # no name of a file
        return


# -- code without a file ---------------------------------------------------------------------------


def _written(model: type) -> str:
    """What a class of a notebook is made of, as text: the same text in every session."""
    parts: list[str] = []
    seen: set[int] = set()
    for base in model.__mro__:
        if base.__module__.partition(".")[0] in ("workbench", "param", "builtins"):
            continue
        for name, value in sorted(vars(base).items(), key=lambda pair: pair[0]):
            if name == MADE_AT:  # differs from session to session
                continue
            if not name.startswith("_") or inspect.isroutine(value):
                parts.append(f"{name} = {_message(value, seen)}")
    return "\n".join(parts)


def _message(value: Any, seen: set[int]) -> str:
    value = getattr(value, "__func__", value)
    if isinstance(value, types.FunctionType):
        return _function(value, seen)
    if hasattr(value, "unit") and hasattr(value, "bounds"):
        return f"{value.default} {value.unit} {value.bounds} {value.softbounds} {value.live}"
    if isinstance(value, str | int | float | bool | tuple | list | dict | type(None)):
        return repr(value)
    return type(value).__name__


def _function(function: types.FunctionType, seen: set[int]) -> str:
    """The source of a function, and of the functions and numbers of its notebook that it uses."""
    if id(function) in seen:
        return function.__name__
    seen.add(id(function))
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        text = f"{function.__code__.co_code!r} {function.__code__.co_names}"
    uses = [text]
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, types.FunctionType) and value.__module__ == function.__module__:
            uses.append(_function(value, seen))
        elif isinstance(value, str | int | float | bool):
            uses.append(f"{name} = {value!r}")
    return "\n".join(uses)
