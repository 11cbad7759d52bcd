"""The lateral circuit and two readouts as Brian2 objects, one step a picture.

  COUNT      the next picture; its task and its label
  PROJECT    subspace units: y = H x; readouts: W x
  GATE       units of tasks to come are silent; those of earlier ones are passed on by themselves
  RETURN     back to the input: what all units explain, H' y, and what the earlier ones do
  COMPARE    what is left of the input, and what of it no earlier task needs; the errors
  LEARN      H by what is left, and both readouts: one by all of the input, one by the rest

The way back holds H a second and a third time, for all units and for the earlier ones; all three
learn from the same numbers, and so stay one matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.brian import dense
from workbench.model.units import brian_unit

from .._shared.shared_variables import set_shared
from .tasks import CLASSES, PIXELS, rows_of, tasks_of

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model

COUNT, PROJECT, GATE, RETURN, COMPARE, LEARN = -60, -50, -40, -30, -20, -10

_COUNTED = """
shown : 1 (shared)
task : 1 (shared)
going : 1 (shared)
samples : 1 (shared)
"""
# After the last task nothing is learnt any more.
_COUNT = """
shown = shown + 1
task = clip(floor(shown/samples), 0, N_TASKS - 1)
going = int(shown < samples*N_TASKS)
"""
_INPUT = (
    """
x : 1
explained : 1
kept : 1
left : 1
free : 1
projection : 1 (shared)
"""
    + _COUNTED
)
_SUBSPACE = (
    """
raw : 1
y : 1
y_old : 1
mine : 1
learns : 1
levels : 1 (shared)
y_max : 1 (shared)
"""
    + _COUNTED
)
_READOUT = (
    """
out : 1
error : 1
"""
    + _COUNTED
)
# With levels, y is what so many spikes of either sign can say.
_GATE = """
unit = y_max/clip(levels, 1, inf)*2
rounded = floor(clip(raw, -y_max, y_max)/unit + 0.5)*unit
y = int(mine < task + 0.5)*(int(levels > 0.5)*rounded + int(levels < 0.5)*raw)
y_old = int(mine < task - 0.5)*y
learns = going*int(abs(mine - task) < 0.5)
"""
_COMPARE = """
left = x - explained
free = x - projection*kept
"""
_ERROR = "error = going*(int(abs(labels((task*N_TRAIN + shown % N_TRAIN)*second) - i) < 0.5) - out)"


def start_weights(model: Model) -> np.ndarray:
    """H at the start, (M, 64): small random numbers; Oja's rule cannot leave zero."""
    values: Any = model.values()
    m = values["n_first"] + values["n_more"] * (values["n_tasks"] - 1)
    rng = np.random.default_rng([int(values["order_seed"]), 2])
    return 0.1 * rng.standard_normal((m, PIXELS))


def network(model: Model) -> brian2.Network:
    """Build the network of ``model``, before the first picture."""
    import brian2 as b2

    values: Any = model.values()
    given = tasks_of(model)
    second = brian_unit("second")  # a picture a second, asked for by its number
    clock = b2.Clock(model.dt_ms * brian_unit("ms"), name="orthogonal_projection_clock")
    count, n_train = values["n_tasks"], given.train.shape[1]
    pictures = b2.TimedArray(given.train.reshape(-1, PIXELS), dt=1 * second, name="pictures")
    labels = b2.TimedArray(given.train_labels.ravel().astype(float), dt=1 * second, name="labels")
    known = {"N_TASKS": count, "N_TRAIN": n_train, "second": second}
    H = start_weights(model)
    inputs, subspace, readout, control = (
        b2.NeuronGroup(size, equations, clock=clock, name=name, namespace={**known, **more})
        for name, size, equations, more in (
            ("input", PIXELS, _INPUT, {"pictures": pictures}),
            ("subspace", len(H), _SUBSPACE, {}),
            ("readout", CLASSES, _READOUT, {"labels": labels}),
            ("control", CLASSES, _READOUT, {"labels": labels}),
        )
    )
    groups = (inputs, subspace, readout, control)
    for group in groups:
        set_shared(model, group)
        group.shown = -1
        group.run_regularly(_COUNT, when="start", order=COUNT, name=f"{group.name}_count")
    subspace.mine = rows_of(values["n_first"], values["n_more"], count)
    inputs.run_regularly(
        "x = pictures((task*N_TRAIN + shown % N_TRAIN)*second, i)", when="start", order=COUNT + 1,
        name="look",
    )  # fmt: skip
    subspace.run_regularly(_GATE, when="start", order=GATE, name="gate")
    inputs.run_regularly(_COMPARE, when="start", order=COMPARE, name="compare")
    for group in (readout, control):
        group.run_regularly(_ERROR, when="start", order=COMPARE, name=f"{group.name}_error")

    nothing = np.zeros((CLASSES, PIXELS))
    projections = (
        # source, target, weights, what, into, order, rate, growth of a weight
        (inputs, subspace, H, "x", "raw", PROJECT, "eta_h", "learns_post*y_post*left_pre"),
        (subspace, inputs, H.T, "y", "explained", RETURN, "eta_h", "learns_pre*y_pre*left_post"),
        (subspace, inputs, H.T, "y_old", "kept", RETURN, "eta_h",
         "learns_pre*y_pre*left_post"),
        (inputs, readout, nothing, "x", "out", PROJECT, "eta_w", "error_post*free_pre"),
        (inputs, control, nothing, "x", "out", PROJECT, "eta_w", "error_post*x_pre"),
    )  # fmt: skip
    synapses = []
    for source, target, w, of, into, order, rate, growth in projections:
        name = "protection" if into == "kept" else f"{source.name}_to_{target.name}"
        made = dense.project(
            source, target, w, of=of, into=into, name=name, model=f"{rate} : 1 (shared)",
            clock=clock, order=order,
        )  # fmt: skip
        set_shared(model, made)
        made.run_regularly(
            f"w += {rate}*{growth}", clock=clock, when="start", order=LEARN, name=f"{name}_learning"
        )
        synapses.append(made)
    return b2.Network(*groups, *synapses, name="orthogonal_projection")
