"""Steps of a network gathered into the boxes of a diagram, and what flows between them.

A population is one box where that changes nothing of what is computed. Where others look at it
halfway through the step, as a gap junction does, it is cut in two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .actions import Actions, Step
from .linear_maps import Map, map_of

MAX_ROUNDS = 50


@dataclass
class Box:
    """Steps of one owner that are run in one go.

    reads  : key -> the box that last wrote it before, and how many steps ago (0 or 1)
    writes : keys that other boxes read
    state  : keys that no other box writes, and that are kept
    sums   : keys of `Actions.sums` that it adds
    """

    name: str
    owner: str
    steps: list[int]
    reads: dict[str, tuple[Box | None, int]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    state: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)

    def __hash__(self) -> int:
        return id(self)


def boxes(actions: Actions) -> list[Box]:
    """The boxes of a network, each with what it reads from which."""
    steps = actions.steps
    alone = {k for k, step in enumerate(steps) if is_plain(step, steps)} | set(maps_of(actions))
    cut: dict[str, int] = {}  # owner -> 0 whole, 1 late and early, 2 every step alone
    for _ in range(MAX_ROUNDS):
        made = _gathered(steps, cut, alone)
        wrong = _troubled(actions, made) - {o for o, level in cut.items() if level >= 2}
        if not wrong:
            return made
        lowest = min(cut.get(o, 0) for o in wrong)
        for owner in wrong:
            if cut.get(owner, 0) == lowest:
                cut[owner] = lowest + 1
    return made


def maps_of(actions: Actions) -> dict[int, Map]:
    """Steps that are linear maps of something that their source computes."""
    written = {key for s in actions.steps for key in s.writes}
    found = {k: map_of(step, actions, written) for k, step in enumerate(actions.steps)}
    return {k: m for k, m in found.items() if m is not None}


def _gathered(steps: list[Step], cut: dict[str, int], single: set[int]) -> list[Box]:
    found: dict[tuple[str, int], Box] = {}
    for k, step in enumerate(steps):
        level = cut.get(step.owner, 0)
        part = 0 if level == 0 else int(not step.action.late) if level == 1 else k
        alone = k in single
        owner = step.action.name if alone else step.owner
        name = owner if level == 0 or alone else f"{owner} {part + 1}"
        found.setdefault((owner, -1 if alone else part), Box(name, owner, [])).steps.append(k)
    return list(found.values())


def is_plain(step: Step, steps: list[Step]) -> bool:
    """True for a pathway that is a linear map of the spikes, and nothing else."""
    if step.pathway is None or step.action.draws or step.action.functions:
        return False
    written = {key for s in steps for key in s.writes}
    if any(
        s.ref is not None and (s.ref.key not in step.added or s.only is not None)
        for s in step.action.statements
    ):
        return False
    names = {n for s in step.action.statements for n in _names(s.formula)}
    if names & {"t", "t_in_timesteps"} or not step.added:
        return False
    return not (step.reads - set(step.added)) & written


def _names(formula: str) -> tuple[str, ...]:
    from ..term.formula import names_in

    return names_in(formula)


def _troubled(actions: Actions, made: list[Box]) -> set[str]:
    """Fill in what the boxes read and write; returns owners whose box must be cut smaller."""
    steps = actions.steps
    home = {k: b for b in made for k in b.steps}
    writers: dict[str, list[int]] = {}
    for k, step in enumerate(steps):
        for key in _written(step):
            writers.setdefault(key, []).append(k)
    error_banner: set[str] = set()
    outside: set[tuple[int, str]] = set()
    for box in made:
        box.reads, box.writes, box.state, box.constants, box.sums = {}, [], [], [], []
    for box in made:
        keys = {key for k in box.steps for key in (*_read(steps[k]), *_written(steps[k]))}
        for key in sorted(keys):
            by = writers.get(key, [])
            others = [w for w in by if home[w] is not box]
            if key in actions.sums:
                box.sums.append(key)
            elif not by and (key in actions.draws or key in actions.sources):
                box.reads[key] = (None, 0)
            elif not by:
                box.constants.append(key)
            elif not others:
                box.state.append(key)
            else:
                first = [k for k in box.steps if key in _read(steps[k]) | _written(steps[k])]
                found = {_last(by, k) for k in first}
                mine = {k for k in box.steps if k in by}
                # Between its own uses nothing else may write, or it would have to come and go.
                seen = {f for f in found if f[0] not in mine} or found
                if len(seen) > 1:
                    error_banner |= {box.owner} | {home[w].owner for w, _ in seen}
                w, lag = min(seen)
                box.reads[key] = (home[w], lag)
                outside.add((id(home[w]), key))
                later = [x for x in home[w].steps if x > w and x in by]
                if later and home[w] is not box:
                    error_banner |= {box.owner, home[w].owner}
    for step_number, step in enumerate(steps):
        if step.events:
            for w in writers.get(step.events, []):
                outside.add((id(home[w]), step.events))
        for key in step.added:
            outside.add((id(home[step_number]), key))
    for box in made:
        written = sorted({key for k in box.steps for key in _written(steps[k])})
        box.writes = [key for key in written if (id(box), key) in outside]
    return error_banner | _circular(actions, made)


def _read(step: Step) -> set[str]:
    own = f"{step.action.name}<"
    return {k for k in step.reads if k != own}


def _written(step: Step) -> set[str]:
    return step.writes


def _last(writers: list[int], k: int) -> tuple[int, int]:
    """The last step that writes before step ``k``, and whether that was in the step before."""
    before = [w for w in writers if w < k]
    return (before[-1], 0) if before else (writers[-1], 1)


def needs(actions: Actions, made: list[Box]) -> dict[Box, set[Box]]:
    """For each box, those whose values of the same step it needs."""
    home = {k: b for b in made for k in b.steps}
    makers = {key: home[k] for k, s in enumerate(actions.steps) for key in s.added}
    found = {}
    for b in made:
        found[b] = {w for w, lag in b.reads.values() if w is not None and lag == 0}
        found[b] |= {makers[key] for total in b.sums for key in actions.sums[total]}
        found[b] -= {b}
    return found


def _circular(actions: Actions, made: list[Box]) -> set[str]:
    """Owners of boxes that need one another's values of the same step."""
    left = needs(actions, made)
    while True:
        free = [b for b, w in left.items() if not w & left.keys()]
        if not free:
            break
        for b in free:
            del left[b]
    return {b.owner for b in left}
