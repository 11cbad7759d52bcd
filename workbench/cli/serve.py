"""``workbench serve``: open the apps in a browser."""

from __future__ import annotations

import gc
import importlib
from typing import Annotated

import typer

from ..bundled_packages import bundled
from ..engine.compiled.ahead import offer
from ..errors import WorkbenchError
from ..model import registry
from .numbers import whole_option
from .output import complain


def serve(
    port: Annotated[
        int | None,
        whole_option("--port", "Port; without it, the first free one.", least=0, most=65535),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a page.")] = False,
    show_only: Annotated[
        str | None, typer.Option("--show-only", metavar="MODEL", help="Open this model's page.")
    ] = None,
) -> None:
    """Open the apps in a browser.

    Every model has its own address. Serves until Ctrl-C.
    """
    if show_only is not None:
        registry.model_class(show_only)
    serve_apps(port, not no_browser, show_only)


def serve_apps(port: int | None, open_browser: bool, show_only: str | None) -> None:
    """Serve until Ctrl-C; raises WorkbenchError where the apps are not installed."""
    # Brian2 loads in the fork server while Panel loads here: the first session finds it warm.
    importlib.import_module("workbench.engine.session").prestart()
    panels = bundled("panels")
    # Looking for garbage takes an eighth of the import's time, and everything imported stays.
    gc.disable()
    try:
        serving = importlib.import_module(f"{panels}.serving")
    except ModuleNotFoundError as error:
        if error.name not in (panels, f"{panels}.serving"):
            raise
        raise WorkbenchError(
            "The apps are not installed: the folder panels/ is missing."
        ) from error
    finally:
        gc.freeze()
        gc.enable()
    if sentence := offer():
        complain(sentence)
    serving.serve(port=port, open_browser=open_browser, show_only=show_only)
