"""``workbench replay``: simulate a stored run again and compare the spikes."""

from __future__ import annotations

from typing import Annotated

import typer

from ..catalogue import Catalogue
from . import complete
from .output import complain, echo, progress

VERSIONS = ("workbench", "brian2", "numpy", "git_commit", "model_commit")

RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run's folder, or its name in `workbench runs list`.",
        autocompletion=complete.runs,
    ),
]


def replay(run: RunName) -> None:
    """Repeat a stored run.

    Simulates it again with its parameters, seed, engine and interventions at their ticks, and
    reports in one line whether the spikes are identical; exit code 1 if not.
    """
    from ..replay import report, same_spikes
    from ..store import open_run

    recorded = open_run(Catalogue().find(run))
    with progress() as bar:
        task = bar.add_task("replaying", total=1.0)
        again = recorded.replay(lambda fraction: bar.update(task, completed=fraction))
    same = same_spikes(recorded, again)
    message = report(recorded, again)
    same = same or message.startswith("identical")
    echo(message, style=None if same else "red")
    if not same:
        then, now = recorded.provenance, again.provenance
        for name in VERSIONS:
            if then.get(name) != now.get(name):
                complain(f"{name}: {then.get(name, 'none')} then, {now.get(name, 'none')} now")
        raise typer.Exit(1)
