"""Puts models, apps and notebooks into the wheel, inside the one package that it installs.

In the repository they are folders. Installed under their names they would hide, or be hidden by, a
user's own. In the wheel they are ``workbench.bundled.models`` and so on; only their imports of one
another are spelled differently there.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLED = ("models", "panels", "notebooks")
IMPORT = re.compile(rf"^(\s*(?:from|import) )(?=(?:{'|'.join(BUNDLED)})\b)", re.MULTILINE)


class CustomBuildHook(BuildHookInterface):
    """Adds ``workbench/bundled`` to a wheel; an editable install uses the folders themselves."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        top = Path(self._folder.name)
        (top / "__init__.py").write_text('"""The models and the apps that come with it."""\n')
        for name in BUNDLED:
            for path in sorted((Path(self.root) / name).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    self._copy(path, top / path.relative_to(self.root))
        build_data["force_include"][str(top)] = "workbench/bundled"

    def _copy(self, path: Path, to: Path) -> None:
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            to.write_text(IMPORT.sub(r"\1workbench.bundled.", text), encoding="utf-8")
        else:
            to.write_bytes(path.read_bytes())

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()
