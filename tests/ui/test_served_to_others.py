"""Two people at one server, behind a proxy that has the pages below a path."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.ui.conftest import free_port, served, wait_for
from workbench.accounts import Accounts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PREFIX = "/lab/workbench"

# Keeps the path, passes websockets on, and says who asks: as docs/serving.md shows.
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{front};
    location {prefix}/ {{
      proxy_pass {back};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_read_timeout 3600s;
    }}
  }}
}}
"""


@pytest.fixture
def front(tmp_path):
    """The address of the gallery behind nginx, and the folder of the runs."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    accounts = Accounts(tmp_path / "users")
    for name in ("anna", "ben"):
        accounts.add(name, "correct horse")
    accounts.write()
    port, runs = free_port(), tmp_path / "runs"
    options = (
        "--users", str(accounts.path), "--prefix", PREFIX, "--origin", f"127.0.0.1:{port}",
        "--behind-proxy",
    )  # fmt: skip
    environment = {**os.environ, "WORKBENCH_RUNS": str(runs)}
    with served(environment, *options, path=f"{PREFIX}/login") as server:
        file = tmp_path / "nginx.conf"
        file.write_text(NGINX.format(folder=tmp_path, front=port, back=server.url, prefix=PREFIX))
        process = subprocess.Popen(["nginx", "-c", str(file)])
        try:
            url = f"http://127.0.0.1:{port}{PREFIX}/"
            wait_for(f"{url}login", process)
            yield url, runs
        finally:
            process.terminate()
            process.wait(30)


def log_in(page, name):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Log in").click()


def test_each_keeps_runs_of_their_own_and_may_share_them(front, open_page):
    url, runs = front
    page = open_page(f"{url}cuba")
    log_in(page, "anna")
    page.wait_for_url(f"{url}cuba")
    page.get_by_text("ready", exact=True).first.wait_for()
    page.locator(".wb-run").first.click()
    page.locator(".wb-pause").first.click()
    page.locator(".wb-keep").first.click()
    page.get_by_text("Kept as").wait_for()
    kept = list((runs / "users" / "anna").glob("*.zarr"))
    assert len(kept) == 1
    page.get_by_role("link", name="Circuit workbench").first.click()
    page.wait_for_url(url)
    page.get_by_role("link", name="Saved runs").click()
    page.wait_for_url(f"{url}runs")
    page.get_by_text(kept[0].stem).first.wait_for()

    other = open_page(f"{url}runs")
    log_in(other, "ben")
    other.get_by_text("No run was kept yet").wait_for()
    assert str(runs) not in other.content()

    page.get_by_text(kept[0].stem).first.click()
    page.get_by_role("button", name="Share a copy with all").click()
    page.get_by_role("button", name="Shared", exact=True).wait_for()
    other.locator(".wb-whose-runs").get_by_role("combobox").click()
    other.get_by_role("menuitem", name="shared by all").click()
    other.get_by_text(kept[0].stem).first.click()
    other.get_by_role("heading", name=kept[0].stem).wait_for()
    assert not other.get_by_role("button", name="Delete").is_visible()
    assert str(runs) not in other.content()

    page.goto(url)
    page.get_by_role("link", name="Log out anna").click()
    page.get_by_role("heading", name="Log in").wait_for()


def test_pages_take_turns_rest_and_go_on_where_they_stood(tmp_path, open_page):
    environment = {**os.environ, "WORKBENCH_RUNS": str(tmp_path)}
    with served(environment, "--limit", "1", "--idle", "0.25") as server:
        first, second = (open_page(f"{server.url}/cuba") for _ in range(2))
        for page in (first, second):
            page.get_by_text("ready", exact=True).first.wait_for()
        assert len(server.workers()) == 2
        first.locator(".wb-run").first.click()
        first.get_by_text("running", exact=True).first.wait_for()
        second.locator(".wb-run").first.click()
        second.get_by_text("waiting for its turn").first.wait_for()
        # Nobody touches the first: it pauses, and the second runs by itself.
        first.get_by_text("nobody touched this page").first.wait_for()
        second.get_by_text("running", exact=True).first.wait_for()
        stood = first.locator(".wb-status").first
        t_ms = float(stood.get_attribute("data-t-ms"))
        assert t_ms > 0
        second.get_by_text("nobody touched this page").first.wait_for()
        while server.workers():  # both have given theirs back
            first.wait_for_timeout(200)
        first.locator(".wb-run").first.click()
        first.get_by_text("running", exact=True).first.wait_for()
        first.locator(".wb-pause").first.click()
        first.get_by_text("paused", exact=True).first.wait_for()
        assert float(stood.get_attribute("data-t-ms")) > t_ms
        assert len(server.workers()) == 1
        for page in (first, second):  # before their server ends
            page.close()
