"""The page of saved runs, by itself: ``panel serve panels/runs.py``."""

from __future__ import annotations

import panel as pn

if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
