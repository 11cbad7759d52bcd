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
# # A cortical cell in eight thousand numbers
#
# A pyramidal cell of layer 5 has hundreds of dendritic segments, a dozen kinds of channels, and
# answers some thousand synapses in ways that take minutes to simulate. The Expressive Leaky
# Memory (ELM) neuron of Spieler et al. (2024) says what such a cell does, millisecond by
# millisecond, with a handful of leaky memories that a small network rewrites. Here it runs as
# Brian2 equations.

# %%
import os
from pathlib import Path

import numpy as np

import workbench as wb
from models.elm_neuron import ELMNeuron
from models.elm_neuron.recurrence import simulate
from notebooks.elm_neuron_figures import answers, best_weights, memories, shown_trial

# Trials of the published cell and its released weights, where they are at hand; without them, the
# notebook tells the same story with what comes with the package.
data = Path(os.environ.get("WORKBENCH_DATA", "../../shared/data"))
if data.is_dir():
    os.environ["WORKBENCH_DATA"] = str(data.resolve())
weights = best_weights(20)
neuron = ELMNeuron.from_weights(weights, rate_e=0, rate_i=0)
weights.title, weights.n_memory, weights.n_parameters

# %% [markdown]
# ## 1. The circuit
#
# Synaptic traces are summed on branches. The hidden units of a small network read branches and
# memories; their output moves the memories, each as far as its time constant lets it; a readout of
# the memories is the voltage and the probability of a spike.

# %%
trial = shown_trial(weights)
record = {"neurons.p_spike": "all", "neurons.v_soma_mV": "all", "memory.m": "all"}
run = neuron.run(trial.n_ms, inputs=(trial.channel, trial.t_ms), record=record)
run.info.circuit

# %% [markdown]
# ## 2. What it says, and what the cell did
#
# A stretch of one trial: the voltage of the cell (black; cut at -55 mV, as spikes are scored by
# themselves) and what the neuron makes of the same input, from rest. Nothing is fitted here.

# %%
wb.figure(answers(run, trial), width_mm=120)

# %% [markdown]
# Brian2 decays, delivers spikes and sums in an order of its own. In the right slots of a step its
# result is the published recurrence, to the last digits; the largest difference of this run, in mV:

# %%
plain = simulate(weights, trial.channel, trial.t_ms, len(run.state_t))
float(np.abs(run.state("v_soma_mV")[:, 0] - plain.v_soma_mV).max())

# %% [markdown]
# ## 3. Memories at many time scales
#
# Five of the memories, from fast to slow. The fast ones follow the input, the slow ones hold what
# was: the same network writes to all of them, and each forgets at its own pace.

# %%
wb.figure(memories(run, weights), width_mm=120)

# %% [markdown]
# ## 4. How good is it?
#
# Against the cell, for every size of neuron that is at hand. Area under the ROC curve rewards the
# many silent milliseconds; average precision does not. (A few trials here;
# `workbench reproduce elm-neuron neuronio` takes all, with intervals.)

# %%
experiments = {e.name: e for e in neuron.experiments}
scores = experiments["neuronio"].run(neuron, trials=3, resamples=20)
wb.figure(experiments["neuronio"].figure(scores), width_mm=174)

# %% [markdown]
# ## 5. What does it need?
#
# Its lambda, its time constants and its memories, changed one at a time in the trained neuron. The
# dashed line is the neuron as it was trained. This says what *this* neuron uses; another training
# might have done without.

# %%
changed = experiments["ablation"].run(
    neuron, n_memory=weights.n_memory, trials=1, lambdas=(1.0, 5.0, 10.0), factors=(0.5, 2.0)
)
wb.figure(experiments["ablation"].figure(changed), width_mm=174)

# %% [markdown]
# ## By hand
#
# The same neuron, live: play a trial, ablate memories, and watch the scores fall.

# %%
wb.explore(neuron)
