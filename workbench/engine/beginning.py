"""What simulations say while they wait at t = 0, kept in this process.

It depends on nothing but the model's files and values, the seed, the engine and what is recorded.
So a session whose beginning is known can show it and answer from it, and needs no worker before it
is to run.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.files import EDITED, files_of
from ..network import NetworkInfo
from ..recordings import Recording
from ..sparse import Spread
from .frames import COUNTED, Frame, Status
from .plan import Plan, choose_target

if TYPE_CHECKING:
    from ..model.model import Model
    from .deferred import DeferredSession

MOST_BYTES = 128 * 2**20  # of all beginnings together; those that were not used longest go first
YOUNG_S = 5.0  # wall time after a beginning was kept, in which more of it becomes known

Watched = Mapping[str, tuple[int, ...]]


@dataclass
class Beginning:
    """What one simulation said until it was ready, and what it answered then.

    frame   : the first one, without weights; None of the compiled engine, which sends samples when
              it goes
    weights : projection -> its matrix, and its `Spread` where it is sparse
    watched : which neurons' states were asked for -> the frame with them
    answers : question and its arguments -> the answer
    n_bytes : about how much memory it takes
    """

    info: NetworkInfo
    recording: dict[str, Recording]
    status: Status
    frame: Frame | None
    weights: dict[str, tuple[np.ndarray, Spread | None]] = field(default_factory=dict)
    watched: dict[str, Frame] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    made_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        if self.frame is not None:
            _protect(self.frame)
        self.n_bytes = _size((self.info, self.recording, self.status, self.frame))

    @property
    def young(self) -> bool:
        """Whoever built it may be about to be asked for more."""
        return time.monotonic() - self.made_at < YOUNG_S

    def take(self, frame: Frame, watched: Watched | None) -> None:
        """A frame at t = 0, which came for what was ``watched`` last, or for weights."""
        for name, matrix in frame.weights.items():
            if name not in self.weights:
                self.weights[name] = (matrix, frame.sparse.get(name))
                self.n_bytes += _size(self.weights[name])
        if watched is not None and frame.states and set(frame.states) == set(watched):
            _protect(frame)
            self.watched[named(watched)] = replace(frame, weights={}, sparse={})
            self.n_bytes += _size(frame.states)

    def with_watched(self, watched: Watched) -> tuple[bool, Frame | None]:
        """Whether it is known what comes of watching these neurons, and the frame, if one does."""
        frame = self.watched.get(named(watched))
        return frame is not None or self.frame is None, frame

    def answer(self, question: str, answer: Any) -> None:
        if question not in self.answers:
            self.answers[question] = answer
            self.n_bytes += _size(answer)

    def with_weights(self, names: Iterable[str]) -> Frame | None:
        """A frame with these weights, as the worker would send it; None where one is not known."""
        have = {p.name for p in self.info.projections if p.weight is not None}
        wanted = [n for n in names if n in have]
        if any(n not in self.weights for n in wanted):
            return None
        found = {n: self.weights[n] for n in wanted}
        return Frame(
            tick=0, t_ms=0.0, steps=np.empty(0, np.int64), units=np.empty(0, np.int32),
            state_t=np.empty(0), states={},
            weights={n: matrix for n, (matrix, _) in found.items()},
            sparse={n: spread for n, (_, spread) in found.items() if spread is not None},
            counters=dict.fromkeys(COUNTED, 0.0),
        )  # fmt: skip


def _size(thing: Any) -> int:
    return len(pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL))


def named(*parts: Any) -> str:
    """A name for what is asked: the same for the same parts."""
    return repr([sorted(p.items()) if isinstance(p, Mapping) else p for p in parts])


def key_of(model: Model, plan: Plan) -> tuple[str, str]:
    """A name for all that a beginning depends on, and the engine it begins with.

    The name is "" where it cannot be known before: for programs, which may do anything while they
    are built, for runs that are planned to be changed, and for files that were edited after the
    model was loaded.
    """
    target = choose_target(plan.engine, model, live=True)
    planned = plan.operations or plan.changes or plan.log or plan.hand_over
    if planned or type(model).own_process:
        return "", target
    files = files_of(type(model))
    if any(digest.startswith(EDITED) for digest in files.values()):
        return "", target
    about = [
        f"{type(model).__module__}.{type(model).__qualname__}", files, model.values(), plan.seed,
        plan.engine, target, plan.duration_ms, repr(plan.record),
    ]  # fmt: skip
    text = json.dumps(about, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest(), target


class Beginnings:
    """The beginnings that this process knows; who builds one that others wait for.

    most_bytes : how much may be kept
    """

    def __init__(self, most_bytes: int = MOST_BYTES):
        self._most_bytes = most_bytes
        self._lock = threading.RLock()
        self._kept: OrderedDict[str, Beginning] = OrderedDict()
        self._builders: dict[str, weakref.ref[DeferredSession]] = {}
        self._waiting: dict[str, list[weakref.ref[DeferredSession]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: str) -> Beginning | None:
        """The beginning of that name, if it is known."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def build(self, key: str, session: DeferredSession) -> bool:
        """Whether ``session`` is to build it; else its ``begin_as`` or ``warm`` is called later."""
        with self._lock:
            builder = self._builders.get(key)
            if builder is not None and builder() is not None:
                self._waiting.setdefault(key, []).append(weakref.ref(session))
                return False
            # Also one that is forgotten without a word lets the next one begin.
            self._builders[key] = weakref.ref(session, lambda _: self.give_up(key, None))
            return True

    def keep(self, key: str, beginning: Beginning) -> Beginning:
        """Keep what a session has built, and tell those that wait; returns what is kept of it."""
        with self._lock:
            self._builders.pop(key, None)
            beginning = self._kept.setdefault(key, beginning)
            waiting = self._waiting.pop(key, [])
        self.weigh()
        for one in waiting:
            if (session := one()) is not None:
                session.begin_as(beginning)
        return beginning

    def give_up(self, key: str, session: DeferredSession | None) -> None:
        """``session`` will not say how it begins: the next one that waits builds it."""
        with self._lock:
            builder = self._builders.get(key)
            if builder is None or builder() is not session:
                return
            del self._builders[key]
            waiting = [one for one in self._waiting.pop(key, []) if one() is not None]
            if not waiting:
                return
            following = waiting[0]()
            if following is not None:
                self.build(key, following)
            self._waiting[key] = waiting[1:]
        if following is not None:
            # It may be another page's thread that came here, which must not start its worker.
            threading.Thread(target=following.warm, daemon=True).start()

    def weigh(self) -> None:
        """Forget what was not used longest, if there is too much now."""
        with self._lock:
            while len(self._kept) > 1 and self.n_bytes > self._most_bytes:
                self._kept.popitem(last=False)

    @property
    def n_bytes(self) -> int:
        """About how much memory they take."""
        return sum(each.n_bytes for each in self._kept.values())


def _protect(frame: Frame) -> None:
    """Several sessions show it: who would write into it is told so."""
    for array in (frame.steps, frame.units, frame.state_t, *frame.states.values()):
        array.setflags(write=False)
