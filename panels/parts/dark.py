"""Light or dark: as the address says, or else as the visitor's system does; in every part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import panel as pn

if TYPE_CHECKING:
    from ..model_page import Explorer


class DarkOrLight:
    """Of one page; to be made when the page is there."""

    def __init__(self, page: Explorer):
        self._page = page
        page.page.param.watch(lambda e: page.later(lambda: self._show(e.new)), "dark_theme")
        if page.page.dark_theme:  # from the beginning, as with ?theme=dark
            page.later(lambda: self._show(True))

    def visitor_has(self, dark: bool) -> None:
        """The visitor's theme, but where the address names one."""
        if not self._in_address:
            # A change that comes before the page is there would not reach it.
            self._page.later(lambda: self._page.page.param.update(dark_theme=dark))

    @property
    def _in_address(self) -> bool:
        return "theme" in (pn.state.session_args or {})

    def _show(self, dark: bool) -> None:
        page = self._page
        if not self._in_address:
            page.heartbeat.dark = dark  # which remembers it
        page.plots.set_dark(dark)
        for hook in page.hooks["dark"]:
            hook(dark)
        page.sweep.set_dark(dark)
        page.parameters.css_classes = ["wb-parameters", *(["dark"] if dark else [])]
        for pane in (page.strip.view, page.error_banner.text):
            pane.css_classes = ["dark"] if dark else []
