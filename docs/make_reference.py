"""Writes ``docs/reference.md`` from the models, the command line and the package itself.

``python docs/make_reference.py`` writes it; ``--check`` only says whether it is current.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
import typing
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).with_name("reference.md")


def _environment() -> list[tuple[str, str]]:
    from workbench import settings
    from workbench.numerals import numeral

    numbers = [(f"`{n.name}`", f"{n.doc}; {numeral(n.usual)} by default") for n in settings.NUMBERS]
    return [*((f"`{name}`", doc) for name, doc in settings.PLACES.items()), *numbers]


def _keys() -> list[tuple[str, str]]:
    from panels.parts.shortcuts import KEYS

    return [(f"`{key}`", does) for key, does in KEYS]


def main() -> None:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it is old")
    if parser.parse_args().check:
        current = REFERENCE.exists() and REFERENCE.read_text("utf-8") == reference()
        sys.exit(0 if current else "docs/reference.md is old: run python docs/make_reference.py.")
    REFERENCE.write_text(reference(), encoding="utf-8")


def reference() -> str:
    """The whole page."""
    from workbench.model import registry

    os.environ.pop("WORKBENCH_MODELS", None)  # a user's own models are no part of the page
    parts = [
        "# Reference",
        "<!-- Written by docs/make_reference.py; edit what it is made from. -->",
        "[Command line](#command-line) · [Python](#python) · [Plots](#plots) · "
        "[Checks](#checks-of-a-model) · [Lessons](#lessons) · [Environment](#environment) · "
        "[Keyboard](#keyboard-shortcuts) · [Models](#models)",
        "## Command line",
        "Every command takes `-h`; `--debug`, anywhere, shows the traceback of an error. Results "
        "and the names of files written go to stdout, all else to stderr; `--json` prints nothing "
        "but JSON on stdout. `workbench --install-completion` completes commands, options, models, "
        "parameters, experiments and saved runs with Tab in bash, zsh, fish and PowerShell.",
        _table(["exit code", "meaning"], _exit_codes()),
        *_commands(),
        "## Python",
        "All of it is imported from `workbench` (`import workbench as wb`), on first use.",
        _table(["name", "what it is"], _exports()),
        "## Plots",
        "`workbench figure`, `wb.figure` and the app draw these. Other packages add theirs by "
        "entry points of the group `workbench.plots`.",
        _table(["plot", "what is seen", "options"], _plots()),
        "## Checks of a model",
        "`workbench check MODEL` and the contract tests hold every model to these.",
        _checks(),
        "## Lessons",
        "The file of a lesson, as [Write a lesson](howto.md#write-a-lesson) says.",
        *_lessons(),
        "## Environment",
        _table(["variable", "meaning"], _environment()),
        "## Keyboard shortcuts",
        "They act on a model's page; `?` shows this list there.",
        _table(["key", "what it does"], _keys()),
        "## Models",
        *(part for e in registry.entries() if e.model for part in _model(e.model)),
    ]
    return "\n\n".join(parts) + "\n"


def _table(columns: list[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        lines.append("| " + " | ".join(str(c).replace("|", r"\|") for c in row) + " |")
    return "\n".join(lines)


# -- command line ------------------------------------------------------------------------------


def _exit_codes() -> list[tuple[str, str]]:
    from workbench.cli.app import EXIT_CODES

    return [(f"`{code}`", means) for code, means in EXIT_CODES.items()]


def _commands() -> list[str]:
    from workbench.cli.commands import COMMANDS, function_of

    parts = []
    for command in COMMANDS:
        function = function_of(command)
        arguments, rows = _parameters(function)
        usage = " ".join(["workbench", command, *arguments])
        parts += [f"### `{usage}`", inspect.cleandoc(function.__doc__ or "")]
        if rows:
            parts.append(_table(["", "meaning", "default"], rows))
    return parts


def _parameters(function: Callable[..., Any]) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Arguments as they are typed, and one row for each argument and option."""
    from typer.models import ArgumentInfo

    hints = typing.get_type_hints(function, include_extras=True)
    arguments, rows = [], []
    for name, parameter in inspect.signature(function).parameters.items():
        info = hints[name].__metadata__[0]
        required = parameter.default is inspect.Parameter.empty
        default = "" if required or parameter.default in (None, False) else f"{parameter.default}"
        if isinstance(info, ArgumentInfo):
            shown = str(info.metavar)
            arguments.append(shown)
        else:
            # In an annotation the first declaration stands where the default would.
            declared = [d for d in (info.default, *(info.param_decls or ())) if isinstance(d, str)]
            declared = declared or [f"--{name.replace('_', '-')}"]
            shown = ", ".join(sorted(declared, key=len, reverse=True))
            value = info.metavar or ("" if parameter.default is False else name.upper())
            shown = f"{shown} {value}".strip()
            if required:
                arguments.append(f"{declared[-1]} {value}")
        rows.append((f"`{shown}`", str(info.help), f"`{default}`" if default else ""))
    return arguments, rows


# -- Python ------------------------------------------------------------------------------------


def _exports() -> list[tuple[str, str]]:
    import workbench

    rows = []
    for name in workbench.__all__:
        message = inspect.getdoc(getattr(workbench, name)) or ""
        rows.append((f"`wb.{name}`", " ".join(message.split("\n\n")[0].split())))
    return rows


def _plots() -> list[tuple[str, str, str]]:
    from workbench.plots.registry import kinds

    return [
        (f"`{k.id}`", k.help, "<br>".join(f"`{o.name}`: {o.help}" for o in k.options))
        for k in kinds().values()
    ]


def _checks() -> str:
    from workbench.checks import CHECKS

    return "\n".join(f"{k}. It {check.title}." for k, check in enumerate(CHECKS, 1))


def _lessons() -> list[str]:
    from workbench.lessons.declaration import KINDS, TABLES, entries_of
    from workbench.lessons.measures import OF_ANY
    from workbench.model import registry
    from workbench.numerals import numeral

    parts = []
    for table, (cls, what) in TABLES.items():
        rows = [
            (
                f"`{name}`" + (" (needed)" if entry.metadata["needed"] else ""),
                KINDS[entry.metadata["kind"]],
                numeral(entry.default) if isinstance(entry.default, float) else "",
                entry.metadata["doc"],
            )
            for name, entry in entries_of(cls).items()
        ]
        parts += [
            f"**{table}**: {what}",
            _table(["field", "written as", "default", "meaning"], rows),
        ]
    measures = [("every model", m) for m in OF_ANY]
    measures += [(s, m) for s, cls in registry.models().items() for m in cls.measures]
    rows = [
        (f"`{m.name}`", m.title, m.of or "", m.unit or "that of the trace", whose)
        for whose, m in measures
    ]
    return [*parts, _table(["measure", "what it is", "of a", "unit", "for"], rows)]


# -- models ------------------------------------------------------------------------------------


def _model(cls: Any) -> list[str]:
    from workbench.cli.list_models import option_rows, parameter_rows, steps_of, training_rows
    from workbench.cli.parse import operation_syntax
    from workbench.numerals import numeral

    parts = [
        f"### {cls.title} (`{cls.slug}`)",
        cls.purpose,
        f"Source: {cls.source}",
        steps_of(cls),
        _table(
            ["parameter", "default", "unit", "allowed", "slider", "changes", "meaning", "source"],
            [(f"`{row[0]}`", *row[1:]) for row in parameter_rows(cls)],
        ),
    ]
    if cls.operations:
        rows = [
            (f"`{operation_syntax(o)}`", (o.__doc__ or "").strip().splitlines()[0])
            for o in cls.operations
        ]
        parts.append(_table(["operation, as `run --do` takes it", "what it does"], rows))
    facts = [
        (f.name, numeral(f.value, 4), numeral(f.tol, 2), f.unit, f.why_tol, f.source)
        for f in cls.facts
    ]
    parts.append(_table(["fact", "value", "±", "unit", "why so near", "source"], facts))
    for e in cls.experiments:
        parts.append(f"**Experiment `{e.name}`**: {e.title}. Source: {e.source}")
        rows = [(f"`{o}`", f"`{default}`", name, doc) for o, default, name, doc in option_rows(e)]
        if rows:
            parts.append(_table(["option of `reproduce`", "default", "name", "meaning"], rows))
    if cls.training is not None:
        job = cls.training
        parts.append(f"**Training**: {job.title}. `--data` holds {job.data}. Source: {job.source}")
        rows = [(f"`{o}`", f"`{default}`", doc) for o, default, doc in training_rows(job)]
        parts.append(_table(["option of `train`", "default", "meaning"], rows))
    return parts


if __name__ == "__main__":
    main()
