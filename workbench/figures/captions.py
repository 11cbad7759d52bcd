"""The caption of a figure of several panels: what a reader needs to know to repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..formats.methods import changed_values, interventions_in_words, joined
from ..plots.kind import T_MS
from ..plots.registry import plot_kind

if TYPE_CHECKING:
    from ..run import Run
    from .composed import FigurePage, Panel


def caption(page: FigurePage) -> str:
    """Panels, then for each run: model, numbers of neurons, duration, seed, engine, changes."""
    if not page.panels:
        return ""
    runs = list({id(p.run): p.run for p in page.panels if p.run is not None}.values())
    lettered = [(page.letter(k), panel) for k, panel in enumerate(page.panels)]
    parts = [_panel(letter, panel) for letter, panel in lettered]
    for run in runs:
        which = [letter for letter, panel in lettered if panel.run is run and letter]
        parts.append(_run(run, which if len(runs) > 1 else []))
    return " ".join(parts)


def _panel(letter: str, panel: Panel) -> str:
    said = f"{letter}, " if letter else ""
    if panel.seen is not None:
        what = panel.name or "As shown on the page"
        return f"{said}{what}{_time(panel)}."
    kind = plot_kind(panel.plot)
    chosen = {k: v for k, v in panel.options.items() if k not in (T_MS.name, "rows", "positions")}
    more = [
        _value(value) if name == "name" else f"{name} {_value(value)}"
        for name, value in chosen.items()
    ]
    bins = _bins(panel)
    details = [*([bins] if bins else []), *(m for m in more if not m.startswith("bin_ms"))]
    tail = f" ({'; '.join(details)})" if details else ""
    return f"{said}{kind.title}{_time(panel)}: {_lower(kind.help.rstrip('.'))}{tail}."


def _lower(text: str) -> str:
    """For the middle of a sentence; what is no plain word, such as PSTH, stays."""
    first = text.split(" ")[0]
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def _bins(panel: Panel) -> str:
    """Width of the bins of rates, also where it was found from the data."""
    if panel.plot != "rates" or panel.run is None:
        return ""
    from ..plots.rates.static import rate_table

    known = {k: v for k, v in panel.options.items() if k in ("populations", "bin_ms", "t_ms")}
    edges, _table = rate_table(panel.run, **known)
    return f"bins of {float(edges[1] - edges[0]):.6g} ms"


def _time(panel: Panel) -> str:
    span = panel.span_ms
    if span is None:
        return ""
    low, high = (t - panel.zero_ms for t in span)
    said = f", {_ms(low)} to {_ms(high)}"
    return f"{said} (0 is at {_ms(panel.zero_ms)} of the run)" if panel.zero_ms else said


def _ms(value: float) -> str:
    text = f"{value / 1000:.6g} s" if abs(value) >= 2000 else f"{value:.6g} ms"
    return text.replace("-", "−")


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else f"{value}"


def _run(run: Run, letters: list[str]) -> str:
    info = run.info
    neurons = [p for p in info.populations if p.size]
    sizes = joined([f"{p.size:,} {p.label}" for p in neurons])
    total = f"{sum(p.size for p in neurons):,} neurons: " if len(neurons) > 1 else ""
    title = getattr(info.circuit, "title", "") or run.model
    versions = [
        f"{name} {run.provenance[key]}"
        for name, key in (("circuit workbench", "workbench"), ("Brian2", "brian2"))
        if key in run.provenance
    ]
    which = f"{joined(letters)}: " if letters else ""
    said = (
        f"{which}{title} ({total}{sizes}), {_ms(run.duration_ms)} simulated in steps of "
        f"{info.dt_ms:g} ms, seed {run.seed}, engine {run.engines}"
        f"{', ' + ', '.join(versions) if versions else ''}."
    )
    return " ".join(filter(None, (said, changed_values(run), interventions_in_words(run))))
