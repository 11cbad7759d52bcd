"""The files that a run can be taken away as, for the command line and the app."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import unknown
from ..formats.frames import to_csv, to_parquet
from ..formats.methods import save_methods
from ..formats.neo_block import to_neo
from ..formats.nwb import to_nwb
from ..formats.parameters import save_parameters
from . import export_notebook, export_script

if TYPE_CHECKING:
    from ..model.model import Model
    from ..run import Run

Write = Callable[..., Any]  # of (run, path, overwrite=), and of model= where the network is built


@dataclass(frozen=True)
class FileKind:
    """One kind of file or folder.

    id     : option of ``workbench export``;  label : for people
    suffix : of the file, "" for a folder of several
    builds : the network is built again, by the class of the model
    """

    id: str
    label: str
    suffix: str
    write: Write
    builds: bool = False

    def save(
        self, run: Run, path: Path, model: type[Model] | None = None, overwrite: bool = False
    ) -> list[Path]:
        """Write a run, and return the files; raises as the kind's own function does.

        run, path, overwrite : what is written where;  model : class of the run where it is known
        """
        options: dict[str, Any] = {"model": model} if self.builds else {}
        self.write(run, path, overwrite=overwrite, **options)
        if not self.suffix:
            return sorted(path.iterdir())
        return [path, path.with_suffix(".npz")] if self.builds else [path]

    def packed(self, run: Run, name: str, model: type[Model] | None = None) -> tuple[str, bytes]:
        """A run as one file: its name and its content. Several files are packed as ZIP.

        name : of the file, without ending;  run, model : as for `save`
        """
        with tempfile.TemporaryDirectory(prefix="workbench-export-") as folder:
            files = self.save(run, Path(folder) / f"{name}{self.suffix}", model)
            if len(files) == 1 and self.suffix:
                return files[0].name, files[0].read_bytes()
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in files:
                    archive.write(file, f"{name}/{file.name}")
        return f"{name}.zip", packed.getvalue()


KINDS = (
    FileKind("script", "Brian2 script", ".py", export_script, builds=True),
    FileKind("notebook", "Notebook", ".ipynb", export_notebook, builds=True),
    FileKind("nwb", "NWB", ".nwb", to_nwb),
    FileKind("neo", "Neo block", ".mat", to_neo),
    FileKind("csv", "CSV tables", "", to_csv),
    FileKind("parquet", "Parquet tables", "", to_parquet),
    FileKind("parameters", "Parameters", ".json", save_parameters),
    FileKind("methods", "Methods", ".md", save_methods),
)
BY_ID = {kind.id: kind for kind in KINDS}


def kind_of(id: str) -> FileKind:
    """The kind of that id; raises UnknownName with the nearest one."""
    if id not in BY_ID:
        raise unknown("kind of file", id, BY_ID)
    return BY_ID[id]
