"""What the hippocampal memory can hold and tell apart.

By cue it is a look-up table: as many memories as cues, whatever the contents are. By content it
is an OR over bits, so that a question returns every cue that shares one of its bits: here the
returned sets are counted against load, bit density and size of the question.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models._hippocampal_memory import OUTPUTS, verdicts
from models._hippocampal_operations import Learn, RecallByContent
from models._hippocampal_pictures import style
from models._hippocampal_protocols import Progress, no_progress
from models._hippocampal_wiring import PLASTIC_PROJECTIONS
from workbench.model import Comparison, Experiment
from workbench.operation import Operation, Write

if TYPE_CHECKING:
    import xarray

    from workbench.model import Model

SPACING_ms = 20  # wide enough that neighbours do not interfere
QUESTIONS = 16
CONDITIONS = ("frozen", "plastic")


@dataclass(frozen=True)
class Freeze(Operation):
    """Stop plasticity from here on, so that asking leaves no mark."""

    def writes(self, model: Model, tick: int) -> list[Write]:
        return [
            Write(tick, name, variable, np.array([0]), 0.0)
            for name in PLASTIC_PROJECTIONS
            for variable in ("A_plus", "A_minus")
        ]


def false_cues_or(memories: float, density: float, bits: int) -> float:
    """False cues that an OR over ``bits`` returns: (P - 1)(1 - (1 - f)^q), on average."""
    return (memories - 1) * (1 - (1 - density) ** bits)


def false_cues_and(memories: float, density: float, bits: int) -> float:
    """False cues of a Willshaw memory, which asks for all bits at once: (P - 1) f^q."""
    return (memories - 1) * density**bits


def false_cues_exact(memories: int, ones: int, n_content: int, bits: int) -> float:
    """As ``false_cues_or`` for contents with exactly ``ones`` of ``n_content`` bits."""
    none_shared = math.comb(n_content - ones, bits) / math.comb(n_content, bits)
    return (memories - 1) * (1 - none_shared)


def classical_capacities(n_cues: int, n_content: int, density: float) -> dict[str, float]:
    """Memories that classical networks of this size hold; closed forms.

    hopfield            : 0.138 N, small errors allowed (Amit, Gutfreund & Sompolinsky 1985)
    hopfield_all_exact  : N/(4 ln N), every pattern without error (McEliece et al. 1987)
    willshaw            : ln 2 m n/(k_u k_v) for pairs of contents, as dense as here
    one_hot             : as many as there are cues, which is what this model holds

    N counts the inner neurons of this model, 3 C + 4 M + 1.
    """
    units = 3 * n_cues + 4 * n_content + 1
    ones = max(1.0, density * n_content)
    return {
        "hopfield": 0.138 * units,
        "hopfield_all_exact": units / (4 * math.log(units)),
        "willshaw": math.log(2) * (n_content / ones) ** 2,
        "one_hot": float(n_cues),
    }


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
    n_cues: int = 16,
    n_content: int = 20,
    loads: tuple[int, ...] = (2, 4, 8, 16),
    densities: tuple[float, ...] = (0.15, 0.3, 0.5),
    bits: tuple[int, ...] = (1, 2, 3),
    seeds: int = 2,
) -> xarray.Dataset:
    """Teach, then ask with bits of what was taught; with plasticity on, and frozen after teaching.

    returns : false cues per question, precision (share of the returned cues that is the asked
              one), recall (is it among them) and errors (answers that are not what the stored
              contents say), each (condition, density, bits, memories,
              seed); nan where not run
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
    for done, (s, a, b, p, c) in enumerate(jobs):
        text = f"{loads[p]} memories, {bits[b]}-bit questions, {CONDITIONS[c]}, seed {s}"
        if progress(done / len(jobs), text) is False:
            break
        ones = max(round(densities[a] * n_content), bits[b])
        rng = np.random.default_rng([s, a, b, p])
        lessons, questions = _plan(rng, loads[p], int(n_cues), int(n_content), ones, bits[b])
        measured = _measure(sized, lessons, questions, CONDITIONS[c] == "frozen", s)
        for name, value in zip(names, measured, strict=True):
            result[name][c, a, b, p, s] = value
    progress(1.0, "done")
    dims = ("condition", "density", "bits", "memories", "seed")
    return xr.Dataset(
        {name: (dims, values) for name, values in result.items()},
        coords={
            "condition": list(CONDITIONS),
            "density": list(densities),
            "bits": list(bits),
            "memories": list(loads),
            "seed": np.arange(int(seeds)),
        },
        attrs={"n_cues": int(n_cues), "n_content": int(n_content), "questions": QUESTIONS},
    )


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
    judged = verdicts(plan, {p: job.spikes(p) for p in OUTPUTS}, duration_ms)[len(lessons) :]
    false, precision, recall, errors = [], [], [], []
    for verdict, (_, owner) in zip(judged, questions, strict=True):
        returned = set(verdict.observed)
        false.append(len(returned - {owner}))
        precision.append((owner in returned) / len(returned) if returned else 1.0)
        recall.append(owner in returned)
        errors.append(verdict.observed != verdict.expected)
    return tuple(float(np.mean(x)) for x in (false, precision, recall, errors))  # type: ignore[return-value]


def compare(data: xarray.Dataset) -> list[Comparison]:
    """Frozen memory against the closed form, and what asking does to a memory that goes on."""
    n_content = data.attrs["n_content"]
    frozen, plastic = (data.sel(condition=c) for c in CONDITIONS)
    lines = [
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
    for bits in data.bits.values.tolist():
        lines.append(
            Comparison(
                f"plastic: wrong answers, q {bits}", 0.0,
                float(plastic.errors.sel(bits=bits).mean()), 0.02,
                note="what a read-only memory would do; here every question also teaches",
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
    low: Any = {"title": "dashed: plastic", "legend_position": "top_right", "ylim": (0, 1.05)}
    title = f"f = {density:g}; ◆ plastic, dotted AND"
    false = style(hv.Overlay(left), {"title": title, "legend_position": "top_left"}, **kind)
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
    options={
        "n_cues": (16, "cues of the memory"),
        "n_content": (20, "content bits of the memory"),
        "loads": ((2, 4, 8, 16), "numbers of memories stored"),
        "densities": ((0.15, 0.3, 0.5), "shares of ones in a content"),
        "bits": ((1, 2, 3), "bits in a question"),
        "seeds": (2, "sets of random contents"),
    },
)
