"""``SCRIPT.workbench.toml`` beside a script: which of its sliders are shown, and their ranges.

[sliders.tau_m]
pin = true
range = [5, 50]     # in the unit of the script

[sliders.N]
hide = true
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from ..errors import ParameterError, unknown
from ..model.misread import quoted
from ..toml_files import read_toml
from .opening import Opening, Slider

ALLOWED = ("pin", "hide", "range")


def settings_path(script: str | Path) -> Path:
    return Path(script).with_suffix(".workbench.toml")


def with_settings(opening: Opening, args: Sequence[str] = ()) -> Opening:
    """The opening with the settings of the file beside the script, where there is one.

    raises : ParameterError for a file that cannot be read, UnknownName for what it does not know
    """
    opening = replace(opening, args=tuple(args))
    path = settings_path(opening.path)
    if not path.is_file():
        return opening
    try:
        data = read_toml(path)
    except OSError as error:
        raise ParameterError(f"{path.name} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ParameterError(f"{path.name} {error}.") from error
    for key in data:
        if key != "sliders":
            raise unknown("table", key, ["sliders"], owner=path.name)
    sliders = data.get("sliders", {})
    if not (isinstance(sliders, dict) and all(isinstance(s, dict) for s in sliders.values())):
        raise ParameterError(
            f"{path.name}: sliders = {quoted(sliders)} is not allowed: write tables [sliders.NAME]."
        )
    names = [s.name for s in opening.sliders]
    for name in sliders:
        if name not in names:
            raise unknown("slider", name, names, owner=path.name)
    return replace(
        opening,
        sliders=tuple(_set(s, sliders.get(s.name, {}), path.name) for s in opening.sliders),
    )


def _set(slider: Slider, given: dict[str, Any], file: str) -> Slider:
    for key in given:
        if key not in ALLOWED:
            raise unknown("setting", key, ALLOWED, owner=f"{file}, {slider.name}")
    low, high = _range(given["range"], slider, file) if "range" in given else (
        slider.low, slider.high,
    )  # fmt: skip
    return replace(
        slider,
        low=low,
        high=high,
        hidden=bool(given.get("hide", False)),
        pinned=bool(given.get("pin", False)),
    )


def _range(given: Any, slider: Slider, file: str) -> tuple[float, float]:
    numbers = isinstance(given, list) and all(
        type(v) in (int, float) and abs(v) < inf for v in given
    )
    if not numbers or len(given) != 2 or not given[0] < given[1]:
        raise ParameterError(
            f"{file}: range = {quoted(given)} of {slider.name} is not allowed: give [low, high], "
            f"in {'its unit' if slider.unit == '1' else slider.unit}."
        )
    return given[0], given[1]
