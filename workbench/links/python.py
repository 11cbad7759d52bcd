"""A link as the statements of Python that simulate the same."""

from __future__ import annotations

from ..model.model import Model
from ..scripts.model import ScriptModel
from .state import Link
from .text import address_of


def python_of(link: Link) -> str:
    """Statements for a notebook or a script: the model with its values, and its run.

    What was done to the run is repeated by way of the link itself.
    raises : ParameterError where that is too much for an address
    """
    begins = link.model().values()
    changed = {k: v for k, v in link.values.items() if v != begins.get(k)}
    lines = ["import workbench as wb", "", *_model(link.model, changed)]
    if link.log:
        address = address_of(link)
        lines += [
            f"# With all that was done to it until t = {link.t_ms:g} ms.",
            f"run = wb.read_link({address!r}, model).run()",
        ]
    else:
        engine = link.began_with or link.engine
        given = [f"{link.t_ms or link.model.window_ms:.15g}", f"seed={link.seed}"]
        given += [] if engine == "auto" else [f"engine={engine!r}"]
        lines.append(f"run = model.run({', '.join(given)})")
    return "\n".join([*lines, ""])


def _model(model: type[Model], changed: dict[str, float]) -> list[str]:
    values = [f"{k}={v!r}" for k, v in changed.items()]
    if not issubclass(model, ScriptModel):
        known = model.slug or model.__name__
        return [f"model = wb.load({', '.join([repr(known), *values])})"]
    opening = model.opening
    args = [repr(list(opening.args))] if opening.args else []
    script = f"model = wb.open_script({', '.join([repr(opening.path), *args])})"
    return [script, *(f"model.set({k!r}, {v!r})" for k, v in changed.items())]
