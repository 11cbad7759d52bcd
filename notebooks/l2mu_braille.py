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
# # A finger that reads
#
# A fingertip slides over a Braille letter: twelve channels of touch, a few hundred events, and then
# it is gone. What was the letter? A network has to hold the beginning in mind until the end. This
# one, after Leto et al. (2025), holds it in 70 small memories of seven numbers each, all spiking.

# %%
import holoviews as hv
import numpy as np

import workbench as wb
from models._shared.figures import COLORS
from models.l2mu_braille.letters import NAMES, STEPS, touches_of
from models.l2mu_braille.weights import in_use
from workbench.plots import style

reader = wb.load("l2mu-braille")
letters = touches_of(reader.values())
f"{in_use(reader.values())} weights, {'recorded' if letters.recorded else 'made-up'} letters"

# %% [markdown]
# With the published files in the folder `l2mu` of `WORKBENCH_DATA` this is the published network.
# Without them letters are made up and the weights are drawn: everything runs, but it only guesses.
#
# ## 1. The circuit
#
# The finger speaks to `u` and to the hidden units. Each unit of `u` has a memory of its own, a bank
# of seven units whose weights are not trained: they are those of Legendre's polynomials.

# %%
run = reader.run(4 * STEPS, engine="numpy", record={"finger.touch": [0], "output.votes": "all"})
run.info.circuit

# %% [markdown]
# ## 2. Four letters

# %%
wb.figure(run, "raster", width_mm=174)

# %% [markdown]
# ## 3. Seven units race
#
# Every spike of an output unit is a vote. The votes are counted from the beginning of each letter.

# %%
names = [NAMES[k] for k in letters.labels[:4]]
race = [
    style(
        hv.Curve((run.state_t, run.state("output.votes")[:, k]), "t", "votes", label=NAMES[k]),
        {"color": color}, mpl={"linewidth": 1.0},
    )
    for k, color in enumerate(("#1A1A1A", *COLORS))
]  # fmt: skip
shown = style(
    hv.Overlay(race),
    {"xlabel": f"Time (steps of 1 ms); letters {', '.join(names)}", "ylabel": "Votes",
     "show_legend": True},
    mpl={"legend_position": "top", "legend_cols": 4},
)  # fmt: skip
wb.figure(shown, width_mm=174)

# %%
t, unit = run.spikes("output")
votes = np.zeros((4, len(NAMES)), int)
np.add.at(votes, ((t // STEPS).astype(int), unit), 1)
[(name, NAMES[int(v.argmax())], v.tolist()) for name, v in zip(names, votes, strict=True)]

# %% [markdown]
# ## 4. What the finger feels
#
# Each letter is a pattern of twelve rows against time: here the mean of all touches of each letter,
# from no event (white) to one in every touch (black).

# %%
means = [letters.events[letters.labels == k].mean(axis=0).T for k in (1, 4, 6)]
felt = [
    style(
        hv.QuadMesh((np.arange(STEPS), np.arange(12), mean), ["step", "channel"], "events"),
        {"cmap": "Greys", "clim": (0, 1), "title": NAMES[k], "xlabel": "Step",
         "ylabel": "Channel", "yticks": [0, 11]},
    )
    for k, mean in zip((1, 4, 6), means, strict=True)
]  # fmt: skip
wb.figure(hv.Layout(felt).cols(3), width_mm=174)

# %% [markdown]
# ## 5. The published score
#
# `workbench reproduce l2mu-braille reading` reads all 280 letters of a split with the Brian2
# network and, beside it, with the plain recurrence: 264 right, as the checkpoint says of itself,
# and not one of 78,737 votes differs.
#
# ## By hand
#
# Press **Run**; ask for a letter; numb a channel of the finger and see which letters suffer.

# %%
wb.explore(reader)
