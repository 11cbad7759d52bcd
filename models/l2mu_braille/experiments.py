"""The experiments on the Braille reader: the published score vote for vote, and damaged fingers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from workbench.data import DataError
from workbench.model.experiment import Option, Progress, no_progress, part
from workbench.model.model import Comparison, Experiment
from workbench.plots import style

from .._shared.figures import layout, lines
from .._shared.variants import fast_engine, varied
from .letters import NAMES, SPLITS, STEPS, recorded
from .replay import constants_of, steps, votes
from .weights import PUBLISHED, found, published, where_to_put_it

if TYPE_CHECKING:
    import xarray

    from workbench.model.model import Model

SCORES = {"9": 264}  # letters of 280 that the checkpoint says it reads
CHECKPOINT = "score stored in the published checkpoint: 0.942857 of 280"
Split = Annotated[
    str,
    Option("the authors' validation split: 8 or 9", "Validation split", choices=SPLITS),
]
Letters = Annotated[int, Option("read so many letters, the first of the split; 0 for all")]
_EVERY = 8  # steps between two points of the curve of accuracy


def _published_weights() -> Any:
    path = found()
    if path is None:
        raise DataError(where_to_put_it())
    return published(path, path.stat().st_mtime_ns)


def _first(split: str, letters: int) -> tuple[np.ndarray, np.ndarray]:
    known = recorded(split)
    n = len(known) if int(letters) <= 0 else min(int(letters), len(known))
    return known.events[:n], known.labels[:n]


def _reading(
    model: Model,
    progress: Progress = no_progress,
    split: Split = "9",
    letters: Letters = 0,
    seed: Annotated[int, Option("seed of the run; nothing is drawn in it")] = 1,
) -> xarray.Dataset:
    """Read a split with the Brian2 network, and with the plain recurrence beside it.

    returns : votes and votes_plain (letter, class), label (letter,), and right (step,), the share
              of letters whose leading vote is right after so many steps, by the recurrence
    """
    import xarray as xr

    w = _published_weights()
    events, labels = _first(split, letters)
    n, duration = len(labels), float(STEPS * len(labels))
    reader = varied(model, weights=PUBLISHED, letters=0, split=SPLITS.index(split), lost=0, hold=0)
    run = reader.run(
        duration, seed=seed, engine=fast_engine(),
        progress=part(progress, 0, 0.95, f"{n} letters with the network"),
    )  # fmt: skip
    t_ms, unit = run.spikes("output")
    done = int(run.duration_ms // STEPS)
    counted = np.zeros((n, len(NAMES)))
    letter = (t_ms // STEPS).astype(int)
    np.add.at(counted, (letter[letter < n], unit[letter < n]), 1)
    progress(0.96, "the plain recurrence")
    total = np.zeros((n, len(NAMES)))
    right, at = [], []
    for t, state in enumerate(steps(events, w, constants_of(reader.values())), 1):
        total += state.spikes["output"]
        if t % _EVERY == 0:
            at.append(t)
            right.append(np.mean((total.argmax(axis=1) == labels) & (total.max(axis=1) > 0)))
    return xr.Dataset(
        {
            "votes": (("letter", "class"), counted[:done]),
            "votes_plain": (("letter", "class"), total[:done]),
            "label": ("letter", labels[:done]),
            "right": ("step", right),
        },
        coords={"class": list(NAMES), "step": at},
        attrs={"split": split, "model": reader.slug, "outcome": run.outcome},
    )


def _correct(data: xarray.Dataset) -> int:
    return int((data.votes.values.argmax(axis=1) == data.label.values).sum())


def _compare_reading(data: xarray.Dataset) -> list[Comparison]:
    n = data.sizes["letter"]
    plain = int((data.votes_plain.values.argmax(axis=1) == data.label.values).sum())
    differ = float(np.abs(data.votes - data.votes_plain).sum())
    found_lines = [
        Comparison("votes by which network and plain recurrence differ", 0, differ, 0,
                   note=f"{n} letters, {int(data.votes.sum())} votes"),
        Comparison(f"letters read of {n}, split {data.attrs['split']}", plain, _correct(data), 0,
                   note="the plain recurrence"),
    ]  # fmt: skip
    score = SCORES.get(str(data.attrs["split"]))
    if score is not None and n == 280:
        found_lines.append(
            Comparison("letters read of 280, as published", score, _correct(data), 0,
                       note=CHECKPOINT)
        )  # fmt: skip
    return found_lines


def _figure_reading(data: xarray.Dataset) -> Any:
    """Which letter is read for which, and how soon."""
    import holoviews as hv

    labels, guessed = data.label.values, data.votes.values.argmax(axis=1)
    kinds = range(len(NAMES))
    cells = [
        (g, k, int(((labels == k) & (guessed == g)).sum())) for k in kinds for g in kinds
    ]  # fmt: skip
    most = max(c[2] for c in cells)  # half of the colours, so that the numbers can be read
    table = hv.HeatMap(cells, ["guess", "letter"], hv.Dimension("n", label="Letters"))
    shown = hv.Labels([c for c in cells if c[2]], ["guess", "letter"], "n")
    named = [(k, name if len(name) == 1 else "–") for k, name in enumerate(NAMES)]  # – is a space
    confusion = style(
        hv.Overlay([
            style(table, {"cmap": "Blues", "clim": (0, 2 * most)}, mpl={"show_values": False}),
            style(shown, {}, bokeh={"text_font_size": "9pt", "text_color": "#24292F"},
                  mpl={"size": 6, "color": "#24292F"}),
        ]),
        {"title": f"{_correct(data)} of {len(labels)} right", "xlabel": "Read as",
         "ylabel": "Letter", "invert_yaxis": True, "xticks": named, "yticks": named},
        bokeh={"responsive": True, "min_height": 300},
    )  # fmt: skip
    soon = lines(
        [(data.step.values, 100 * data.right.values, "")], "Steps felt",
        "Right so far (%)",
    )  # fmt: skip
    return layout(confusion, soon, columns=1)


def _damage(
    model: Model,
    progress: Progress = no_progress,
    split: Split = "9",
    letters: Letters = 0,
    shares: Annotated[
        tuple[float, ...], Option("shares of the events that are lost", "Shares lost")
    ] = (
        0.0, 0.1, 0.2, 0.3, 0.5, 0.7,
    ),
    numbed: Annotated[
        tuple[int, ...], Option("numbers of channels that feel nothing", "Numbed channels")
    ] = (
        0, 1, 2, 3, 4, 6,
    ),
    seeds: Annotated[int, Option("draws of what is lost or numbed, each", "Random draws")] = 5,
    seed: Annotated[int, Option("the first of these draws", "First draw")] = 1,
) -> xarray.Dataset:  # fmt: skip
    """Accuracy when events are lost at random, and when channels are numb; plain recurrence.

    returns : lost (share, seed) and numb (channels, seed), the shares of letters read
    """
    import xarray as xr

    w, constants = _published_weights(), constants_of(model.values())
    events, labels = _first(split, letters)
    jobs = [("lost", k, s) for k in range(len(shares)) for s in range(int(seeds))]
    jobs += [("numb", k, s) for k in range(len(numbed)) for s in range(int(seeds))]
    result = {
        "lost": np.full((len(shares), int(seeds)), np.nan),
        "numb": np.full((len(numbed), int(seeds)), np.nan),
    }
    for number, (kind, k, s) in enumerate(jobs):
        if progress(number / len(jobs), f"{number} of {len(jobs)} damaged fingers") is False:
            break
        rng = np.random.default_rng([int(seed), s, k])
        if kind == "lost":
            felt = events * (rng.random(events.shape) >= shares[k])
        else:
            felt = events.copy()
            felt[:, :, rng.permutation(events.shape[2])[: numbed[k]]] = 0
        guessed = votes(felt, w, constants).argmax(axis=1)
        result[kind][k, s] = np.mean(guessed == labels)
    return xr.Dataset(
        {"lost": (("share", "draw"), result["lost"]),
         "numb": (("channels", "draw"), result["numb"])},
        coords={"share": list(shares), "channels": list(numbed)},
        attrs={"split": split, "letters": len(labels), "model": model.slug},
    )  # fmt: skip


def _compare_damage(data: xarray.Dataset) -> list[Comparison]:
    """Nothing of this was published; a whole finger has to score as it does undamaged."""
    whole = SCORES.get(str(data.attrs["split"]))
    if whole is None or data.attrs["letters"] != 280 or float(data.share[0]) != 0:
        return []
    return [
        Comparison("letters read of 280 when nothing is lost", whole,
                   round(280 * float(data.lost[0].mean())), 0, note=CHECKPOINT),
    ]  # fmt: skip


def _figure_damage(data: xarray.Dataset) -> Any:
    import holoviews as hv

    from .._shared.error_bars import with_bars

    made = []
    for name, along, label, color in (
        ("lost", "share", "Share of events lost", "#0072B2"),
        ("numb", "channels", "Channels that feel nothing", "#D55E00"),
    ):
        values = 100 * data[name]
        mean, sd = values.mean("draw").values, values.std("draw", ddof=1).values
        bars = with_bars(
            data[along].values.astype(float), mean, sd, hv.Dimension(along, label=label),
            hv.Dimension(f"{name}_read", label="Letters read (%)"), color,
        )  # fmt: skip
        made.append(hv.Overlay(bars))
    return layout(*made)


EXPERIMENTS = (
    Experiment(
        name="reading",
        title="Reading: a whole split, vote for vote",
        source=f"L2MU-Braille; {CHECKPOINT}",
        run=_reading,
        compare=_compare_reading,
        figure=_figure_reading,
    ),
    Experiment(
        name="damage",
        title="Damage: events lost, channels numb (ours; not published)",
        source="own; nothing was published to compare with",
        run=_damage,
        compare=_compare_damage,
        figure=_figure_damage,
    ),
)
