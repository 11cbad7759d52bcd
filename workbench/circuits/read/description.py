"""Reads the notes of a network. Runs where Brian2 is; what it returns needs no Brian2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..description import Measurement, Notes, ParameterRow

if TYPE_CHECKING:
    from ...model.model import Model


def read_notes(net: Any, model: Model | None = None) -> Notes:
    """The notes of a network; of its parameters only those that ``model`` declares."""
    objects = sorted(net.objects, key=lambda o: o.name)
    return Notes(
        purpose=model.purpose if model is not None else "",
        source=model.source if model is not None else "",
        dt_ms=_dt_ms(objects),
        parameters=_parameters(model) if model is not None else (),
        methods=tuple((o.name, m) for o in objects if (m := _method(o))),
        steps=tuple(step for o in objects for step in _steps(o)),
        measured=_measured(model) if model is not None else (),
    )


def _dt_ms(objects: list[Any]) -> float | None:
    steps = [float(o.clock.dt) * 1e3 for o in objects if hasattr(o, "N") and hasattr(o, "clock")]
    return round(min(steps), 9) if steps else None


def _parameters(model: Model) -> tuple[ParameterRow, ...]:
    values = model.values()
    return tuple(
        ParameterRow(
            name=name,
            symbol=q.symbol or name,
            value=q.text(values[name]),
            meaning=" ".join((q.doc or "").split()),
            source=q.source,
            group=q.group,
        )
        for name, q in model.parameters().items()
    )


def _method(owner: Any) -> str:
    """How the equations of a group or of synapses are integrated, "" where there are none."""
    equations = getattr(owner, "equations", None)
    if equations is None or not len(getattr(equations, "diff_eq_names", ())):
        return ""
    chosen = getattr(owner, "method_choice", None)
    if isinstance(chosen, str):
        return chosen
    return "chosen by Brian2" if chosen is None or isinstance(chosen, list | tuple) else "own"


def _steps(owner: Any) -> list[tuple[str, str, str]]:
    """What ``run_regularly`` does to a group."""
    found = []
    for part in getattr(owner, "contained_objects", ()):
        code = getattr(part, "abstract_code", None)
        if type(part).__name__ == "CodeRunner" and isinstance(code, str):
            own, every = float(owner.clock.dt), float(part.clock.dt)
            when = "every step" if own == every else f"every {every * 1e3:g} ms"
            found.append((owner.name, code.strip(), when))
    return found


def _measured(model: Model) -> tuple[Measurement, ...]:
    """What a session or a run of the workbench records."""
    every = f"every {model.tick_ms:g} ms"
    neurons = f"{model.watch} neurons" if model.watch > 1 else "one neuron"
    traces = tuple(
        Measurement(variable, f"{neurons} of {population}".replace("_", " "), every)
        for population, _, variable in (name.partition(".") for name in model.traces)
    )
    return (Measurement("spikes", "all neurons", f"steps of {model.dt_ms:g} ms"), *traces)
