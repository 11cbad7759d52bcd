"""The experiments on the liquid."""

from __future__ import annotations

from models._astrocyte_classify import CLASSIFY
from workbench.model import Experiment

EXPERIMENTS: tuple[Experiment, ...] = (CLASSIFY,)
