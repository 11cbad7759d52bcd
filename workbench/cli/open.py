"""``workbench open``: any Brian2 script live, or a report of what it would simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ParameterError, SimulationError
from ..model import registry
from ..model.model import Model
from ..scripts.model import ALL
from .numbers import number_option, whole_option
from .output import AsJson, complain, console, echo, number, print_json, table
from .run import Engine, Seed
from .serve import serve_apps

Script = Annotated[Path, typer.Argument(metavar="SCRIPT.py", help="Any Brian2 script.")]
Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="ARGS", help="The script's own command line.")
]


def open_(
    script: Script,
    args: Arguments = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Simulate and report what opened; no page.")
    ] = False,
    duration: Annotated[
        float | None,
        number_option(
            "--duration",
            "Simulated time of --headless; without it, that of the script's first run.",
            unit="ms",
            metavar="MS",
        ),
    ] = None,
    to_end: Annotated[
        bool,
        typer.Option("--to-end", help="All runs and the rest of the script, not the first run."),
    ] = False,
    as_json: AsJson = False,
    seed: Seed = 1,
    engine: Engine = "auto",
    timeout: Annotated[
        float,
        number_option("--timeout", "To reach the first run.", unit="s", metavar="S"),
    ] = 120.0,
    port: Annotated[
        int | None,
        whole_option("--port", "Port; without it, the first free one.", least=0, most=65535),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a page.")] = False,
) -> None:
    """Open any Brian2 script: its network live in a browser, with sliders.

    The script runs unchanged, in a process of its own, to its first run(...). Options of the
    script follow after --.
    """
    from ..scripts import open_script

    if (as_json or to_end or duration is not None) and not headless:
        raise ParameterError(
            "--json, --duration and --to-end report a simulation: give --headless too."
        )
    if timeout <= 0:
        raise ParameterError(f"--timeout {timeout:g} is not allowed: give more than 0 s.")
    with console(stderr=True).status(f"running {script.name} up to its first run"):
        model = open_script(script, args or [], timeout_s=timeout)
    if to_end:
        model.set("script_runs", ALL)
    if headless:
        found = report(model, duration, seed, engine)
        print_json(found) if as_json else _print(found)
        return
    for reason in model.opening.left_out:
        complain(reason)
    registry.offer(type(model), script)
    serve_apps(port, not no_browser, model.slug)


def report(model: Model, duration_ms: float | None, seed: int, engine: str) -> dict[str, Any]:
    """What a script opened as, and what a simulation of it brought, as plain values."""
    opening = model.opening
    wanted = duration_ms
    if wanted is None and model.script_runs != ALL:
        wanted = opening.duration_ms or 100.0
    with model.start(duration_ms=wanted, seed=seed, engine=engine) as session:
        while not session.wait(0.1):
            session.frames()
            if session.status().waits:  # for somebody who would press Run
                raise SimulationError(session.status().warning)
        done = session.stop()
    return {
        "script": opening.path,
        "first_run_ms": opening.duration_ms,
        "dt_ms": opening.dt_ms,
        "tick_ms": opening.tick_ms,
        "simulated_ms": done.duration_ms,
        "engine": done.engine,
        "populations": [
            {"name": name, "size": size, "spikes": len(done.spikes(name)[0])}
            for name, size in done.populations.items()
        ],
        "projections": [
            {"name": p.name, "source": p.source, "target": p.target, "synapses": p.n_synapses}
            for p in done.info.projections
        ],
        "traces": opening.traces,
        "sliders": [
            {
                "name": s.name,
                "value": s.value,
                "unit": s.unit,
                "live": s.live,
                "kind": s.kind,
                "range": [s.low, s.high],
                "line": s.line,
                "comment": s.doc,
            }
            for s in opening.sliders
            if not s.hidden
        ],
        "left_out": list(opening.left_out),
        "output": session.output,
        "figures": len(session.figures),
    }


def _print(found: dict[str, Any]) -> None:
    table(
        ["population", "neurons", "spikes"],
        [(p["name"], p["size"], p["spikes"]) for p in found["populations"]],
        right=["neurons", "spikes"],
    )
    table(
        ["slider", "value", "unit", "changes", "line", "comment"],
        [
            (
                s["name"],
                number(s["value"]),
                s["unit"],
                "live" if s["live"] else "rebuild",
                s["line"] or "",
                s["comment"],
            )
            for s in found["sliders"]
        ],
        right=["value", "line"],
    )
    for reason in found["left_out"]:
        echo(reason)
    if found["output"]:
        echo(found["output"].rstrip())
    echo(f"simulated {found['simulated_ms']:g} ms · engine {found['engine']}")
