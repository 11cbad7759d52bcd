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
# # A liquid that finds its own edge
#
# Throw a stone into a pond, and for a while the ripples tell where it fell. A *liquid state
# machine* uses a recurrent network of spiking neurons as the pond: a picture goes in, the network
# echoes, and a simple readout tells from the echoes what the picture was. It works if the echoes
# neither die at once nor drown everything. Ivanov & Michmizos (2021) let an astrocyte see to that:
# it compares the spikes that go in with those that go round, and sets how fast synapses weaken.

# %%
import holoviews as hv
import numpy as np

import workbench as wb
from workbench.plots import style

liquid = wb.load("astrocyte-lsm", n_neurons=343, sample_ms=100, w_astro=0.04)
liquid.purpose

# %% [markdown]
# ## 1. The circuit
#
# Here are 343 neurons instead of the 1,000 of the paper, on a grid of 7 × 7 × 7; the nearer two of
# them are, the likelier is a synapse. (`w_astro` is larger, because fewer neurons spike less.) The
# astrocyte hears everybody. It excites nobody: what it sets is a learning rate.

# %%
run = liquid.run(600, seed=1, engine="numpy")
run.info.circuit

# %% [markdown]
# ## 2. Six digits
#
# Every 100 ms another digit is shown: each input neuron is a pixel, and fires the more, the
# brighter its pixel. All weights begin at their limit, so that the liquid roars; within half a
# second it has calmed down.

# %%
wb.figure(run, "raster", width_mm=174)

# %% [markdown]
# ## 3. What the astrocyte does
#
# $A_-$ says how fast excitation is weakened and inhibition strengthened. It rises above
# $A_+ = 0.15$ while the liquid spikes more than its input, and falls below it while the liquid
# spikes less: a negative feedback on a time scale of 100 ms. It starts anew with every digit.

# %%
t = run.state_t
A = run.state("astrocyte.A")[:, 0]
axes = {"xlabel": "Time (ms)", "ylabel": "Learning rate", "legend_position": "top_right"}
line = style(hv.Curve((t, A), label="A₋, the astrocyte"), {"color": "#0072b2"})
level = style(hv.Curve((t, np.full_like(t, 0.15)), label="A₊"), {"color": "#d55e00"})
wb.figure(style(line * level, axes, mpl={"aspect": 2.2}), width_mm=120)

# %% [markdown]
# ## 4. It tunes itself
#
# Shown one digit after the other for 20 ms each, the liquid calms down until it spikes little more
# than its input (left). The *branching factor* counts the spikes that follow a spike, for each that
# came before it: 1 is critical, below it echoes die out, above it they grow. At the very start it
# is near 1 for the wrong reason: every neuron fires as fast as it can, before as after. Then it
# settles a little above 1 (right). The band is where the paper's liquids of 1,000 neurons end up on
# MNIST.

# %%
experiments = {e.name: e for e in liquid.experiments}
settling = experiments["initialisation"]
way = settling.run(liquid, initial=400, checks=4, samples=8, data="digits")
wb.figure(settling.figure(way), width_mm=174)

# %% [markdown]
# ## 5. Against liquids that cannot learn
#
# With fixed weights somebody has to find the right size by trying (left); with the astrocyte one
# sets `w_astro`, and it matters little over a factor of ten (right). Lines: the paper, 1,000
# neurons on MNIST. Ours is a third of the size on other digits: compare the shapes only.
# `workbench reproduce astrocyte-lsm branching` does it as in the paper.

# %%
branching = experiments["branching"]
factors = branching.run(
    liquid, weights=(0.6, 1.0, 1.4), w_astro=(0.01, 0.04, 0.16), samples=8, initial=400,
    data="digits",
)  # fmt: skip
wb.figure(branching.figure(factors), width_mm=174)

# %% [markdown]
# ## By hand
#
# The same model, live: press **Run**, watch the branching factor settle near the line, then switch
# the astrocyte off: the liquid grows louder and branches more. Switch it on, and it comes back.

# %%
wb.explore(wb.load("astrocyte-lsm"))
