"""The text of a model's file, from what is known of a script."""

from __future__ import annotations

import json
from textwrap import wrap

from ..opening import Slider
from ..ranges import range_of
from .reading import Found

FILE = '''"""{title}: {summary}

Equations
{equations}
Source      {source}
            Write here which work the model is from.
Departures  Write here what differs from the source, and why.
Numerics    dt {dt_ms:g} ms, as in the script. Write here how far results change when it is halved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.model.model import Model
from workbench.model.parameter import Parameter

if TYPE_CHECKING:
    import brian2


class {class_name}(Model):
    """{summary}"""

    slug = "{slug}"
    title = "{title}"
    purpose = {purpose}
    source = {quoted_source}
{declared}{parameters}

    def build(self) -> brian2.Network:
{build}
'''


def model_file(found: Found, slug: str) -> str:
    """The text of the file of the model ``slug``."""
    opening = found.opening
    script = opening.path.replace("\\", "/").rpartition("/")[2]
    words = slug.split("-")
    title = " ".join(words).capitalize()
    source = f"the script {script}"
    summary = _summary(found.doc) or f"The network of {source}."
    return FILE.format(
        title=title,
        summary=summary.replace('"""', "'''").replace("\\", "\\\\"),
        equations=_equations(found.equations),
        source=source,
        dt_ms=opening.dt_ms,
        class_name="".join(w.capitalize() for w in words),
        slug=slug,
        purpose=_quoted(summary),
        quoted_source=_quoted(source),
        declared="".join(f"{row}\n" for row in _declared(found)),
        parameters="\n".join(_parameter(s, script) for s in opening.sliders),
        build="\n".join(_build(found, slug.replace("-", "_"))),
    )


def _summary(doc: str) -> str:
    """The first sentence of a script's docstring; "" for none."""
    lines = [line.strip() for line in doc.strip().splitlines()]
    text = next((line for line in lines if line and not set(line) <= set("-=~*#")), "")
    return text if not text or text[-1] in ".!?" else f"{text}."


def _equations(equations: dict[str, str]) -> str:
    rows = []
    for name, text in equations.items():
        lines = [line.strip().replace("\\", "\\\\") for line in text.splitlines() if line.strip()]
        rows += [f"    {name}:", *(f"        {line}" for line in lines)]
    return "\n".join(rows) or "    none"


def _declared(found: Found) -> list[str]:
    """Attributes of the class besides its texts, where they are not those of every model."""
    opening = found.opening
    rows = [f"    tick_ms = {opening.tick_ms!r}"] if opening.tick_ms != 1 else []
    if opening.dt_ms != 0.1:
        rows.append(f"    dt_ms = {opening.dt_ms!r}")
    if not found.clock:
        rows.append('    dt_fixed = "The objects of the script have time steps of their own."')
    for name, value, kind in (
        ("traces", opening.traces, "dict[str, str]"),
        ("watched", opening.watched, "dict[str, tuple[int, ...]]"),
        ("weight_unit", opening.weight_units, "dict[str, str]"),
        (
            "constants",
            tuple(s.name for s in opening.sliders if s.kind == "constant"),
            "tuple[str, ...]",
        ),
    ):
        if value:
            rows.append(f"    {name}: ClassVar[{kind}] = {_quoted(value)}")
    return rows


def _parameter(slider: Slider, script: str) -> str:
    given = [] if slider.unit == "1" else [f'unit="{slider.unit}"']
    given += [f"bounds={_bounds(slider)}", f"softbounds={_softbounds(slider)}"]
    given += [] if slider.live else ["live=False"]
    given += ["integer=True"] if slider.integer else []
    where = f"{script}, line {slider.line}" if slider.line else script
    head = ", ".join([repr(slider.value), *given])
    return (
        f"    {slider.name} = Parameter(\n        {head},\n"
        f"        source={_quoted(where + ': write where it comes from')},\n"
        f"        doc={_quoted(slider.doc or slider.name)},\n    )"
    )


def _softbounds(slider: Slider) -> tuple[float, float]:
    """A slider within which a network that divides by the value stays finite."""
    value = slider.value
    low, high = range_of(slider.name, value, slider.unit)
    if slider.integer and value > 0:
        return value, 2 * value
    if value == 0 or low < value - abs(value) * 0.999 < 0 < high:
        return low, high
    if low < value < high and (low > 0) == (value > 0) and high - value == value - low:
        return _round(value - (value - low) / 4), _round(value + (high - value) / 4)
    ends = sorted((value / 2, min(2 * value, 1.0) if high == 1.0 else 2 * value))
    return _round(ends[0]), _round(ends[1])


def _bounds(slider: Slider) -> str:
    """What is impossible outside, as far as the value says."""
    value = slider.value
    if slider.integer:
        return "(1, None)" if value > 0 else "(0, None)" if value == 0 else "(None, -1)"
    soft = _softbounds(slider)
    if slider.unit.endswith("V") and abs(value) > 0:
        far = _round(abs(value) + 5 * (soft[1] - soft[0]))
        return f"({-far!r}, {far!r})"
    if value == 0:
        return "(-1000, 1000)"
    return "(0, None)" if value > 0 else "(None, 0)"


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _quoted(value: object) -> str:
    """As Python writes it, texts in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(k)}: {_quoted(v)}' for k, v in value.items())}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_quoted, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _wrapped(line: str) -> list[str]:
    """An import that is too long for a line, on several."""
    head, _, names = line.partition(" import ")
    if len(line) <= 92 or not names:
        return [line]
    rows = wrap(f"{names},", 86, break_long_words=False)
    return [f"{head} import (", *(f"    {row}" for row in rows), ")"]


def _build(found: Found, name: str) -> list[str]:
    pad = " " * 8
    rows = [pad + row for line in found.imports for row in _wrapped(line)]
    rows.append("")
    if found.clock:
        rows += [f'{pad}{found.clock} = Clock(self.dt_ms * ms, name="{name}_clock")', ""]
    rows.append(found.body)
    listed = ", ".join(found.network)
    network = listed if found.own else f'Network({listed}, name="{name}")'
    if not found.external:
        return [*rows, f"{pad}return {network}"]
    if not found.own:
        rows += ["", f"{pad}network = {network}"]
        network = "network"
    names = ", ".join(f'"{n}": {n}' for n in found.external)
    rows += [
        f"{pad}# What equations use besides the variables of their group.",
        f"{pad}names = {{{names}}}",
        f"{pad}for item in {network}.objects:",
        f'{pad}    if hasattr(item, "namespace"):',
        f"{pad}        item.namespace = {{**names, **(item.namespace or {{}})}}",
        f"{pad}return {network}",
    ]
    return rows
