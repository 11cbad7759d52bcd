"""The command line: ``workbench list | describe | run | sweep | train | figure ...``.

Commands find models in the registry; none depends on a particular model. An error prints one red
sentence on stderr and exits with code 2; ``--debug``, anywhere on the line, adds the traceback.
"""

from __future__ import annotations

from . import adopt, cache, circuit, doctor, export, measure, replay, run, runs, serve, sweep, train
from . import list_models as look
from . import new as make
from . import open as opening
from . import open_link as link
from . import reproduce as paper
from .app import app

__all__ = ["app", "main"]

for _part in (
    look,
    run,
    circuit,
    sweep,
    train,
    replay,
    runs,
    paper,
    export,
    measure,
    serve,
    opening,
    link,
    make,
    adopt,
    cache,
    doctor,
):
    _part.add_to(app)


def main() -> None:
    """Entry point of the ``workbench`` command."""
    app(prog_name="workbench")
