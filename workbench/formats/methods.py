"""The methods of a run as text: a paragraph for a paper, and tables that describe the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..circuits.tables import Document, tables
from ..errors import ParameterError, UnknownName
from ..whole_file import written_whole
from . import checked

if TYPE_CHECKING:
    from ..run import Run

FORMATS = {".md": "markdown", ".html": "html", ".tex": "latex"}
MOST = 12  # interventions that are told one by one


def methods(run: Run, format: str = "markdown", document: bool = False) -> Document:
    """Describe how a run was made: a paragraph, then the tables of its network.

    run      : with the description of its circuit, as every simulated run has
    format   : "markdown", "html" or "latex"
    document : a complete file that can be opened or compiled, instead of a fragment
    raises   : UnknownName for another format; ParameterError for a run without a circuit
    source   : tables after Nordlie, Gewaltig & Plesser (2009) PLoS Comput. Biol. 5:e1000456
    """
    if run.info.circuit is None:
        raise ParameterError(
            f"This run of {run.model} has no description of its circuit: simulate it again."
        )
    return tables(run.info.circuit, format, document, paragraph=paragraph(run))


def save_methods(run: Run, path: str | Path, overwrite: bool = False) -> Path:
    """Write `methods` to a file: Markdown, HTML or LaTeX by its ending, .md, .html or .tex.

    raises : ParameterError for a path that cannot be; StoreError if it cannot be written
    """
    path = checked(path, tuple(FORMATS), "a file of methods", overwrite)
    text = methods(run, FORMATS[path.suffix.lower()], document=True)
    with written_whole(path) as new:
        new.write_text(text, encoding="utf-8")
    return path


def paragraph(run: Run) -> str:
    """What was simulated, how, with which values and interventions, and what was recorded."""
    return " ".join(
        filter(
            None,
            (_what(run), _how(run), changed_values(run), interventions_in_words(run), _seen(run)),
        )
    )


def _what(run: Run) -> str:
    info = run.info
    sizes = [f"{p.label} ({p.size:,})" for p in info.populations]
    n, synapses = len(info.projections), sum(p.n_synapses for p in info.projections)
    title = getattr(info.circuit, "title", "") or run.model
    notes = getattr(info.circuit, "notes", None)
    source = f" after {notes.source.rstrip('.')}" if notes is not None and notes.source else ""
    wired = f", joined by {n} projection{'s' * (n != 1)} of {synapses:,} synapses" if n else ""
    return (
        f"We simulated {title}{source}: the population{'s' * (len(sizes) != 1)} {joined(sizes)}"
        f"{wired}."
    )


def _how(run: Run) -> str:
    versions = run.provenance
    names = (("Brian2", "brian2"), ("NumPy", "numpy"), ("Python", "python"))
    found = [f"{name} {versions[key]}" for name, key in names if key in versions]
    bench = f"the circuit workbench {versions.get('workbench', '')}".strip()
    commit = f" (commit {versions['git_commit']})" if "git_commit" in versions else ""
    warm = f", after {run.info.warm_up_ms:g} ms of warm-up" if run.info.warm_up_ms else ""
    ended = "" if run.outcome == "finished" else f"; the run {run.outcome}"
    return (
        f"{run.duration_ms:g} ms were simulated{warm}, in steps of {run.info.dt_ms:g} ms, by "
        f"{bench}{commit} with {joined(found) if found else 'Brian2'} on the engine {run.engine}, "
        f"with the random seed {run.seed}{ended}."
    )


def changed_values(run: Run) -> str:
    """Which parameters had other values than the model's own, as a sentence."""
    from ..replay import class_of

    try:
        known = class_of(run).parameters()
    except UnknownName:
        return ""
    changed = [
        f"{name} = {p.text(value)} instead of {p.text(p.default)}"
        for name, value in run.parameters.items()
        if (p := known.get(name)) is not None and value != p.default
    ]
    if not changed:
        return "All parameters had the model's default values."
    return f"Parameters had the model's default values but for {joined(changed)}."


def interventions_in_words(run: Run) -> str:
    """What was done while it ran, as a sentence; "" for nothing."""
    done = run.interventions
    if not done:
        return ""
    first = [f"at {e.t_ms:g} ms: {e.describe()}" for e in done[:MOST]]
    more = f"; and {len(done) - MOST:,} more" if len(done) > MOST else ""
    return f"While it ran, this was done: {'; '.join(first)}{more}."


def _seen(run: Run) -> str:
    spikes = ["the spikes of all neurons"] if run.info.spiking else []
    states = []
    for name in dict.fromkeys([*run.states, *run.recordings]):
        samples = run.samples(name)
        if samples.of != "events" and name == samples.name:
            rounded = ", in single precision" if samples.single else ""
            states.append(f"{name} of {len(samples.index):,} {samples.of} every "
                          f"{samples.every_ms:g} ms{rounded}")  # fmt: skip
    return f"Recorded were {joined(spikes + states)}." if spikes or states else ""


def joined(items: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))
