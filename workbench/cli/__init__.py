"""The command line: ``workbench list | describe | run | sweep | train | figure ...``.

Commands find models in the registry; none depends on a particular model. An error prints one red
sentence on stderr and exits with code 2 (`app.EXIT_CODES` has all codes); ``--debug``, anywhere on
the line, adds the traceback.
"""

from __future__ import annotations

import signal
import threading

# Ctrl-C while packages are loaded ends the process as it ends any program, without a traceback.
_before = signal.getsignal(signal.SIGINT)
_ours = threading.current_thread() is threading.main_thread()
if _ours and _before is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    from .app import app, main
finally:
    if _ours and _before is signal.default_int_handler:
        signal.signal(signal.SIGINT, _before)

__all__ = ["app", "main"]
