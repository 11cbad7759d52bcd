"""What a model is called when it travels to another process."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from ..bundled_packages import bundled
from .files import CARRIED, files_of
from .folders import installed_models
from .model import Model


def pack_model(model: Model) -> dict[str, Any]:
    """A description from which another process makes the same model.

    Models of the registry travel by name; a class from a notebook or a script travels whole.
    """
    cls = type(model)
    module = sys.modules.get(cls.__module__)
    values = model.values()
    if cls.made_by is not None:
        return {"made_by": cls.made_by, "values": values}
    if _is_below(cls.__module__, bundled("models"), *installed_models().values()):
        return {"module": cls.__module__, "name": cls.__qualname__, "values": values}
    if cls.__module__.startswith("workbench_user_models."):
        top = sys.modules[".".join(cls.__module__.split(".")[:2])]
        path = Path(str(top.__file__))
        path = path.parent if path.name == "__init__.py" else path
        return {"path": str(path), "name": cls.__qualname__, "values": values}
    import cloudpickle

    # A class that travels whole leaves its files behind.
    files = {"files": files_of(cls), "values": values}
    if module is not None and cls.__module__ != "__main__":
        cloudpickle.register_pickle_by_value(module)
        try:
            return {"pickle": cloudpickle.dumps(cls), **files}
        finally:
            cloudpickle.unregister_pickle_by_value(module)
    return {"pickle": cloudpickle.dumps(cls), **files}


def _is_below(module: str, *packages: str) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def unpack_model(packed: dict[str, Any]) -> Model:
    """The other side of `pack_model`; only ever fed by the process that started this one."""
    if "pickle" in packed:
        import cloudpickle

        cls = cloudpickle.loads(packed["pickle"])
        setattr(cls, CARRIED, packed["files"])
    elif "made_by" in packed:
        maker, argument = packed["made_by"]
        module, _, function = maker.partition(":")
        cls = getattr(importlib.import_module(module), function)(argument)
    elif "path" in packed:
        from .registry import import_model_file

        cls = getattr(import_model_file(Path(packed["path"])), packed["name"])
    else:
        cls = getattr(importlib.import_module(packed["module"]), packed["name"])
    return cls(**packed["values"])
