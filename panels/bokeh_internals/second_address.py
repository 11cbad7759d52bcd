"""A server that listens at further addresses, and by further names, than it was made for."""

from __future__ import annotations

import socket
from typing import Any

from panels.bokeh_internals import patches


def also_listen(server: Any, sockets: list[socket.socket]) -> None:
    """Have ``server`` answer at these listening sockets too; they are closed where it cannot."""
    if sockets and patches.fits("second-address", server):
        server._http.add_sockets(sockets)
        return
    for one in sockets:
        one.close()


def also_from(server: Any, origins: set[str]) -> None:
    """Have pages at ``origins``, such as ``[::1]:5006``, talk to ``server`` too."""
    if origins and patches.fits("six-origins", server):
        patches.attempt(
            "six-origins",
            lambda: server._tornado.websocket_origins.update(origins),
            lambda: None,
        )
