"""Serves every model's app, each at its own address, and a gallery at ``/``."""

from __future__ import annotations

import contextlib
import functools
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import Context
from math import inf
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.settings import settings
from panel.io.resources import COMPONENT_PATH
from tornado.ioloop import IOLoop
from tornado.web import ErrorHandler

from panels import gallery
from panels.access import turns
from panels.access.listening import at_loopback, free_port, refused
from panels.access.others import Others
from panels.access.quota import Quota
from panels.access.security_headers import SecurityHeaders
from panels.access.visitor import in_words, name_in, use_accounts
from panels.bokeh_internals import (
    defaults,
    error_words,
    leaving,
    loop_clock,
    own_sessions,
    references,
    unpacking,
    widgets,
)
from panels.bokeh_internals.busy import look_after_busy_state
from panels.bokeh_internals.closing import collect_together, forget, trim_soon
from panels.bokeh_internals.second_address import also_from, also_listen
from panels.parts.resting import Idle, Ready
from panels.widgets.file_size import MOST_MB, Largest
from workbench.engine.process import Memory, Yielding, give_freed_memory_back
from workbench.engine.session import Unsaved, prestart
from workbench.lessons.finding import give
from workbench.model import registry
from workbench.settings import MEMORY_GB, processors

# A closed tab's worker ends within about this time; of a lost connection see `leaving`.
UNUSED_MS = 5000
CHECK_MS = 2000
# A page that was asked for and has not come yet, over a slow line or on a busy machine, may take
# much longer. Were its session thrown away, it would get another one when it comes, whose widgets
# look for their style sheets on the internet.
OPEN_S = 120.0
# Bokeh would look in each page for mistakes of whoever wrote it:
# by a profile, a tenth of its making.
UNCHECKED = ("BOKEH_PERFORM_ERROR_DIAGNOSTICS", "BOKEH_VALIDATE_DOC")
# A page that comes back after its connection was lost shows the token it was made with.
TOKEN_S = 7 * 86_400
LOAD_S = 0.05  # after the start: the first answer comes before
YIELD = 10  # by so much: pages of a class open and are drawn in time, whatever is simulated
PING_S = 37.0  # between two questions to a page; proxies cut what is silent for a minute

# A page that opens makes objects that stay: looking at them for garbage, as often as Python does by
# itself, takes a sixth of the time. What closed pages leave is looked for when they are closed.
GARBAGE = (20_000, 20, 100)


def pages() -> dict[str, Callable[[], Any]]:
    """Address -> factory of the page: one a model, and the saved runs at ``/runs``."""
    return {s: awaited(_page(s)) for s in registry.models()} | {"runs": awaited(_runs)}


@functools.cache
def load_pages() -> tuple[Any, Any]:
    """Import what pages are made of: the pages of models, and that of the saved runs.

    It takes half as long as all the rest of the server's start, which therefore comes before.
    """
    gc.disable()  # everything imported stays: looking for garbage in it costs time, now and later
    try:
        from panels import model_page, page
        from panels.runs_page import page as runs_page
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(*GARBAGE)
    page.addresses.clear()
    page.addresses.update({slug: f"/{slug}" for slug in registry.models()})
    return model_page, runs_page


def awaited(make: Callable[[], Any]) -> Callable[[], Any]:
    """``make``, whose page's session is kept ``OPEN_S`` for the browser to come."""

    # Panel serves plain functions only; anything else it would show as text.
    @functools.wraps(make)
    def page() -> Any:
        made, document = make(), pn.state.curdoc
        kept: list[Any] = []

        # Coroutines, which run on the server's loop; since Bokeh 3.10 plain functions do not.
        async def came() -> None:
            while kept:
                kept.pop().unblock_expiration()

        async def keep() -> None:  # only now there is a session
            session = document.session_context.session
            session.block_expiration()
            kept.append(session)
            # In no context: a timer keeps that of its maker, and with it the page, until it is due.
            Context().run(IOLoop.current().call_later, OPEN_S, came)

        def closed(_context: Any) -> None:
            forget(document)
            trim_soon()

        document.add_next_tick_callback(keep)
        pn.state.on_session_destroyed(closed)
        pn.state.onload(came)
        return made

    return page


def _page(slug: str) -> Callable[[], Any]:
    def page() -> Any:
        return load_pages()[0].app(slug)

    return page


def _runs() -> Any:
    return load_pages()[1].app()


def serve(
    port: int | None = None,
    open_browser: bool = True,
    show_only: str | None = None,
    to_others: Mapping[str, Any] | None = None,
    lessons: Sequence[tuple[str, str]] = (),
) -> None:
    """Serve until Ctrl-C, for this machine alone unless ``to_others`` says otherwise.

    port      : None or 0 takes a free one
    show_only : open this model's page, with or without a query, instead of the gallery
    to_others : options of `Others`
    lessons   : (model, file) of lessons that are offered besides those of the models
    raises    : WorkbenchError for a port or an address that cannot be had
    """
    others = Others(**to_others or {})
    offer(lessons)
    prestart()
    leave_out_checks()
    for entry in registry.entries():
        if entry.model is None:
            logging.getLogger("workbench").warning(
                "%s cannot be read: %s", entry.path.name, entry.error
            )
    server = make_server(port, others)
    address = f"http://{others.name}:{server.port}{server.prefix}/" + (show_only or "")
    sys.stdout.write(f"The workbench is at {address}   (Ctrl-C ends it)\n")
    sys.stdout.flush()
    if open_browser:
        server.io_loop.add_callback(server.show, "/" + (show_only or ""))
    serve_until_ended(server)


def serve_until_ended(server: Any) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Bokeh would print that it ends before it does. Where nobody reads that any more, as when the
    terminal is gone, that is an error, and the server would go on.
    """
    server.start()
    loop = server.io_loop
    if sys.platform != "win32":
        loop.asyncio_loop.add_signal_handler(signal.SIGTERM, loop.stop)
    with contextlib.suppress(KeyboardInterrupt):
        loop.start()
    Unsaved.kept = True
    server.stop()


def offer(lessons: Iterable[tuple[str, str]]) -> None:
    """Offer these lessons, (model, file), besides those of the models; raises WorkbenchError."""
    for slug, path in lessons:
        give(registry.model_class(slug), Path(path))


def leave_out_checks() -> None:
    """Leave checks out that Bokeh makes of each page, unless the environment asks for them."""
    for name in UNCHECKED:
        os.environ.setdefault(name, "no")


def make_server(
    port: int | None = None, to_others: Others | None = None, front: int | None = None
) -> Any:
    """A server of all pages that listens at ``port``, by default for this machine alone.

    front : port of the server in front of several such ones, which asks this one
    """
    to_others = to_others or Others()
    give_freed_memory_back()
    logging.getLogger("bokeh.server.util").setLevel(logging.CRITICAL)  # we say it ourselves
    use_accounts(to_others.users is not None, to_others.to_others)
    # What draws a figure, or computes an experiment, for whoever comes.
    Memory.most_gb = MEMORY_GB.read() if to_others.to_others else 0.0
    Largest.mb = MOST_MB if to_others.to_others else 0.0
    turns.everybody.limit = to_others.limit
    if to_others.limit is not None:  # many people: what they all look at goes first
        Yielding.by = YIELD
        Ready.most = max(processors(), to_others.limit)
    Quota.most_gb = to_others.quota_gb
    Idle.after_s = inf if to_others.idle_min is None else 60 * to_others.idle_min
    if front is not None:
        return _server(port or free_port(), to_others, front)
    if not to_others.local:
        try:
            return _server(port or free_port(), to_others)
        except OSError as error:
            raise refused(port or 0, error, to_others.address) from error
    server, others = at_loopback(port, lambda chosen: _server(chosen, to_others))
    also_listen(server, others)
    return server


def _server(port: int, to_others: Others, front: int | None = None) -> Any:
    leaving.leave_once()
    unpacking.bound_once()
    defaults.found_once()
    widgets.made_quickly()
    references.looked_for_quickly()
    settings.perform_error_diagnostics = False  # of each callback, whether its arguments are right
    collect_together()
    own_sessions.bind_once(name_in)
    error_words.tell_once(in_words)
    server = pn.serve(
        pages(),
        port=port,
        show=False,
        start=False,
        title={s: f"{m.title} · Circuit workbench" for s, m in registry.models().items()}
        | {"runs": "Saved runs · Circuit workbench"},
        verbose=False,
        # No page looks at Panel's location, which cannot read a host such as [::1]:5006.
        location=False,
        extra_patterns=[
            ("/", gallery.Gallery),
            (gallery.ROUTE, gallery.Plot),
            (leaving.ROUTE, leaving.PageLeft),
            # Panel would import any module for whoever names one, before they log in. No page of
            # ours asks for files of components.
            (f"/{COMPONENT_PATH}.*", ErrorHandler, {"status_code": 404}),
            # No file has such a name; to ask for one is an error, with a traceback in the log.
            ("/.*%00.*", ErrorHandler, {"status_code": 404}),
        ],
        unused_session_lifetime_milliseconds=UNUSED_MS,
        check_unused_sessions_milliseconds=CHECK_MS,
        session_token_expiration=TOKEN_S,
        # Tornado asks each page whether it is there. Bokeh's own question, put to a page that is
        # just leaving, makes it lose the session twice: an AssertionError in the log.
        keep_alive_milliseconds=0,
        websocket_ping_interval=PING_S,
        transforms=[SecurityHeaders],
        **to_others.of_server(port, front),
    )
    also_from(server, to_others.origins_6(port, front))
    loop_clock.be_steady(server.io_loop)
    server.io_loop.add_callback(look_after_busy_state)
    server.io_loop.call_later(LOAD_S, load_pages)
    return server
