"""``workbench doctor``: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import dataclasses

import typer

from .output import AsJson, complain, echo, print_json

MARKS = {"good": ("ok", None), "missing": ("--", "yellow"), "wrong": ("!!", "red")}


def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, what is missing, and how to get it.

    Packages, compiler, extras, folders, settings and models. Exit code 1 if something that everyone
    needs does not work.
    """
    from ..installation import examine

    found = []
    for finding in examine():
        found.append(finding)
        if as_json:
            continue
        mark, style = MARKS[finding.state]
        echo(f"{mark}  {finding.part}: {finding.found}", style=style)
        if finding.advice:
            echo(f"    {finding.advice}", style=style)
    if as_json:
        print_json([dataclasses.asdict(f) for f in found])
    wrong = sum(f.state == "wrong" for f in found)
    if wrong:
        complain(f"{wrong} {'part does' if wrong == 1 else 'parts do'} not work.", red=True)
        raise typer.Exit(1)
