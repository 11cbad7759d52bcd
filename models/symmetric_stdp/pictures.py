"""The pictures that the network is shown: scikit-learn's digits, or MNIST from a folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.data import Pictures, load
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from workbench.model.model import Model

DATA = ("digits", "mnist")
SIDES = {"digits": 8, "mnist": 28}
BRIGHTEST = {"digits": 16.0, "mnist": 255.0}  # of a pixel in the files
GREYS = 255.0  # of a pixel as it is shown: the rates of the source are for these
CLASSES = 10


@dataclass(frozen=True)
class Shown:
    """The pictures of a network, those to learn from first, then those to be tested with.

    grey    : (n, pixels) float, 0 to 255
    labels  : (n,) int, 0 to 9
    n_train : how many are there to learn from
    """

    grey: np.ndarray
    labels: np.ndarray
    n_train: int

    @property
    def n_test(self) -> int:
        return len(self.labels) - self.n_train


def pictures_of(model: Model) -> Shown:
    """The pictures that a model is shown; raises ParameterError for more than there are."""
    chosen: Any = model
    return pictures(chosen.chosen("data"), int(chosen.n_train), int(chosen.n_test))


@lru_cache(maxsize=4)
def pictures(data: str, n_train: int, n_test: int) -> Shown:
    """The first ``n_train`` and ``n_test`` pictures of both parts of a data set.

    raises : ParameterError for more than there are; DataError for files that are missing
    """
    train, test = _parts(data)
    for name, wanted, part in (("n_train", n_train, train), ("n_test", n_test, test)):
        if wanted > len(part.labels):
            raise ParameterError(
                f"{name} = {wanted} is not possible: {data} has {len(part.labels)} such pictures."
            )
    images = np.concatenate([train.images[:n_train], test.images[:n_test]])
    grey = images.reshape(len(images), -1) * (GREYS / BRIGHTEST[data])
    labels = np.concatenate([train.labels[:n_train], test.labels[:n_test]])
    return Shown(grey.astype(float), labels.astype(int), n_train)


@lru_cache(maxsize=1)
def _parts(data: str) -> tuple[Pictures, Pictures]:
    split = load(data)
    if not (isinstance(split.train, Pictures) and isinstance(split.test, Pictures)):
        raise ParameterError(f"data = {data!r} holds no pictures: digits and mnist do.")
    return split.train, split.test
