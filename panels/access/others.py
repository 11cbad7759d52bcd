"""How the pages are served to other people than the one at this machine."""

from __future__ import annotations

import ipaddress
import math
import os
import re
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panels.access.login import Login, Users
from panels.access.oauth import Service
from workbench.errors import ParameterError, WorkbenchError

LOOPBACK = "127.0.0.1"
LOCAL = ("", "localhost", LOOPBACK, "::1")
EVERYWHERE = ("0.0.0.0", "::")
PASSWORD = "password"
# Services that say who somebody is, as Panel knows them.
SERVICES = (
    "auth0",
    "azure",
    "azurev2",
    "bitbucket",
    "generic",
    "github",
    "gitlab",
    "google",
    "okta",
)
SECRET, KEY, KEY_SECRET = (
    f"WORKBENCH_{name}" for name in ("COOKIE_SECRET", "OAUTH_KEY", "OAUTH_SECRET")
)
MOST_BODY_BYTES = 2**20  # of a request; a name and a password are the longest that is sent
_ORIGIN = re.compile(r"(?:https?://)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?")


@dataclass(frozen=True)
class Others:
    """Checked options of serving.

    address      : where to listen; "" is this machine alone
    users        : file of those who may come in; None lets everybody in
    login        : "password", or the service that says who somebody is
    open_to_all  : serve without a login; has to be said
    origins      : hosts by whose names the pages are asked for, such as ``lab.example.org``
    prefix       : path below which the pages are, such as ``/workbench``
    behind_proxy : believe the proxy in front about who asks, and whether by https
    limit        : how many simulations run at the same time; the others wait for their turn
    quota_gb     : so much the kept runs of each person may take, and those that all share
    idle_min     : after so many minutes without a touch a page pauses, and gives its worker back
    raises       : ParameterError for what is not allowed, StoreError for a file of users
    """

    address: str = ""
    users: Path | None = None
    login: str = PASSWORD
    open_to_all: bool = False
    origins: tuple[str, ...] = ()
    prefix: str = ""
    behind_proxy: bool = False
    limit: int | None = None
    idle_min: float | None = None
    quota_gb: float | None = None
    _users: Users | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.login != PASSWORD and self.login not in SERVICES:
            raise ParameterError(
                f"--login {self.login[:40]!r} is not allowed: {PASSWORD}, or one of the services "
                f"{', '.join(SERVICES)}."
            )
        if not self.local and self.users is None and not self.open_to_all:
            raise ParameterError(
                f"Serving at {self.address} lets everybody in who reaches this machine: give a "
                "file of users with --users, or say --open-to-all as well."
            )
        if self.users is not None and self.open_to_all:
            raise ParameterError("--users and --open-to-all contradict each other: give one.")
        if self.login != PASSWORD and self.users is None:
            raise ParameterError(
                f"--login {self.login} needs --users: a file of the names that may come in, as "
                f"{self.login} says them."
            )
        if not re.fullmatch(r"(/[A-Za-z0-9._-]+)*/?", self.prefix):
            raise ParameterError(
                f"--prefix {self.prefix[:60]!r} is not allowed: a path such as /workbench."
            )
        for origin in self.origins:
            if not _ORIGIN.fullmatch(origin):
                raise ParameterError(
                    f"--origin {origin[:60]!r} is not allowed: a host, and a port if it is not "
                    "the usual one, such as lab.example.org or localhost:8080."
                )
        if self.idle_min is not None and not 0 < self.idle_min < math.inf:
            raise ParameterError(
                f"--idle {self.idle_min:g} is not allowed: a number of minutes above 0."
            )
        if self.quota_gb is not None and not 0 < self.quota_gb < math.inf:
            raise ParameterError(
                f"--quota {self.quota_gb:g} is not allowed: a number of GB above 0."
            )
        if self.users is not None:
            object.__setattr__(self, "_users", Users(self.users))

    @property
    def local(self) -> bool:
        return self.address in LOCAL

    @property
    def to_others(self) -> bool:
        """Whether others come in than the person at this machine, over a proxy too."""
        return not self.local or self.users is not None or self.open_to_all or self.behind_proxy

    @property
    def name(self) -> str:
        """By which a browser may ask for the pages."""
        if self.local:
            return "localhost"
        return socket.gethostname() if self.address in EVERYWHERE else self.address

    def of_server(self, port: int, front: int | None = None) -> dict[str, Any]:
        """Options of `panel.serve`.

        front : port of the server that browsers ask, where that is another one on this machine
        """
        proxied = self.behind_proxy or front is not None
        return {
            "address": LOOPBACK if self.local or front is not None else self.address,
            "prefix": self.prefix.rstrip("/"),
            "websocket_origin": [o for o in self._origins(port, front) if not _is_6(o)],
            "http_server_kwargs": {"max_body_size": MOST_BODY_BYTES},
            "use_xheaders": proxied,
            **self._of_login(proxied),
        }

    def origins_6(self, port: int, front: int | None = None) -> set[str]:
        """Hosts such as ``[::1]:5006`` by which pages may be asked for; Bokeh takes no such one."""
        return set(filter(_is_6, self._origins(port, front)))

    def _origins(self, port: int, front: int | None) -> list[str]:
        port = port if front is None else front
        hosts = {"localhost", LOOPBACK, "[::1]"}
        if not self.local:
            hosts |= {socket.gethostname(), socket.getfqdn()}
            hosts |= set() if self.address in EVERYWHERE else {_bracketed(self.address)}
        found = [f"{host}:{port}" for host in sorted(hosts)]
        for origin in self.origins:
            host, given = _ORIGIN.fullmatch(origin).groups()  # type: ignore[union-attr]
            usual = "443" if origin.startswith("https") else "80"
            found.append(f"{host}{given or ':' + usual}")
        return found

    def _of_login(self, proxied: bool) -> dict[str, Any]:
        if self._users is None:
            return {}
        # Without a secret of its own, everybody logs in again when the server was started anew.
        options: dict[str, Any] = {
            "cookie_secret": os.environ.get(SECRET) or secrets.token_hex(32),
            "cookie_path": f"{self.prefix.rstrip('/')}/",
        }
        if self.login == PASSWORD:
            return {**options, "auth_provider": Login(self._users, proxied)}
        key, secret = os.environ.get(KEY, ""), os.environ.get(KEY_SECRET, "")
        if not key or not secret:
            raise WorkbenchError(
                f"--login {self.login} needs the key and the secret that {self.login} gave you, in "
                f"the environment variables {KEY} and {KEY_SECRET}."
            )
        return {**options, "auth_provider": Service(self._users, self.login, key, secret)}


def _is_6(origin: str) -> bool:
    return origin.startswith("[")


def _bracketed(address: str) -> str:
    try:
        return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    except ValueError:
        return address
