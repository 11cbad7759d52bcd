"""The list of commands, and that a command's file is imported only when it is needed."""

from __future__ import annotations

import inspect

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.cli.commands import COMMANDS, GROUPS, described, function_of


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_help_says_is_what_the_function_says(command):
    assert described(command) == inspect.getdoc(function_of(command))


def test_the_help_names_every_command_and_group():
    text = CliRunner().invoke(app, ["--help"]).stdout
    commands = text.split("Commands:")[1].strip().split("\n\n")[0]  # exit codes follow
    names = [line.split()[0] for line in commands.splitlines()]
    assert names == list(dict.fromkeys(name.split()[0] for name in COMMANDS))
    assert "Simulate" in text and "List, show, tag" in text


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_has_a_help_of_its_own(group):
    done = CliRunner().invoke(app, [group, "--help"])
    assert done.exit_code == 0 and GROUPS[group] in done.stdout
    for name in COMMANDS:
        if name.startswith(f"{group} "):
            assert f"\n  {name.split()[1]}" in done.stdout


def test_a_misspelt_command_is_corrected():
    done = CliRunner().invoke(app, ["describ"])
    assert done.exit_code == 2 and "describe" in done.output
    assert CliRunner().invoke(app, ["runs", "lst"]).exit_code == 2
