"""What the hippocampal memory can hold and tell apart.

By cue it is a look-up table: as many memories as cues, whatever the contents are. By content it
is an OR over bits, so that a question returns every cue that shares one of its bits: here the
returned sets are counted against load, bit density and size of the question.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.model.experiment import Option, Progress, no_progress
from workbench.model.model import Comparison, Experiment
from workbench.model.operation import Operation
from workbench.plots import style

from ..closed_forms import (
    classical_capacities,
    false_cues_and,
    false_cues_exact,
    false_cues_or,
    inner_units,
)
from ..operations import Freeze, Learn, RecallByContent, RecallByCue
from ..scoring import OUTPUTS, verdicts

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

SPACING_ms = 20  # wide enough that neighbours do not interfere
QUESTIONS = 16
CONDITIONS = ("frozen", "plastic")


def _plan(
    rng: np.random.Generator, memories: int, n_cues: int, n_content: int, ones: int, bits: int
) -> tuple[list[Operation], list[tuple[RecallByContent, int]]]:
    """Lessons and questions; each question comes with the cue of the memory it is taken from."""
    cues = rng.permutation(n_cues)[:memories]
    contents = [rng.choice(n_content, ones, replace=False) for _ in cues]
    lessons: list[Operation] = [
        Learn(SPACING_ms * k, int(cue), tuple(content))
        for k, (cue, content) in enumerate(zip(cues, contents, strict=True))
    ]
    questions = []
    for k in range(QUESTIONS):
        owner = int(rng.integers(memories))
        asked = rng.choice(contents[owner], bits, replace=False)
        t_ms = SPACING_ms * (memories + k)
        questions.append((RecallByContent(t_ms, tuple(asked)), int(cues[owner])))
    return lessons, questions


def run(
    model: Model,
    progress: Progress = no_progress,
    n_cues: Annotated[int, Option("cues of the memory", "Cues")] = 16,
    n_content: Annotated[int, Option("content bits of the memory", "Content bits")] = 20,
    loads: Annotated[tuple[int, ...], Option("numbers of memories stored")] = (2, 4, 8, 16),
    densities: Annotated[tuple[float, ...], Option("shares of ones in a content")] = (
        0.15,
        0.3,
        0.5,
    ),
    bits: Annotated[tuple[int, ...], Option("bits in a question", "Bits of a question")] = (
        1,
        2,
        3,
    ),
    seeds: Annotated[int, Option("sets of random contents", "Random contents")] = 2,
) -> xarray.Dataset:
    """Teach, then ask with bits of what was taught; with plasticity on, and frozen after teaching.

    returns : false cues per question, precision (share of the returned cues that is the asked
              one), recall (is it among them) and errors (answers that are not what the stored
              contents say), each (condition, density, bits, memories, seed); and by_cue, how many
              of as many memories as cues come back whole by cue, (seed,). nan where not run
    """
    import xarray as xr

    sized = type(model)(**{**model.values(), "n_cues": int(n_cues), "n_content": int(n_content)})
    shape = (len(CONDITIONS), len(densities), len(bits), len(loads), int(seeds))
    names = ("false_cues", "precision", "recall", "errors")
    result = {name: np.full(shape, np.nan) for name in names}
    jobs = [
        (s, a, b, p, c)
        for s in range(int(seeds))
        for p in range(len(loads))
        for a in range(len(densities))
        for b in range(len(bits))
        for c in range(len(CONDITIONS))
    ]
    by_cue = np.full(int(seeds), np.nan)
    for done, (s, a, b, p, c) in enumerate(jobs):
        text = f"{loads[p]} memories, {bits[b]}-bit questions, {CONDITIONS[c]}, seed {s}"
        if progress(done / len(jobs), text) is False:
            break
        if np.isnan(by_cue[s]):
            by_cue[s] = _whole_by_cue(sized, max(densities), s)
        ones = max(round(densities[a] * n_content), bits[b])
        rng = np.random.default_rng([s, a, b, p])
        lessons, questions = _plan(rng, loads[p], int(n_cues), int(n_content), ones, bits[b])
        measured = _measure(sized, lessons, questions, CONDITIONS[c] == "frozen", s)
        for name, value in zip(names, measured, strict=True):
            result[name][c, a, b, p, s] = value
    progress(1.0, "done")
    dims = ("condition", "density", "bits", "memories", "seed")
    return xr.Dataset(
        {**{name: (dims, v) for name, v in result.items()}, "by_cue": ("seed", by_cue)},
        coords={
            "condition": list(CONDITIONS),
            "density": list(densities),
            "bits": list(bits),
            "memories": list(loads),
            "seed": np.arange(int(seeds)),
        },
        attrs={"n_cues": int(n_cues), "n_content": int(n_content), "questions": QUESTIONS},
    )


def _whole_by_cue(model: Model, density: float, seed: int) -> int:
    """How many memories come back whole by cue when there is one for every cue."""
    sizes: Any = model.values()
    n_cues, ones = sizes["n_cues"], max(1, round(density * sizes["n_content"]))
    rng = np.random.default_rng(seed)
    lessons, _ = _plan(rng, n_cues, n_cues, sizes["n_content"], ones, 1)
    asks = [RecallByCue(SPACING_ms * (n_cues + k), k) for k in range(n_cues)]
    plan = [*lessons, *asks]
    duration_ms = SPACING_ms * len(plan)
    job = model.run(duration_ms, operations=plan, record={}, seed=seed)
    evaluated = verdicts(plan, {p: job.spikes(p) for p in OUTPUTS}, duration_ms)
    return sum(v.correct for v in evaluated if v.kind == "RecallByCue")


def _measure(
    model: Model,
    lessons: list[Operation],
    questions: list[tuple[RecallByContent, int]],
    frozen: bool,
    seed: int,
) -> tuple[float, float, float, float]:
    plan = [*lessons, *(q for q, _ in questions)]
    stop: list[Operation] = [Freeze(questions[0][0].t_ms)] if frozen else []
    duration_ms = SPACING_ms * len(plan)
    job = model.run(duration_ms, operations=[*plan, *stop], record={}, seed=seed)
    evaluated = verdicts(plan, {p: job.spikes(p) for p in OUTPUTS}, duration_ms)[len(lessons) :]
    false, precision, recall, errors = [], [], [], []
    for verdict, (_, owner) in zip(evaluated, questions, strict=True):
        returned = set(verdict.observed)
        false.append(len(returned - {owner}))
        precision.append((owner in returned) / len(returned) if returned else 1.0)
        recall.append(owner in returned)
        errors.append(verdict.observed != verdict.expected)
    return tuple(float(np.mean(x)) for x in (false, precision, recall, errors))  # type: ignore[return-value]


def compare(data: xarray.Dataset) -> list[Comparison]:
    """The frozen memory against the closed form; the plastic one where a number is known."""
    n_content = data.attrs["n_content"]
    frozen, plastic = (data.sel(condition=c) for c in CONDITIONS)
    n_cues = data.attrs["n_cues"]
    classical = classical_capacities(n_cues, n_content, float(data.density.max()))
    lines = [
        Comparison("memories recalled whole by cue", n_cues, float(data.by_cue.mean()), 0,
                   note=f"one for each cue, by construction; Hopfield networks of "
                   f"{inner_units(n_cues, n_content)} units hold "
                   f"{classical['hopfield_all_exact']:.1f} without any error, "
                   f"{classical['hopfield']:.1f} with few"),
        Comparison("frozen: asked cue is returned", 1.0, float(frozen.recall.mean()), 0,
                   note="an OR never misses"),
        Comparison("frozen: answers other than the OR rule", 0.0, float(frozen.errors.mean()), 0),
    ]  # fmt: skip
    load = int(data.memories.max())
    seeds = data.sizes["seed"]
    for density in data.density.values.tolist():
        for bits in data.bits.values.tolist():
            ours = frozen.false_cues.sel(density=density, bits=bits, memories=load)
            ones = max(round(density * n_content), bits)
            expected = false_cues_exact(load, ones, n_content, bits)
            share = expected / max(load - 1, 1)
            # The contents are drawn anew for each seed, so it is they that vary, not the questions.
            spread = 2 * math.sqrt((load - 1) * share * (1 - share) / seeds) + 1e-9
            lines.append(
                Comparison(
                    f"frozen: false cues, P {load}, f {density:g}, q {bits}", expected,
                    float(ours.mean()), spread,
                    note="closed form, contents with exactly f M ones; tolerance: two standard "
                    f"errors over {seeds} sets of contents",
                    error=spread,
                )
            )  # fmt: skip
    if 1 in data.bits:
        wrong = float(plastic.errors.sel(bits=1).mean())
        lines.append(
            Comparison(
                "plastic: wrong answers to 1-bit questions", 0.0, wrong, 0.02,
                note="reference simulation, not a published number: 0 of 55; with more bits there "
                "is no number for this size, and ours are in the result as errors",
            )
        )  # fmt: skip
    return lines


def figure(data: xarray.Dataset) -> Any:
    """False cues and precision against load: measured, the closed form, and Willshaw's rule."""
    import holoviews as hv

    x = hv.Dimension("memories", label="Memories stored, P")
    y = hv.Dimension("false", label="False cues per question")
    density = float(data.density.values[len(data.density) // 2])
    colors = ("#332288", "#CC6677", "#117733", "#E69F00")
    loads = np.linspace(1, float(data.memories.max()), 60)
    left, right = [], []
    z = hv.Dimension("precision", label="Precision of the returned cues")
    for color, bits in zip(colors, data.bits.values.tolist(), strict=False):
        mine = data.sel(density=density, bits=bits).mean("seed")
        label = f"{bits} bit" + "s" * (bits > 1)
        rule = hv.Curve((loads, [false_cues_or(p, density, bits) for p in loads]), x, y)
        left.append(style(rule.relabel(label), {"color": color}))
        both = hv.Curve((loads, [false_cues_and(p, density, bits) for p in loads]), x, y)
        left.append(
            style(both, {"color": color}, bokeh={"line_dash": "dotted"}, mpl={"linestyle": ":"})
        )
        for condition, bokeh, mpl in (
            ("frozen", {"size": 7}, {"s": 20}),
            ("plastic", {"size": 9, "marker": "diamond"}, {"s": 20, "marker": "D"}),
        ):
            own = mine.sel(condition=condition)
            dots = hv.Scatter((data.memories.values, own.false_cues.values), x, y)
            left.append(style(dots, {"color": color}, bokeh=bokeh, mpl=mpl))
            curve = hv.Curve((data.memories.values, own.precision.values), x, z)
            dash = condition == "plastic"
            right.append(
                style(curve if dash else curve.relabel(label), {"color": color},
                      bokeh={"line_dash": "dashed" if dash else "solid"},
                      mpl={"linestyle": "--" if dash else "-"})
            )  # fmt: skip
    kind: Any = {"bokeh": {"responsive": True, "min_height": 380}, "mpl": {"aspect": 1.2}}
    limits = {"xlim": (0, float(data.memories.max()) + 1)}
    hopfield = classical_capacities(data.attrs["n_cues"], data.attrs["n_content"], density)
    for name in ("hopfield_all_exact", "hopfield"):
        if hopfield[name] <= limits["xlim"][1]:
            right.append(style(hv.VLine(hopfield[name]), {"color": "#999999"}))
    found = (
        f"Hopfield: {hopfield['hopfield_all_exact']:.1f} exact, {hopfield['hopfield']:.1f} at most"
    )
    low: Any = {
        "title": f"dashed: plastic; {found}",
        "legend_position": "top_right",
        "ylim": (0, 1.05),
        **limits,
    }
    title = f"f = {density:g}; ◆ plastic, dotted AND"
    false = style(
        hv.Overlay(left), {"title": title, "legend_position": "top_left", **limits}, **kind
    )
    precise = style(hv.Overlay(right), low, **kind)
    return (false + precise).cols(2)


CAPACITY = Experiment(
    name="capacity",
    title="Capacity: what a question by content returns",
    source="closed forms: OR over bits; Willshaw et al. (1969) Nature 222:960; Hopfield networks "
    "after Amit, Gutfreund & Sompolinsky (1985) and McEliece et al. (1987)",
    run=run,
    compare=compare,
    figure=figure,
)
