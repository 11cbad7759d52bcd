"""Runs a Brian2 script until its first run, reads the network there, and writes its circuit.

Usage: python -m workbench.circuits.script_child SCRIPT.py ANSWER
"""

from __future__ import annotations

import json
import os
import pickle
import runpy
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Any


class _Reached(BaseException):
    """The script has come to its first run. Not an Exception: scripts catch those."""

    def __init__(self, net: Any, namespace: dict[str, Any]):
        super().__init__("first run")
        self.net, self.namespace = net, namespace


def main(script: Path, answer: Path) -> None:
    """Write b"circuit" and the pickled circuit, or b"failure" and what went wrong as JSON."""
    _intercept(script)
    sys.argv = [str(script)]
    sys.path.insert(0, str(script.resolve().parent))
    from .read.declared_rule import watched

    try:
        with watched():
            left = runpy.run_path(str(script), run_name="__main__")
        net, namespace = _network_in(left), left
    except _Reached as reached:
        net, namespace = reached.net, reached.namespace
    except SystemExit:
        _fail(answer, "it exits before it runs a network.", 0)
        return
    except BaseException as error:
        _fail(answer, f"{type(error).__name__}: {error}", _line(error, script))
        return
    if net is None:
        _fail(
            answer,
            "it ends without a network: it must make one and call run(...) or Network.run(...).",
            0,
        )
        return
    try:
        circuit = _read(net, namespace, script.stem)
    except Exception as error:
        _fail(answer, f"its network cannot be read: {type(error).__name__}: {error}", 0)
        return
    _write(answer, b"circuit\n" + pickle.dumps(circuit))


def _intercept(script: Path) -> None:
    """Let the first run of any network end the script, whatever device it has chosen."""
    import brian2
    from brian2.core import network
    from brian2.devices import device

    def run(net: Any, *_: Any, namespace: dict[str, Any] | None = None, **__: Any) -> None:
        raise _Reached(net, _names(sys._getframe(1), script) if namespace is None else namespace)

    def stay(*_: Any, **__: Any) -> None:
        """Choosing a device: its synapses would exist only after it has been built."""

    network.Network.run = run
    for module in (brian2, brian2.devices, device):
        module.set_device = stay
    brian2.prefs.codegen.target = "numpy"  # nothing is compiled for a plot
    brian2.prefs.logging.file_log = False


def _names(frame: FrameType | None, script: Path) -> dict[str, Any]:
    """What the script's innermost function sees: Brian2 would look names up there."""
    here = str(script)
    while frame is not None:
        if frame.f_code.co_filename == here:
            return {**frame.f_globals, **frame.f_locals}
        frame = frame.f_back
    return {}


def _network_in(left: dict[str, Any]) -> Any:
    """The network that a script made without running it, None when it made none."""
    import brian2

    networks = [v for v in left.values() if isinstance(v, brian2.Network)]
    if networks:
        return networks[0]
    parts = [
        v
        for v in left.values()
        if isinstance(v, brian2.BrianObject) and not isinstance(v, brian2.Subgroup)
    ]
    return brian2.Network(parts) if parts else None


def _read(net: Any, namespace: dict[str, Any], title: str) -> Any:
    from .read.network import from_network

    usable = {k: v for k, v in namespace.items() if isinstance(k, str) and not k.startswith("__")}
    found = from_network(net, title=title, namespace=usable)
    if not found.nodes:
        raise ValueError("it has no neurons")
    return found.with_term()


def _line(error: BaseException, script: Path) -> int:
    """The line of the script in which it went wrong, 0 when it is not known."""
    if isinstance(error, SyntaxError) and error.filename == str(script):
        return error.lineno or 0
    lines = [f.lineno or 0 for f in traceback.extract_tb(error.__traceback__)
             if f.filename == str(script)]  # fmt: skip
    return lines[-1] if lines else 0


def _fail(answer: Path, message: str, line: int) -> None:
    text = {"message": message, "line": line, "details": traceback.format_exc()}
    _write(answer, b"failure\n" + json.dumps(text).encode())


def _write(answer: Path, content: bytes) -> None:
    """All of it or nothing: the reader must never see half an answer."""
    part = answer.with_suffix(".part")
    part.write_bytes(content)
    part.replace(answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    # A script may leave threads behind that would keep the process alive.
    sys.stderr.flush()
    os._exit(0)
