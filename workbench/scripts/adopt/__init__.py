"""From a script to a file with a model: the statements before its first run become ``build()``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..process import TIMEOUT_S, ask


@dataclass(frozen=True)
class Adopted:
    """The text of a model's file, and what is left to its author, a sentence each."""

    text: str
    remarks: tuple[str, ...]


def adopted(
    path: str | Path, slug: str, args: Sequence[str] = (), *, timeout_s: float = TIMEOUT_S
) -> Adopted:
    """The file of a model that has the network of a script's first run.

    With the seed of the script, its spikes are those of the script. Sources and facts are left to
    its author.

    slug   : name of the model, such as "my-model"
    args   : the script's command line
    raises : UnknownName if there is no such file; BuildError, with the line, for a script that
             fails, has no network, or runs it where a model cannot
    """
    from .model_file import model_file
    from .reading import Found

    found = ask("workbench.scripts.adopt.reading:read", Path(path).absolute(), args, timeout_s)
    assert isinstance(found, Found)
    return Adopted(model_file(found, slug), found.remarks)
