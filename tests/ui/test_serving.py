"""Who can reach the server, and how long it keeps a page that nobody has looked at yet."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
from urllib.parse import urlsplit

import panel as pn
import psutil
import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from panels import serving
from panels.access import listening as ports
from panels.bokeh_internals import leaving
from workbench.errors import WorkbenchError

from .conftest import free_port, wait_for


@pytest.fixture
def short_lived():
    """One page, whose session counts as unused as soon as it is made."""
    found = pn.serve(
        {"word": serving.awaited(lambda: pn.pane.HTML("word"))},
        address="127.0.0.1", port=0, show=False, start=False, verbose=False,
        unused_session_lifetime_milliseconds=1, check_unused_sessions_milliseconds=3_600_000,
    )  # fmt: skip
    found.start()
    yield found
    found.stop()


async def ask(short_lived):
    await AsyncHTTPClient().fetch(f"http://localhost:{short_lived.port}/word", request_timeout=60)
    (session,) = short_lived.get_sessions("/word")
    return session


def test_a_page_that_has_not_come_yet_is_waited_for(short_lived):
    async def asked():
        session = await ask(short_lived)
        while not session.expiration_blocked:
            await asyncio.sleep(0.01)
        await short_lived._tornado._cleanup_sessions()
        assert short_lived.get_sessions("/word") == [session]

    short_lived.io_loop.run_sync(asked, timeout=120)


def test_a_page_that_never_comes_is_given_up(short_lived, monkeypatch):
    monkeypatch.setattr(serving, "OPEN_S", 0.01)

    async def asked():
        await ask(short_lived)
        while short_lived.get_sessions("/word"):
            await short_lived._tornado._cleanup_sessions()
            await asyncio.sleep(0.01)

    short_lived.io_loop.run_sync(asked, timeout=120)


@pytest.fixture
def blank(monkeypatch, caplog):
    """A server of one page without models; in the end it may not have complained."""
    monkeypatch.setattr(serving, "pages", lambda: {"runs": lambda: pn.pane.HTML("word")})
    monkeypatch.setattr(serving, "PING_S", 0.01)
    server = serving.make_server()
    server.start()
    yield server
    server.stop()
    records = caplog.get_records("call") + caplog.get_records("teardown")
    assert [record.getMessage() for record in records if record.levelname == "ERROR"] == []


async def come(server):
    """A page that has come to ``server``."""
    token = generate_jwt_token(generate_session_id())
    request = HTTPRequest(
        f"ws://localhost:{server.port}/runs/ws",
        headers={"Sec-WebSocket-Protocol": f"bokeh, {token}"}, request_timeout=60,
    )  # fmt: skip
    page = await websocket_connect(request)
    assert "ACK" in await page.read_message()
    return page


def leave(page) -> None:
    """Close the page's connection without a word."""
    connection = page.protocol.stream
    at_once = struct.pack("ii", 1, 0)
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    connection.close()


def test_a_page_that_leaves_while_it_is_asked_leaves_no_error(blank):
    bokeh_asks = blank._tornado._ping_job

    async def visits() -> None:
        for _ in range(30):
            page = await come(blank)
            leave(page)
            for _ in range(5):  # the server learns of it in one of these turns
                await asyncio.sleep(0)
                if bokeh_asks is not None:
                    bokeh_asks.callback()
            page.close()
            await asyncio.sleep(0.01)
        while blank._tornado._clients:
            await asyncio.sleep(0.01)

    blank.io_loop.run_sync(visits, timeout=120)


def test_a_page_given_up_before_leaves_no_error(blank):
    async def visit() -> None:
        page = await come(blank)
        (connection,) = blank._tornado._clients
        blank._tornado.client_lost(connection)  # as a server does that ends
        page.close()
        while connection._socket.ws_connection is not None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # Tornado reports in a later turn

    blank.io_loop.run_sync(visit, timeout=120)


def test_a_lost_connection_is_waited_for_and_a_page_that_left_is_not(blank, monkeypatch):
    monkeypatch.setattr(leaving, "LOST_S", 3600.0)

    async def session_of(end):
        page = await come(blank)
        (session,) = blank.get_sessions("/runs")
        end(page)
        while session.connection_count:
            await asyncio.sleep(0.01)
        page.close()
        return session

    async def visits() -> None:
        session = await session_of(lambda page: page.close(1001))
        assert not session.expiration_blocked
        session.request_expiration()
        await blank._tornado._cleanup_sessions()
        session = await session_of(leave)
        assert session.expiration_blocked
        leaving.shows("secret", session.document)
        for said, waited_for in (("other", True), ("x" * 100_000, True), ("secret", False)):
            url = f"http://localhost:{blank.port}{leaving.ROUTE}"
            answer = await AsyncHTTPClient().fetch(url, method="POST", body=said)
            assert (answer.code, session.expiration_blocked) == (204, waited_for)

    blank.io_loop.run_sync(visits, timeout=120)


def has_6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
            s.bind(("::1", 0))
            return True
    except OSError:
        return False


OWN = {"127.0.0.1", "::1"} if has_6() else {"127.0.0.1"}


def listening(pid: int) -> set[tuple[str, int]]:
    """Address and port of every socket at which a process or a descendant listens."""
    found = set()
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= {
                (c.laddr.ip, c.laddr.port)
                for c in process.net_connections(kind="inet")
                if c.status == psutil.CONN_LISTEN
            }
    return found


async def page_of(url: str, host: str) -> str:
    answer = await AsyncHTTPClient().fetch(url, headers={"Host": host}, request_timeout=120)
    return answer.body.decode()


def test_only_this_machine_can_reach_the_server_and_its_simulations(server):
    port = urlsplit(server.url).port
    asyncio.run(page_of(f"{server.url}/cuba", f"localhost:{port}"))
    assert server.workers(), "there is no simulation"
    assert listening(server.process.pid) == {(ip, port) for ip in OWN}


@pytest.mark.parametrize("ip", sorted(OWN))
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "elsewhere.example"])
def test_a_page_of_this_machine_may_talk_to_the_server_and_no_other(server, ip, name):
    port = urlsplit(server.url).port
    at = f"[{ip}]" if ":" in ip else ip
    host = f"localhost:{port}" if name.endswith("example") else f"{name}:{port}"

    async def greeting() -> str:
        body = await page_of(f"http://{at}:{port}/runs", host)
        (token,) = re.findall(r'"token":"([^"]+)"', body)
        asked = HTTPRequest(
            f"ws://{at}:{port}/runs/ws", headers={"Host": host, "Origin": f"http://{name}:{port}"}
        )
        line = await websocket_connect(asked, subprotocols=["bokeh", token])
        message = str(await line.read_message())
        line.close()
        return message

    if name.endswith("example"):
        with pytest.raises(HTTPClientError, match="403"):
            asyncio.run(greeting())
    else:
        assert '"ACK"' in asyncio.run(greeting())


@pytest.mark.parametrize(
    "host", ["[::1", "::1", "a:b:c", "[]", "[::1]:99999999", "é:1", ":", "[x]:y"]
)
def test_a_page_asked_for_by_an_odd_name_is_there_or_refused(server, host, capfd):
    try:
        assert '"token":' in asyncio.run(page_of(f"{server.url}/runs", host))
    except HTTPClientError as refused:
        assert 400 <= refused.code < 500
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_when_told_though_nobody_reads_what_it_prints(tmp_path, how):
    """As where the terminal is gone, or what took its lines has ended."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "WORKBENCH_RUNS": str(tmp_path)}
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", str(port), "--no-browser"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert "The workbench is at" in server.stdout.readline()
        server.stdout.close()
        wait_for(f"http://127.0.0.1:{port}/", server)
        server.send_signal(how)
        with server.stderr:
            assert "Traceback" not in server.stderr.read()
        assert server.wait(90) == 0
    finally:
        server.kill()
        server.wait()


@pytest.mark.slow
def test_a_port_that_is_taken_is_reported_in_one_sentence(server):
    port = urlsplit(server.url).port
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "serve", "--no-browser", "--port", str(port)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert " ".join(done.stderr.split()) == (
        f"Port {port} cannot be used: another program listens there already. Give another one with "
        "--port, or none, which takes one that is free."
    )


def test_a_free_port_is_free_at_every_address_of_this_machine(monkeypatch):
    if "::1" not in OWN:
        pytest.skip("this machine has no ::1")
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as taken:
        taken.bind(("::1", 0))
        taken.listen()
        half, free = taken.getsockname()[1], ports.free_port()
        offered = [half, free]
        monkeypatch.setattr(ports, "free_port", lambda: offered.pop(0))
        server = serving.make_server()
        server.stop()
        assert server.port == free
        with pytest.raises(WorkbenchError, match=f"Port {half} cannot be used"):
            serving.make_server(half)
