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
# # Learning to read with one rule
#
# A hundred neurons are shown handwritten digits. Nobody tells them what they see; they compete. Ten
# class units listen to them, and are told. Both learn by the same rule, after Hao et al. (2020),
# which only ever strengthens a synapse: whenever two neurons fire within some 20 ms, in either
# order.

# %%
import holoviews as hv
import numpy as np

import workbench as wb
from models._shared.tiles import tiled
from models.symmetric_stdp.answers import RECORD, accuracy, answers, class_means, read_by_means
from workbench.plots import style

model = wb.load("symmetric-stdp", learn_pictures=60, test_pictures=20)
model.purpose

# %% [markdown]
# ## 1. The circuit
#
# Every excitatory neuron has an inhibitory partner that silences all the others: the first to fire
# takes the picture.

# %%
first = model.run(2000, engine="numpy")
first.info.circuit

# %% [markdown]
# ## 2. Four pictures
#
# Each is shown for 350 ms and followed by 150 ms of rest. While the readout learns, only the class
# unit of the right answer fires: the teacher makes it.

# %%
wb.figure(first, "raster", width_mm=174)

# %% [markdown]
# ## 3. Fields that grow
#
# Sixty pictures to learn from and twenty to be tested with; the app goes on as long as you like.

# %%
run = model.run(41_000, record=RECORD)
grid, _ = tiled(run.weight_matrix("input_to_excitatory"))
fields = hv.Image(grid[::-1], bounds=(0, 0, grid.shape[1], grid.shape[0]))
wb.figure(
    style(
        fields,
        {
            "cmap": "Greys",
            "xaxis": None,
            "yaxis": None,
            "title": "Weights of a hundred neurons (dark: strong)",
        },
        mpl={"aspect": 1},
    ),
    width_mm=85,
    height_mm=90,
)

# %% [markdown]
# ## 4. What the readout tends to
#
# Each spike of a neuron adds the same to its weight onto the class that is told; scaling keeps the
# sum. In the long run the weights are the mean spikes of each neuron for each class.

# %%
seen = answers(run)
learnt, tested = seen.where(~seen.testing), seen.where(seen.testing)
means = class_means(learnt.spikes, learnt.label)
w = run.weight_matrix("excitatory_to_classes")
{
    "correlation": float(np.corrcoef(w.ravel(), means.ravel())[0, 1]),
    "read by the class units (%)": accuracy(tested.votes, tested.label),
    "read by what flows into them (%)": accuracy(tested.spikes @ w.T, tested.label),
    "read by class means (%)": accuracy(tested.spikes @ read_by_means(means, 1.0).T, tested.label),
}

# %%
wb.figure(run, "weights", width_mm=174, projection="excitatory_to_classes")

# %% [markdown]
# ## 5. Thresholds share out the work
#
# A neuron that fires gets harder to excite: all take part in the end.

# %%
wb.figure(first, "traces", width_mm=120, name=["excitatory.theta", "excitatory.v"])

# %% [markdown]
# ## By hand
#
# The same model, live: press **Run** and watch the fields. Try two stages, a teacher of 50 Hz, or
# `theta_plus` at 0.

# %%
wb.explore(model)
