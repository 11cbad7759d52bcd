"""``workbench reproduce``: compare published results with our own."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import WorkbenchError, unknown
from ..model import registry
from ..model.model import Comparison, Experiment, Model
from ..store.zarr_headers import consolidating
from . import complete
from .list_models import ModelName
from .output import AsJson, echo, number, print_json, progress, table, wrote
from .parse import option_values, written_out

FACTS = "facts"


def reproduce(
    model: ModelName,
    experiment: Annotated[
        str | None,
        typer.Argument(
            metavar="[EXPERIMENT]",
            help="One experiment, or `facts`; all.",
            autocompletion=complete.experiments,
        ),
    ] = None,
    more: Annotated[
        list[str] | None,
        typer.Argument(metavar="[--NAME VALUE]...", help="The same as --option NAME=VALUE."),
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="Of the experiment.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Keep dataset and figure here."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Reproduce published results.

    Prints the published value, ours, the difference and the verdict; exit code 1 if some differ.
    `workbench describe MODEL` lists the experiments and what their options are.
    """
    cls = registry.model_class(model)
    jobs = {e.name: e for e in cls.experiments}
    if experiment is not None and experiment not in (*jobs, FACTS):
        raise unknown("experiment", experiment, [*jobs, FACTS], owner=model)
    option = [*(option or []), *written_out(more or [])]
    if option and experiment not in jobs:
        raise WorkbenchError("--option belongs to one experiment: name it after the model.")
    found: list[tuple[str, str, list[Comparison]]] = []  # title, source, its lines
    files: list[Path] = []

    def compared(title: str, source: str, lines: list[Comparison]) -> None:
        found.append((title, source, lines))
        if not as_json:
            _report(title, source, lines)

    if experiment in (None, FACTS) and cls.facts:
        compared("Facts", cls.source, _facts(cls))
    for job in jobs.values():
        if experiment in (None, job.name):
            data, lines = _experiment(cls, job, option)
            compared(job.title, job.source, lines)
            if out is not None:
                files += _keep(cls, job, data, out)
    if as_json:
        print_json([_plain(*each) for each in found])
    else:
        for path in files:
            wrote(path)
    if not all(c.agrees for _, _, lines in found for c in lines):
        raise typer.Exit(1)


def _plain(title: str, source: str, lines: list[Comparison]) -> dict[str, Any]:
    return {
        "title": title,
        "source": source,
        "compared": [{**dataclasses.asdict(c), "agrees": c.agrees} for c in lines],
    }


def _facts(cls: type[Model]) -> list[Comparison]:
    found = []
    with progress() as bar:
        task = bar.add_task("measuring", total=len(cls.facts))
        for fact in cls.facts:
            bar.update(task, description=f"measuring {fact.name}")
            ours = float(fact.measure(cls()))
            found.append(
                Comparison(fact.name, fact.value, ours, fact.tol, fact.unit, note=fact.source)
            )
            bar.advance(task)
    return found


def _experiment(cls: type[Model], job: Experiment, options: list[str]) -> tuple[Any, Any]:
    values = {k: default for k, (default, _) in job.options.items()}
    values |= option_values(job.options, options, owner=job.name)
    with progress() as bar:
        task = bar.add_task(job.name, total=1.0)

        def report(fraction: float, text: str = "") -> None:
            bar.update(task, completed=fraction, description=text or job.name)

        data = job.run(cls(), progress=report, **values)
    return data, job.compare(data)


def _report(title: str, source: str, compared: list[Comparison]) -> None:
    echo("")
    rows = [
        (
            c.what,
            c.unit if c.unit != "1" else "",
            number(c.published),
            number(c.ours) + (f" ± {number(c.error, 2)}" if c.error == c.error else ""),
            f"{c.ours - c.published:+.3g}",
            number(c.tol, 2),
            "agrees" if c.agrees else "differs",
            c.note,
        )
        for c in compared
    ]
    table(
        ["what", "unit", "published", "ours", "difference", "allowed", "verdict", "note"],
        rows,
        title=f"{title} — {source}",
        right=["published", "ours", "difference", "allowed"],
        styles=[None if c.agrees else "red" for c in compared],
    )


def _keep(cls: type[Model], job: Experiment, data: Any, folder: Path) -> tuple[Path, Path]:
    """Write the dataset as Zarr and the figure as PDF, under unused names."""
    from ..figures import figure as draw

    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{cls.slug}-{job.name}")
    names = (stem if k == 1 else f"{stem}-{k}" for k in itertools.count(1))
    stem = next(
        n for n in names if not any((folder / f"{n}{e}").exists() for e in (".zarr", ".pdf"))
    )
    dataset, figure = folder / f"{stem}.zarr", folder / f"{stem}.pdf"
    with consolidating():
        _lasting(data).to_zarr(dataset, zarr_format=3, consolidated=True)
    draw(job.figure(data), path=figure, width_mm=174)
    return dataset, figure


def _lasting(data: Any) -> Any:
    """Convert NumPy's fixed-length text to objects, which Zarr stores as variable-length text."""
    text = {n: v.astype(object) for n, v in data.variables.items() if v.dtype.kind == "U"}
    return data.assign({n: v for n, v in text.items() if n not in data.coords}).assign_coords(
        {n: v for n, v in text.items() if n in data.coords}
    )
