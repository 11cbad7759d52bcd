"""Which program shows a notebook, where that decides how an app has to reach it."""

from __future__ import annotations

import os


def takes_widgets_only() -> bool:
    """Whether what shows the notebook passes on only what Jupyter's widgets say.

    Panel speaks to JupyterLab and Notebook over a channel of its own. Voila has none: there an app
    is drawn and hears nothing, unless it goes as a widget. Voila names itself to the kernel; Visual
    Studio Code and Colab are known to Panel itself.
    """
    return os.environ.get("SERVER_SOFTWARE", "").lower().startswith("voila")
