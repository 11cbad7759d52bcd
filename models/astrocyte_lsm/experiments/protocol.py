"""The procedure of the source: initialise on short samples, then count spikes on long ones.

What was computed is kept in a folder and not computed again, so a long job that was stopped goes on
where it was.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np

from workbench.data import Pictures, load, shares
from workbench.errors import ParameterError
from workbench.measures import branching_factor
from workbench.model.experiment import Option, Progress, no_progress

from ..._shared.keep import Keep
from ..batch.samples import Answers, Liquid, State, chunks

if TYPE_CHECKING:
    from workbench.model.model import Model

INITIAL_STEPS, STEPS = 20, 250
DECAY = 0.99  # of plasticity, each ms of a long sample
CHUNK = 500  # samples that one process is shown; what is lost when it is stopped
VALIDATION = 50_000  # the source validates on the training images from here on


# Options that several experiments have.
Networks = Annotated[int, Option("networks, each wired anew; the source has 10")]
Initial = Annotated[
    int,
    Option("samples of 20 ms on which weights settle; the source has 50,000", "Settling samples"),
]
Tests = Annotated[int, Option("test images; the source has 10,000", "Test images")]
DataName = Annotated[
    str,
    Option(
        "mnist, fashion-mnist or digits", "Data set", choices=("mnist", "fashion-mnist", "digits")
    ),
]
DataFolder = Annotated[
    str, Option("where the data are; empty: the usual places", "Data folder", of_machine=True)
]
Workers = Annotated[int, Option("processes at a time", "Processes")]
Seed = Annotated[int, Option("seed of the input")]


@dataclass(frozen=True)
class Encoded:
    """Encoded pictures: (n, N_in) shares of the input, their labels, events expected in 1 ms."""

    shares: np.ndarray
    labels: np.ndarray
    input_events: float

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, n: int) -> Encoded:
        return Encoded(self.shares[:n], self.labels[:n], self.input_events)


@dataclass(frozen=True)
class DataSet:
    """Training, validation and test part, as the source divides them."""

    name: str
    train: Encoded
    valid: Encoded
    test: Encoded


def encode(pictures: Pictures) -> Encoded:
    """Shares of each picture; all of a part are scaled so that its largest probability is 1."""
    found, input_events = shares(pictures.images)
    return Encoded(found, np.asarray(pictures.labels, dtype=int), input_events)


def data_set(name: str, samples: int, tests: int, folder: str = "") -> DataSet:
    """``samples`` pictures to train, one in six of them for validation, and ``tests`` to test.

    raises : ParameterError for more than there are; DataError for files that are missing
    """
    if name == "digits":
        from ..images import digits

        images, labels = digits(1797)
        train, test = Pictures(images[:1297], labels[:1297]), Pictures(images[1297:], labels[1297:])
    elif name in ("mnist", "fashion-mnist"):
        split = load(name, folder or None)
        assert isinstance(split.train, Pictures) and isinstance(split.test, Pictures)
        train, test = split.train, split.test
    else:
        raise ParameterError(
            f"data = {name!r} is not possible: this takes digits, mnist or fashion-mnist."
        )
    n_valid = max(1, samples // 6)
    whole = encode(train)
    valid_from = VALIDATION if len(train) > VALIDATION else len(train) * 5 // 6
    if not (samples >= 6 and samples - n_valid <= valid_from <= len(train) - n_valid):
        raise ParameterError(
            f"samples = {samples} is not possible: {name} has {len(train)} pictures to train with, "
            "and 6 are needed."
        )
    if not 1 <= tests <= len(test):
        raise ParameterError(f"tests = {tests} is not possible: {name} has {len(test)}.")
    valid = slice(valid_from, valid_from + n_valid)
    return DataSet(
        name,
        whole.first(samples - n_valid),
        Encoded(whole.shares[valid], whole.labels[valid], whole.input_events),
        encode(test).first(tests),
    )


def decides(model: Model) -> dict[str, float]:
    """The parameters that make a difference here."""
    values = dict(model.values())
    for name in ("sample_ms", "hold", "input_events", "rate_decay"):
        del values[name]
    return values


def scaled(state: State, w: float, w_0: float) -> State:
    """The same signs, with every weight of size ``w``."""
    return {k: v * (w / w_0) if k.endswith(".w") else v for k, v in state.items()}


def settle(
    liquid: Liquid,
    part: Encoded,
    stops: Sequence[int],
    keep: Keep,
    *,
    rule: int,
    values: Mapping[str, float] | None = None,
    start: State | None = None,
    seed: int = 1,
    progress: Progress = no_progress,
) -> Iterator[tuple[int, State, np.ndarray, np.ndarray]]:
    """Let the weights settle on samples of 20 ms, in random order, one after the other.

    stops  : numbers of samples, rising, after which to look
    yields : at each stop its number, the state, and the spikes of liquid and input in each sample
             since the last stop
    """
    n = stops[-1]
    rng = np.random.default_rng([seed, 7])
    rounds = [rng.permutation(len(part)) for _ in range(-(-n // len(part)))]
    order = np.concatenate(rounds)[:n]
    state = start if start is not None else liquid.start()
    chosen = {
        **(values or {}), "rule": rule, "input_events": part.input_events, "rate_decay": 1.0
    }  # fmt: skip
    base = {
        **decides(liquid.model), **chosen, "shown": _digest(part.shares[order]),
        "begin": _digest(*state.values()), "seed": seed,
    }  # fmt: skip
    for a, b in itertools.pairwise((0, *stops)):

        def report(f: float, a: int = a, b: int = b) -> None:
            progress((a + f * (b - a)) / n, f"{a + f * (b - a):,.0f} of {n:,} initial samples")

        path = keep.path(job="initialise", a=a, b=b, **base)
        found = keep.get(path)
        if found is None:
            got = liquid.answers(
                part.shares[order[a:b]], steps=INITIAL_STEPS, seed=seed, first=a, state=state,
                restore=False, values=chosen, progress=report,
            )  # fmt: skip
            spikes = {"spikes": got.counts.sum(axis=1), "inputs": got.input_spikes}
            found = {**got.state, **spikes}
            keep.put(path, found)
        state = {k: found[k] for k in state}
        report(1.0)
        yield b, state, found["spikes"], found["inputs"]


def initialise(
    liquid: Liquid, part: Encoded, n: int, keep: Keep, *, rule: int, start: State | None = None,
    seed: int = 1, values: Mapping[str, float] | None = None, progress: Progress = no_progress,
) -> State:  # fmt: skip
    """The state after ``n`` samples of `settle`."""
    stops = [b for _, b in chunks(n, 4 * CHUNK)]
    *_, last = settle(
        liquid, part, stops, keep, rule=rule, start=start, seed=seed, values=values,
        progress=progress,
    )  # fmt: skip
    return last[1]


def branching(
    liquid: Liquid, part: Encoded, *, state: State, rule: int, seed: int = 1,
    values: Mapping[str, float] | None = None,
) -> np.ndarray:  # fmt: skip
    """(n,) branching factor of the liquid in each sample of a part, over 250 ms."""
    got = liquid.answers(
        part.shares, steps=STEPS, seed=seed, state=state, spikes=True,
        values={
            **(values or {}), "rule": rule, "input_events": part.input_events, "rate_decay": DECAY
        },
    )  # fmt: skip
    assert got.spikes is not None
    sample, step, unit = got.spikes
    found = []
    for k in range(len(part)):
        mine = (sample == k) & (unit < liquid.n_neurons)
        found.append(
            branching_factor(
                step[mine], unit[mine], liquid.wires.liquid_pre, liquid.wires.liquid_post,
                liquid.n_neurons, STEPS,
            )
        )  # fmt: skip
    return np.array(found)


def count(
    liquid: Liquid,
    part: Encoded,
    keep: Keep,
    *,
    state: State,
    rule: int,
    values: Mapping[str, float] | None = None,
    seed: int = 1,
    workers: int = 1,
    progress: Progress = no_progress,
    what: str = "",
) -> np.ndarray:
    """(n, N) spike counts over 250 ms, every sample from the same weights; plasticity fades."""
    chosen = {
        **(values or {}), "rule": rule, "input_events": part.input_events, "rate_decay": DECAY
    }  # fmt: skip
    fixed = {"from": _digest(*state.values()), "seed": seed, "shown": _digest(part.shares[:1])}
    base = {**decides(liquid.model), **(values or {}), **fixed}
    base |= {"rule": rule, "input_events": part.input_events}
    stretches = list(chunks(len(part), CHUNK))
    done = 0

    def one(stretch: tuple[int, int]) -> np.ndarray:
        nonlocal done
        a, b = stretch
        path = keep.path(job="count", a=a, b=b, what=_digest(part.shares[a:b]), **base)
        found = keep.get(path)
        if found is None:
            got: Answers = liquid.answers(
                part.shares[a:b], steps=STEPS, seed=seed, first=a, state=state, restore=True,
                values=chosen,
            )  # fmt: skip
            found = {"counts": got.counts}
            keep.put(path, found)
        done += b - a
        progress(done / len(part), f"{what}: {done:,} of {len(part):,} samples")
        return found["counts"]

    with ThreadPoolExecutor(max(1, workers)) as pool:
        return np.concatenate(list(pool.map(one, stretches)))


def _digest(*arrays: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:24]
