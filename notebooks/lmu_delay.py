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
# # The last second, in six numbers
#
# To know what was said a second ago, you might keep a tape. A population of neurons has no tape;
# but it can hold a few numbers that describe the last second as a curve, and let them change as
# the second moves on. Voelker, Kajić & Eliasmith (2019) found the equation that moves them.

# %%
import holoviews as hv
import numpy as np

import workbench as wb
from models._shared.figures import lines
from models.lmu_delay.network import WINDOW
from workbench.plots import style

line = wb.load("lmu-delay")
line.purpose

# %% [markdown]
# ## 1. The circuit
#
# Six ensembles of a hundred neurons, one for each coefficient. All of them feed the six memory
# states, with weights that are fixed by the equation; the window only reads.

# %%
run = line.run(4000, engine="numpy", record={"window.y": "all", "window.past": "all"})
run.info.circuit

# %%
wb.figure(run, "raster", width_mm=174)

# %% [markdown]
# ## 2. A second ago
#
# What the memory says of the input a time θ = 1 s ago, and what it was. The first second is empty.


# %%
def beside(run, k, title):
    """Curves of the input so long ago, as it was and as the memory says."""
    known = (("as it was", "window.past", "#6B6B6B"), ("as remembered", "window.y", "#0072B2"))
    return style(
        hv.Overlay([
            style(hv.Curve((run.state_t / 1000, run.state(key)[:, k]), "t", "u", label=label),
                  {"color": color}, mpl={"linewidth": 0.8})
            for label, key, color in known
        ]),
        {"xlabel": "Time (s)", "ylabel": "Input", "title": title, "show_legend": True},
    )  # fmt: skip


wb.figure(beside(run, WINDOW - 1, "600 regular neurons"), width_mm=174)

# %% [markdown]
# ## 3. Noise in the neurons
#
# Poisson neurons of the same rates do far worse: the error of a sum of independent spikes falls
# only with the root of their number. `workbench reproduce lmu-delay neurons` measures it.

# %%
noisy = wb.load("lmu-delay", neurons="Poisson")
loud = noisy.run(4000, engine="numpy", record={"window.y": "all", "window.past": "all"})
wb.figure(beside(loud, WINDOW - 1, "600 Poisson neurons"), width_mm=174)

# %% [markdown]
# ## 4. How fast an input can be held
#
# Six coefficients hold one period within θ to 0.7 %, four to 34 %: Padé's error, in closed form.

# %%
pade = {e.name: e for e in line.experiments}["pade"]
wb.figure(pade.figure(pade.run(line)), width_mm=120)

# %% [markdown]
# ## 5. The whole window

# %%
ago = np.linspace(0, line.theta, WINDOW)
moments = [
    (ago, run.state("window.y")[k], f"at {run.state_t[k] / 1000:.1f} s")
    for k in (1250, 1500, 1750, -1)
]
window = lines(moments, "Time ago (ms)", "Input as remembered")
wb.figure(style(window, mpl={"legend_position": "top", "legend_cols": 4}), width_mm=120)

# %% [markdown]
# ## By hand
#
# Press **Run** and pull θ: the memory stretches while it runs.

# %%
wb.explore(line)
