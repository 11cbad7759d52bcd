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
# # Learning without forgetting
#
# A readout that learns one task after the other forgets the first ones: what is new overwrites
# what is old. A lateral circuit can prevent it, after Xiao et al. (2024). It learns, by Hebbian
# and anti-Hebbian synapses, which directions of the input a task lives in; later tasks may then
# change synapses only along the others.

# %%
import numpy as np

import workbench as wb
from models.orthogonal_projection.tasks import accuracies, rows_of, tasks_of

model = wb.load("orthogonal-projection", samples=1000)
model.purpose

# %% [markdown]
# ## 1. The circuit
#
# `subspace` looks at the input and explains it back; what is left drives learning. Two readouts see
# the same input and the same teacher; only one of them is protected.

# %%
run = model.run(5000, engine="numpy", record={"readout.out": "all", "subspace.y": "all"})
run.info.circuit

# %% [markdown]
# ## 2. Five tasks
#
# Digits of 8 x 8 pixels; in each task the pixels are in another order. After all five, how well are
# the tasks read, in the order in which they were learnt?

# %%
given = tasks_of(model)
{
    name: accuracies(run.weight_matrix(f"input_to_{name}"), given).round(1).tolist()
    for name in ("readout", "control")
}

# %% [markdown]
# ## 3. What is protected
#
# The first 20 rows of the lateral weights are from the first task, 8 more from each further one.

# %%
wb.figure(run, "weights", width_mm=174, projection="input_to_subspace")

# %%
H = run.weight_matrix("input_to_subspace")
first = H[rows_of(20, 8, 5) == 0]
float(np.abs(first @ first.T - np.eye(20)).max())

# %% [markdown]
# ## 4. In the course of learning
#
# Two orders of the pixels; `workbench reproduce orthogonal-projection forgetting` takes ten.

# %%
experiment = model.experiments[0]
data = experiment.run(model, seeds=2, samples=1000)
wb.figure(experiment.figure(data), width_mm=174)

# %%
[(c.what, c.note) for c in experiment.compare(data)]

# %% [markdown]
# ## 5. Answers
#
# The ten units of the protected readout over five tasks.

# %%
wb.figure(run, "map", width_mm=120)

# %% [markdown]
# ## By hand
#
# The same model, live: press **Run**, wait for all five tasks, then begin the first one anew.

# %%
wb.explore(model)
