"""The app in a notebook cell."""

from __future__ import annotations

import atexit
import functools
import threading
import weakref
from typing import Any

from panel.viewable import Renderable
from tornado.ioloop import IOLoop

from panels.explorer import Explorer
from panels.theme import setup
from workbench.engine.session import prestart
from workbench.model.model import Model

# A cell that is run again leaves its former app behind; its simulation must not go on unseen.
_open: weakref.WeakValueDictionary[str, Explorer] = weakref.WeakValueDictionary()


def page(model: Model) -> Any:
    """The explorer of ``model`` for this notebook; a former one of the same model is ended."""
    setup(notebook=True)
    _answer_on_this_thread()
    prestart()
    former = _open.pop(model.slug, None)
    if former is not None:
        former.close()
    explorer = Explorer(model, notebook=True).start()
    _open[model.slug] = explorer
    atexit.register(_close, weakref.ref(explorer))
    return explorer.page


def _answer_on_this_thread() -> None:
    """Let Panel take what the browser sends on the thread that runs the cells.

    JupyterLab hands it over on a second thread (a subshell of the kernel). There it would meet the
    drawing clock in the middle of its changes, and Panel forgets the changes it finds half made.
    """
    take = Renderable._on_msg
    if getattr(take, "hops", False):
        return
    here, loop = threading.get_ident(), IOLoop.current()

    @functools.wraps(take)
    def on_msg(*given: Any) -> None:
        if threading.get_ident() == here:
            take(*given)
        else:
            loop.add_callback(take, *given)

    on_msg.hops = True  # type: ignore[attr-defined]
    Renderable._on_msg = on_msg


def _close(explorer: weakref.ref[Explorer]) -> None:
    here = explorer()
    if here is not None:
        here.close()
