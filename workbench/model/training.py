"""What a model declares to be fitted to data: ``workbench train MODEL``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .experiment import options_of

# Arguments that `workbench train` gives to every training.
GIVEN = ("data", "out", "minutes", "core_minutes", "steps", "seed", "resume", "progress")


@dataclass(frozen=True)
class Training:
    """How a model is fitted to recordings.

    title   : what is fitted to what
    source  : whose recipe it is
    data    : what the folder of data holds, for people
    run     : function (*, data, out, minutes, core_minutes, steps, seed, resume, progress,
              **options) -> `Trained`, where ``progress(fraction, text)`` may return False to stop;
              its options are ``name: Annotated[type, Option("what it is, unit")] = default``
    """

    title: str
    source: str
    data: str
    run: Callable[..., Trained]

    @cached_property
    def options(self) -> Mapping[str, tuple[Any, str]]:
        """Name -> (default, doc), as the signature of ``run`` says."""
        return options_of(self.run, GIVEN)


@dataclass(frozen=True)
class Trained:
    """What came out, for people and programs.

    scores  : set of data -> score -> value
    units   : score -> unit, where it has one
    used    : what it took, such as steps and minutes
    files   : what was written
    stopped : why it ended
    hint    : what to do next
    """

    scores: dict[str, dict[str, float]]
    used: dict[str, float]
    files: tuple[Path, ...] = ()
    units: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    hint: str = ""
