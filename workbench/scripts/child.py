"""The process in which a script is looked at: runs it to its first run and writes the answer.

Usage: python -m workbench.scripts.child MODULE:FUNCTION ANSWER SCRIPT.py [ARGS]

``FUNCTION(first_run, path)`` makes the answer; ``first_run()`` takes the script to its first run.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .execution import Execution, RunCall, ScriptError
from .literals import compiled

NO_NETWORK = "it ends without a network: it must make one and call run(...) or Network.run(...)."


Reader = Callable[[Callable[[], RunCall], Path], Any]


def main(read: Reader, answer: Path, script: Path, args: Sequence[str] = ()) -> None:
    """Write b"answer" and the pickled answer, or b"failure" and the error as JSON."""
    import brian2

    brian2.prefs.codegen.target = "numpy"  # nothing is compiled only to look at a network
    brian2.prefs.logging.file_log = False

    def first_run() -> RunCall:
        try:
            code = compiled(script.read_bytes(), script)
        except SyntaxError as error:
            raise ScriptError(
                script.name, f"SyntaxError: {error.msg}", error.lineno or 0
            ) from error
        call = Execution(code, script, args).next_run()
        if call is None:
            raise ScriptError(script.name, NO_NETWORK)
        return call

    try:
        found = read(first_run, script)
    except ScriptError as error:
        _fail(answer, error.reason, error.line, error.details)
        return
    except Exception as error:
        message = f"its network cannot be read: {type(error).__name__}: {error}"
        _fail(answer, message, 0, traceback.format_exc())
        return
    _write(answer, b"answer\n" + pickle.dumps(found))


def _fail(answer: Path, message: str, line: int, details: str) -> None:
    text = {"message": message, "line": line, "details": details}
    _write(answer, b"failure\n" + json.dumps(text).encode())


def _write(answer: Path, content: bytes) -> None:
    """Write the answer atomically, so that the reader never sees a partial file."""
    part = answer.with_suffix(".part")
    part.write_bytes(content)
    part.replace(answer)


def run() -> None:
    reader, answer, script, *args = sys.argv[1:]
    module, _, function = reader.partition(":")
    main(getattr(importlib.import_module(module), function), Path(answer), Path(script), args)
    # A script may leave threads behind that would keep the process alive.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    run()
