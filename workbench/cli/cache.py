"""``workbench cache``: build simulations ahead, list and clear those that are kept."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

import typer

from ..engine.compiled import cache as binary_cache
from ..errors import WorkbenchError
from . import complete
from .output import AsJson, complain, echo, print_json, progress, table


def build(
    model: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...", help="Which; without any, all.", autocompletion=complete.models
        ),
    ] = None,
) -> None:
    """Compile models ahead, so that their first run is fast.

    Each is built with its defaults and with each of its choices; all sizes and all live values are
    served by these. Ctrl-C keeps what is done.
    """
    from ..engine.compiled.ahead import build_ahead
    from ..model import registry

    if binary_cache.compiler() is None:
        raise WorkbenchError(
            "Nothing can be compiled: this machine has no C++ compiler and make. Install g++ and "
            "make; without them, all models run on NumPy."
        )
    classes = [registry.model_class(m) for m in dict.fromkeys(model or registry.models())]
    done = 0
    with progress() as bar:
        task = bar.add_task("compiling", total=1.0)
        try:
            for one in build_ahead(
                classes, lambda share, what: bar.update(task, completed=share, description=what)
            ):
                name = f"{one.model}, {one.choice}" if one.choice else one.model
                if one.why:
                    complain(f"{name}: not compiled: {one.why}")
                    continue
                done += 1
                took = f"compiled in {one.seconds:.1f} s" if one.seconds else "there already"
                bar.console.print(f"{name}: {took}", highlight=False, markup=False)
        except KeyboardInterrupt:
            complain(f"Stopped: the {done} that were done are kept.")
            raise typer.Exit(130) from None
    echo(f"{done} compiled, in {binary_cache.folder()}")


def list_kept(as_json: AsJson = False) -> None:
    """List the compiled simulations, the most recently used first."""
    kept = binary_cache.kept()
    if as_json:
        print_json([asdict(k) for k in kept])
        return
    rows = [
        (k.model, f"{k.bytes / 1e6:.1f}", time.strftime("%Y-%m-%d %H:%M", time.localtime(k.used)),
         k.key)
        for k in kept
    ]  # fmt: skip
    if rows:
        table(["model", "MB", "last used", "name"], rows, right=["MB"])
    total = sum(k.bytes for k in kept)
    echo(
        f"{len(kept)} compiled, {total / 1e6:.1f} MB of at most "
        f"{binary_cache.max_bytes() / 1e6:.0f} MB, in {binary_cache.folder()}"
    )


def clear() -> None:
    """Remove all compiled simulations; they are compiled again when needed."""
    echo(f"{binary_cache.clear()} removed from {binary_cache.folder()}")
