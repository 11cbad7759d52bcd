"""``workbench run`` and ``workbench figure``: simulate, record, draw."""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..catalogue import Catalogue
from ..disk_errors import failing
from ..errors import SimulationError, StoreError, WorkbenchError, listed
from ..model import registry
from ..model.model import Model
from ..plots.registry import ids, kinds, plot_kind
from ..recordings import cost_of, read_recording
from ..store.metadata import not_being_recorded, read_meta
from . import complete
from .list_models import ModelName
from .numbers import number_option, whole_option
from .output import AsJson, complain, echo, number, print_json, progress, table, wrote
from .parse import model_with, operation, pairs
from .runs import place_to_keep

if TYPE_CHECKING:
    from ..engine.session import Session
    from ..run import Run

LOOK_EVERY_S = 0.1

Duration = Annotated[
    float,
    number_option("--duration", "Simulated time in ms, or as '2 s'.", unit="ms", metavar="MS"),
]
Seed = Annotated[int, whole_option("--seed", "Same seed, same engine: same spikes.")]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        help="auto, numpy, cython or compiled; auto starts without compiling.",
        autocompletion=complete.engines,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Set a parameter: tau_m=15 or 'tau_m=15 ms'. May be repeated.",
        autocompletion=complete.settings,
    ),
]
Operations = Annotated[
    list[str] | None,
    typer.Option(
        "--do",
        metavar="OPERATION",
        help="Do something at a time in ms: 'learn cue=0 content=0,1,8,9 at=0'. May be repeated.",
    ),
]


Records = Annotated[
    list[str] | None,
    typer.Option(
        "--record",
        metavar="NAME[=INDICES][@STEP][ single]",
        help="Record a variable or event: 'hh.v=0:10, 42 @ 0.1 ms', with 'single' behind it in "
        "single precision, instead of what the model "
        "records by itself. What it takes is said before the simulation starts. May be repeated.",
    ),
]


def run(
    model: ModelName,
    duration: Duration = 1000.0,
    seed: Seed = 1,
    engine: Engine = "auto",
    set_: Settings = None,
    parameters: Annotated[
        Path | None,
        typer.Option(
            "--parameters",
            metavar="FILE.json",
            help="Parameters that `workbench export --parameters` wrote; --set goes before.",
        ),
    ] = None,
    do: Operations = None,
    input_: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="POPULATION=FILE",
            help="Let an input population spike as in an NWB, CSV or Neo file; FILE:NAME for one "
            "of its populations. May be repeated.",
        ),
    ] = None,
    record: Records = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="PATH.zarr", help="Keep the run here.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace PATH.zarr.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the run in the catalogue: `workbench runs list`.")
    ] = False,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Keep it, under this name.")
    ] = None,
    explain_engine: Annotated[
        bool,
        typer.Option(
            "--explain-engine",
            help="Simulate nothing; list which compiled code is faster than Brian2's.",
        ),
    ] = False,
) -> None:
    """Simulate a model.

    Prints a summary of populations and rates. Ctrl-C ends the run and keeps the data so far.
    """
    chosen = model_with(registry.model_class(model), set_ or [], parameters)
    if explain_engine:
        _explain(chosen)
        return
    operations = [operation(chosen, text) for text in do or []]
    options = dict(read_recording(text) for text in record) if record else None
    kept = keep or name is not None
    out = place_to_keep(model, name, out) if kept else out
    with contextlib.ExitStack() as stack:
        stack.enter_context(_replaced(out, overwrite))
        session = stack.enter_context(
            chosen.start(
                engine=engine, seed=seed, duration_ms=duration, operations=operations,
                input_spikes=_inputs(chosen, input_ or [], duration), speed=None, store=out,
                record=options, paused=True, hand_over=True,
            )
        )  # fmt: skip
        wall_s = 0.0
        try:
            wall_s = _watch(session, options)
            done = session.stop()
        except SimulationError as error:
            if error.run is not None:
                _summary(error.run, wall_s)
                if out is not None:
                    complain(f"What was recorded is kept in {out}.")
            raise
        _summary(done, wall_s)
        if warning := session.status().warning:
            raise StoreError(warning)
    if out is not None:
        echo(f"Kept as {out.stem}") if kept else wrote(out)


def figure(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN|MODEL",
            help="A saved run, or a model to run now.",
            autocompletion=complete.runs_and_models,
        ),
    ],
    view: Annotated[
        str,
        typer.Argument(
            metavar="PLOT", help=f"Which plot: {listed(ids())}.", autocompletion=complete.plots
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="Written as .pdf, .svg, .png or .csv."),
    ],
    width_mm: Annotated[float, number_option("--width-mm", "Width on paper.", unit="mm")] = 85.0,
    projection: Annotated[
        str | None,
        typer.Option("--projection", help="Whose weights: short for --option projection=NAME."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="An option of the plot, such as t_ms=0,500; see `workbench plots`. Repeatable.",
        ),
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option(
            "--beside", metavar="FILE", help="Show the spike trains of an NWB, CSV or Neo file too."
        ),
    ] = None,
    duration: Duration = 1000.0,
    seed: Seed = 1,
    engine: Engine = "auto",
    set_: Settings = None,
    do: Operations = None,
) -> None:
    """Draw a figure for a paper.

    Draws a plot of a saved run, or of a model that is simulated first; --duration and the
    options after it apply to a model only.
    """
    from ..figures import figure as draw
    from ..formats.spikes import read_spikes
    from ..store import open_run

    named = [] if projection is None else [f"projection={projection}"]
    options = plot_kind(view).read([*named, *(option or [])])
    _check_ending(out)
    paper: dict[str, Any] = {"path": out, "width_mm": width_mm, **options}
    recorded = None if beside is None else read_spikes(beside)
    stored = _stored(what)
    if stored is not None:
        run = open_run(stored)
        draw(run if recorded is None else run.beside(recorded), view, **paper)
    else:
        chosen = _model_named(what, set_ or [])
        operations = [operation(chosen, text) for text in do or []]
        with chosen.start(
            engine=engine, seed=seed, duration_ms=duration, operations=operations, speed=None
        ) as session:
            _watch(session)
            run = session.stop()
            draw(run if recorded is None else run.beside(recorded), view, **paper)
    wrote(out)


def plots(as_json: AsJson = False) -> None:
    """List the plots and their options."""
    if as_json:
        print_json(
            [
                {
                    "name": kind.id, "title": kind.title, "shows": kind.help,
                    "options": [{"name": o.name, "meaning": o.help} for o in kind.options],
                }
                for kind in kinds().values()
            ]
        )  # fmt: skip
        return
    for kind in kinds().values():
        echo(f"{kind.id}: {kind.help}", style="bold")
        for each in kind.options:
            echo(f"  {each.name}  {each.help}")


def _check_ending(out: Path) -> None:
    """Raise WorkbenchError for an unsupported file extension before simulating."""
    from ..figures import FORMATS

    if out.suffix.lower().lstrip(".") not in FORMATS:
        raise WorkbenchError(f"{out.name!r} cannot be written: end it in .{', .'.join(FORMATS)}.")


def _stored(what: str) -> Path | None:
    """Folder of the run that is meant, by its path or its name in the catalogue; None: a model."""
    if Path(what).exists():
        return Path(what)
    if "/" in what or what in registry.models():
        return None
    kept = {entry.id: entry.path for entry in Catalogue().entries()}
    return kept.get(what.removesuffix(".zarr"))


def _model_named(what: str, settings: list[str]) -> Model:
    if what.endswith(".zarr") or "/" in what:
        raise WorkbenchError(
            f"There is no run at {what}: give the folder that `workbench run --out` wrote, "
            "or the name of a model."
        )
    return model_with(registry.model_class(what), settings)


def _explain(model: Model) -> None:
    """List each code object of the compiled engine, whose template it has, and why."""
    from ..engine.choice import explained as auto
    from ..engine.compiled.explain import explained

    origins, flags = explained(model)
    rows = [(each.name, "ours" if each.ours else "Brian2's", each.reason) for each in origins]
    echo(auto(model))
    table(["code object", "template", "why Brian2's"], rows)
    echo(f"compiler flags: {' '.join(flags)}")


def _inputs(model: Model, given: list[str], until_ms: float) -> dict[str, Any] | None:
    """What ``input_spikes`` of a run takes, out of files; raises ParameterError, StoreError."""
    from ..formats.spikes import read_spikes

    found = {}
    for population, where in pairs(given, "source=spikes.nwb").items():
        file, _, name = where.rpartition(":") if not Path(where).exists() else (where, "", "")
        recorded = read_spikes(file or where)
        found[population] = recorded.as_input(model, name or None, until_ms=until_ms)
    return found or None


@contextlib.contextmanager
def _replaced(out: Path | None, overwrite: bool) -> Iterator[None]:
    """Have the block record a run at ``out``; one that is there is back unless a new one begins."""
    if out is None or not out.exists():
        yield
        return
    if not overwrite:
        raise StoreError(f"{out} exists already: choose another place, or give --overwrite.")
    if not (out / "zarr.json").exists():
        raise StoreError(f"{out} is not a run, so it is not replaced: choose another place.")
    meta = {}
    with contextlib.suppress(StoreError):  # a damaged one
        meta = read_meta(out)
    with contextlib.suppress(KeyError, TypeError, ValueError):
        not_being_recorded(meta, out)
    old = out.with_name(f".{out.name}.{uuid.uuid4().hex[:12]}.old")
    with failing(out):
        out.replace(old)
    try:
        yield
    finally:
        if not (out / "run.json").exists():
            shutil.rmtree(out, ignore_errors=True)
            old.replace(out)
        shutil.rmtree(old, ignore_errors=True)


def _watch(session: Session, record: Any = None) -> float:
    """Show the progress until the run ends or Ctrl-C; return the wall time it ran, in s.

    A session that waits at t = 0 is started, after the cost of its recordings was printed.

    raises : SimulationError if it cannot be recorded
    """
    started: float | None = None
    with progress() as bar:
        task = bar.add_task("building", total=1.0)
        try:
            over = False
            while not over:
                over = session.wait(LOOK_EVERY_S)
                session.frames()  # unread frames would stop the worker from reporting
                status = session.status()
                if status.state == "ready" and session.info is not None:
                    if status.warning:  # such as that there is no compiler
                        complain(status.warning)
                    echo(str(cost_of(session.info, record)))
                    session.resume()
                if started is None and status.state == "running":
                    started = time.perf_counter()
                text = status.message or status.state
                if status.state == "running":
                    text = f"running at {number(status.real_time_factor, 2)} × real time"
                bar.update(task, completed=status.progress, description=text)
                if status.waits:  # only the app's Run button could resume it
                    raise SimulationError(status.warning, run=session.stop())
        except KeyboardInterrupt:
            bar.update(task, description="stopping")
    return time.perf_counter() - started if started is not None else 0.0


def _summary(done: Run, wall_s: float) -> None:
    rows = []
    for name, size in done.populations.items():
        t_ms, _ = done.spikes(name)
        rows.append((name, size, len(t_ms), number(done.rate(name))))
    table(
        ["population", "neurons", "spikes", "rate (Hz)"],
        rows,
        right=["neurons", "spikes", "rate (Hz)"],
    )
    speed = f"{number(done.duration_ms / 1000 / wall_s, 2)} × real time" if wall_s else "at once"
    echo(
        f"{done.outcome} at t = {done.duration_ms:g} ms · engine {done.engines} · seed {done.seed} "
        f"· {speed}"
    )
