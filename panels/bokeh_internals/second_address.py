"""A server that listens at further addresses than the one it was made for."""

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
