"""Cells with compartments: a ``SpatialNeuron`` is one neuron, however many compartments it has."""

from __future__ import annotations

import re
from typing import Any

# Brian2 adds these to the equations of a cell; they say nothing of the model.
_ADDED = (
    "gtot__private", "I0__private", "time_constant", "space_constant", "r_length_1", "r_length_2",
    "lastspike", "not_refractory", "area", "diameter", "distance", "length", "volume",
)  # fmt: skip


def compartments(group: Any) -> int:
    """How many compartments a group has if it is a cell with compartments, else 0."""
    return int(group.N) if _is_cell(group) else 0


def spike_location(group: Any) -> int | None:
    """The compartment whose spikes are those of the cell; None where each has its own, or none."""
    if not _is_cell(group):
        return None
    # Brian2 keeps ``threshold_location`` only as a part of the condition.
    found = re.search(r"and \(i == (\d+)\)$", str((group.events or {}).get("spike", "")).strip())
    return int(found[1]) if found else None


def spikes(group: Any) -> bool:
    """Whether a group has spikes, as neurons with a threshold and inputs of spikes have."""
    return "spike" in getattr(group, "events", ["spike"])


def units_of(group: Any) -> int:
    """How many units of a group spike: rows of a raster. A cell is one if it spikes at one place.

    Where a cell has a threshold and no ``threshold_location``, each compartment spikes by itself.
    """
    silent = not getattr(group, "events", None)
    one = _is_cell(group) and (spike_location(group) is not None or silent)
    return 1 if one else int(group.N)


def state_variables(group: Any) -> tuple[str, ...]:
    """Variables of a group that are integrated over time, in order of their names."""
    equations = getattr(group, "equations", None)
    names = set() if equations is None else set(equations.diff_eq_names)
    return tuple(sorted(names | ({"v"} if _is_cell(group) else set())))


def membrane_equation(group: Any) -> dict[str, str]:
    """ "v" -> its derivative, but for what flows along the cell; {} for what is no cell."""
    return {"v": "Im/Cm"} if _is_cell(group) else {}


def equations_said(group: Any) -> str:
    """The equations of a group as its model gives them."""
    equations = getattr(group, "equations", None)
    if equations is None:
        return ""
    if not _is_cell(group):
        return str(equations).strip()
    return "\n".join(
        line for line in str(equations).strip().splitlines()
        if re.split(r"\W", line.strip(), maxsplit=1)[0] not in _ADDED
    )  # fmt: skip


def _is_cell(group: Any) -> bool:
    return hasattr(group, "morphology") and hasattr(group, "diffusion_state_updater")
