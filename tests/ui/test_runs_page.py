"""The page of saved runs without a browser: what it shows while the catalogue changes."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import io
import json
import re
import threading
import time
import zipfile

import panel_material_ui as pmui
import param
import pytest

import workbench as wb
from panels.access import visitor
from panels.access.visitor import Visitor
from panels.parts import run_plots
from panels.runs_page import details
from panels.runs_page import page as runs_page
from panels.runs_page.page import SHARED, RunsPage
from workbench.catalogue import Catalogue, RunEntry
from workbench.settings import PNG_DPI

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")


def test_what_was_read_before_a_change_is_not_shown_after_it(tmp_path, monkeypatch):
    page, shown = RunsPage(Catalogue(tmp_path)), []
    monkeypatch.setattr(page, "_show", lambda *found: shown.append(found))

    async def changed_while_it_is_read():
        loop = asyncio.get_running_loop()
        began, may_go = asyncio.Event(), threading.Event()

        def read():
            loop.call_soon_threadsafe(began.set)
            assert may_go.wait(60)
            return ("old",)

        monkeypatch.setattr(page, "_read", read)
        again = asyncio.create_task(page.look_again())
        await began.wait()
        monkeypatch.setattr(page, "_read", lambda: ("new",))
        page.look()
        may_go.set()
        await again

    asyncio.run(changed_while_it_is_read())
    assert shown == [("new",)]
    asyncio.run(page.look_again())
    assert shown == [("new",), ("new",)]


def test_runs_that_the_index_does_not_know_hold_up_no_other_page(tmp_path, monkeypatch):
    places = []

    def entries(self, *_args):
        places.append((self.folder.name, threading.current_thread() is threading.main_thread()))
        return []

    monkeypatch.setattr(Catalogue, "entries", entries)
    here = Visitor("", lambda: Catalogue(tmp_path / "own"), lambda: Catalogue(tmp_path / "all"))
    monkeypatch.setattr(runs_page, "visitor", lambda: here)
    monkeypatch.setattr(runs_page.pn.state, "onload", lambda begin: started.append(begin))
    started = []
    runs_page.app()
    assert places == [] and len(started) == 1

    async def both():
        page = RunsPage(here.own(), here.shared())
        await page.look_again()
        with param.discard_events(page.whose):
            page.whose.value = SHARED
        await page._on_whose()

    asyncio.run(both())
    assert places == [("own", False), ("all", False)]


def test_a_run_that_is_gone_meanwhile_is_not_taken_for_one_whose_name_begins_so(tmp_path):
    catalogue, run = Catalogue(tmp_path), wb.load("ssn-pair").run(5, engine="numpy")
    for name in ("made", "made-2"):  # as two that are kept in the same second
        catalogue.keep(run, name)
    page = RunsPage(Catalogue(tmp_path))
    page.look()
    with param.discard_events(page.list):  # nothing is drawn here
        page.list.chosen = ["made"]
    catalogue.remove("made.zarr")  # on another page
    page.tags.value = "not of this one"
    page._label()
    page._delete()
    assert [(e.id, e.tags) for e in catalogue.entries()] == [("made-2", ())]


@pytest.mark.slow
def test_a_kept_run_is_taken_away_as_on_the_page_of_its_model(tmp_path):
    done = wb.load("ssn-pair", h=7).run(20, seed=4, engine="numpy")
    entry = Catalogue(tmp_path).keep(done)
    page = RunsPage(Catalogue(tmp_path))
    page.look()
    with param.discard_events(page.list):  # nothing is drawn here
        page.list.chosen = [entry.id]

    async def taken():
        await page._take()
        return {
            k: (await page.taking.files[k].callback()).getvalue() for k in ("parameters", "csv")
        }

    files = asyncio.run(taken())
    assert page.taking.dialog.open and not page.error_banner.visible
    assert [f.filename for f in page.taking.files.values()][2:4] == [
        f"{entry.id}.nwb", f"{entry.id}.mat",
    ]  # fmt: skip
    assert json.loads(files["parameters"])["parameters"]["h"] == 7
    assert f"{entry.id}/spikes.csv" in zipfile.ZipFile(io.BytesIO(files["csv"])).namelist()
    assert page.taking.copied["link"].text == "/ssn-pair?h=7&seed=4&t=20&ran=numpy&link=1"
    assert "wb.load('ssn-pair', h=7.0)" in page.taking.copied["python"].text
    page.catalogue.remove(entry.id)
    asyncio.run(page._take())
    assert page.error_banner.visible  # it is gone meanwhile


def test_it_says_how_many_runs_of_how_many_are_listed(tmp_path):
    run = wb.load("ssn-pair").run(5, engine="numpy")
    catalogue, said = Catalogue(tmp_path), []
    page = RunsPage(Catalogue(tmp_path))
    for name, tags in (("one", ["x"]), ("two", [])):
        catalogue.keep(run, name, tags)
        page.look()
        said.append(page.message.object)
    page.tag.value = "x"
    said.append(page.message.object)
    assert said == ["1 run", "2 runs", "1 of 2 runs"]


def test_the_list_makes_way_where_it_lies_over_the_page(tmp_path):
    Catalogue(tmp_path).keep(wb.load("ssn-pair").run(5, engine="numpy"), "one")
    page = RunsPage(Catalogue(tmp_path))
    page.look()

    async def looked_at():
        page.list.done += 1
        assert page.view.sidebar_open  # beside the page, in a wide window
        page.window.narrow = True
        assert page.view.sidebar_open  # nothing was chosen yet
        with param.discard_events(page.list):  # nothing is drawn here
            page.list.chosen = ["one"]
        page.list.done += 1
        assert not page.view.sidebar_open
        page.list.chosen = []
        page.window.narrow = False
        await asyncio.sleep(0)
        assert page.view.sidebar_open

    asyncio.run(looked_at())


@pytest.mark.parametrize("name", ['a");print("b.zarr', "it's.zarr", "\"'.zarr"])
def test_the_python_of_a_run_holds_its_name_as_a_text(tmp_path, name):
    path = wb.load("ssn-pair").run(1, engine="numpy").save(tmp_path / name)
    about = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(about | {"model": "another"}))
    page = RunsPage(Catalogue(tmp_path))
    page.look()
    with param.parameterized.discard_events(page.list):  # nothing is drawn
        page.list.chosen = [path.stem]
    page.taking.build(["link", "python"])

    async def python() -> str:
        await page._take()
        return page.taking.copied["python"].text

    calls = [n for n in ast.walk(ast.parse(asyncio.run(python()))) if isinstance(n, ast.Call)]
    assert [ast.literal_eval(call.args[0]) for call in calls] == [path.as_posix()]


def test_the_letters_of_all_plots_have_one_size(tmp_path):
    path = str(wb.load("ssn-pair").run(20, engine="numpy").save(tmp_path / "one.zarr"))

    def widths_mm(found):
        return {title: 25.4 * int.from_bytes(png[16:20], "big") / PNG_DPI for title, png in found}

    wide = run_plots.of_one(path)
    assert len({round(mm) for mm in widths_mm(wide).values()}) > 1  # drawn in several widths
    shown = re.findall(r'alt="(\w+)" style="width: (\d+)px', details.plots(wide))
    assert {title: float(px) for title, px in shown} == pytest.approx(
        {title: details.PX_AN_INCH / 25.4 * mm for title, mm in widths_mm(wide).items()}, abs=1
    )
    narrow = run_plots.of_one(path, run_plots.NARROW_MM)
    assert all(mm <= run_plots.NARROW_MM + 0.1 for mm in widths_mm(narrow).values())


def test_whoever_shows_the_runs_of_all_can_change_none_of_them(tmp_path):
    own, shared = Catalogue(tmp_path / "own"), Catalogue(tmp_path)
    entry = shared.keep(wb.load("ssn-pair").run(5, engine="numpy"), "of-another", ["hers"], "hers")
    page = RunsPage(own, shared)
    with param.discard_events(page.whose):
        page.whose.value = SHARED
    asyncio.run(page._on_whose())
    with param.discard_events(page.list):  # nothing is drawn here
        page.list.chosen = [entry.id]
    # Their buttons are hidden, but a page can be made to say that one was pressed.
    assert not page.labels.visible
    page.tags.value, page.notes.value = "", "changed"
    for button in (page.keep, page.delete, *page.dialog.select(pmui.Button)):
        button.clicks += 1
        assert shared.entry(entry.id).notes == "hers", button.label
    assert "of-another" in page.error_banner.said


def test_where_people_log_in_the_page_names_no_folder(tmp_path):
    entry = Catalogue(tmp_path).keep(wb.load("ssn-pair").run(5, engine="numpy"), "one")
    damaged = dataclasses.replace(entry, outcome="damaged", message=f"{entry.path} is damaged: x.")
    for logged_in in (False, True):
        visitor.use_accounts(logged_in)
        try:
            shown = details.of_one(entry) + details.heading([damaged])
            shown += details.plots([("Raster", f"{entry.path}/run.json cannot be read.")])
        finally:
            visitor.use_accounts(False)
        assert (str(tmp_path) in shown) is not logged_in
        assert "one.zarr is damaged: x." in shown and "run.json cannot be read." in shown


def test_a_run_of_very_many_parameters_is_shown_at_once(tmp_path):
    names = [f"p{k}" for k in range(100_000)]
    one = RunEntry("one", tmp_path / "one.zarr", model="cuba", parameters=dict.fromkeys(names, 1.0))
    other = dataclasses.replace(one, parameters=dict.fromkeys(names, 2.0))
    details.of_one(dataclasses.replace(one, parameters={}))  # the models are looked for once
    began = time.process_time()
    shown = (details.of_one(one), details.of_two(one, other))
    assert time.process_time() - began < 1.0
    assert all("… and 99,000 more." in text and len(text) < 200_000 for text in shown)
