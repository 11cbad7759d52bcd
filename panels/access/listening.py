"""Ports and addresses to listen at, and the sentence for those that cannot be had."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import TypeVar

from panels.access.others import LOOPBACK
from workbench.errors import WorkbenchError

# Only this machine may connect. A browser takes "localhost" for either of them.
LOOPBACK_6 = "::1"
NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
TRIES = 20  # for a port that is free at both

Found = TypeVar("Found")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind((LOOPBACK, 0))
        return int(s.getsockname()[1])


def at_loopback(
    port: int | None, listen: Callable[[int], Found]
) -> tuple[Found, list[socket.socket]]:
    """What ``listen(port)`` returns, and sockets at that port of ``::1``; None: a free one.

    listen : listens at 127.0.0.1
    raises : WorkbenchError for a port that cannot be had
    """
    for left in reversed(range(1 if port else TRIES)):
        chosen = port or free_port()
        try:
            others = _sockets_6(chosen)
            try:
                return listen(chosen), others
            except BaseException:
                for one in others:
                    one.close()
                raise
        except OSError as error:
            if not left:
                raise refused(chosen, error) from error
    raise AssertionError("there was no last try")


def _sockets_6(port: int) -> list[socket.socket]:
    """Listening at ::1, where the machine has it."""
    try:
        found = socket.create_server((LOOPBACK_6, port), family=socket.AF_INET6, backlog=128)
    except OSError as error:
        if error.errno in NO_SUCH_ADDRESS:
            return []
        raise
    found.setblocking(False)
    return [found]


def refused(port: int, error: OSError, address: str = "") -> WorkbenchError:
    """Why nobody can listen there, and what to do."""
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return WorkbenchError(
            f"The address {address} cannot be used: this machine has none like it. Give one of its "
            "own with --address, or 0.0.0.0 for all of them."
        )
    if error.errno == errno.EADDRINUSE:
        why = "another program listens there already"
    elif error.errno == errno.EACCES:
        why = "the system keeps it for its administrator"
    else:
        why = error.strerror or str(error)
    return WorkbenchError(
        f"Port {port} cannot be used: {why}. Give another one with --port, or none, which takes "
        "one that is free."
    )
