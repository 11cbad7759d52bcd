# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The same spikes from other weights
#
# Two networks get the same noise and have different weights. Can one of them learn to fire as the
# other does, spike for spike, by small local changes? And has it the same weights then? After
# Bordelon et al. (2020).

# %%
import holoviews as hv
import numpy as np

import workbench as wb
from models.spike_matching import SetWeights
from models.spike_matching.measures import alike, distances, fired_in
from models.spike_matching.pairing import pair, unpaired
from models.spike_matching.wiring import weights_of
from workbench.plots import style

model = wb.load("spike-matching")
model.purpose

# %% [markdown]
# ## 1. The circuit
#
# `reference` makes the spikes, `learner` changes its weights after every pass of 3 s, `control`
# changes as much at synapses drawn at random. `passes` counts.

# %%
first = model.run(3015, engine="numpy", record={"learner.v": [0, 1]})
first.info.circuit

# %% [markdown]
# ## 2. Pairs
#
# A spike of the learner and one of the reference are a pair if they are at most D steps apart; what
# is left is extra or missed.

# %%
wb.figure(first, "raster", width_mm=174)

# %%
learner, reference = fired_in(first, "learner", 0), fired_in(first, "reference", 0)
extra, missed = unpaired(learner, reference, 14)
kinds = (("matched", learner & ~extra, "#B0B0B0", "o"), ("extra", extra, "#D55E00", "^"),
         ("missed", missed, "#0072B2", "o"))  # fmt: skip


def spikes(name, which, color, marker):
    """One kind of spikes of a pass, as points."""
    step, neuron = np.nonzero(which)
    points = hv.Points((0.003 * step, neuron), ["t", "i"], label=f"{name} {len(step):,}")
    return style(points, {"color": color}, mpl={"s": 3, "marker": marker})


wb.figure(
    style(
        hv.Overlay([spikes(*kind) for kind in kinds]),
        {"xlabel": "Time in the pass (s)", "ylabel": "Neuron"},
        mpl={"legend_position": "top", "legend_cols": 3},
    ),
    width_mm=85,
)

# %% [markdown]
# Why the cost of pairs is no distance: from a spike at 0 to one at 10 it is cheaper by way of 5.

# %%
at = [np.array([t]) for t in (0, 5, 10)]
pair(at[0], at[2], 5).cost, pair(at[0], at[1], 5).cost + pair(at[1], at[2], 5).cost

# %% [markdown]
# ## 3. The weights of the reference
#
# With these, nothing is left to learn.

# %%
known = model.run(6015, engine="numpy", operations=[SetWeights(0, weights="reference")])
distances(fired_in(known, "learner", 1), fired_in(known, "reference", 1))

# %% [markdown]
# ## 4. Learning
#
# A smaller network, forty passes of 0.9 s: the app goes on as long as you like.

# %%
small = wb.load("spike-matching", pass_steps=300, d_every=5, h=0.0007)
run = small.run(40 * 900)
theirs = fired_in(run, "reference", 0)
course = {
    name: [round(distances(fired_in(run, name, k), theirs)[0], 1) for k in (0, 10, 20, 30, 39)]
    for name in ("learner", "control")
}
course

# %%
wb.figure(run, "weights", width_mm=120, projection="learner_recurrent")

# %% [markdown]
# ## 5. Other weights
#
# Correlation of the learnt weights with those that made the spikes, and with those it began with.

# %%
weights = weights_of(small)
w = run.weight_matrix("learner_recurrent").T
[round(alike(w, other, weights.sign), 3) for other in (weights.reference, weights.naive)]

# %%
wb.figure(first, "traces", width_mm=120)

# %% [markdown]
# ## By hand
#
# The same model, live: press **Run** and watch missed spikes fade. Then give the learner the
# weights of the reference, or its first ones again.

# %%
wb.explore(model)
