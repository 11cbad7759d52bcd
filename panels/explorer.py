"""The explorer of all models, by itself: ``panel serve panels/explorer.py``."""

from __future__ import annotations

import panel as pn

from panels.model_page import Explorer

__all__ = ["Explorer"]

if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
