"""Each patch of Bokeh and Panel in the table: left out where its target is not, and said once."""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import re
import socket
import subprocess
import sys
import time
import tracemalloc
import weakref
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.core.serialization import DeserializationError, Deserializer
from bokeh.document import Document
from bokeh.models import Range1d
from bokeh.protocol import Protocol
from bokeh.protocol.exceptions import ProtocolError
from bokeh.protocol.message import Message
from bokeh.server.connection import ServerConnection
from bokeh.server.contexts import ApplicationContext
from bokeh.server.views.ws import WSHandler
from bokeh.util import token
from panel.io import document as panel_documents
from panel.io.state import set_curdoc, state
from panel.util import edit_readonly
from panel.viewable import Renderable
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.locks import Condition
from tornado.websocket import WebSocketClosedError

from panels.bokeh_internals import (
    batching,
    clock,
    closing,
    error_words,
    heartbeat,
    leaving,
    loop_clock,
    notebook_thread,
    own_sessions,
    patches,
    unpacking,
)
from panels.bokeh_internals.busy import look_after_busy_state, never_busy
from panels.bokeh_internals.closing import forget
from panels.bokeh_internals.second_address import also_from, also_listen

from .conftest import free_port, logged, wait_for
from .test_journey import MARKS, drawings, press, until

ROOM = Path(patches.__file__).parent
PAGE = [p.name for p in patches.PATCHES if isinstance(p.target, patches.Target)]
pytestmark = [
    pytest.mark.usefixtures("nothing_left_out"),
    pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning"),
]


def finish(coroutine) -> None:
    """Run a coroutine that waits for nothing, also beside the loop of a browser's driver."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


# -- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize("patch", patches.PATCHES, ids=lambda p: p.name)
def test_each_patch_is_described_and_its_code_and_test_exist(patch):
    for text in (patch.what, patch.why, patch.gain, patch.how, patch.target, patch.tried):
        assert text
    # What saves something says how much; the others say what does not work without them.
    assert re.search(r"\d", patch.gain) or patch.gain.startswith(("without it ", "not measured"))
    assert (ROOM.parents[1] / patch.how).is_file()
    code = (ROOM / patch.home).read_text()
    assert f"{patch.name}: quick_{patch.name}" in code or f'("{patch.name}"' in code
    file, _, function = patch.test.partition("::")
    assert f"\ndef {function}(" in (ROOM.parents[1] / file).read_text()


def test_the_page_applies_the_patches_of_the_table_and_no_others():
    text = (ROOM / "bokeh_patches.js").read_text()
    listed = re.search(r"const PATCHES = \{(.*?)\};", text, re.S)[1]
    assert re.findall(r"(\w+): quick_\1", listed) == PAGE
    assert len(patches.BY_NAME) == len(patches.PATCHES)


def test_a_notebook_gets_only_what_other_plots_may_have_too():
    assert {t["name"] for t in patches.for_page(own=True)} == set(PAGE)
    in_notebook = {t["name"] for t in patches.for_page(own=False)}
    assert in_notebook == {p.name for p in patches.PATCHES if p.where == "any page"}


def test_the_environment_leaves_patches_out(monkeypatch):
    name = PAGE[0]
    monkeypatch.setenv("WORKBENCH_WITHOUT", f"{name}, short-arrays")
    assert name not in {t["name"] for t in patches.for_page(own=True)}
    assert not patches.on("short-arrays") and patches.on("one-message")


# -- in the browser ------------------------------------------------------------------------------

# A server that gives a page another name for the target of the patch that ?renamed= says.
RENAMED = """
import sys
import time
import panel as pn
from panels.bokeh_internals import patches
given = patches.for_page
def for_page(own):
    (asked,) = pn.state.session_args.get("renamed", [b""])
    targets = given(own)
    for target in targets:
        if target["name"] == asked.decode():
            for kind in ("methods", "inside"):
                target[kind] = {f"renamed_{k}": v for k, v in target[kind].items()}
            target["properties"] = [f"renamed_{name}" for name in target["properties"]]
    return targets
patches.for_page = for_page
sys.argv = ["workbench", "serve", "--port", sys.argv[1], "--no-browser"]
from workbench.cli import main
main()
"""
APPLIED = """() => {
  const quick = ({ name, module, owner }) => Object.hasOwn(
    (module ? Bokeh.require(module) : window)[owner].prototype, `wb_quick_${name}`);
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (typeof m.beat === "number" && m.patches)
      return JSON.parse(m.patches).filter(quick).map(({ name }) => name);
  return [] }"""


@pytest.fixture(scope="module")
def renaming(tmp_path_factory):
    """Address of the server, and its log."""
    port, folder = free_port(), tmp_path_factory.mktemp("renaming")
    log = folder / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", RENAMED, str(port)], stdout=out, stderr=out,
            env={**os.environ, "WORKBENCH_RUNS": str(folder)},
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}", log
    finally:
        process.terminate()
        process.wait(90)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", PAGE)
def test_a_page_works_without_one_of_its_patches(renaming, open_page, name):
    url, log = renaming
    page = open_page("about:blank")
    message: list[str] = []
    page.on("console", lambda m: message.append(m.text) if m.type == "warning" else None)
    page.goto(f"{url}/hippocampal-cam?renamed={name}")
    page.locator(".wb-status[data-state=ready]").first.wait_for(state="attached")
    press(page, "run")
    press(page, "learn")
    until(lambda: page.evaluate(MARKS) > 0)  # it runs and draws
    drawings(page, 3)  # and answers: only then more is drawn
    (sentence,) = [text for text in message if "draws in its own way" in text]
    assert re.search(rf"\({name}: renamed_\w+ is not there\)", sentence)
    assert set(page.evaluate(APPLIED)) == set(PAGE) - {name}
    until(lambda: sentence in log.read_text())
    assert log.read_text().count(f"({name}: ") == 1
    assert page.locator(".wb-not-ready").count() == 0


# -- in Python -----------------------------------------------------------------------------------


class Weakly(SimpleNamespace):
    """One that can be referred to weakly."""


@pytest.fixture
def served(monkeypatch):
    """A document of a session with one browser; what Bokeh itself sends of it; the session."""
    document, by_bokeh = Document(), []
    model = Range1d(0, 1)
    document.add_root(model)
    document.models.flush_synced()
    session = SimpleNamespace(_subscribed_connections=[SimpleNamespace(_socket=object())])
    context = Weakly(session=session)
    document._session_context = weakref.ref(context)
    document.on_change(by_bokeh.append)
    with set_curdoc(document):
        yield model, by_bokeh, session, context


@pytest.mark.parametrize("missing", ["_subscribed_connections", "_socket"])
def test_without_the_connections_changes_go_in_bokeh_s_way(served, caplog, missing):
    model, by_bokeh, session, _context = served
    delattr(session if hasattr(session, missing) else session._subscribed_connections[0], missing)
    for value in (2, 4):
        with batching.together() as parcel:
            model.start = value
        assert parcel._messages == []
    assert [e.attr for e in by_bokeh] == ["start", "start"]
    (message,) = logged(caplog)
    assert "(one-message: " in message and missing in message


def test_a_page_that_is_closed_within_a_message_is_no_fault(caplog):
    sent = []

    class Closed(Message):
        def __init__(self, left):
            self.left = left

        async def send(self, handler):
            if self.left:
                raise WebSocketClosedError
            sent.append(handler)

    parcel = batching.Parcel()
    parcel.add("left", Closed(True))
    parcel.add("there", Closed(False))
    finish(parcel.send())
    assert sent == ["there"] and caplog.records == []


def test_arrays_are_sent_as_bokeh_does_without_its_encoders(renamed, caplog):
    array = np.linspace(0, 1, 5)
    assert batching.changes_of(set()).encode(array)["array"] == array.tolist()
    renamed("short-arrays")
    for _ in range(2):
        changes = batching.changes_of(set())
        assert not isinstance(changes.encode(array)["array"], list)
        assert len(changes.buffers) == 1
    (message,) = logged(caplog)
    assert "(short-arrays: renamed_encode_ndarray is not there)" in message


def test_properties_are_set_in_panel_s_way_where_it_is_other(caplog):
    reported = []
    component = SimpleNamespace(
        param=SimpleNamespace(update=lambda **values: reported.append(values)), _models={}
    )  # without _changing
    batching.report(component, beat=1)
    batching.report(component, beat=2)
    assert reported == [{"beat": 1}, {"beat": 2}]
    (message,) = logged(caplog)
    assert "(quiet-properties: _changing is not there)" in message


def test_a_page_that_says_it_has_shown_very_much_takes_no_memory():
    found = heartbeat.Heartbeat(lambda _key: None)
    tracemalloc.start()
    try:
        found._handle_msg({"beat": 1, "shown": 10**15})
        found._handle_msg({"beat": 2, "shown": -3})
        assert tracemalloc.get_traced_memory()[1] < 10**6
    finally:
        tracemalloc.stop()
    assert found.per_second() == heartbeat.MOST_ANSWERS


def test_a_page_that_says_it_has_drawn_what_was_not_sent_is_waited_for():
    found = heartbeat.Heartbeat(lambda _key: None)
    found._handle_msg({"beat": 10**9, "shown": 1})
    assert found.ready()
    for t_ms in range(heartbeat.AHEAD):
        found.sent(t_ms)
    assert not found.ready()


def test_answers_come_in_panel_s_way_where_it_is_other(monkeypatch, renamed, caplog):
    renamed("answers")
    found = [heartbeat.Heartbeat(lambda _key: None) for _ in range(2)]
    answer = SimpleNamespace(data={"beat": 3, "shown": 2})
    for beat in found:
        taken = []
        monkeypatch.setattr(heartbeat.JSComponent, "_server_event", lambda *a, t=taken: t.append(a))
        beat._server_event(None, answer)
        assert taken == [(beat, None, answer)] and beat._drawn == 0
    (message,) = logged(caplog)
    assert "(answers: renamed_server_event is not there)" in message


def test_panel_s_clock_draws_where_the_lock_is_elsewhere(served, monkeypatch, caplog):
    _model, _by_bokeh, _session, _context = served  # its session has no with_document_locked
    begun, periods = [], []
    monkeypatch.setattr(Document, "add_next_tick_callback", lambda _self, f: begun.append(f))
    monkeypatch.setattr(
        type(pn.state), "add_periodic_callback",
        lambda _self, call, period: periods.append((call, period)) or SimpleNamespace(stop=print),
    )  # fmt: skip
    drawn = []
    for _ in range(2):
        one = clock.Clock(lambda: drawn.append(1), lambda: True, pytest.fail)
        one.start()
        finish(begun[-1]())
        finish(periods[-1][0]())
    assert drawn == [1, 1] and [period for _, period in periods] == [33, 33]
    (message,) = logged(caplog)
    assert "(clock: with_document_locked is not there)" in message


def test_a_page_without_a_busy_sign_is_left_alone(caplog):
    for _ in range(2):
        never_busy(SimpleNamespace())
    (message,) = logged(caplog)
    assert "(idle: busy is not there)" in message


def test_the_busy_state_is_looked_after_in_panel_s_way_where_it_is_other(
    renamed, monkeypatch, caplog
):
    renamed("busy-task")
    monkeypatch.setattr(type(state), "_schedule_busy_cleanup", pytest.fail)
    for _ in range(2):
        look_after_busy_state()
    (message,) = logged(caplog)
    assert "(busy-task: renamed_schedule_busy_cleanup is not there)" in message


def test_closed_pages_are_forgotten_in_panel_s_way_where_it_is_other(renamed, monkeypatch, caplog):
    closed, other = Document(), Document()
    views = {"a": (None, None, closed, None), "b": (None, None, other, None)}
    monkeypatch.setattr(type(state), "_views", views)
    forget(closed)
    assert list(views) == ["b"]
    renamed("closed-views")
    for _ in range(2):
        forget(other)
    assert list(views) == ["b"]
    (message,) = logged(caplog)
    assert "(closed-views: renamed_views is not there)" in message


def test_garbage_of_closed_pages_is_looked_for_once(monkeypatch):
    began, looked = [], []
    monkeypatch.setattr(panel_documents, "_garbage_collect", panel_documents._garbage_collect)
    monkeypatch.setattr(closing.gc, "collect", lambda: looked.append(1))
    timer = SimpleNamespace(call_later=lambda after_s, then: began.append(then))
    monkeypatch.setattr(closing.IOLoop, "current", lambda: timer)
    closing.collect_together()
    for _ in range(2):
        for _ in range(3):
            panel_documents._garbage_collect()  # as Panel does for each page that was closed
        began[-1]()
    assert len(began) == len(looked) == 2


def test_garbage_is_looked_for_in_panel_s_way_where_it_is_other(renamed, monkeypatch, caplog):
    monkeypatch.setattr(panel_documents, "_garbage_collect", pytest.fail)
    renamed("closed-garbage")
    for _ in range(2):
        closing.collect_together()
    assert panel_documents._garbage_collect is pytest.fail
    (message,) = logged(caplog)
    assert "(closed-garbage: renamed_garbage_collect is not there)" in message


@pytest.fixture
def bounded(monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    # As Bokeh has them, though a server of another test may have bound them; and back.
    for name in ("_decode_bytes", "_decode_ndarray"):
        now = getattr(Deserializer, name)
        monkeypatch.setattr(Deserializer, name, getattr(now, "__wrapped__", now))
    now = Message.assemble_buffer
    monkeypatch.setattr(Message, "assemble_buffer", getattr(now, "__wrapped__", now))
    monkeypatch.setattr(token, "zlib", zlib)
    return unpacking.bound_once


def sent(*contents: bytes) -> list[dict[str, str]]:
    packed = (base64.b64encode(gzip.compress(each)).decode() for each in contents)
    return [{"type": "bytes", "data": data} for data in packed]


def test_what_a_message_is_unpacked_to_is_no_longer_than_a_message_may_be(bounded):
    bounded()
    bounded()  # a second server
    assert Deserializer().decode(sent(b"a" * 400, b"b" * 600)) == [b"a" * 400, b"b" * 600]
    for message in (sent(bytes(10**8)), sent(bytes(1001)), sent(bytes(600), bytes(600))):
        tracemalloc.start()
        try:
            with pytest.raises(DeserializationError, match="more than 1000 bytes are packed"):
                Deserializer().decode(message)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert most < 10**6
    for data in ("!", "A", "AAAA"):
        with pytest.raises(DeserializationError, match=r"cannot be (read|unpacked)"):
            Deserializer().decode({"type": "bytes", "data": data})


@pytest.mark.parametrize("kind", ["S1000000", "U1000000", "(100,1000)f8", "V1000000", "M8[s]", 7])
def test_arrays_whose_entries_have_any_length_are_not_made(bounded, kind):
    bounded()
    array = {"type": "ndarray", "array": [0, 1], "shape": [2], "order": sys.byteorder}
    for name in ("int32", "uint8", "float64", "bool", "object"):
        made = Deserializer().decode({**array, "dtype": name})
        assert (made.dtype.name, made.tolist()) == (name, [0, 1])
    with pytest.raises(DeserializationError, match=r"arrays of the kind '.*' are not read"):
        Deserializer().decode({**array, "dtype": kind})


def test_bytes_are_unpacked_in_bokeh_s_way_where_it_is_other(bounded, renamed, caplog):
    renamed("unpacking")
    bounded()
    assert Deserializer().decode(sent(bytes(5000))) == [bytes(5000)]
    (message,) = logged(caplog)
    assert "(unpacking: renamed_decode_bytes is not there)" in message


def parts(n: int, size: int) -> Message:
    """A message that says it has very many parts, and has these."""
    message = Message({"msgid": "a", "msgtype": "PATCH-DOC", "num_buffers": 10**9}, {}, {})
    for k in range(n):
        message.assemble_buffer({"id": str(k)}, bytes(size))
    return message


def test_the_parts_of_a_message_are_together_no_longer_than_it_may_be(bounded, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_OF_PARTS", 10_000)
    bounded()
    bounded()  # a second server
    assert len(parts(4, 1000).buffers) == 4
    for n, size in ((1, 10_000), (3, 3000), (11, 0)):
        with pytest.raises(ProtocolError, match="parts of more than 10000 bytes"):
            parts(n, size)


def test_parts_are_taken_in_bokeh_s_way_where_it_is_other(bounded, renamed, monkeypatch, caplog):
    monkeypatch.setattr(unpacking, "MOST_OF_PARTS", 10)
    renamed("parts")
    bounded()
    assert len(parts(4, 1000).buffers) == 4
    (message,) = logged(caplog)
    assert "(parts: renamed_assemble_buffer is not there)" in message


def test_tokens_are_unpacked_in_bokeh_s_way_where_it_is_other(bounded, renamed, caplog):
    renamed("tokens")
    bounded()
    long = token.generate_jwt_token("a", extra_payload={"long": "x" * 10**6})
    assert len(token.get_token_payload(long)["long"]) == 10**6
    (message,) = logged(caplog)
    assert "(tokens: renamed_zlib is not there)" in message


def test_a_token_is_no_longer_than_a_request_can_be(bounded):
    bounded()
    bounded()  # a second server
    usual, long = (
        token.generate_jwt_token("a", extra_payload={"long": "x" * n}) for n in (2**16, 10**6)
    )
    assert len(token.get_token_payload(usual)["long"]) == 2**16
    with pytest.raises(unpacking.BadToken, match="too long"):
        token.get_token_payload(long)


def test_sessions_are_given_in_bokeh_s_way_where_it_is_other(monkeypatch, renamed, caplog):
    plain = getattr(ApplicationContext.create_session_if_needed, "__wrapped__", None)
    plain = plain or ApplicationContext.create_session_if_needed
    monkeypatch.setattr(ApplicationContext, "create_session_if_needed", plain)
    renamed("own-sessions")
    own_sessions.bind_once(lambda cookies: None)
    assert ApplicationContext.create_session_if_needed is plain
    (message,) = logged(caplog)
    assert "(own-sessions: renamed_create_session_if_needed is not there)" in message


def told(text: str) -> dict[str, object]:
    """What a page is told of an error, whose traceback names this file."""
    connection = SimpleNamespace(protocol=Protocol())
    message = SimpleNamespace(header={"msgid": "1"})
    try:
        raise ValueError(text)
    except ValueError as error:
        return ServerConnection.error(connection, message, repr(error)).content


@pytest.fixture
def as_bokeh(monkeypatch):
    plain = getattr(ServerConnection.error, "__wrapped__", ServerConnection.error)
    monkeypatch.setattr(ServerConnection, "error", plain)


def test_a_page_is_told_of_an_error_without_the_folders_of_the_server(as_bokeh):
    assert __file__ in str(told("no"))
    for _ in range(2):  # a second server
        error_words.tell_once(lambda text: text.replace("/srv/course/", ""))
    found = told("/srv/course/one.zarr is damaged")
    assert found == {"text": "ValueError('one.zarr is damaged')", "traceback": None}


def test_errors_are_told_in_bokeh_s_way_where_it_is_other(as_bokeh, renamed, caplog):
    renamed("errors")
    error_words.tell_once(str.upper)
    assert told("no")["text"] == "ValueError('no')"
    (message,) = logged(caplog)
    assert "(errors: renamed_error is not there)" in message


@pytest.mark.parametrize("left_out", [False, True])
def test_pages_are_drawn_on_when_the_date_is_set_back(left_out, renamed, monkeypatch, caplog):
    if left_out:
        renamed("loop-clock")
    drawn, before = [], time.time

    async def set_back() -> None:
        loop_clock.be_steady(IOLoop.current())
        clock = PeriodicCallback(lambda: drawn.append(1), 10)
        clock.start()
        await asyncio.sleep(0.1)
        monkeypatch.setattr(time, "time", lambda: before() - 3 * 86_400)
        await asyncio.sleep(0.1)  # what was due comes
        drawn.clear()
        await asyncio.sleep(0.3)
        clock.stop()

    asyncio.run(set_back())
    assert bool(drawn) is not left_out
    assert any("loop-clock" in message for message in logged(caplog)) is left_out


def test_other_loops_of_the_process_wait_for_a_date():
    async def waited() -> None:
        loop_clock.be_steady(IOLoop.current())
        other = await asyncio.to_thread(asyncio.run, late())
        assert other < 5.0

    async def late() -> float:
        """Seconds until what is awaited until a date, as Dask does, is given up."""
        began = time.monotonic()
        assert not await Condition().wait(timeout=time.time() + 0.05)
        return time.monotonic() - began

    asyncio.run(asyncio.wait_for(waited(), 20))


def test_a_page_does_not_follow_the_busy_state_of_all_pages():
    page = pmui.Page()
    never_busy(page)
    with edit_readonly(state):
        state.busy = True
    try:
        assert not page.busy
    finally:
        with edit_readonly(state):
            state.busy = False


def test_a_notebook_is_drawn_in_panel_s_way_where_it_is_other(monkeypatch, caplog):
    monkeypatch.setattr(batching, "push", pytest.fail)
    for _ in range(2):
        with batching.together(SimpleNamespace()) as parcel:  # a page without _models
            pass
        assert parcel._messages == []
    (message,) = logged(caplog)
    assert "(notebook-push: _models is not there)" in message


def test_a_notebook_answers_where_its_door_is_elsewhere(renamed, caplog):
    renamed("notebook-thread")
    door = Renderable._on_msg
    notebook_thread.answer_on_this_thread()
    notebook_thread.answer_on_this_thread()
    assert Renderable._on_msg is door
    (message,) = logged(caplog)
    assert "(notebook-thread: renamed_on_msg is not there)" in message


def test_a_server_without_a_second_address_is_at_the_first(caplog):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    for one in sockets:
        also_listen(SimpleNamespace(), [one])
        assert one.fileno() == -1  # closed: nobody waits at it for an answer
    (message,) = logged(caplog)
    assert "(second-address: _http is not there)" in message


def test_a_server_of_another_make_is_talked_to_by_name_alone(caplog):
    for _ in range(2):
        also_from(SimpleNamespace(), {"[::1]:5006"})
    (message,) = logged(caplog)
    assert "(six-origins: _tornado is not there)" in message


def test_pages_leave_in_bokeh_s_way_where_it_is_other(monkeypatch, caplog):
    handler = SimpleNamespace()
    monkeypatch.setattr(leaving, "WSHandler", handler)
    leaving.leave_once()
    assert vars(handler) == {}
    (message,) = logged(caplog)
    assert "(leaving: on_close is not there)" in message


def test_lost_pages_are_treated_in_bokeh_s_way_where_it_is_other(renamed, monkeypatch, caplog):
    monkeypatch.setattr(WSHandler, "on_close", lambda self: None)
    leaving.leave_once()
    renamed("lost")
    session = SimpleNamespace(destroyed=False)  # without any way of keeping it
    handler = SimpleNamespace(connection=SimpleNamespace(_session=session, session=session))
    handler.close_code = None
    WSHandler.on_close(handler)
    (message,) = logged(caplog)
    assert "(lost: renamed_on_close is not there)" in message
