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
# # Circuits that change their gain
#
# Synapses are slow to change; a neuron's gain is not. What can a population do that keeps every
# synapse and changes only how strongly its neurons answer? Five circuits, five figures.

# %%
import numpy as np

import workbench as wb
from models._shared.figures import layout, lines
from models.adaptive_whitening import SwitchContext, optimal_gains
from models.v1_adaptation.network import population_of
from models.v1_adaptation.theory import ensemble, orientations, shifts
from notebooks.gain_control_figures import background_figure, ring_figure

# %% [markdown]
# ## 1. Whitening with gains alone
#
# Two neurons get correlated input. Three interneurons look at one direction each, feed back, and
# raise their gain while what they see has a variance above one. After two seconds the input's
# covariance changes, and the gains move on. Dashed: where a closed form says they must go.

# %%
whitening = wb.load("adaptive-whitening", stimuli="exact", eta_g=0.04, hold=10, tau=2.5)
run = whitening.run(4000, operations=[SwitchContext(2000, context=1)], engine="numpy")
run.info.circuit

# %%
from models.adaptive_whitening.network import covariances, frame_of

goals = [optimal_gains(C, frame_of(whitening)) for C in covariances(whitening)]
t, g = run.state_t / 1000, run.state("interneurons.g")
gains_now = lines(
    [(t, g[:, k], f"interneuron {k}") for k in range(3)],
    "Time (s)",
    "Gain",
    dashed=[([0, 2, 2, 4], np.repeat([goals[0][k], goals[1][k]], 2), "") for k in range(3)],
)
wb.figure(gains_now, width_mm=120)

# %% [markdown]
# ## 2. A biased world moves tuning curves (a reconstruction)
#
# A population of V1 sees one orientation in a third of all frames. Each neuron turns its own gain
# down the more it is active. Without recurrence a gain can only scale a tuning curve. With it, the
# change spreads: preferences move away from the adapter, or towards it if the recurrence inhibits.
#
# This is a *reconstruction*, inspired by Duong et al. (arXiv 2305.19869): that paper's text was not
# available, and only what its abstract says is used.

# %%
curves, moved = [], []
for name, weights in {
    "none": {"w_exc": 0, "w_inh": 0},
    "excitation": {"w_exc": 0.5, "kappa_exc": 3, "w_inh": 0},
    "inhibition": {"w_exc": 0, "w_inh": 0.6, "kappa_inh": 0.5},
}.items():
    who = population_of(wb.load("v1-adaptation", **weights))
    p = ensemble(0.35)
    gains = who.local_gains(p)
    before, after = who.responses(np.ones(len(gains))), who.responses(gains)
    places = orientations(len(gains))
    moved.append((places, shifts(before, after), name))
    curves.append((places, after @ p / before.mean(), name))
shifted = layout(
    lines(moved, "Preferred orientation (deg)", "Shift from the adapter (deg)"),
    lines(curves, "Preferred orientation (deg)", "Time-averaged response"),
)
wb.figure(shifted, width_mm=174)

# %% [markdown]
# ## 3. One circuit, two regimes
#
# A stabilised supralinear ring: each unit's response grows with the square of its input. Weak
# gratings add up to more than their sum; strong ones wake recurrent inhibition and yield less. No
# parameter changes between the two.

# %%
contrasts = (1, 2, 5, 10, 20, 50, 100)
ring = wb.load("ssn", n_sites=60)
half = ring.n_sites // 2
found = []
for c in contrasts:
    one, two = (
        wb.load("ssn", n_sites=60, contrast=c, mask=m)
        .run(400, engine="numpy", record={"excitatory.r": "all"})
        .state("excitatory.r")[-1]
        for m in (0, c)
    )
    both = one + np.roll(one, half)
    found.append((one[half], two @ both / (both @ both)))
peak, weight = np.array(found).T
regimes = layout(
    lines([(contrasts, peak, "")], "Contrast", "Peak rate (Hz)", logx=True, logy=True),
    lines(
        [(contrasts, weight, "two gratings"), (contrasts, np.ones(7), "their sum")],
        "Contrast",
        "Weight",
        logx=True,
    ),
)
wb.figure(regimes, width_mm=174)

# %% [markdown]
# ## 4. A neuron whose gain is set by what it hears all the time
#
# The same neurons under the same currents, in one, two and three times the same balanced background
# of excitatory and inhibitory spikes. More background divides the curve of rate against current.
# Two controls: the mean conductance alone shifts the curve, and an unbalanced background loses the
# effect. With the rates and sizes that are recalled of the paper it mostly shifts. Lines in the
# balanced and the unbalanced panel: the lowest curve times one factor.

# %%
wb.figure(background_figure(seconds=0.25), width_mm=174)

# %% [markdown]
# ## 5. Two thousand spiking neurons, stabilised by inhibition
#
# A ring of conductance-based neurons is shown nothing, a grating, and the grating under an
# orthogonal mask. This network has no published oracle: its weights are chosen, and what is checked
# of it is the sign of effects.

# %%
wb.figure(ring_figure(hold_ms=200), width_mm=174)

# %% [markdown]
# ## Live
#
# The same models as apps: press Run, switch the context, drag a slider.

# %%
wb.explore("adaptive-whitening")
