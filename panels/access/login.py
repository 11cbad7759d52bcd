"""The page where somebody logs in with a name and a password, as Bokeh's servers ask for it."""

from __future__ import annotations

import asyncio
import html
import ipaddress
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bokeh.server.auth_provider import AuthProvider
from bokeh.server.util import check_allowlist
from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler

from panels.plain_page import plain_page
from workbench.accounts import Accounts
from workbench.errors import WorkbenchError

LOGIN, LOGOUT = "/login", "/logout"
COOKIE = "user"  # where Panel looks for it
DAYS = 7  # that somebody stays logged in
# So many wrong passwords for one name from one place within a minute; then it waits. It is the
# place too, lest a stranger keep somebody out by guessing.
TRIES, WITHIN_S = 8, 60.0
MOST_PLACES = 10_000
LONGEST_NAME = 64  # characters of a name that are looked at
LONGEST_PLACE = 64
ONE_PLACE_6 = 64  # bits that addresses of version 6 at one connection have in common
WRONG = "That name and password do not belong together."

# Not where the pages do their work: whoever tries many passwords keeps others from logging in, and
# from nothing else.
_hashing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hashing")


class Attempts:
    """Counts wrong passwords, so that nobody can try thousands.

    A try counts as wrong until it is known to be right, lest many be made at once.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self._now = now
        self._wrong: dict[tuple[str, str], deque[float]] = {}

    def wait_s(self, name: str, place: str) -> float:
        """Seconds until another try is allowed; 0 when it is."""
        wrong = self._wrong.get(_key(name, place), deque())
        while wrong and self._now() - wrong[0] > WITHIN_S:
            wrong.popleft()
        return wrong[0] + WITHIN_S - self._now() if len(wrong) >= TRIES else 0.0

    def begin(self, name: str, place: str) -> None:
        """A password is going to be tried."""
        while len(self._wrong) >= MOST_PLACES:
            del self._wrong[next(iter(self._wrong))]
        self._wrong.setdefault(_key(name, place), deque(maxlen=TRIES)).append(self._now())

    def right(self, name: str, place: str) -> None:
        """The password that was tried last was right."""
        if wrong := self._wrong.get(_key(name, place)):
            wrong.pop()


def _key(name: str, place: str) -> tuple[str, str]:
    return name[:LONGEST_NAME], place  # whatever is sent, little is kept of it


class Users:
    """The accounts of a file, read again when it changes."""

    def __init__(self, path: Path):
        self._path = path
        self._accounts = Accounts.read(path)
        self._stamp = self._stamped()

    def _stamped(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    @property
    def accounts(self) -> Accounts:
        """Those of today; while the file is being changed, and unreadable, those before."""
        stamp = self._stamped()
        if stamp != self._stamp:
            try:
                self._accounts, self._stamp = Accounts.read(self._path), stamp
            except WorkbenchError:
                return self._accounts
        return self._accounts


class Login(AuthProvider):
    """Bokeh's provider of users: a signed cookie that the page of the login gives.

    proxied : what a proxy in front says about who asks is believed
    """

    def __init__(self, users: Users, proxied: bool = False):
        self.users = users
        own = {"users": users, "attempts": Attempts(), "proxied": proxied}
        self._page = type("LoginPage", (LoginPage,), own)
        super().__init__()

    @property
    def get_user(self) -> Any:
        def user(handler: Any) -> str | None:
            cookie = handler.get_signed_cookie(COOKIE, max_age_days=DAYS)
            name, mark = read_cookie(cookie or b"")
            accounts = self.users.accounts
            # Whoever was removed from the file is out at once, and with another password so is
            # every browser that knew the old one.
            return name if name in accounts and mark == accounts.mark(name) else None

        return user

    @property
    def login_url(self) -> str:
        return LOGIN

    @property
    def login_handler(self) -> Any:
        return self._page

    @property
    def logout_url(self) -> str:
        return LOGOUT

    @property
    def logout_handler(self) -> Any:
        return Logout


class LoginPage(RequestHandler):
    """Answers `LOGIN`."""

    users: Users
    attempts: Attempts
    proxied: bool

    def get(self) -> None:
        self.finish(page())

    async def post(self) -> None:
        if of_another_site(self):
            # Its form would have somebody work, and keep runs, under another name.
            raise HTTPError(403, reason="A form of another site")
        name = self.get_body_argument("name", "")
        password = self.get_body_argument("password", "", strip=False)
        place = place_of(self.request, self.proxied)
        wait_s = self.attempts.wait_s(name, place)
        if wait_s:
            self.set_status(429)
            self.set_header("Retry-After", f"{wait_s:.0f}")
            self.finish(page(name, f"Too many wrong passwords: try again in {wait_s:.0f} s."))
            return
        self.attempts.begin(name, place)
        # Hashing takes some 50 ms, which simulations on other pages should not notice.
        # Others may wait before it, and the password be changed meanwhile: the cookie is one of
        # the password that was tried.
        accounts = self.users.accounts
        right = await asyncio.get_running_loop().run_in_executor(
            _hashing, accounts.fits, name, password
        )
        if not right:
            self.set_status(403)
            self.finish(page(name, WRONG))
            return
        self.attempts.right(name, place)
        set_cookie(self, name, accounts.mark(name))
        self.redirect(own_address(self.get_query_argument("next", ""), home(self)))


class Logout(RequestHandler):
    """Answers `LOGOUT`."""

    def get(self) -> None:
        self.clear_own_cookie()
        self.redirect(home(self) + LOGIN.lstrip("/"))

    def clear_own_cookie(self) -> None:
        self.clear_cookie(COOKIE, path=home(self))


def set_cookie(handler: RequestHandler, name: str, mark: str) -> None:
    handler.set_signed_cookie(
        COOKIE, f"{name}:{mark}", expires_days=DAYS, path=home(handler), httponly=True,
        samesite="Lax", secure=handler.request.protocol == "https",
    )  # fmt: skip


def read_cookie(content: bytes) -> tuple[str, str]:
    """The name and the mark in a cookie whose signature was checked; a service gives no mark."""
    name, _, mark = content.decode("utf-8", "replace").partition(":")
    return name, mark


def place_of(request: HTTPServerRequest, proxied: bool) -> str:
    """Where a request comes from; of what proxies say, what the last one added.

    Tornado believes ``X-Real-Ip`` more, which a proxy that does not set it passes on from the
    browser: whoever tries passwords would come from another place each time.
    """
    said = request.headers.get("X-Forwarded-For", "") if proxied else ""
    place = (said.rpartition(",")[2].strip() or request.remote_ip or "")[:LONGEST_PLACE]
    try:
        address = ipaddress.IPv6Address(place)
    except ValueError:
        return place
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    # Whoever has one of these has 2^64, and could try from another each time.
    return str(ipaddress.IPv6Network((int(address), ONE_PLACE_6), strict=False))


def of_another_site(handler: RequestHandler) -> bool:
    """Whether a form was sent from a page of another server.

    Browsers say from where it was sent in each way, but ``Sec-Fetch-Site`` to https alone.
    """
    headers = handler.request.headers
    if headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    origin = headers.get("Origin")
    if origin is None:
        return False
    host = origin.partition("://")[2].lower()
    # A proxy may give another host than the browser asked for; pages talk from these as well.
    ours = getattr(handler.application, "websocket_origins", ())
    return host != handler.request.host.lower() and not check_allowlist(host, ours)


def home(handler: Any) -> str:
    """Address of the gallery, with a "/" at its end."""
    prefix: str = handler.application.prefix
    return f"{prefix}/"


def own_address(asked: str, otherwise: str) -> str:
    """``asked`` if it is an address on this server, lest a link lead to another one."""
    # Browsers take "/\\host" for "//host", and skip control characters.
    plain = asked.isprintable() and "\\" not in asked and len(asked) < 4000
    return asked if plain and asked.startswith("/") and not asked.startswith("//") else otherwise


def page(name: str = "", complaint: str = "") -> str:
    """The form as HTML; it is sent to the address that it came from."""
    wrong, first = ("", " autofocus") if name else (" autofocus", "")
    said = f'<p class="complaint" role="alert">{html.escape(complaint)}</p>' if complaint else ""
    return plain_page(
        "Log in · Circuit workbench",
        "login",
        f"""<header>Circuit workbench</header>
<main><form method="post"><h1>Log in</h1>{said}
<label>Name <input name="name" value="{html.escape(name[:LONGEST_NAME])}" autocomplete="username"
 autocapitalize="none" required{wrong}></label>
<label>Password <input name="password" type="password" autocomplete="current-password"
 required{first}></label>
<button>Log in</button></form></main>""",
    )
