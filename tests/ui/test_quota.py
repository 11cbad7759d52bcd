"""How much somebody may keep on a server: refused in one sentence, shown where it was asked for."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import param
import pytest

import workbench as wb
from panels.access import quota, visitor
from panels.access.others import Others
from panels.access.quota import LEAST_BYTES, Quota, need_room
from panels.parts.keep_run import Keeping
from panels.runs_page.page import RunsPage
from panels.widgets.background_job import WRITTEN
from workbench.catalogue import Catalogue
from workbench.errors import ParameterError
from workbench.run import Run

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


@pytest.fixture(scope="module")
def run() -> Run:
    return wb.load("ssn-pair").run(20, seed=4, engine="numpy")


@pytest.fixture
def most(monkeypatch):
    """Sets the limit: so many small runs."""
    return lambda n: monkeypatch.setattr(Quota, "most_gb", n * LEAST_BYTES / 1e9)


def kept(catalogue, run):
    """What the button of a page says."""
    button = Keeping(lambda: nullcontext(lambda: run), lambda: catalogue, lambda action: action())
    button.keep()
    began = time.monotonic()
    while button.button.loading or not button.message:
        assert time.monotonic() - began < 60
        time.sleep(0.01)
    return button.message


def test_without_a_limit_everything_is_kept(tmp_path, run):
    assert Quota.most_gb is None
    need_room(Catalogue(tmp_path), run)


def test_what_would_be_too_much_is_not_kept_and_that_is_said(tmp_path, run, most, monkeypatch):
    monkeypatch.setattr("panels.parts.keep_run.draw_ahead", lambda *args, **more: None)
    own = Catalogue(tmp_path / "anna")
    most(2)
    assert kept(own, run).startswith("Kept as ssn-pair-")
    assert kept(own, run).startswith("Kept as ssn-pair-")
    assert kept(own, run) == (
        "Your runs take 2.0 MB of the 2.0 MB that this server allows, and this one takes 1.0 MB: "
        "delete some."
    )
    assert len(own.entries()) == 2
    assert kept(Catalogue(tmp_path / "ben"), run).startswith("Kept")  # he has his own
    own.remove(own.entries()[0].id)
    assert kept(own, run).startswith("Kept")


def test_pages_that_keep_at_once_share_the_room(tmp_path, run, most, monkeypatch):
    monkeypatch.setattr("panels.parts.keep_run.draw_ahead", lambda *args, **more: None)
    own, together = Catalogue(tmp_path), threading.Barrier(4)
    most(1)

    class Slow(Catalogue):
        def keep(self, *given, **more):
            time.sleep(0.3)  # as a run of some size takes
            return super().keep(*given, **more)

    def page():
        together.wait(10)
        return kept(Slow(tmp_path), run)

    with ThreadPoolExecutor(4) as pages:
        said = [each.result() for each in [pages.submit(page) for _ in range(4)]]
    assert len(own.entries()) == 1
    assert sum(text.startswith("Your runs take") for text in said) == 3


def test_a_large_run_counts_as_what_it_takes(tmp_path, run, most, monkeypatch):
    own = Catalogue(tmp_path)
    entry = own.keep(run)
    most(10)
    monkeypatch.setattr(quota, "LEAST_BYTES", 1)
    need_room(own, run)
    with monkeypatch.context() as small:
        small.setattr(Quota, "most_gb", 1.5 * entry.size / 1e9)
        with pytest.raises(ParameterError, match="Your runs take"):
            need_room(own, entry.open())


def test_those_that_all_share_are_limited_as_well(tmp_path, run, most):
    own, shared = Catalogue(tmp_path / "anna"), Catalogue(tmp_path / "all")
    names = [own.keep(run).id for _ in range(2)]
    most(1)
    page = RunsPage(own, shared)
    page.look()
    for name in names:
        with param.discard_events(page.list):  # nothing is drawn here
            page.list.chosen = [name]
        asyncio.run(page._share())
    assert len(shared.entries()) == 1
    assert page.error_banner.visible
    assert page.error_banner.said == (
        "Shared runs take 1.0 MB of the 1.0 MB that this server allows, and this one takes "
        "1.0 MB: ask who looks after it."
    )


def test_while_a_large_run_is_shared_other_pages_are_answered(tmp_path, run, monkeypatch):
    own, shared = Catalogue(tmp_path / "anna"), Catalogue(tmp_path / "all")
    name = own.keep(run).id
    page = RunsPage(own, shared)
    page.look()
    with param.discard_events(page.list):
        page.list.chosen = [name]
    answered, keep = threading.Event(), shared.keep

    def slowly(*args):
        assert answered.wait(30)  # by the event loop, which copies nothing itself
        return keep(*args)

    monkeypatch.setattr(shared, "keep", slowly)

    async def both() -> None:
        sharing = asyncio.ensure_future(page._share())
        while not page.share.loading:
            await asyncio.sleep(0)
        await page._share()  # pressed again, by a page that lets it be
        assert page.error_banner.said == WRITTEN
        answered.set()
        await sharing

    asyncio.run(both())
    assert [entry.id for entry in shared.entries()] == [name]
    assert (page.share.label, page.share.loading) == ("Shared", False)


@pytest.mark.parametrize("given", [0.0, -1.0, float("inf"), float("nan")])
def test_a_limit_that_makes_no_sense_is_refused(given):
    with pytest.raises(ParameterError, match=r"--quota .* is not allowed: a number of GB above 0"):
        Others(quota_gb=given)


def test_a_server_sets_what_was_asked_for(monkeypatch):
    from panels import serving

    monkeypatch.setattr(Quota, "most_gb", None)
    monkeypatch.setattr(serving, "pages", dict)
    server = serving.make_server(to_others=Others(quota_gb=3.0))
    server.stop()
    assert Quota.most_gb == 3.0
    visitor.use_accounts(False)
