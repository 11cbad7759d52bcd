"""``workbench open-link``: the page of a link, or its run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..links import read_link
from ..links.text import address_of
from .numbers import whole_option
from .output import echo, number, table, wrote
from .serve import serve_apps


def open_link(
    link: Annotated[
        str,
        typer.Argument(
            metavar="LINK", help="What a page's Copy link gave, or '/cuba?w_e=2.5&seed=7'."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="PATH.zarr", help="No page: repeat the run and keep it here."
        ),
    ] = None,
    port: Annotated[
        int | None,
        whole_option("--port", "Port; without it, the first free one.", least=0, most=65535),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a page.")] = False,
) -> None:
    """Open a link: the page of its model, with its values and what was done to its run.

    A link is checked before anything is opened; its run is repeated only when asked for.
    """
    read = read_link(link)
    if out is None:
        serve_apps(port, not no_browser, address_of(read).lstrip("/"))
        return
    run = read.run()
    run.save(out)
    table(
        ["population", "neurons", "spikes"],
        [(name, size, len(run.spikes(name)[0])) for name, size in run.populations.items()],
        right=["neurons", "spikes"],
    )
    echo(f"finished at t = {number(run.duration_ms)} ms · seed {run.seed}")
    wrote(out)
