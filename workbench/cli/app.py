"""The root command: help, completion, error messages, ``--debug``."""

from __future__ import annotations

import _thread
import contextlib
import errno
import io
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import WorkbenchError
from .commands import Group

REFUSED = 2  # also what argparse and click exit with
STOPPED = 130  # as a shell says of what Ctrl-C ended
FAULT = 70  # EX_SOFTWARE of sysexits.h
SOON_S = 0.01  # such a callback has ended then
# Exit code -> what it means: for the help and the reference.
EXIT_CODES = {
    0: "done",
    1: "a check, a comparison or a part of the work failed",
    REFUSED: "refused, with one sentence that says why",
    FAULT: "a fault of the workbench, with a traceback",
    STOPPED: "stopped with Ctrl-C before it had a result",
}
# Base of the errors of a command line that cannot be read; Typer exports only this subclass of it.
_Unreadable: type[Exception] = typer.BadParameter.__mro__[2]


class OneSentence(Group):
    """Prints an error of any command as one sentence and exits with code 2."""

    def of(self) -> str:
        return ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.obj = {"debug": "--debug" in args}
        with _in_one_sentence(ctx):
            return super().parse_args(ctx, [a for a in args if a != "--debug"])

    def invoke(self, ctx: Any) -> Any:
        with _in_one_sentence(ctx):
            return super().invoke(ctx)


@contextlib.contextmanager
def _in_one_sentence(ctx: Any) -> Iterator[None]:
    """Print errors of what was given as one red sentence on stderr; exit with code 2."""
    try:
        yield
    except typer.Abort:  # Ctrl-C at a question
        raise typer.Exit(STOPPED) from None
    except (WorkbenchError, _Unreadable) as error:
        # That nothing was given is answered with the help, which Typer prints.
        if ctx.resilient_parsing or type(error).__name__ == "NoArgsIsHelpError":
            raise
        from .output import complain

        if ctx.obj["debug"]:
            complain("".join(traceback.format_exception(error)).rstrip())
            if details := getattr(error, "details", ""):
                complain(f"In the simulation process:\n{details.rstrip()}")
        complain(_sentence(error), red=True)
        raise typer.Exit(REFUSED) from error
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        from .output import complain

        complain("What was given is too long for the name of a file.", red=True)
        raise typer.Exit(REFUSED) from error


def _sentence(error: Any) -> str:
    if isinstance(error, WorkbenchError):
        return str(error)
    text = error.format_message().strip().rstrip(".?")
    end = "?" if "Did you mean" in text else "."
    where = getattr(error, "ctx", None)
    path = where.command_path if where is not None else "workbench"
    return f"{text}{end} `{path} --help` says what can be given."


def main() -> None:
    """Entry point of the ``workbench`` command."""
    sys.unraisablehook = _again_if_ctrl_c
    for stream in (sys.stdout, sys.stderr):  # one that cannot show a symbol shows "?"
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        try:
            Path.cwd()
            app(prog_name="workbench")
        finally:
            if sys.stdout is not None and not sys.stdout.closed:
                sys.stdout.flush()  # Python's own, at the end, would print a traceback
    except Exception as error:
        from .output import complain

        if why := _outside(error):
            complain(why, red=True)
            # What is left cannot be printed either.
            sys.stdout = io.StringIO()
            raise SystemExit(REFUSED) from None
        complain(traceback.format_exc().rstrip())
        complain(
            "This is a fault of the workbench and not of yours: please report it, with the lines "
            "above and what `workbench doctor` prints.",
            red=True,
        )
        raise SystemExit(FAULT) from None


def _outside(error: Exception) -> str:
    """What is to blame where a command could not begin, or could not print; else ""."""
    if not isinstance(error, OSError):
        return ""
    if isinstance(error, FileNotFoundError) and not _is_somewhere():
        return "The folder that this command was started in is gone: change to another one first."
    if error.errno in (errno.ENOSPC, errno.EDQUOT) and error.filename is None:
        return f"What was to be printed cannot be written: {(error.strerror or '').lower()}."
    return ""


def _is_somewhere() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _again_if_ctrl_c(unraisable: Any) -> None:
    """What Python cannot raise it prints; but Ctrl-C comes again, when it can be raised.

    Destructors and callbacks of weak references, as Brian2 has for all its objects, cannot raise:
    there Ctrl-C would print a traceback and stop nothing.
    """
    if unraisable.exc_type is KeyboardInterrupt:
        threading.Timer(SOON_S, _interrupt).start()
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt() -> None:
    if hasattr(signal, "pthread_kill"):  # which also ends what waits in the system
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


app = typer.Typer(
    cls=OneSentence,
    name="workbench",
    no_args_is_help=True,
    epilog="Exit codes: "
    + "; ".join(f"{code} {means}" for code, means in EXIT_CODES.items())
    + ".",
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
