"""A page whose connection is lost comes back to its simulation, which ran on meanwhile."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from .conftest import PATIENCE_MS, free_port, served

# A server of its own, and up to a minute away.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


class Line:
    """What lies between a browser and a server, and can be cut."""

    def __init__(self, port: int):
        self.port, self.to = port, 0
        self._ends: list[socket.socket] = []

    def mend(self, url: str = "") -> None:
        self.to = urlsplit(url).port or self.to
        listener = socket.create_server(("127.0.0.1", self.port))
        self._ends.append(listener)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # until it is cut
            while True:
                near, _ = listener.accept()
                self._ends.append(near)
                far = socket.create_connection(("127.0.0.1", self.to))
                self._ends.append(far)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(1 << 16):
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)


@pytest.fixture
def line():
    found = Line(free_port())
    yield found
    found.cut()


def server_behind(line, tmp_path):
    environment = {**os.environ, "WORKBENCH_RUNS": str(tmp_path)}
    return served(environment, "--origin", f"127.0.0.1:{line.port}")


@pytest.fixture
def page(chromium):
    """One that may complain of the connection, and of nothing else."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    yield page
    context.close()
    assert [e for e in errors if not re.search("connect|ERR_CONNECTION_REFUSED", e)] == []


def t_ms(page) -> float:
    return float(page.locator(".wb-status").first.get_attribute("data-t-ms"))


def run(page, line) -> float:
    page.goto(f"http://127.0.0.1:{line.port}/cuba")
    page.get_by_text("ready", exact=True).first.wait_for()
    page.locator(".wb-run").first.click()
    wait(lambda: t_ms(page) > 500)
    return t_ms(page)


def wait(condition, timeout_s=60.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s
        time.sleep(0.1)


@pytest.mark.parametrize("away_s", [2, 10, 60])
def test_the_page_comes_back_to_the_simulation_that_ran_on(line, page, tmp_path, away_s):
    with server_behind(line, tmp_path) as server:
        line.mend(server.url)
        reached, workers = run(page, line), server.workers()
        line.cut()
        page.get_by_text("Server connection lost").first.wait_for()
        page.wait_for_timeout(1000 * away_s)
        assert server.workers() == workers
        line.mend()
        page.get_by_text("Connection with server was re-established").first.wait_for()
        page.get_by_text("running", exact=True).first.wait_for()
        assert t_ms(page) > reached  # and not from the beginning
        reached = t_ms(page)
        wait(lambda: t_ms(page) > reached)
        assert server.workers() == workers
        page.locator(".wb-pause").first.click()  # it hears what is done, and draws
        page.get_by_text("paused", exact=True).first.wait_for()
        assert page.locator(".wb-card-raster canvas").count() > 0
        page.goto("about:blank")  # a page that leaves is not waited for
        wait(lambda: not server.workers(), 30)


def test_a_page_whose_server_began_anew_says_so(line, page, tmp_path):
    with server_behind(line, tmp_path) as server:
        line.mend(server.url)
        run(page, line)
        line.cut()
    with server_behind(line, tmp_path) as server:
        line.mend(server.url)
        page.get_by_text("it begins anew").first.wait_for()
        page.get_by_text("ready", exact=True).first.wait_for()
        assert t_ms(page) == 0
