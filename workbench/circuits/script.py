"""Circuit of a Brian2 script, which runs in a separate process up to its first run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..scripts.execution import RunCall
from ..scripts.process import TIMEOUT_S, ask
from .elements import Circuit


def circuit_of_script(path: str | Path, timeout_s: float = TIMEOUT_S) -> Circuit:
    """Return the circuit of the first network that a script would simulate.

    raises : as `workbench.scripts.process.ask`
    """
    found = ask(f"{__name__}:read", path, timeout_s=timeout_s)
    assert isinstance(found, Circuit)
    return found


def read(first_run: Callable[[], RunCall], path: Path) -> Circuit:
    """The circuit of the first run of a script; called in the script's process."""
    from .read.declared_rule import watched
    from .read.network import from_network

    with watched():
        call = first_run()
    usable = {k: v for k, v in call.namespace.items() if not k.startswith("__")}
    found = from_network(call.net, title=path.stem, namespace=usable)
    if not found.nodes:
        raise ValueError("it has no neurons")
    return found.with_term()
