"""Serving to others: who is let in, by which names, and what is whose."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import tracemalloc
from http.cookies import SimpleCookie
from types import SimpleNamespace
from urllib.parse import urlencode

import panel as pn
import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from panels import serving
from panels.access import visitor
from panels.access.login import TRIES, WITHIN_S, Attempts, own_address, place_of
from panels.access.others import Others
from panels.access.security_headers import HEADERS
from workbench.accounts import Accounts
from workbench.errors import ParameterError, StoreError, WorkbenchError

PASSWORD = "correct horse"


@pytest.fixture
def users(tmp_path):
    accounts = Accounts(tmp_path / "users")
    for name in ("anna", "ben"):
        accounts.add(name, PASSWORD)
    accounts.write()
    return accounts.path


@contextlib.contextmanager
def blank(monkeypatch, others):
    """A server of one page, which says who looks at it."""
    monkeypatch.setattr(
        serving, "pages", lambda: {"runs": lambda: pn.pane.HTML(f"for {visitor.visitor().name}")}
    )
    server = serving.make_server(to_others=others)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        visitor.use_accounts(False)


@pytest.fixture
def guarded(monkeypatch, users):
    with blank(monkeypatch, Others(users=users)) as server:
        yield server


class Browser:
    """Asks a server, and keeps its cookies."""

    def __init__(self, server):
        self.server, self.cookies = server, SimpleCookie()
        self.url = f"http://127.0.0.1:{server.port}{server.prefix}"

    @property
    def headers(self):
        return {"Cookie": "; ".join(f"{k}={m.value}" for k, m in self.cookies.items() if m.value)}

    def do(self, work):
        return self.server.io_loop.run_sync(lambda: work, timeout=60)

    def ask(self, path, form=None):
        async def asked():
            answer = await AsyncHTTPClient().fetch(
                f"{self.url}{path}", headers=self.headers, raise_error=False,
                follow_redirects=False, method="GET" if form is None else "POST",
                body=None if form is None else urlencode(form),
            )  # fmt: skip
            for line in answer.headers.get_list("Set-Cookie"):
                self.cookies.load(line)
            return answer

        return self.do(asked())

    def log_in(self, name="anna", password=PASSWORD, query=""):
        return self.ask(f"/login{query}", {"name": name, "password": password})

    def token(self, query=""):
        """Of a page that is opened: it names its session."""
        page = self.ask(f"/runs{query}")
        assert page.code == 200
        return re.search(r'"token":\s*"([^"]+)"', page.body.decode())[1]

    def connect(self, token):
        """The first word of a page's websocket, None when it is closed without one.

        raises : HTTPClientError when it is refused
        """

        async def connected():
            request = HTTPRequest(f"{self.url}/runs/ws".replace("http", "ws"), headers=self.headers)
            page = await websocket_connect(request, subprotocols=["bokeh", token])
            said = await page.read_message()
            page.close()
            return said

        return self.do(connected())


def test_without_a_login_nothing_is_shown_and_no_page_connects(guarded):
    browser = Browser(guarded)
    for path in ("/", "/runs", "/plot/cuba-light.png", "/runs/metadata"):
        answer = browser.ask(path)
        assert (answer.code, "login" in answer.headers["Location"]) == (302, True), path
    with pytest.raises(HTTPClientError, match="403"):
        browser.connect(generate_jwt_token(generate_session_id()))  # that anybody can make


def test_who_logs_in_sees_the_pages_and_who_logs_out_no_longer(guarded):
    browser = Browser(guarded)
    assert browser.ask("/login").code == 200
    assert browser.log_in(query="?next=%2Fruns").headers["Location"] == "/runs"
    assert b"Log out anna" in browser.ask("/").body
    assert browser.ask("/runs").code == 200
    token = browser.token()
    assert "ACK" in browser.connect(token)
    assert browser.ask("/logout").code == 302
    assert browser.ask("/runs").code == 302
    with pytest.raises(HTTPClientError, match="403"):
        browser.connect(token)


def test_a_file_whose_name_no_file_can_have_is_not_there(guarded):
    browser = Browser(guarded)
    for path in ("/static/%00", "/static/js/a%00.js", "/static/extensions/panel/%00"):
        assert browser.ask(path).code == 404, path
    assert browser.ask("/static/js/bokeh.min.js").code == 200


def test_a_page_is_shown_to_nobody_but_who_opened_it(guarded):
    ben, anna = Browser(guarded), Browser(guarded)
    ben.log_in("ben")
    anna.log_in("anna")
    token = ben.token("?bokeh-session-id=chosen-by-anna")  # by a link that she sent him
    assert "ACK" in ben.connect(token)
    assert anna.ask("/runs?bokeh-session-id=chosen-by-anna").code == 403
    assert anna.ask(f"/runs?bokeh-token={token}").code == 403
    assert anna.connect(token) is None
    assert anna.connect(generate_jwt_token("chosen-by-anna")) is None
    # One that is made with a page of her own, under the name of his.
    payload = {"cookies": {"user": anna.cookies["user"].value}}
    assert anna.connect(generate_jwt_token("chosen-by-anna", extra_payload=payload)) is None
    assert "ACK" in anna.connect(generate_jwt_token("her-own", extra_payload=payload))
    assert "ACK" in ben.connect(token)  # his own comes back after its connection was lost


def test_no_address_has_the_server_import_a_module(guarded, tmp_path, monkeypatch):
    (tmp_path / "imported_by_address.py").write_text("class A: _css = ['x']")
    monkeypatch.syspath_prepend(str(tmp_path))
    browser = Browser(guarded)
    for _ in range(2):  # before logging in, and after
        assert browser.ask("/components/imported_by_address/A/_css/x").code == 404
        browser.log_in()
    assert "imported_by_address" not in sys.modules


def test_the_cookie_cannot_be_read_by_scripts_nor_made_by_hand(guarded):
    browser = Browser(guarded)
    browser.log_in()
    morsel = browser.cookies["user"]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    forged = morsel.value.replace("YW5uYT", "YmVubj")  # anna:, benn:
    assert forged != morsel.value
    browser.cookies["user"] = forged
    assert browser.ask("/runs").code == 302
    browser.cookies["user"] = ""
    browser.cookies["is_guest"] = "1"
    assert browser.ask("/runs").code == 302


def test_somebody_who_is_taken_out_of_the_file_is_out_at_once(guarded, users):
    browser = Browser(guarded)
    browser.log_in()
    accounts = Accounts.read(users)
    accounts.remove(["anna"])
    accounts.write()
    assert browser.ask("/runs").code == 302
    users.write_text("no user:at all")  # as an editor leaves it for a moment
    assert browser.log_in("ben").code == 302


def test_another_password_ends_the_logins_with_the_old_one(guarded, users):
    stolen, ben = Browser(guarded), Browser(guarded)
    stolen.log_in()
    ben.log_in("ben")
    token = stolen.token()
    accounts = Accounts.read(users)
    accounts.add("anna", "another horse")
    accounts.write()
    assert stolen.ask("/runs").code == 302
    with pytest.raises(HTTPClientError, match="403"):
        stolen.connect(token)
    assert ben.ask("/runs").code == 200
    anna = Browser(guarded)
    assert anna.log_in(password="another horse").code == 302
    assert anna.ask("/runs").code == 200


def test_a_login_under_way_while_the_password_changes_is_one_of_the_old_one(
    guarded, users, monkeypatch
):
    plain = Accounts.fits

    def fits(self, name, password):
        found = plain(self, name, password)
        accounts = Accounts.read(users)
        accounts.add("anna", "another horse")
        accounts.write()
        return found

    stolen = Browser(guarded)
    with monkeypatch.context() as slow:
        slow.setattr(Accounts, "fits", fits)
        stolen.log_in()
    assert stolen.ask("/runs").code == 302
    assert stolen.log_in(password="another horse").code == 302
    assert stolen.ask("/runs").code == 200


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("no address", "no address"),
    ],
)
def test_all_addresses_of_one_connection_are_one_place(address, place):
    direct = SimpleNamespace(headers={}, remote_ip=address)
    assert place_of(direct, proxied=False) == place
    by_proxy = SimpleNamespace(headers={"X-Forwarded-For": f"::1, {address}"}, remote_ip="::1")
    assert place_of(by_proxy, proxied=True) == place


def test_who_tries_passwords_comes_from_one_place_whatever_the_browser_says(monkeypatch, users):
    with blank(monkeypatch, Others(users=users, behind_proxy=True)) as server:
        browser = Browser(server)

        async def tried(k):
            headers = {
                "X-Forwarded-For": f"10.0.0.{k}, 192.0.2.7",  # the last one is the proxy's word
                "X-Real-Ip": f"10.0.1.{k}",  # what a proxy that does not know it passes on
            }
            form = urlencode({"name": "anna", "password": "wrong password"})
            answer = await AsyncHTTPClient().fetch(
                f"{browser.url}/login", method="POST", body=form, headers=headers,
                raise_error=False,
            )  # fmt: skip
            return answer.code

        codes = [browser.do(tried(k)) for k in range(TRIES + 2)]
        assert codes == [403] * TRIES + [429] * 2


def test_a_token_that_unpacks_to_much_is_refused(guarded, monkeypatch):
    browser = Browser(guarded)
    browser.log_in()
    payload = {"cookies": {"user": browser.cookies["user"].value}}
    assert "ACK" in browser.connect(generate_jwt_token("her-own", extra_payload=payload))
    bomb = generate_jwt_token("bomb", extra_payload={**payload, "more": [[]] * 5 * 10**6})
    assert len(bomb) < 40_000  # as it comes
    tracemalloc.start()
    try:
        assert browser.connect(bomb) is None
        assert browser.ask(f"/runs?bokeh-token={bomb}").code == 400
        assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    finally:
        tracemalloc.stop()


def test_wrong_passwords_are_refused_and_then_have_to_wait(guarded):
    browser = Browser(guarded)
    codes = [browser.log_in(password="wrong password").code for _ in range(TRIES)]
    assert set(codes) == {403}
    answer = browser.log_in()
    assert answer.code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= WITHIN_S
    assert browser.log_in("ben").code == 302  # another person need not


def test_tries_are_forgotten_after_a_while():
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(TRIES):
        assert attempts.wait_s("anna", "here") == 0
        attempts.begin("anna", "here")
    assert attempts.wait_s("anna", "here") == WITHIN_S
    assert attempts.wait_s("anna", "there") == attempts.wait_s("ben", "here") == 0
    now[0] += WITHIN_S + 1
    assert attempts.wait_s("anna", "here") == 0


def test_right_passwords_are_no_tries_and_long_names_are_not_kept():
    attempts = Attempts()
    for _ in range(3 * TRIES):
        attempts.begin("anna", "here")
        attempts.right("anna", "here")
    assert attempts.wait_s("anna", "here") == 0
    tracemalloc.start()
    try:
        for k in range(20):
            attempts.begin(f"{k}" + "x" * 10**6, "here")
        assert tracemalloc.get_traced_memory()[0] < 10**6
    finally:
        tracemalloc.stop()


def test_many_passwords_at_once_are_tries_as_well(guarded):
    browser = Browser(guarded)
    form = urlencode({"name": "anna", "password": "wrong password"})

    async def tried():
        client = AsyncHTTPClient(force_instance=True, max_clients=3 * TRIES)
        asked = [
            client.fetch(f"{browser.url}/login", method="POST", body=form, raise_error=False)
            for _ in range(3 * TRIES)
        ]
        return [answer.code for answer in await asyncio.gather(*asked)]

    codes = browser.do(tried())
    assert (codes.count(403), codes.count(429)) == (TRIES, 2 * TRIES)


@pytest.mark.parametrize(
    "asked",
    ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "runs", "",
     "/\t/elsewhere.example", "javascript:alert(1)", "/" + "x" * 5000],
)  # fmt: skip
def test_the_login_leads_nowhere_else(asked):
    assert own_address(asked, "/home") == "/home"
    assert own_address("/runs?tag=a", "/home") == "/runs?tag=a"


def test_a_form_of_another_site_logs_nobody_in(guarded):
    browser = Browser(guarded)
    form = urlencode({"name": "anna", "password": PASSWORD})

    async def sent(headers):
        answer = await AsyncHTTPClient().fetch(
            f"{browser.url}/login", method="POST", body=form, headers=headers,
            raise_error=False, follow_redirects=False,
        )  # fmt: skip
        return answer.code, "Set-Cookie" in answer.headers

    assert browser.do(sent({"Sec-Fetch-Site": "cross-site"})) == (403, False)
    assert browser.do(sent({"Sec-Fetch-Site": "same-origin"})) == (302, True)
    port = guarded.port
    # Over http that is all that browsers say.
    for origin in ("http://elsewhere.example", f"http://127.0.0.1:{port + 1}", "null", "http://["):
        assert browser.do(sent({"Origin": origin})) == (403, False), origin
    for origin in (f"http://127.0.0.1:{port}", f"http://LOCALHOST:{port}"):
        assert browser.do(sent({"Origin": origin})) == (302, True), origin
    rewritten = {"Origin": f"http://localhost:{port}", "Host": "behind.a.proxy"}
    assert browser.do(sent(rewritten)) == (302, True)


def test_every_answer_says_what_the_page_may_do(guarded):
    browser = Browser(guarded)
    browser.log_in()
    for path in ("/", "/login", "/runs", "/static/js/bokeh.min.js", "/nothing"):
        headers = browser.ask(path).headers
        assert {k: headers[k] for k in HEADERS} == HEADERS, path
        assert "Server" not in headers


def test_below_a_prefix_all_addresses_are_below_it(monkeypatch, users):
    with blank(monkeypatch, Others(users=users, prefix="/lab/workbench")) as server:
        browser = Browser(server)
        assert browser.ask("/runs").headers["Location"] == "./login?next=%2Flab%2Fworkbench%2Fruns"
        assert browser.ask("/").headers["Location"].startswith("/lab/workbench/login")
        assert browser.log_in().headers["Location"] == "/lab/workbench/"
        assert browser.cookies["user"]["path"] == "/lab/workbench/"
        gallery = browser.ask("/").body.decode()
        assert not re.findall(r'(?:href|src|srcset)="/', gallery)
        assert browser.ask("/runs").code == 200
        assert "ACK" in browser.connect(browser.token())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"address": "0.0.0.0"}, "--users, or say --open-to-all"),
        ({"login": "myspace"}, "--login 'myspace' is not allowed: password"),
        ({"login": "github"}, "needs --users"),
        ({"prefix": "lab"}, "--prefix 'lab' is not allowed"),
        ({"prefix": "/../x\n"}, "is not allowed"),
        ({"origins": ("*",)}, "--origin '*' is not allowed"),
        ({"origins": ("https://a.example/x",)}, "is not allowed"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, said):
    with pytest.raises(ParameterError) as refused:
        Others(**options)
    assert said in str(refused.value)
    assert len(str(refused.value)) <= 300


def test_a_file_of_users_that_is_not_there_is_refused_with_how_to_make_it(tmp_path):
    with pytest.raises(StoreError, match=r"workbench users .* --add NAME"):
        Others(users=tmp_path / "nobody")


def test_a_service_needs_its_key(monkeypatch, users):
    monkeypatch.delenv("WORKBENCH_OAUTH_KEY", raising=False)
    with pytest.raises(WorkbenchError, match="WORKBENCH_OAUTH_KEY and WORKBENCH_OAUTH_SECRET"):
        Others(users=users, login="github").of_server(5006)


def test_an_address_that_this_machine_has_not_is_reported_in_one_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "serve", "--address", "192.0.2.1", "--open-to-all"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "The address 192.0.2.1 cannot be used" in " ".join(done.stderr.split())


def test_origins_are_the_hosts_that_browsers_name():
    given = Others(address="192.0.2.1", open_to_all=True, origins=("https://lab.example", "b:81"))
    origins = given.of_server(5006)["websocket_origin"]
    assert {"192.0.2.1:5006", "localhost:5006", "lab.example:443", "b:81"} <= set(origins)
    assert given.origins_6(5006) == {"[::1]:5006"}


def test_origins_of_version_6_are_told_apart():
    given = Others(address="2001:db8::1", open_to_all=True, origins=("https://[2001:db8::2]",))
    assert given.origins_6(5006) == {
        "[::1]:5006", "[2001:db8::1]:5006", "[2001:db8::2]:443",
    }  # fmt: skip
    assert not any("[" in origin for origin in given.of_server(5006)["websocket_origin"])
    assert Others().origins_6(80, 5006) == {"[::1]:5006"}


def test_where_people_log_in_no_message_names_a_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_RUNS", "/srv/course/runs")
    text = f"/srv/course/runs/users/anna/a.zarr cannot be written: {tmp_path}/x is full; 3/4 s."
    assert visitor.in_words(text) == text
    visitor.use_accounts(True)
    try:
        assert visitor.in_words(text) == "a.zarr cannot be written: x is full; 3/4 s."
        trace = f'File "{serving.__file__}", line 3, in serve'
        assert visitor.in_words(trace) == 'File "serving.py", line 3, in serve'
        monkeypatch.setenv("WORKBENCH_RUNS", "/srv/Dr. O'Hara: course/runs 1")
        for path in ("/users/anna/a.zarr", "/a.zarr/"):
            text = f"/srv/Dr. O'Hara: course/runs 1{path}: permission denied"
            assert visitor.in_words(text) == "a.zarr: permission denied"
        text = "/srv/Dr. O'Hara: course cannot be written, nor /srv/Dr. O'Hara: course/runs 1."
        assert visitor.in_words(text) == "Dr. O'Hara: course cannot be written, nor runs 1."
        assert visitor.in_words("/srv/Dr. O'Hara: courses") == "/srv/Dr. O'Hara: courses"
    finally:
        visitor.use_accounts(False)


@pytest.mark.parametrize(
    ("options", "others"),
    [
        ({}, False),
        ({"limit": 2, "idle_min": 5.0}, False),
        ({"open_to_all": True}, True),  # behind a tunnel
        ({"behind_proxy": True}, True),
        ({"address": "192.0.2.1", "open_to_all": True}, True),
    ],
)
def test_whether_others_come_in_is_known_from_how_it_is_served(options, others):
    assert Others(**options).to_others is others


def test_where_all_come_in_no_message_names_a_folder_either(monkeypatch, tmp_path):
    with blank(monkeypatch, Others(open_to_all=True)):
        assert not visitor.accounts_in_use()
        assert visitor.in_words(f"{tmp_path}/x is full") == "x is full"
    assert visitor.in_words(f"{tmp_path}/x is full") == f"{tmp_path}/x is full"
