"""Where a result comes from: versions, date, engine, and the project's git commit."""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = {
    "workbench": "circuit-workbench",
    "brian2": "brian2",
    "numpy": "numpy",
    "matplotlib": "matplotlib",
}


def collect(engine: str = "", model: type | None = None) -> dict[str, str]:
    """Versions of what computed a result, when and on what; nothing here can fail.

    model : class of the model; the commit of the repository that its file is in is added
    """
    found = {"date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    for name, package in PACKAGES.items():
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(package)
    found["python"] = platform.python_version()
    found["platform"] = f"{platform.system()} {platform.machine()}"
    if engine:
        found["engine"] = engine
    if commit := git_commit():
        found["git_commit"] = commit
    if model is not None and (file := _file_of(model)) and (commit := model_commit(file)):
        found["model_commit"] = commit
    return found


@lru_cache(maxsize=1)
def git_commit() -> str:
    """Commit of the checkout that the workbench runs from, "+" if it has changes; "" outside."""
    return _commit(_ROOT) if (_ROOT / ".git").exists() else ""


@lru_cache(maxsize=64)
def model_commit(file: Path) -> str:
    """Commit of the repository that a model's file is in; "" where it is in none.

    "+" follows when that repository has changes, or does not know the file yet.
    """
    own = git_commit() if file.is_relative_to(_ROOT) else _commit(file.parent)
    if not own:
        return ""
    message = _git(file.parent, "status", "--porcelain", "--ignored", "-unormal", "--", file.name)
    if "!!" in message.split():  # it only lies there, as what is installed into a project does
        return ""
    return own if own.endswith("+") or not message else own + "+"


_ROOT = Path(__file__).resolve().parent.parent


def _file_of(model: type) -> Path | None:
    file = getattr(sys.modules.get(model.__module__), "__file__", None)
    return Path(file).resolve() if file else None


def _commit(folder: Path) -> str:
    commit = _git(folder, "rev-parse", "--short=12", "HEAD")
    changed = commit and _git(folder, "status", "--porcelain", "-uno")
    return commit + ("+" if changed else "")


def _git(folder: Path, *words: str) -> str:
    """What git prints, "" when it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True, text=True, timeout=5, check=True,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},  # looking on must not lock anybody out
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
