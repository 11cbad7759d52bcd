"""Learning pictures and being tested in each mode: what the experiments on data sets share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.session import Session
from workbench.model.experiment import Progress

from ..._shared.keep import Keep
from ..._shared.variants import fast_engine, varied
from ..answers import RECORD, Answers, accuracy, answers, class_means, read_by_means

if TYPE_CHECKING:
    from workbench.model.model import Model
    from workbench.run import Run

MODES = ("joint", "two stages")
LOOK_EVERY_S = 0.2
# How the tested pictures are read: by the class units, as the network does; by what flows into
# them; by class means in place of learnt weights; by the class each neuron prefers.
READ = ("class units", "input to them", "class means", "preferred class")


def learn(
    model: Model, pictures: int, seed: int, progress: Callable[[float], Any]
) -> tuple[Run, bool]:
    """Run until so many pictures were shown, or ``progress`` returned False: (run, whether all)."""
    started = Session(model, engine=fast_engine(), record=RECORD, seed=seed, speed=None).start()
    with started as session:
        shown, went_on = 0.0, True
        while not session.wait(LOOK_EVERY_S):
            for frame in session.frames():
                seen = frame.recorded.get("protocol.number")
                if seen is not None and len(seen.values):
                    shown = float(seen.values[-1, 0])
            went_on = progress(min(1.0, shown / pictures)) is not False
            if shown > pictures or not went_on:
                break
        return session.stop(), shown > pictures


def one(
    model: Model, mode: str, learnt: int, tested: int, rounds: int, seed: int, keep: Keep,
    progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Accuracies of one network, kept when it was shown everything.

    learnt, tested : pictures to learn from in all, and of each of the ``rounds`` tests
    returns        : accuracy (rounds, len(READ)) in %, nan for tests that were not reached; what
                     else is reported; and the weights at the end
    """
    stages = 1 + (mode == "two stages")
    chosen = varied(
        model, mode=mode, hidden_pictures=learnt, learn_pictures=learnt // rounds,
        test_pictures=tested,
    )  # fmt: skip
    path = keep.path(job="learn", seed=seed, rounds=rounds, **chosen.values())
    found = keep.get(path)
    if found is None:
        shown = stages * learnt + rounds * tested
        run, whole = learn(
            chosen, shown, seed,
            lambda f: progress(f, f"{mode}, seed {seed}: {f * shown:,.0f} of {shown:,} pictures"),
        )  # fmt: skip
        found = _evaluated(run, answers(run), mode, learnt, tested, rounds)
        if whole:
            keep.put(path, found)
    return found


def _evaluated(
    run: Run, shown: Answers, mode: str, learnt: int, tested: int, rounds: int
) -> dict[str, Any]:
    w_out = run.weight_matrix("excitatory_to_classes")
    scores = np.full((rounds, len(READ)), np.nan)
    each = learnt // rounds
    first = learnt if mode == "two stages" else 0
    extra: dict[str, Any] = {"silent": np.nan, "correlation": np.nan}
    for r in range(rounds):
        begin = first + r * (each + tested) + each
        test = shown.where(slice(begin, begin + tested))
        if len(test) < tested:
            break
        before = shown.where(slice(0, begin))
        before = before.where(~before.testing)
        late = before.where(slice(-min(len(before), 2 * each, learnt), None))
        means = class_means(late.spikes, late.label)
        prefers = np.eye(10)[means.argmax(axis=0)].T
        prefers /= np.maximum(prefers.sum(axis=1, keepdims=True), 1)
        scores[r] = [
            accuracy(test.votes, test.label),
            accuracy(test.spikes @ w_out.T, test.label) if r == rounds - 1 else np.nan,
            accuracy(test.spikes @ read_by_means(means, 1.0).T, test.label),
            accuracy(test.spikes @ prefers.T, test.label),
        ]
        if r == rounds - 1:
            extra["silent"] = 100 * float((test.votes.sum(axis=1) == 0).mean())
            extra["correlation"] = float(np.corrcoef(w_out.ravel(), means.ravel())[0, 1])
    return {
        "accuracy": scores, "w_input": run.weight_matrix("input_to_excitatory"), "w_class": w_out,
        **{k: np.asarray(v) for k, v in extra.items()},
    }  # fmt: skip
