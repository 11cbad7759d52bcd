"""Brian2 objects of this process, such as a notebook's, as a model: written down, then opened."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..brian.internals import was_used
from ..errors import BuildError
from ..model.model import Model
from ..scripts import open_script
from .objects import Objects

SHOWN_MS = 1000.0  # the run that the script asks for; in the app it has no end

TEXT = '''"""Brian2 objects of a notebook, as they were when they were opened."""

from pathlib import Path

import brian2 as b2
import numpy as np

data = np.load(Path(__file__).with_suffix(".npz"))
{lines}

net = b2.Network({net})
net.run({duration_ms!r} * b2.ms, namespace={namespace})
'''

_folders: list[Any] = []  # of the scripts: they are needed as long as this process lives


def is_brian(thing: Any) -> bool:
    """Whether it is a network, an object of Brian2, or a list, tuple or set of these."""
    if "brian2" not in sys.modules:
        return False
    import brian2

    if isinstance(thing, brian2.Network | brian2.BrianObject):
        return True
    several = isinstance(thing, list | tuple | set) and bool(thing)
    return several and all(isinstance(part, brian2.BrianObject) for part in thing)


def open_objects(thing: Any, namespace: Mapping[str, Any], name: str = "network") -> Model:
    """A network, or objects for one, as a model that starts with the state that they have.

    namespace : the names that their equations may use
    raises    : BuildError for what cannot be written down, such as Python functions that run at
                every step, and for what has been simulated already
    """
    import brian2

    if isinstance(thing, brian2.Network):
        net = thing
    else:
        parts = [thing] if isinstance(thing, brian2.BrianObject) else list(thing)
        net = _Parts([p for p in parts if not isinstance(p, brian2.Subgroup)])
    for item in net.objects:
        t_ms = float(item.clock.variables["t"].get_value().item()) * 1e3
        if t_ms and was_used(item):  # else the clock is one that others share
            raise BuildError(
                f"{item.name} has been simulated already, up to {t_ms:g} ms: make the "
                "network anew, and open it before its first run."
            )
    objects = Objects(net, namespace, {}, monitors=True)
    objects.write()
    folder = tempfile.TemporaryDirectory(prefix="workbench-objects-")
    _folders.append(folder)
    path = Path(folder.name) / f"{name}.py"
    np.savez(path.with_suffix(".npz"), **objects.data.arrays)
    text = TEXT.format(
        lines="\n".join(objects.lines), net=", ".join(objects.made), duration_ms=SHOWN_MS,
        namespace=objects.row_sums.namespace,
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    return open_script(path)


class _Parts:
    """What `Objects` reads of a network, without putting the objects into one."""

    def __init__(self, objects: list[Any]):
        self.objects = objects

    @property
    def sorted_objects(self) -> list[Any]:
        return [*self.objects, *(part for o in self.objects for part in o.contained_objects)]
