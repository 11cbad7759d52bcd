"""The parameters of a run as JSON: what `load` and ``workbench run`` need to begin as it did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, UnknownName
from ..whole_file import written_whole
from . import checked

if TYPE_CHECKING:
    from ..run import Run

KEYS = ("model", "parameters", "seed", "engine", "duration_ms")


def parameters_of(run: Run) -> dict[str, Any]:
    """Model, parameters, their units where the model is known, seed, engine and duration."""
    from ..replay import class_of

    found = {key: getattr(run, key) for key in KEYS}
    try:
        declared = class_of(run).parameters()
    except UnknownName:
        return found
    return {**found, "units": {k: declared[k].unit for k in run.parameters if k in declared}}


def save_parameters(run: Run, path: str | Path, overwrite: bool = False) -> Path:
    """Write `parameters_of` a run as a JSON file.

    raises : ParameterError for a path that cannot be; StoreError if it cannot be written
    """
    path = checked(path, (".json",), "a file of parameters", overwrite)
    with written_whole(path) as new:
        new.write_text(json.dumps(parameters_of(run), indent=1) + "\n", encoding="utf-8")
    return path


def read_parameters(path: str | Path) -> dict[str, float]:
    """The parameters in a file of `save_parameters`; raises ParameterError if it is none."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))["parameters"]
        return {str(name): float(value) for name, value in found.items()}
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError
    ) as error:  # fmt: skip
        raise ParameterError(
            f"{path} is no file of parameters ({error}): `workbench export RUN --parameters "
            "FILE.json` writes one."
        ) from error
