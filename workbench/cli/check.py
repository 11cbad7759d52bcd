"""``workbench check``: does a model keep what every model owes, and do its facts hold at dt / 2?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..checks import CHECKS, CheckFailed
from ..errors import WorkbenchError
from ..model import registry
from . import complete
from .output import AsJson, complain, echo, number, print_json, progress, table

if TYPE_CHECKING:
    from ..checks.convergence import Moved


def check(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]", help="One model; without it, all.", autocompletion=complete.models
        ),
    ] = None,
    convergence: Annotated[
        bool,
        typer.Option(
            "--convergence",
            help="Instead, measure the facts again at half the step: which of them move?",
        ),
    ] = False,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="With --convergence: without facts that take long."),
    ] = False,
    lesson: Annotated[
        Path | None,
        typer.Option(
            "--lesson", metavar="FILE",
            help="Instead, check a lesson of your own for MODEL: are its answers right?",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Run the checks on models.

    Prints the result of each check that every model must pass; exit code 1 if one fails, or, with
    --convergence, if a fact moves by more than its tolerance.
    """
    if convergence:
        _converges(model, fast, as_json)
        return
    if fast:
        raise WorkbenchError("--fast belongs to --convergence: the checks run whole.")
    if lesson is not None:
        _lesson(model, lesson, as_json)
        return
    found: list[dict[str, Any]] = []

    def judged(slug: str, title: str, reason: str = "") -> None:
        found.append({"model": slug, "check": title, "passed": not reason, "reason": reason})
        if not as_json:
            verdict = f"failed  {title}: {reason}" if reason else f"passed  {title}"
            echo(f"  {verdict}", style="red" if reason else None)

    if model is not None:
        chosen = [registry.model_class(model)]
    else:
        chosen = [e.model for e in registry.entries() if e.model is not None]
        for entry in registry.entries():
            if entry.model is None:
                if not as_json:
                    echo(entry.slug, style="bold")
                judged(entry.slug, "can be read", str(entry.error))
    with progress() as bar:
        task = bar.add_task("checking", total=len(chosen) * len(CHECKS))
        for cls in chosen:
            if not as_json:
                echo(cls.slug, style="bold")
            for one in CHECKS:
                bar.update(task, description=f"{cls.slug} {one.title}")
                try:
                    one.run(cls)
                except CheckFailed as error:
                    judged(cls.slug, one.title, str(error))
                else:
                    judged(cls.slug, one.title)
                bar.advance(task)
    if as_json:
        print_json(found)
    if failed := sum(not each["passed"] for each in found):
        complain(f"{failed} {'check' if failed == 1 else 'checks'} failed.", red=True)
        raise typer.Exit(1)


def _lesson(model: str | None, path: Path, as_json: bool) -> None:
    """Say of each question and target of a lesson what was measured; exit code 1 if one fails."""
    from ..lessons import read_lesson
    from ..lessons.rehearsal import rehearse

    if model is None:
        raise WorkbenchError("--lesson needs the model: workbench check MODEL --lesson FILE.")
    cls = registry.model_class(model)
    lesson = read_lesson(path, cls)
    found = []
    with progress() as bar:
        task = bar.add_task(f"going through {lesson.name}", total=None)
        for one in rehearse(lesson, cls):
            found.append(one)
            bar.update(task, description=f"{lesson.name}: {one.place}")
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        table(
            ["place", "expected", "measured", "verdict"],
            [
                (f.place, f.expected, number(f.value), "as it says" if f.holds else "not so")
                for f in found
            ],
            right=["measured"],
            styles=[None if f.holds else "red" for f in found],
        )
    if n := sum(not one.holds for one in found):
        complain(f"{n} of the lesson's answers and targets {'is' if n == 1 else 'are'} not so.",
                 red=True)  # fmt: skip
        raise typer.Exit(1)


def _converges(model: str | None, fast: bool, as_json: bool) -> None:
    """Say how far each fact moves when the step is halved; exit code 1 if one moves too far."""
    from ..checks.convergence import convergence as measured

    classes = [registry.model_class(model)] if model is not None else registry.models().values()
    found: list[tuple[str, Moved]] = []
    with progress() as bar:
        task = bar.add_task("measuring", total=sum(len(cls.facts) for cls in classes))
        for cls in classes:
            if cls.dt_fixed and model is None:
                complain(f"{cls.slug}: its step is part of it: {cls.dt_fixed}")
                bar.advance(task, len(cls.facts))
                continue

            def measuring(name: str, slug: str = cls.slug) -> None:
                bar.update(task, description=f"{slug}: {name}")
                bar.advance(task)

            found += [(cls.slug, m) for m in measured(cls(), slow=not fast, progress=measuring)]
    if as_json:
        print_json(
            [
                {
                    "model": slug, "fact": m.fact.name, "unit": m.fact.unit, "at_dt": m.at_step,
                    "at_half_dt": m.at_half, "allowed": m.fact.tol, "converged": m.converged,
                }
                for slug, m in found
            ]
        )  # fmt: skip
    else:
        _table_of_moves(found)
    if n := sum(not m.converged for _, m in found):
        complain(f"{n} {'fact moves' if n == 1 else 'facts move'} with the step.", red=True)
        raise typer.Exit(1)


def _table_of_moves(found: Sequence[tuple[str, Moved]]) -> None:
    table(
        ["model", "fact", "unit", "at dt", "at dt/2", "moved", "allowed", "verdict"],
        [
            (
                slug, m.fact.name, "" if m.fact.unit == "1" else m.fact.unit, number(m.at_step),
                number(m.at_half), f"{m.by:+.2g}", number(m.fact.tol, 2),
                "stays" if m.converged else "moves",
            )
            for slug, m in found
        ],
        right=["at dt", "at dt/2", "moved", "allowed"],
        styles=[None if m.converged else "red" for _, m in found],
    )  # fmt: skip
