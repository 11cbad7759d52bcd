"""The Expressive Leaky Memory neuron: a detailed cortical cell in under ten thousand parameters."""

from .model import ELMNeuron
from .operations import Ablate, ExciteBranch, Stimulus

__all__ = ["Ablate", "ELMNeuron", "ExciteBranch", "Stimulus"]
