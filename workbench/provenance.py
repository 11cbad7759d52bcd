"""Where a result comes from: versions, date, engine, and the project's git commit."""

from __future__ import annotations

import contextlib
import datetime
import platform
import subprocess
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = {
    "workbench": "circuit-workbench",
    "brian2": "brian2",
    "numpy": "numpy",
    "matplotlib": "matplotlib",
}


def collect(engine: str = "") -> dict[str, str]:
    """Versions of what computed a result, when and on what; nothing here can fail."""
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
    return found


@lru_cache(maxsize=1)
def git_commit() -> str:
    """Commit of the checkout that the workbench runs from, "+" if it has changes; "" outside."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return ""
    try:
        git = ["git", "-C", str(root)]
        commit = subprocess.run(
            [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, timeout=5
        )
        changes = subprocess.run(
            [*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return commit.stdout.strip() + ("+" if changes.stdout.strip() else "")
