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
# # How a few synapses recognise a pattern
#
# A dendritic segment has some two dozen synapses on cells of one pattern, and a dendritic spike
# needs half of them at once. Can so few be trusted, among hundreds of cells that form other
# patterns every ten milliseconds? Ahmad and Hawkins (2016) counted. Here the segments are alive,
# and are counted too.

# %%
import numpy as np

import workbench as wb
from models._shared.figures import lines
from models.active_dendrites import ShowPattern, law

dendrites = wb.load("active-dendrites", familiar=0.3)
dendrites.purpose

# %% [markdown]
# ## 1. Volleys
#
# Every ten milliseconds 128 of 500 cells fire at once. Three volleys in ten show a stored pattern,
# of which a fifth of the cells are elsewhere; the others are random. Ten of the 400 segments store
# the pattern, and light up together. Half way another pattern is shown.

# %%
run = dendrites.run(400, operations=[ShowPattern(200, pattern=3)], engine="numpy")
run.info.circuit

# %%
wb.figure(run, "raster", width_mm=174)

# %% [markdown]
# ## 2. The threshold decides
#
# A segment that is content with less is activated by random volleys. How often is a matter of
# counting without replacement, so there is an exact curve. Dots: the running segments, 50 random
# volleys each.

# %%
thetas = np.arange(6, 15)
shares = []
for theta in (7, 8, 9, 10, 11, 12):
    random = wb.load("active-dendrites", theta=theta, familiar=0, n_patterns=400, dt_ms=10)
    matches = len(random.run(500, engine="numpy").spikes("segments")[0])
    shares.append(matches / (50 * 400))
exact = [law.false_match(500, 128, 24, t) for t in thetas]
wb.figure(
    lines(
        [(thetas, exact, "exact")],
        "Threshold θ",
        "Share of false matches",
        points=[((7, 8, 9, 10, 11, 12), shares, "counted")],
        logy=True,
    ),
    width_mm=85,
)

# %% [markdown]
# ## 3. Sparse codes in many cells
#
# More cells, or fewer active ones, make false matches vanish; but a code in which half of the
# cells are active never gets better, however many there are.

# %%
cells = np.arange(200, 2001, 50)
curves = [
    (cells[cells > a], [law.false_match(int(n), a, 24, 12) for n in cells[cells > a]], f"a = {a}")
    for a in (64, 128)
]
dense = (cells, [law.false_match(int(n), int(n) // 2, 24, 12) for n in cells], "a = n/2")
wb.figure(
    lines([*curves, dense], "Input cells n", "Share of false matches", logy=True), width_mm=85
)

# %% [markdown]
# ## 4. Half of the pattern may be wrong
#
# The same margin between synapses and threshold makes the segment robust.

# %%
displaced = np.arange(0, 103)  # of 128 cells: a whole number, or the curves get steps
missed = [
    (displaced / 128, [law.missed_match(128, 24, t, int(v)) for v in displaced], f"θ = {t}")
    for t in (8, 12, 16)
]
wb.figure(lines(missed, "Share of cells displaced", "Share of missed matches"), width_mm=85)

# %% [markdown]
# ## By hand
#
# Press **Run**, and slide θ: the trees light up, and the dots climb along the exact curve.

# %%
wb.explore(dendrites)
