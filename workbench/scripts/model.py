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
from .execution import Execution, RunCall
from .literals import compiled
from .network import continued, leave, namespace_of, network_of, simulate
from .opening import Opening, Slider
from .shown import Shown

MADE_BY = f"{__name__}:model_of"
PINNED, LIVE, REBUILD = "Pinned", "Network", "Script"
FIRST, ALL = 0, 1  # values of ``script_runs``


class ScriptModel(Model):
    """Base of the models that scripts become; ``opening`` is the script."""

    opening: Opening
    own_process = True
    _shown: Shown | None = None
    dt_fixed = "the script sets its own time step, so change it there."

    script_runs = Parameter(
        FIRST,
        choices=("first, without end", "all, to the end"),
        symbol="runs",
        source="which of the script's runs are simulated",
        doc="runs of the script",
        group=REBUILD,
        live=False,
    )

    def build(self) -> Any:
        """Run the script up to its first run, with the values of this model in it.

        raises : BuildError, with the line, for a script that fails
        """

        path = Path(self.opening.path)
        if self.show is not None:
            self._shown = Shown(self.show)
            self._shown.begin()
        given = {s.name for s in self.opening.sliders if not s.live}
        changed = {k: v for k, v in self.changed().items() if k in given}
        code = compiled(self.opening.source, path, changed)
        self._execution = Execution(code, path, self.opening.args, self.opening.folder)
        call = self._next_run()
        if call is None:
            raise BuildError(f"{path.name} ends without a network: it must call run(...).")
        self._take(call)
        self._net, self._named = network_of(call)
        return self._net

    def _take(self, call: RunCall) -> None:
        self._names, self._length_s = namespace_of(call), call.duration_s

    def run_namespace(self) -> dict[str, Any]:
        return self._names

    def own_names(self) -> dict[str, str]:
        return {given: own for _, own, given in self._named}

    def run_length_s(self) -> float | None:
        return self._length_s if self.script_runs == ALL else None

    def next_network(self) -> Any:
        """Let the script go on to its next run of this network.

        Runs of other networks are simulated on the way, and not shown.
        """
        leave(self._net, self._named)
        self._show_figures()
        while (call := self._next_run()) is not None:
            if continued(self._net, self._named, call):
                self._take(call)
                return self._net
            if self._shown is not None:
                self._shown.write(f"[{call.duration_s * 1e3:g} ms of another network: not shown]\n")
            simulate(call)
        return None

    def _next_run(self) -> RunCall | None:
        try:
            return self._execution.next_run()
        finally:
            self._show_figures()

    def _show_figures(self) -> None:
        if self._shown is not None:
            self._shown.figures()
            self._shown.flush()

    def changed(self) -> dict[str, float]:
        """The parameters that are not as the script has them, in their units."""
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
