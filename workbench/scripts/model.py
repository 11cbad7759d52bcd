"""A script as a `Model`: its parameters are what was found, and ``build`` runs the script."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from ..errors import BuildError
from ..model.files import CARRIED
from ..model.model import Model
from ..model.parameter import Parameter
from .opening import Opening, Slider

MADE_BY = f"{__name__}:model_of"
PINNED, LIVE, REBUILD = "Pinned", "Network", "Script"


class ScriptModel(Model):
    """Base of the models that scripts become; ``opening`` is the script."""

    opening: Opening
    own_process = True
    dt_fixed = "the script sets its own time step, so change it there."

    def build(self) -> Any:
        """Run the script up to its first run, with the values of this model in it.

        raises : BuildError, with the line, for a script that fails
        """
        from .execution import Execution
        from .literals import compiled
        from .network import namespace_of, network_of

        path = Path(self.opening.path)
        changed = {k: v for k, v in self._changed().items() if not self.parameter(k).live}
        code = compiled(self.opening.source, path, changed)
        self._execution = Execution(code, path, self.opening.args, self.opening.folder)
        call = self._execution.next_run()
        if call is None:
            raise BuildError(f"{path.name} ends without a network: it must call run(...).")
        self._names = namespace_of(call)
        return network_of(call)

    def run_namespace(self) -> dict[str, Any]:
        return self._names

    def _changed(self) -> dict[str, float]:
        return {k: v for k, v in self.values().items() if v != self.parameter(k).default}


def model_of(opening: Opening) -> type[Model]:
    """The class of models of a script; it travels to other processes as its opening."""
    path = Path(opening.path)
    shown = [s for s in opening.sliders if not s.hidden]
    body: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": f"The script {path.name}.",
        "opening": opening,
        "slug": slug_of(path),
        "title": path.stem,
        "purpose": f"A Brian2 script, up to its first run ({opening.duration_ms:g} ms).",
        "source": str(path),
        "tick_ms": opening.tick_ms,
        "dt_ms": opening.dt_ms,
        "traces": opening.traces,
        "watched": opening.watched,
        "weight_unit": opening.weight_units,
        "populations": opening.populations,
        "constants": tuple(s.name for s in shown if s.kind == "constant"),
        "made_by": (MADE_BY, opening),
        CARRIED: _files(opening),
    }
    order = sorted(shown, key=lambda s: (not s.pinned, not s.live))
    body |= {s.name: _parameter(s, path) for s in order}
    name = "".join(w.capitalize() for w in re.findall(r"[a-z0-9]+", path.stem.lower()))
    return type(f"Script{name}", (ScriptModel,), body)


def slug_of(path: Path) -> str:
    """The name of a script in addresses: "COBAHH.py" is "script-cobahh"."""
    return "script-" + (re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "script")


def _parameter(slider: Slider, path: Path) -> Parameter:
    where = f"{path.name}, line {slider.line}" if slider.line else path.name
    group = PINNED if slider.pinned else LIVE if slider.live else REBUILD
    return Parameter(
        slider.value,
        unit=slider.unit,
        softbounds=(min(slider.low, slider.value), max(slider.high, slider.value)),
        bounds=(None, None),
        source=where,
        live=slider.live,
        doc=slider.doc or slider.name,
        group=group,
        integer=slider.integer,
    )


def _files(opening: Opening) -> dict[str, str]:
    """What a run says of its code: the text that was opened, and the command line."""
    path = Path(opening.path)
    digest = hashlib.sha256(opening.source)
    for arg in opening.args:
        digest.update(b"\0" + arg.encode())
    return {path.name: digest.hexdigest()}
