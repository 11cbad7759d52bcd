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
# # A memory that keeps its own balance
#
# A random network hears a stream of numbers. How many of the past ones does it still know? After
# Srinivasan, Plenz and Girvan (2025), most when inhibition balances excitation, and a local rule
# finds that balance: inhibition onto a neuron grows while its rate is above a target. This is a
# *reconstruction*: the paper's text was not at hand.

# %%
import numpy as np

import workbench as wb
from models._shared.figures import layout, lines
from models.adaptive_reservoir.facts import recorded
from models.adaptive_reservoir.theory import flip, memory, multiplier

reservoir = wb.load("adaptive-reservoir", n_units=200, w_mean=0.03, delta=0, c=5)
reservoir.purpose

# %% [markdown]
# ## 1. What it remembers
#
# A linear readout is trained to say what the input was some steps ago.

# %%
r, u = recorded(reservoir, 1000)
known = memory(r, u, 30)
wb.figure(lines([(np.arange(30), known, "")], "Steps back", "Squared correlation"), width_mm=85)

# %% [markdown]
# ## 2. The target decides
#
# A deviation that all neurons share is multiplied by (1 − ρ) logit(ρ) in each step, whatever the
# network is. At a target of 0.218 that is −1: below it the population alternates for ever, and
# what it does no longer depends on the input.

# %%
float(flip())

# %%
rhos, correlation, capacity = (0.15, 0.2, 0.25, 0.35, 0.5, 0.65, 0.8), [], []
for rho in rhos:
    one = wb.load("adaptive-reservoir", n_units=200, w_mean=0.03, delta=0, c=5, rho=rho)
    r, u = recorded(one, 600)
    mean = r.mean(axis=1)
    correlation.append(np.corrcoef(mean[1:], mean[:-1])[0, 1])
    capacity.append(memory(r, u, 30).sum())
grid = np.linspace(0.12, 0.85, 100)
wb.figure(
    layout(
        lines(
            [(grid, multiplier(grid), "multiplier")],
            "Target rate ρ",
            "Factor of a step",
            points=[(rhos, correlation, "correlation of the mean rate")],
        ),
        lines([(rhos, capacity, "")], "Target rate ρ", "Memory (steps)"),
        columns=1,
    ),
    width_mm=85,
)

# %% [markdown]
# ## 3. In spikes
#
# The twin: a thousand integrate-and-fire neurons, and an inhibitory rule of the same kind (Vogels
# et al. 2011). Below a target of 18 Hz, which theory foretells from the neurons' response and the
# delay, the raster turns into stripes.

# %%
from models.spiking_reservoir.theory import flip as spiking_flip

spiking = wb.load("spiking-reservoir", rho="12 Hz")
float(spiking_flip(spiking))

# %%
wb.figure(spiking.run(1000, seed=1), "raster", width_mm=85)

# %% [markdown]
# ## By hand
#
# Press **Run**, and pull ρ below 0.218: the picture of all rates turns into stripes, the rows of
# inhibition rescale, and the memory is gone. Pull it up again.

# %%
wb.explore("adaptive-reservoir")
