"""Logging in with a service that says who somebody is (OAuth), for those whose names are listed."""

from __future__ import annotations

from typing import Any

import panel as pn
from panel.auth import OAuthProvider
from tornado.web import HTTPError

from panels.access.login import DAYS, Users


class Service(OAuthProvider):
    """Panel's provider of users; it lets in only those that the file of users names.

    Every request is asked, those of a page's websocket too.
    """

    def __init__(self, users: Users, service: str, key: str, secret: str):
        pn.config.oauth_provider = service
        pn.config.oauth_key, pn.config.oauth_secret = key, secret
        pn.config.oauth_expiry = DAYS
        self.users = users
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
