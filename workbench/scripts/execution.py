"""Runs a script up to each of its runs of a network, in a thread that waits there.

The functions on the script's stack stay as they are, and so does everything that they hold.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from ..brian.first_run import Runs
from ..errors import BuildError
from .processes import in_this_process, joblib_in_this_thread, without_signals

_HERE = Path(__file__).resolve().parents[1]


class ScriptError(BuildError):
    """A script that failed; ``line`` is the line of the script, 0 if unknown."""

    def __init__(self, name: str, message: str, line: int = 0, details: str = ""):
        where = f", line {line}" if line else ""
        super().__init__(f"{name}{where}: {message}")
        self.reason, self.line, self.details = message, line, details


@dataclass
class RunCall:
    """A run that a script asks for.

    net        : the network
    namespace  : the names that its equations may use besides those of their groups
    duration_s : for how long; 0 for a network that the script makes and never runs
    line       : of the script's statement that runs it, 0 if unknown
    function   : of the script that the statement is in, "" for none
    """

    net: Any
    namespace: dict[str, Any]
    duration_s: float
    line: int = 0
    function: str = ""


class Execution:
    """A script in this process; `next_run` takes it to its next run.

    code   : of the script, whose file name is that of ``path``
    args   : its command line
    folder : where it runs
    """

    def __init__(
        self, code: CodeType, path: Path, args: Sequence[str] = (), folder: str | None = None
    ):
        self.code, self.path, self.args, self.folder = code, path, list(args), folder
        self.module = ModuleType("__main__")
        self.module.__file__ = str(path)
        self.over = False
        self._error: BaseException | None = None
        self._call: RunCall | None = None
        self._runs = 0
        self._network_runs = Runs(
            self._reached, lambda: visible(sys._getframe(1)), late="run_args" in words_of(code)
        )
        self._go, self._handed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._execute, name="script", daemon=True)

    def next_run(self) -> RunCall | None:
        """Let the script go on until it runs a network; None when it ends without.

        A script that never runs its network is answered once with what it leaves.
        raises : ScriptError, with the line, when the script fails
        """
        if self.over:
            return None
        self._call = None
        self._handed.clear()
        with (
            self._surroundings(), in_this_process(), without_signals(),
            self._network_runs.taken_over(),
        ):  # fmt: skip
            if self._thread.ident is None:
                self._thread.start()
            else:
                self._go.set()
            self._handed.wait()
        if self._error is not None:
            raise self._failure(self._error)
        return self._call

    # -- in the script's thread ------------------------------------------------------------------

    def _execute(self) -> None:
        try:
            with joblib_in_this_thread(self.code):
                exec(self.code, self.module.__dict__)
            if not self._runs:
                self._call = _left_in(vars(self.module))
        except SystemExit as error:
            if not self._runs:
                self._error = error
        except BaseException as error:  # of the script, told to whoever waits for it
            self._error = error
        finally:
            self.over = True
            self._handed.set()

    def _reached(self, net: Any, duration_s: float, names: dict[str, Any]) -> None:
        self._runs += 1
        line, function = _place(sys._getframe(1), str(self.path))
        self._call = RunCall(net, names, duration_s, line, function)
        self._handed.set()
        self._go.wait()
        self._go.clear()

    # -- in the thread that waits ----------------------------------------------------------------

    @contextlib.contextmanager
    def _surroundings(self) -> Iterator[None]:
        """What a script finds when it is run from a shell; put back afterwards."""
        main, argv, path = sys.modules["__main__"], sys.argv, list(sys.path)
        folder = Path.cwd()
        os.environ.setdefault("MPLBACKEND", "Agg")  # no windows
        sys.modules["__main__"] = self.module
        sys.argv = [str(self.path), *self.args]
        sys.path.insert(0, str(self.path.resolve().parent))
        try:
            if self.folder is not None:
                os.chdir(self.folder)
            yield
        finally:
            os.chdir(folder)
            sys.modules["__main__"], sys.argv = main, argv
            sys.path[:] = path

    def _failure(self, error: BaseException) -> ScriptError:
        if isinstance(error, SystemExit):
            return ScriptError(self.path.name, "it exits before it runs a network.")
        details = "".join(traceback.format_exception(error))
        message = f"{type(error).__name__}: {error}"
        return ScriptError(self.path.name, message, line_of(error, self.path), details)


def line_of(error: BaseException, path: Path) -> int:
    """Line of the script that raised the error, 0 if unknown."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 0
    lines = [f.lineno or 0 for f in traceback.extract_tb(error.__traceback__)
             if f.filename == str(path)]  # fmt: skip
    return lines[-1] if lines else 0


def visible(frame: FrameType | None) -> dict[str, Any]:
    """Names where Brian2 would look them up: in the innermost function that is not of Brian2."""
    import brian2

    homes = (str(Path(brian2.__file__).parent), str(_HERE))
    while frame is not None:
        if not frame.f_code.co_filename.startswith(homes):
            return {**frame.f_globals, **frame.f_locals}
        frame = frame.f_back
    return {}


def words_of(code: CodeType) -> set[str]:
    """Names, also of arguments, that a script and its functions use."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= words_of(constant)
        elif isinstance(constant, tuple):
            found |= {word for word in constant if isinstance(word, str)}
    return found


def _place(frame: FrameType | None, path: str) -> tuple[int, str]:
    """Line and function, "" for none, of the innermost frame of a script."""
    while frame is not None:
        if frame.f_code.co_filename == path:
            name = frame.f_code.co_name
            return frame.f_lineno, "" if name == "<module>" else name
        frame = frame.f_back
    return 0, ""


def _left_in(names: dict[str, Any]) -> RunCall | None:
    """The network that a script created but did not run; None if there is none."""
    import brian2

    networks = [v for v in names.values() if isinstance(v, brian2.Network) and v.objects]
    if networks:
        return RunCall(networks[0], dict(names), 0.0)
    parts = [
        v
        for v in names.values()
        if isinstance(v, brian2.BrianObject) and not isinstance(v, brian2.Subgroup)
    ]
    return RunCall(brian2.Network(parts), dict(names), 0.0) if parts else None
