"""``workbench serve``: open the apps in a browser, or serve them to others."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..bundled_packages import bundled
from ..engine.compiled.ahead import offer
from ..errors import WorkbenchError
from ..model import registry
from . import complete
from .numbers import number_option, whole_option
from .output import complain


def serve(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]", help="Open this model's page.", autocompletion=complete.models
        ),
    ] = None,
    port: Annotated[
        int | None,
        whole_option("--port", "Port; without it, the first free one.", least=0, most=65535),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a page.")] = False,
    show_only: Annotated[
        str | None,
        typer.Option(
            "--show-only", metavar="MODEL", help="The same as MODEL.",
            autocompletion=complete.models,
        ),
    ] = None,
    lesson: Annotated[
        Path | None,
        typer.Option(
            "--lesson", metavar="FILE",
            help="Offer a lesson of your own on MODEL's page, and open it.",
        ),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            help="Serve to others: listen at this address of the machine, or at 0.0.0.0 for all. "
            "Without it, only this machine can connect."
        ),
    ] = "",
    users: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who may log in; `workbench users` makes the file."),
    ] = None,
    login: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="password, or the service that says who somebody is: github, gitlab, google, "
            "azurev2, okta, auth0, bitbucket, generic.",
        ),
    ] = "password",
    open_to_all: Annotated[
        bool, typer.Option("--open-to-all", help="Serve to others without a login.")
    ] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            "--origin", metavar="HOST",
            help="A name by which browsers ask for the pages, such as lab.example.org; again for "
            "more.",
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option(metavar="PATH", help="Serve below this path, such as /workbench.")
    ] = "",
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help="Believe the proxy in front about who asks, and how."),
    ] = False,
    limit: Annotated[
        int | None,
        whole_option(
            "--limit", "So many simulations run at the same time; others wait for their turn.",
            least=1,
        ),
    ] = None,
    workers: Annotated[
        int,
        whole_option(
            "--workers", "So many web processes share the pages: for a class, one for two or three "
            "processors.", least=1, most=32,
        ),
    ] = 1,
    idle: Annotated[
        float | None,
        number_option(
            "--idle", "After so many minutes without a touch a page pauses and frees its memory.",
            metavar="MINUTES",
        ),
    ] = None,
    quota: Annotated[
        float | None,
        number_option(
            "--quota", "So much the runs that each person keeps may take, and those shared by all.",
            metavar="GB",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Open the apps in a browser, or serve them to others.

    Every model has its own address. Serves until Ctrl-C. Others can connect only with --address,
    which asks for --users, or for --open-to-all.
    """
    if model is not None and show_only not in (None, model):
        raise WorkbenchError(
            f"MODEL is {model} and --show-only is {show_only}: give one of them, without the other."
        )
    show_only = model or show_only
    lessons: list[tuple[str, str]] = []
    if show_only is not None:
        cls = registry.model_class(show_only)
        if lesson is not None:
            from ..lessons import read_lesson

            name = read_lesson(lesson, cls).name  # what is wrong is said now
            lessons = [(show_only, str(lesson.resolve()))]
            show_only = f"{show_only}?lesson={name}"
    elif lesson is not None:
        raise WorkbenchError("--lesson needs the model: workbench serve MODEL --lesson FILE.")
    to_others = {
        "address": address, "users": users, "login": login, "open_to_all": open_to_all,
        "origins": tuple(origin or ()), "prefix": prefix, "behind_proxy": behind_proxy,
        "limit": limit, "idle_min": idle, "quota_gb": quota,
    }  # fmt: skip
    serve_apps(port, not no_browser and not address, show_only, to_others, workers, lessons)


def serve_apps(
    port: int | None,
    open_browser: bool,
    show_only: str | None,
    to_others: dict[str, Any] | None = None,
    workers: int = 1,
    lessons: Sequence[tuple[str, str]] = (),
) -> None:
    """Serve until Ctrl-C; raises WorkbenchError where the apps are not installed.

    to_others : options of ``panels.access.others.Others``
    workers   : how many web processes there are; with several, each has a fork server of its own
    lessons   : (model, file) of lessons that are offered besides those of the models
    """
    if workers == 1:
        # Brian2 loads in the fork server while Panel loads here: the first session finds it warm.
        importlib.import_module("workbench.engine.session").prestart()
    panels = bundled("panels")
    # Looking for garbage takes an eighth of the import's time, and everything imported stays.
    gc.disable()
    try:
        name = f"{panels}.serving" if workers == 1 else f"{panels}.several.serving"
        serving = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in (panels, name):
            raise
        raise WorkbenchError(
            "The apps are not installed: the folder panels/ is missing."
        ) from error
    finally:
        gc.freeze()
        gc.enable()
    if sentence := offer():
        complain(sentence)
    more = {} if workers == 1 else {"workers": workers}
    serving.serve(
        port=port, open_browser=open_browser, show_only=show_only, to_others=to_others,
        lessons=lessons, **more,
    )  # fmt: skip
