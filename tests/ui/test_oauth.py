"""Logging in with a service: a small one of this test says who somebody is."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from types import SimpleNamespace
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import panel as pn
import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from panels import serving
from panels.access import visitor
from panels.access.others import Others
from workbench.accounts import Accounts

CODE = "code-of-"


class Token(RequestHandler):
    def post(self):
        code = self.get_body_argument("code")
        self.finish(json.dumps({"access_token": code.removeprefix(CODE)}))


class Name(RequestHandler):
    def get(self):
        token = self.request.headers["Authorization"].removeprefix("Bearer ")
        self.finish(json.dumps({"name": token, "about": "', 'name': 'anna"}))


@pytest.fixture
def served(monkeypatch, tmp_path):
    """A server at /lab behind a proxy that says it was asked by https."""
    accounts = Accounts(tmp_path / "users")
    for name in ("anna", "ben"):
        accounts.add(name, None)
    accounts.write()
    monkeypatch.setattr(serving, "pages", lambda: {"runs": lambda: pn.pane.HTML("a page")})
    listening, port = bind_unused_port()
    service = HTTPServer(Application([("/token", Token), ("/name", Name)]))
    service.add_sockets([listening])
    at = f"http://127.0.0.1:{port}"
    for name, value in {
        "PANEL_OAUTH_TOKEN_URL": f"{at}/token", "PANEL_OAUTH_USER_URL": f"{at}/name",
        "PANEL_OAUTH_AUTHORIZE_URL": f"{at}/ask", "PANEL_USER_KEY": "name",
        "WORKBENCH_OAUTH_KEY": "key", "WORKBENCH_OAUTH_SECRET": "secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    others = Others(users=accounts.path, login="generic", prefix="/lab", behind_proxy=True)
    server = serving.make_server(to_others=others)
    server.start()
    yield server
    server.stop()
    service.stop()
    visitor.use_accounts(False)


class Browser:
    """Keeps cookies as a browser does: for the path that each was given for."""

    def __init__(self, server):
        self.server, self.cookies = server, {}

    def ask(self, path):
        sent = {k: m.value for (k, at), m in self.cookies.items() if path.startswith(at)}
        headers = {
            "Cookie": "; ".join(f'{k}="{value}"' for k, value in sent.items()),
            "X-Forwarded-Proto": "https",
        }
        url = f"http://127.0.0.1:{self.server.port}{path}"
        answer = self.server.io_loop.run_sync(
            lambda: AsyncHTTPClient().fetch(
                url, headers=headers, raise_error=False, follow_redirects=False
            ),
            timeout=60,
        )
        for line in answer.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop((name, morsel["path"]), None)
                if morsel.value:
                    self.cookies[name, morsel["path"]] = morsel
        place = answer.headers.get("Location", "")
        return SimpleNamespace(code=answer.code, place=place, text=answer.body.decode())

    def asked(self, after=""):
        """What the service is asked when somebody comes to log in."""
        query = f"?next={quote(after, safe='')}" if after else ""
        place = urlsplit(self.ask(f"/lab/login{query}").place)
        return {name: value for name, (value,) in parse_qs(place.query).items()}

    def log_in(self, name="anna", after=""):
        """Where somebody is sent whom the service knows under this name."""
        asked = self.asked(after)
        back = urlencode({"code": f"{CODE}{name}", "state": asked["state"]})
        return self.ask(f"{urlsplit(asked['redirect_uri']).path}?{back}")


def test_people_come_back_from_the_service_below_the_prefix(served):
    browser = Browser(served)
    assert browser.ask("/lab/runs").code == 302
    assert browser.log_in(after="/lab/runs").place == "/lab/runs"
    assert browser.ask("/lab/runs").code == 200


def test_a_name_that_is_not_in_the_file_opens_no_page(served):
    for name in ("carl", "ANNA", "../anna", "anna:mark", "<b>anna", "a" * 10_000):
        browser = Browser(served)
        assert browser.log_in(name).code == 302
        assert browser.ask("/lab/runs").code == 403, name


def test_a_link_logs_nobody_in_under_another_name(served):
    for link in ("", "&state=", "&state=x"):
        browser = Browser(served)
        assert browser.ask(f"/lab/login?code={CODE}ben{link}").code == 401, link
        assert browser.ask("/lab/runs").code == 302


@pytest.mark.parametrize("after", ["///evil.org", "//evil.org", "https://evil.org", "/\\evil.org"])
def test_a_link_to_the_login_leads_to_no_other_server(served, after):
    assert Browser(served).log_in(after=after).place == "/lab/"


def test_a_page_with_many_values_fits_into_the_cookie_or_the_gallery_comes(served):
    for length, place in ((1400, "/lab/runs?"), (3000, "/lab/")):
        browser = Browser(served)
        browser.asked(after=f"/lab/runs?{'x' * length}")
        assert all(len(morsel.OutputString()) < 4096 for morsel in browser.cookies.values())
        assert browser.log_in(after=f"/lab/runs?{'x' * length}").place[:10] == place


def test_cookies_of_a_login_are_hidden_from_scripts_and_other_sites(served):
    browser = Browser(served)
    browser.log_in()
    kept = browser.cookies["user", "/lab/"]
    assert (kept["httponly"], kept["secure"], kept["samesite"]) == (True, True, "Lax")


def test_who_logs_out_is_asked_again(served):
    browser = Browser(served)
    browser.log_in()
    assert "You are logged out here" in browser.ask("/lab/logout").text
    assert not browser.cookies
    assert browser.ask("/lab/runs").code == 302


def test_a_failed_login_shows_nothing_of_its_address_and_ends_no_other(served):
    browser = Browser(served)
    browser.log_in()
    failed = browser.ask("/lab/login?error=call%20555&error_description=call%20555")
    assert (failed.code, "Not logged in" in failed.text, "555" in failed.text) == (401, True, False)
    assert browser.ask("/lab/runs").code == 200
