"""Brian2 scripts of anybody, as models: opened, run up to their runs, and described."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..model.model import Model
from .process import TIMEOUT_S


def open_script(
    path: str | Path, args: Sequence[str] = (), *, timeout_s: float = TIMEOUT_S
) -> Model:
    """A Brian2 script as a model: what its first run would simulate, with sliders.

    The script runs unchanged, in a process of its own, to its first run; each simulation of the
    model does so again in its own process. Constants that equations read and shared variables are
    live parameters; numbers that the script assigns once and reads while it makes its network need
    a rebuild. ``SCRIPT.workbench.toml`` beside it hides sliders, puts some first and sets ranges.

    path      : of the script
    args      : its command line
    timeout_s : for the script to reach its first run
    raises    : UnknownName if there is no such file; BuildError, with the line, for a script that
                fails or has no network; ParameterError for a settings file that cannot be read
    """
    from .model import model_of
    from .opening import Opening
    from .process import ask
    from .settings_file import with_settings

    found = ask("workbench.scripts.reading:read", Path(path).absolute(), args, timeout_s)
    assert isinstance(found, Opening)
    return model_of(with_settings(found, args))()
