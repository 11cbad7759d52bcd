"""What Brian2 and a model's own code complain of, as a network is built or run, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import BuildError, SimulationError, StoreError, WorkbenchError
from .internals import mark_used

# What Brian2 makes for a group bears the group's name and one of these.
_PARTS = re.compile(r"_(stateupdater|(spike_)?(thresholder|resetter)|subexpression_update)(_\d+)?$")
_TARGETS = {"cpp": "C++", "cython": "Cython"}
TOO_BIG = "The simulation needs more memory than it may use (WORKBENCH_MEMORY_GB)."


class NotBuilt(BuildError):
    """A network that could not be built; the message says which model, and why."""


class NotRun(SimulationError):
    """A simulation that failed; the message says which model, and why."""


@contextmanager
def said_plainly(model: Any, built: bool = False, net: Any = None) -> Iterator[None]:
    """Turn whatever goes wrong inside into `NotBuilt` or, when ``built``, `NotRun`.

    What the workbench itself has to say passes as it is. ``net`` is the network that is not going
    to run, of which Brian2 would otherwise warn once more that nobody used it.
    """
    try:
        yield
    except (WorkbenchError, MemoryError, BrokenPipeError, EOFError, ConnectionResetError):
        raise  # the last ones: whoever listened has gone, which is no fault of the model
    except Exception as error:
        if net is not None:
            mark_used(net)
        kind = NotRun if built else NotBuilt
        raise kind(sentence(error, model, built)) from error


def sentence(error: BaseException, model: Any, built: bool) -> str:
    """What failed and why, for people; ``built`` says whether it had a network already."""
    if isinstance(error, SimulationError | NotBuilt | StoreError):
        return str(error)
    if isinstance(_causes(error)[-1], MemoryError):
        return TOO_BIG
    name = (getattr(model, "title", "") or getattr(model, "slug", "")) or "The model"
    if (why := explained(error)) is None:
        return f"{name} {'stopped' if built else 'could not be built'}. {plain(error)}"
    return f"{name} {why}"


def explained(error: BaseException) -> str | None:
    """The causes that Brian2 words for its developers, as what to do; None for all others."""
    chain = _causes(error)
    text = "\n".join(str(e) for e in chain)
    who = _object(text)
    if found := re.search(r"The identifier \"(\w+)\" could not be resolved", text):
        name = found[1]
        by, to = (repr(who), who) if who else ("The network", "the object that does")
        return (
            f"could not be built. {by} uses the name {name!r}, which neither its equations nor its "
            f"namespace say: pass namespace={{{name!r}: ...}} to {to}, for variables of the script "
            "around it are not seen."
        )
    if found := re.search(r"Cannot use function '(\w+)'.*?target '(\w+)'", text, re.S):
        function, target = found[1], found[2]
        language = _TARGETS.get(target, target)
        by = f" of {who!r}" if who else ""
        return (
            f"cannot be compiled: the function {function!r}{by} is written in Python and has no "
            f"implementation in {language}. Give it one with Brian2's @implementation({target!r}, "
            "...), or use engine='numpy'."
        )
    return None


def plain(error: BaseException) -> str:
    """What went wrong first, with its kind where it is not ours, and where it happened.

    Ours says in a sentence what its own cause says in the words of the system.
    """
    ours = [e for e in _causes(error) if isinstance(e, WorkbenchError)]
    if ours:
        return str(ours[-1])
    root = _causes(error)[-1]
    # A KeyError writes its message as Python would.
    text = root.args[0] if isinstance(root, KeyError) and root.args else root
    message = f"{type(root).__name__}: {text}".strip().splitlines()[0]
    who = _object("\n".join(str(e) for e in _causes(error)))
    return f"{message} (in {who!r})" if who else message


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it came from, the first cause last."""
    chain = [error]
    while (cause := chain[-1].__cause__) is not None and cause not in chain:
        chain.append(cause)
    return chain


def _object(text: str) -> str:
    """The object that Brian2 was busy with, "" when it does not say."""
    found = re.search(r"object named '(\w+)'", text)
    return _PARTS.sub("", found[1]) if found else ""
