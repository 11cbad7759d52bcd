"""Builds what a model is likely to need before anybody waits for it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...paths import cache_folder
from ..process import end
from .background import build_now
from .built import is_compiled
from .cache import compiler, kept

if TYPE_CHECKING:
    from ...model.model import Model

LOOK_EVERY_S = 0.1


@dataclass(frozen=True)
class Built:
    """What became of one structure of a model.

    choice : what differs from the model's defaults, such as "rule = slow"; "" for the defaults
    why    : it cannot be built, in one sentence; "" where it is built
    """

    model: str
    choice: str
    seconds: float
    why: str = ""


def likely(cls: type[Model]) -> dict[str, Model]:
    """What differs -> a model: the defaults, and each choice that is not live, one at a time.

    Sizes need no other binary, and of live parameters all values have the same.
    """
    found = {"": cls()}
    for name, parameter in cls.parameters().items():
        if parameter.choices and not parameter.live:
            for value, choice in enumerate(parameter.choices):
                if value != parameter.default:
                    found[f"{name} = {choice}"] = cls(**{name: value})
    return found


def offer() -> str:
    """A sentence about building ahead, for who has no binary yet; "" from the second time on."""
    told = cache_folder() / "offered_to_build"
    if told.exists() or compiler() is None:
        return ""
    with contextlib.suppress(OSError):
        told.parent.mkdir(parents=True, exist_ok=True)
        told.touch()
    if kept() or not told.exists():  # a place that cannot be written to would be told each time
        return ""
    return "`workbench cache build` compiles all models ahead: then the first run of each is fast."


def build_ahead(
    classes: Iterable[type[Model]], report: Callable[[float, str], Any] = lambda share, what: None
) -> Iterable[Built]:
    """Build the likely structures one after the other; yields each as soon as it is there.

    An interrupt ends the one that is being built, and leaves the others.
    report : told the share that is done, and what is being built
    """
    wanted = [(cls.slug, *pair) for cls in classes for pair in likely(cls).items()]
    for k, (slug, choice, model) in enumerate(wanted):
        report(k / len(wanted), f"{slug} {choice}".strip())
        if is_compiled(model, "compiled"):
            yield Built(slug, choice, 0.0)
            continue
        if model.own_process:
            yield Built(slug, choice, 0.0, "its script always runs by itself.")
            continue
        build = build_now(model)
        try:
            while not (build.look().built or build.failed):
                build.process.join(LOOK_EVERY_S)
        except BaseException:
            end(build.process)
            raise
        yield Built(slug, choice, build.seconds, build.failed)
    report(1.0, "")
