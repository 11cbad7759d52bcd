"""Which files a model is made of, and whether one of them has changed.

Everything that asks "is this still the same model?" asks here: the marker of a built binary, and
the provenance of a run.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import inspect
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path

_WORKBENCH = Path(__file__).resolve().parents[1]
_BUNDLED = _WORKBENCH / "bundled"  # in a wheel, the packaged models are in here
_DERIVED = {"__pycache__"}


def source_hashes(model: type) -> dict[str, str]:
    """SHA-256 of every file that a model is made of, in order of name.

    The files are those of the model's package, or its one file, and every file that these import,
    directly or not, except the workbench's own and what is installed in Python's folders. Files of
    a package that are not Python, such as C++ or weights, are included.

    model   : class of the model
    returns : name -> hexadecimal hash; the name is relative to the folder that the model's package
              or file is in, or absolute where a file is elsewhere. A class from a notebook or from
              standard input has no file: the hash of its source stands under its name.
    """
    files = source_files(model)
    if not files:
        return {model.__qualname__: hashlib.sha256(_source_text(model).encode()).hexdigest()}
    top = _root(files[0])
    named = {_name(f, top): f for f in files}
    return {name: _hash(*_state(named[name])) for name in sorted(named)}


def source_files(model: type) -> list[Path]:
    """The files of `source_hashes`, the one that defines the class first; empty without any."""
    module = sys.modules.get(model.__module__)
    file = getattr(module, "__file__", None)
    if file is None or not Path(file).is_file() or model.__module__ == "__main__":
        return []
    found: dict[Path, None] = {}
    packages: set[Path] = set()
    waiting = [Path(file).resolve()]
    while waiting:
        path = waiting.pop(0)
        if path in found or not _belongs(path):
            continue
        found[path] = None
        package = _package_folder(path)
        if package is not None and package.name != "_shared" and package not in packages:
            packages.add(package)
            waiting += [p for p in sorted(package.rglob("*")) if _counts(p)]
        if path.suffix == ".py":
            waiting += _imported(*_state(path))
    return list(found)


def _counts(path: Path) -> bool:
    return path.is_file() and not _DERIVED & set(path.parts) and not path.name.startswith(".")


def _belongs(path: Path) -> bool:
    """Neither the workbench's own nor installed, unless it is a model that came with it."""
    if path.is_relative_to(_BUNDLED):
        return True
    if path.is_relative_to(_WORKBENCH):
        return False
    return not any(_installed(folder) for folder in path.parents)


@lru_cache(maxsize=1024)
def _installed(folder: Path) -> bool:
    """True for a folder of Python's own library, and for one that packages are installed into."""
    library = {Path(sysconfig.get_path(n)).resolve() for n in ("stdlib", "platstdlib")}
    return (
        folder in library
        or folder.name in ("site-packages", "dist-packages")
        or next(folder.glob("*.dist-info"), None) is not None
    )


def _root(path: Path) -> Path:
    package = _package_folder(path)
    return path.parent if package is None else package.parent


def _package_folder(path: Path) -> Path | None:
    """The package directly below the folder of models, for a file of a model that is a package."""
    folder: Path | None = None
    for parent in path.parents:
        if not (parent / "__init__.py").exists() or parent.name in ("models", "bundled"):
            break
        folder = parent
    return folder


def _name(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.as_posix()


@lru_cache(maxsize=1024)
def _imported(path: Path, changed: int, size: int) -> tuple[Path, ...]:
    """Files that a Python file imports, also those that it imports inside functions.

    They are looked up by their place only: nothing is imported for it.
    """
    found: list[Path] = []
    for wanted, level in _import_names(path):
        parts = wanted.split(".") if wanted else []
        if level:
            found += _walk(path.parents[level - 1], parts)
        else:
            for folder in _search_path(path):
                files = _walk(folder, parts)
                if files:
                    found += files
                    break
    return tuple(dict.fromkeys(found))


def _search_path(importer: Path) -> list[Path]:
    """Where a name may be found that is neither installed nor in Python's own library."""
    folders = [importer.parent, *(Path(p) for p in sys.path if p and Path(p).is_dir())]
    if "" in sys.path:
        with contextlib.suppress(FileNotFoundError):  # the folder that one is in may be gone
            folders.append(Path.cwd())
    return [f for f in dict.fromkeys(f.resolve() for f in folders) if not _installed(f)]


def _walk(folder: Path, parts: list[str]) -> list[Path]:
    """The files of the packages on the way of a dotted name below a folder, and of its module."""
    found = []
    for part in parts:
        module, folder = folder / f"{part}.py", folder / part
        for file in (folder / "__init__.py", module):
            if file.is_file():
                found.append(file)
                break
        else:
            break
    return found


def _import_names(path: Path) -> tuple[tuple[str, int], ...]:
    """What a file imports as (dotted name, level); a name that follows ``from`` may be a module."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ()
    names: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [(a.name, 0) for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names.append((base, node.level))
            names += [(f"{base}.{a.name}" if base else a.name, node.level) for a in node.names]
    ours = [n for n in names if n[0].partition(".")[0] not in sys.stdlib_module_names or n[1]]
    return tuple(dict.fromkeys(n for n in ours if n[0] or n[1]))


def _state(path: Path) -> tuple[Path, int, int]:
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=4096)
def _hash(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _source_text(model: type) -> str:
    try:
        return inspect.getsource(model)
    except (OSError, TypeError):
        return repr(sorted(vars(model).items(), key=lambda item: item[0]))
