"""The Expressive Leaky Memory neuron: a detailed cortical cell in under ten thousand parameters."""

from .model import ELMNeuron
from .operations import ExciteBranch, Knock, Stimulus

__all__ = ["ELMNeuron", "ExciteBranch", "Knock", "Stimulus"]
