"""The procedure of the source: initialise on short samples, then count spikes on long ones.

What was computed is kept in a folder and not computed again, so a long job that was stopped goes on
where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models._astrocyte_samples import Answers, Liquid, State, chunks
from workbench.data import Pictures, load, shares
from workbench.engine.binary_cache import cache_folder
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from workbench.model import Model

INITIAL_STEPS, STEPS = 20, 250
DECAY = 0.99  # of plasticity, each ms of a long sample
CHUNK = 500  # samples that one process is shown; what is lost when it is stopped
VALIDATION = 50_000  # the source validates on the training images from here on
Progress = Callable[[float, str], Any]


def no_progress(fraction: float, text: str) -> None:
    """Progress of a job that nobody watches."""


@dataclass(frozen=True)
class Part:
    """Encoded pictures: (n, N_in) shares of the input, their labels, events expected in 1 ms."""

    shares: np.ndarray
    labels: np.ndarray
    input_events: float

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, n: int) -> Part:
        return Part(self.shares[:n], self.labels[:n], self.input_events)


@dataclass(frozen=True)
class Data:
    """Training, validation and test part, as the source divides them."""

    name: str
    train: Part
    valid: Part
    test: Part


def encode(pictures: Pictures) -> Part:
    """Shares of each picture; all of a part are scaled so that its largest probability is 1."""
    found, input_events = shares(pictures.images)
    return Part(found, np.asarray(pictures.labels, dtype=int), input_events)


def data_set(name: str, samples: int, tests: int, folder: str = "") -> Data:
    """``samples`` pictures to train, one in six of them for validation, and ``tests`` to test.

    raises : ParameterError for more than there are; DataError for files that are missing
    """
    if name == "digits":
        from models._astrocyte_pictures import digits

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
    return Data(
        name,
        whole.first(samples - n_valid),
        Part(whole.shares[valid], whole.labels[valid], whole.input_events),
        encode(test).first(tests),
    )


class Keep:
    """A folder of arrays by name; ``None`` in, nothing kept. Names are made from what decides."""

    def __init__(self, folder: str | Path = ""):
        self.folder = Path(folder) if folder else cache_folder() / "experiments" / "astrocyte-lsm"

    def path(self, **decides: Any) -> Path:
        text = json.dumps(decides, sort_keys=True, default=str)
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.npz"

    def get(self, path: Path) -> dict[str, np.ndarray] | None:
        if not path.exists():
            return None
        with np.load(path) as found:
            return {k: found[k] for k in found.files}

    def put(self, path: Path, arrays: dict[str, np.ndarray]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        waiting = path.with_suffix(".part.npz")  # never half a file under the right name
        np.savez(waiting, **arrays)  # type: ignore[arg-type]
        waiting.rename(path)


def decides(model: Model) -> dict[str, float]:
    """The quantities that make a difference here."""
    values = dict(model.values())
    for name in ("sample_ms", "hold", "input_events", "rate_decay"):
        del values[name]
    return values


def scaled(state: State, w: float, w_0: float) -> State:
    """The same signs, with every weight of size ``w``."""
    return {k: v * (w / w_0) if k.endswith(".w") else v for k, v in state.items()}


def initialise(
    liquid: Liquid,
    part: Part,
    n: int,
    keep: Keep,
    *,
    rule: int,
    start: State | None = None,
    seed: int = 1,
    progress: Progress = no_progress,
) -> tuple[State, np.ndarray, np.ndarray]:
    """Let the weights settle on ``n`` samples of 20 ms, in random order, one after the other.

    returns : the state; liquid spikes and input spikes of each sample, (n,)
    """
    rng = np.random.default_rng([seed, 7])
    order = np.concatenate(
        [rng.permutation(len(part)) for _ in range(-(-n // len(part)))]
    )[:n]  # fmt: skip
    state = start if start is not None else liquid.start()
    spikes, inputs = [], []
    base = {
        **decides(liquid.model), "rule": rule, "shown": _digest(part.shares[order]),
        "from": _digest(*state.values()), "input_events": part.input_events, "seed": seed,
    }  # fmt: skip
    values = {"rule": rule, "input_events": part.input_events, "rate_decay": 1.0}
    for a, b in chunks(n, 4 * CHUNK):
        path = keep.path(job="initialise", to=b, **base)
        found = keep.get(path)
        if found is None:
            got = liquid.answers(
                part.shares[order[a:b]], steps=INITIAL_STEPS, seed=seed, first=a, state=state,
                restore=False, values=values,
                progress=lambda f, a=a, b=b: progress((a + f * (b - a)) / n, f"initialising, {a:,}"),
            )  # fmt: skip
            found = {
                **got.state, "spikes": got.counts.sum(axis=1), "inputs": got.input_spikes,
            }  # fmt: skip
            keep.put(path, found)
        state = {k: found[k] for k in state}
        spikes.append(found["spikes"])
        inputs.append(found["inputs"])
        progress(b / n, f"initialised with {b:,} samples")
    return state, np.concatenate(spikes), np.concatenate(inputs)


def count(
    liquid: Liquid,
    part: Part,
    keep: Keep,
    *,
    state: State,
    rule: int,
    seed: int = 1,
    workers: int = 1,
    progress: Progress = no_progress,
    what: str = "",
) -> np.ndarray:
    """(n, N) spike counts over 250 ms, every sample from the same weights; plasticity fades."""
    base = {
        **decides(liquid.model), "rule": rule, "from": _digest(*state.values()),
        "input_events": part.input_events, "seed": seed, "shown": _digest(part.shares[:1]),
    }  # fmt: skip
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
                values={"rule": rule, "input_events": part.input_events, "rate_decay": DECAY},
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
