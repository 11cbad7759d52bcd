"""The commands, and what each is: the only list of them.

A command's file is imported when that command is run or its own help is shown: what one command
needs is no other's burden. The help of all of them takes its sentences from the files' text.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# Command -> the file of this folder and the function in it. In the order of the help.
COMMANDS = {
    "list": "list_models:list_models",
    "describe": "list_models:describe",
    "run": "run:run",
    "figure": "run:figure",
    "redraw": "redraw:redraw",
    "plots": "run:plots",
    "circuit": "circuit:circuit",
    "sweep": "sweep:sweep",
    "train": "train:train",
    "replay": "replay:replay",
    "runs list": "runs:list_runs",
    "runs show": "runs:show",
    "runs tag": "runs:tag_run",
    "runs rm": "runs:remove_runs",
    "runs index": "runs:index",
    "reproduce": "reproduce:reproduce",
    "export": "export:export",
    "measure": "measure:measure",
    "serve": "serve:serve",
    "notebooks": "notebooks:notebooks",
    "users": "users:users",
    "open": "open:open_",
    "open-link": "open_link:open_link",
    "new": "new:new",
    "check": "check:check",
    "adopt": "adopt:adopt",
    "cache build": "cache:build",
    "cache list": "cache:list_kept",
    "cache clear": "cache:clear",
    "doctor": "doctor:doctor",
    "demo": "demo:demo",
}
GROUPS = {
    "runs": "List, show, tag and delete the saved runs.",
    "cache": "Build, list and clear compiled simulations, which are kept for the next time.",
}
# What these do not know belongs to a script, an experiment or a training.
PASSES_ON = {"adopt", "open", "reproduce", "train"}


def function_of(command: str) -> Callable[..., None]:
    """The function of a command such as "run" or "runs list"."""
    file, name = COMMANDS[command].split(":")
    return getattr(importlib.import_module(f".{file}", __package__), name)


def described(command: str) -> str:
    """What a command or a group says of itself, without importing it."""
    if command in GROUPS:
        return GROUPS[command]
    file, name = COMMANDS[command].split(":")
    return _docstrings(file)[name]


@lru_cache
def _docstrings(file: str) -> dict[str, str]:
    tree = ast.parse((Path(__file__).parent / f"{file}.py").read_bytes())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return {f.name: ast.get_docstring(f) or "" for f in functions}


class Commands(Mapping[str, Any]):
    """The commands of a group by name; each is made when it is asked for."""

    def __init__(self, group: str) -> None:
        self._before = f"{group} " if group else ""
        own = (name for name in COMMANDS if name.startswith(self._before))
        self._names = dict.fromkeys(name[len(self._before) :].split()[0] for name in own)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        if name in GROUPS:
            group = typer.Typer(
                name=name, cls=Group, help=GROUPS[name], no_args_is_help=True, rich_markup_mode=None
            )
            return typer.main.get_group(group)
        command = self._before + name
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
        )
        settings = {"ignore_unknown_options": True} if command in PASSES_ON else None
        alone.command(name, context_settings=settings)(function_of(command))
        return typer.main.get_command(alone)

    def descriptions(self) -> dict[str, str]:
        """Name -> what that command or group says of itself."""
        return {name: described(name if name in GROUPS else self._before + name) for name in self}


class Group(TyperGroup):
    """A group of commands, none of which is imported for the group's help."""

    def __init__(self, *, name: str | None = None, **options: Any) -> None:
        super().__init__(name=name, **options)
        self.commands: Any = Commands(self.of())

    def of(self) -> str:
        """What stands before the names of its commands in `COMMANDS`."""
        return self.name or ""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names and the first sentences."""
        widest = max(map(len, self.commands))
        room = formatter.width - 6 - widest
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, TyperCommand(name, help=text).get_short_help_str(room))
                    for name, text in self.commands.descriptions().items()
                ]
            )
