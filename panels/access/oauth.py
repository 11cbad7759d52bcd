"""Logging in with a service that says who somebody is (OAuth), for those whose names are listed."""

from __future__ import annotations

import base64
import html
import json
import secrets
from typing import Any

import panel as pn
from panel.auth import AUTH_PROVIDERS, OAuthLoginHandler, OAuthProvider
from tornado.web import HTTPError

from panels.access.login import DAYS, LOGIN, Logout, Users, home, own_address
from panels.plain_page import plain_page

# The address is in a cookie, signed, while the service is asked; browsers keep 4 kB of one.
LONGEST_NEXT = 1500
OF_A_SERVICE = ("id_token", "access_token", "refresh_token", "oauth_expiry", "is_guest")


class Service(OAuthProvider):
    """Panel's provider of users; it lets in only those that the file of users names.

    Every request is asked, those of a page's websocket too.
    """

    def __init__(self, users: Users, service: str, key: str, secret: str):
        pn.config.oauth_provider = service
        pn.config.oauth_key, pn.config.oauth_secret = key, secret
        pn.config.oauth_expiry = DAYS
        self.users = users
        self._page = type("ServiceLogin", (ServiceLogin, AUTH_PROVIDERS[service]), {})
        super().__init__()

    @property
    def get_user_async(self) -> Any:
        asked = super().get_user_async

        async def user(handler: Any) -> str | None:
            name: str | None = await asked(handler)
            if name is not None and name not in self.users.accounts:
                raise HTTPError(403, reason="You are logged in, but not a user of this workbench.")
            return name

        return user

    @property
    def login_handler(self) -> Any:
        return self._page

    @property
    def logout_handler(self) -> Any:
        return ServiceLogout


class ServiceLogin(OAuthLoginHandler):
    """Sends a browser to the service, and learns from it who came back; mixed into Panel's."""

    async def get_authenticated_user(self, redirect_uri: str, *given: Any, **options: Any) -> Any:
        """The name, once there is a code. Panel would have people come back above the prefix."""
        back = f"{self.request.protocol}://{self.request.host}{home(self)}{LOGIN.lstrip('/')}"
        return await super().get_authenticated_user(back, *given, **options)

    def get_state(self) -> str:
        """What the service sends back: where to go then, and what nobody can guess.

        Panel takes ``///host`` for an address of this server.
        """
        asked = self.get_argument("next", "")
        after = own_address(asked if len(asked) <= LONGEST_NEXT else "", home(self))
        state = {"state_id": secrets.token_hex(16), "next_url": after}
        return base64.urlsafe_b64encode(json.dumps(state).encode()).decode()

    def get_state_cookie(self) -> str:
        """The state that this browser was given, or one that nobody has.

        Panel would find an empty one in an address equal to none in the browser: a link would have
        somebody work, and keep runs, under another name.
        """
        return super().get_state_cookie() or secrets.token_hex(16)

    def set_cookie(self, name: str, value: str | bytes, *given: Any, **options: Any) -> None:
        sent = {"httponly": True, "samesite": "Lax", "secure": self.request.protocol == "https"}
        super().set_cookie(name, value, *given, **options | sent)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Says nothing that stands in the address: anybody can make such a link."""
        said = "The service did not say who you are, or you waited for too long."
        self.finish(_page("Not logged in", said, home(self)))


class ServiceLogout(Logout):
    """Answers `LOGOUT`. The page of the login would let the browser in again without a question."""

    def get(self) -> None:
        for name in OF_A_SERVICE:
            self.clear_cookie(name, path=home(self))
        self.clear_own_cookie()
        said = "You are logged out here, and perhaps not yet at the service that said who you are."
        self.finish(_page("Logged out", said, home(self)))


def _page(title: str, said: str, address: str) -> str:
    return plain_page(
        f"{title} · Circuit workbench",
        "login",
        f"""<header>Circuit workbench</header>
<main><form action="{html.escape(address)}{LOGIN.lstrip("/")}"><h1>{title}</h1><p>{said}</p>
<button>Log in</button></form></main>""",
    )
