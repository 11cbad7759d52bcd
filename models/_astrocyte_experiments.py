"""The experiments on the liquid."""

from __future__ import annotations

from models._astrocyte_classify import CLASSIFY
from models._astrocyte_criticality import BRANCHING, INITIALISATION
from models._astrocyte_kernel import KERNEL
from workbench.model import Experiment

EXPERIMENTS: tuple[Experiment, ...] = (CLASSIFY, BRANCHING, KERNEL, INITIALISATION)
