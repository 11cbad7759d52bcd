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
# # A memory made of spikes
#
# Area CA3 of the hippocampus is thought to store what belongs together, so that a part brings
# back the rest. This model, after Casanueva-Morato et al. (2024), does so with about a hundred
# spiking neurons. It learns a *content* (some bits of ten) under a *cue* (one of five), recalls
# the content by its cue and the cues by any part of a content, and forgets a content when another
# one is taught under its cue.

# %%
import workbench as wb
from models.hippocampal_cam import Learn, RecallByContent, RecallByCue

memory = wb.load("hippocampal-cam", n_cues=5, n_content=10)
memory.purpose

# %% [markdown]
# ## 1. The circuit
#
# Two paths run side by side: cue to content (`cue_cue` to `content_cue`), and content to cue
# (`content_content` to `cue_content`). Only the two projections across are plastic. A gate,
# `content_cond`, lets content through to the second path only while no cue is there.

# %%
operations = [
    Learn(0, cue=0, content=(0, 1, 8, 9)),
    Learn(10, cue=4, content=(1, 5, 6)),
    Learn(20, cue=3, content=(4, 5, 6)),
    RecallByCue(30, cue=0),
    RecallByContent(40, content=(6,)),
    RecallByContent(50, content=(0, 4)),
    Learn(60, cue=3, content=(1, 3, 4, 8)),
    RecallByCue(70, cue=3),
    RecallByContent(80, content=(6,)),
]
run = memory.run(90, operations=operations, engine="numpy")
run.info.circuit

# %% [markdown]
# ## 2. Nine operations
#
# Three lessons, three questions, one lesson that replaces an older one, two more questions. A
# taught pair shows at the output after 5 and 7 ms; an answer comes after 6 ms. At 66 ms the bits
# that are being forgotten, 5 and 6, appear a last time. Every spike is where the published
# recording from the SpiNNaker hardware has it.

# %%
wb.figure(run, "raster", width_mm=174)

# %%
from models.hippocampal_cam.scoring import verdicts_of

[(f"{v.tick} ms", v.text, v.observed, v.state) for v in verdicts_of(run)]

# %% [markdown]
# ## 3. What is stored
#
# A synapse makes its target fire only above 3.29 nA, so the columns can be read off: which bits
# belong to which cue. Weights between 0 and that are traces of what was forgotten.

# %%
wb.figure(run, "weights", width_mm=100, projection="cue_cue_to_content_cue")

# %%
wb.figure(run, "weights", width_mm=120, projection="content_content_to_cue_content")

# %% [markdown]
# ## 4. How fast may one ask?
#
# The documented waiting times are 7 ms after a lesson and 6 ms after a question. Random operations
# at that pace go wrong: the plastic synapses also pair the spikes of neighbouring operations.
# Recall by cue does not suffer; recall by content needs about 14 ms. (One sequence a
# spacing here; `workbench reproduce hippocampal-cam interference` does it in full.)

# %%
experiments = {e.name: e for e in memory.experiments}
interference = experiments["interference"]
failures = interference.run(memory, longest_ms=14, step_ms=2, seeds=1, operations=100)
wb.figure(interference.figure(failures), width_mm=120)

# %% [markdown]
# ## 5. How much does it hold?
#
# By cue: exactly as many memories as cues, whatever the contents. By content, a question returns
# *every* cue that shares one of its bits, so the more memories and the more bits asked, the more
# false cues: $(P - 1)(1 - (1 - f)^q)$ (lines). A Willshaw memory, which asks for all bits at once,
# would return fewer (dotted). Diamonds: asking also teaches, so a memory that stays plastic is
# corrupted by questions of several bits.

# %%
capacity = experiments["capacity"]
returned = capacity.run(memory, n_cues=8, loads=(2, 8), densities=(0.3,), bits=(1, 3), seeds=1)
wb.figure(capacity.figure(returned), width_mm=174)

# %% [markdown]
# ## By hand
#
# The same model, live: press **Run**, pick a cue, click some bits, learn, recall.

# %%
wb.explore(memory)
