"""The experiments on the liquid."""

from __future__ import annotations

from workbench.model.model import Experiment

from .classify import CLASSIFY
from .criticality import BRANCHING, INITIALISATION
from .kernel import KERNEL

EXPERIMENTS: tuple[Experiment, ...] = (CLASSIFY, BRANCHING, KERNEL, INITIALISATION)
