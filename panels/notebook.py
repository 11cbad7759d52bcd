"""The app in a notebook cell."""

from __future__ import annotations

import atexit
import weakref
from typing import Any

from panels.bokeh_internals.notebook_thread import answer_on_this_thread
from panels.model_page import Explorer
from panels.theme import setup
from workbench.engine.session import prestart
from workbench.model.model import Model

# A cell that is run again leaves its former app behind; its simulation must not go on unseen.
_open: weakref.WeakValueDictionary[str, Explorer] = weakref.WeakValueDictionary()


def page(model: Model) -> Any:
    """The explorer of ``model`` for this notebook; a former one of the same model is ended."""
    setup(notebook=True)
    answer_on_this_thread()
    prestart()
    former = _open.pop(model.slug, None)
    if former is not None:
        former.close()
    explorer = Explorer(model, notebook=True).start()
    _open[model.slug] = explorer
    atexit.register(_close, weakref.ref(explorer))
    return explorer.page


def _close(explorer: weakref.ref[Explorer]) -> None:
    here = explorer()
    if here is not None:
        here.close()
