"""Experiments on symmetric STDP: digits and MNIST."""

from .classify import DIGITS, MNIST_TABLE

EXPERIMENTS = (DIGITS, MNIST_TABLE)
