"""Experiments on learning with an orthogonal projection."""

from .forgetting import FORGETTING

EXPERIMENTS = (FORGETTING,)
