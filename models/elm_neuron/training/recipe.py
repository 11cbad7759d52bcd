"""How an ELM neuron is trained: the published recipe, and a better one for short runs."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from workbench.errors import ParameterError, unknown

from ..data.recordings import L5PC_INPUTS
from ..weights import Weights, untrained


@dataclass(frozen=True)
class Recipe:
    """Everything about training that is not the size of the neuron.

    learning_rate : of Adam, at the top; falls to 0 along half a cosine over the whole budget
    warmup        : steps over which the learning rate rises to it
    batch         : windows in a step; window_ms: their length
    burn_in_ms    : start of every window that is not evaluated
    carry         : True: windows of a trial follow one another and the state goes on; the first
                    burn_in_ms of a trial are not evaluated. False: a window starts from zero
    skip_ms       : start of every trial that is never evaluated
    clip          : largest norm of the gradient; 0 = no limit
    decay         : share of every weight (not of biases) that is taken off it in a step, as a
                    multiple of the learning rate (decoupled weight decay)
    dropout       : share of the input events that are left out, anew in every step; the others
                    count more by as much
    average       : decay of the running average of the weights that is evaluated and kept; 0 = none
    w_s, spread   : synaptic weights at the start; they differ by up to spread w_s from it
    spike_bias    : log-odds of a spike at the start; 0 = as any other bias
    learn_tau     : are the time constants of the memory trained too?
    variant, act  : of the neuron that the recipe goes with
    """

    name: str
    learning_rate: float
    warmup: int = 0
    batch: int = 8
    window_ms: int = 500
    burn_in_ms: int = 0
    carry: bool = False
    skip_ms: int = 500
    clip: float = 0.0
    decay: float = 0.0
    dropout: float = 0.0
    average: float = 0.0
    w_s: float = 0.5
    spread: float = 0.0
    spike_bias: float = 0.0
    learn_tau: bool = False
    variant: str = "v1"
    act: str = "relu"

    def __post_init__(self) -> None:
        if not 0 <= self.burn_in_ms < self.window_ms:
            raise ParameterError(
                f"burn_in_ms = {self.burn_in_ms} is not allowed: from 0 to below the window of "
                f"{self.window_ms} ms."
            )
        if (
            self.batch < 1
            or self.learning_rate <= 0
            or not (0 <= self.average < 1 and 0 <= self.dropout < 1 and self.decay >= 0)
        ):
            raise ParameterError(
                "A recipe needs at least one window a step, a learning rate above 0, an average "
                "and a dropout from 0 to below 1, and a decay of at least 0."
            )

    def rate(self, step: int, done: float) -> float:
        """Learning rate of a step, with ``done`` of the budget used up."""
        rise = min(1.0, (step + 1) / (self.warmup + 1))
        return self.learning_rate * rise * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


# Spieler et al. 2024, training script: Adam 5e-4, cosine per step, no burn-in, no clipping.
PUBLISHED = Recipe("published", learning_rate=5e-4)

# Spieler, Martius & Levina 2026: update v2, squared relu, small synapses, a spike bias, clipping
# at 1, the first 150 ms of a window not evaluated, input dropout; rate and share are ours, for runs of
# minutes on minutes of recordings, where more steps would otherwise learn the trials by heart.
BETTER = Recipe(
    "better",
    learning_rate=5e-3,
    warmup=100,
    burn_in_ms=150,
    clip=1.0,
    w_s=0.05,
    spread=1.0,
    dropout=0.1,
    spike_bias=-5.0,
    variant="v2",
    act="relu2",
)

RECIPES = {r.name: r for r in (PUBLISHED, BETTER)}


def recipe(name: str, **changes: object) -> Recipe:
    """A recipe by name, with some of its settings changed."""
    if name not in RECIPES:
        raise unknown("recipe", name, RECIPES)
    known = [f.name for f in dataclasses.fields(Recipe)]
    for key in changes:
        if key not in known:
            raise unknown("setting", key, known, owner="a recipe")
    return dataclasses.replace(RECIPES[name], **changes)  # type: ignore[arg-type]


def started(weights: Weights, recipe: Recipe, seed: int) -> Weights:
    """An untrained neuron with the synapses and the spike bias that the recipe starts with."""
    rng = np.random.default_rng([seed, 4])
    n = len(weights.synapse_weight)
    w_s = recipe.w_s * (1 + recipe.spread * rng.uniform(-1, 1, n))
    matrix, c = weights.out
    if recipe.spike_bias:
        c = np.array([recipe.spike_bias, c[1]])
    return weights.changed(synapse_weight=w_s, out=(matrix, c))


def new_neuron(
    n_input: int,
    n_memory: int,
    seed: int,
    *,
    variant: str,
    act: str,
    n_branch: int = 0,
    per_branch: int = 0,
    tau_max_ms: float = 150.0,
) -> Weights:
    """An untrained neuron for a cell with ``n_input`` channels, half of them excitatory.

    n_branch, per_branch : 0 = as published (45 x 100 for 1278 inputs), in proportion for others
    """
    if n_input == L5PC_INPUTS:
        n_branch, per_branch = n_branch or 45, per_branch or 100
    n_branch = n_branch or max(1, n_input // 8)
    # Each input is read by 3.5 branches, as published.
    per_branch = per_branch or min(n_input, math.ceil(3.5 * math.ceil(n_input / n_branch)))
    return untrained(
        np.random.default_rng([seed, 0]),
        n_memory=n_memory,
        n_exc=-(-n_input // 2),
        n_inh=n_input // 2,
        n_branch=n_branch,
        per_branch=per_branch,
        activation=act,
        variant=variant,
        tau_m_ms=(1.0, tau_max_ms),
    )
