"""The root command: help, error messages, ``--debug``."""

from __future__ import annotations

import traceback
from typing import Annotated, Any

import typer

from ..errors import WorkbenchError
from .commands import Group


class OneSentence(Group):
    """Prints a `WorkbenchError` of any command as one sentence and exits with code 2."""

    def of(self) -> str:
        return ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.obj = {"debug": "--debug" in args}
        return super().parse_args(ctx, [a for a in args if a != "--debug"])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except WorkbenchError as error:
            from .output import complain

            if ctx.obj["debug"]:
                complain("".join(traceback.format_exception(error)).rstrip())
                if details := getattr(error, "details", ""):
                    complain(f"In the simulation process:\n{details.rstrip()}")
            complain(str(error), red=True)
            raise typer.Exit(2) from error


app = typer.Typer(
    cls=OneSentence,
    name="workbench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"circuit-workbench {version('circuit-workbench')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; works anywhere.")
    ] = False,
) -> None:
    """Run spiking models live, change them while they run, and export their figures."""
