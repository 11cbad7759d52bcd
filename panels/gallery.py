"""The first page: every model with its purpose; those that cannot be read, with the reason.

A page without widgets, so that it answers at once, also while simulations are being drawn.
"""

from __future__ import annotations

import html

from bokeh.server.views.auth_request_handler import AuthRequestHandler
from tornado.web import HTTPError, authenticated

from panels.access.login import LOGOUT
from panels.access.visitor import accounts_in_use
from panels.plain_page import plain_page
from panels.theme import BROWSER
from workbench.model import registry

LEAD = (
    "Living models of neural circuits. Open one, press Run, and change what you like while "
    "it runs: every parameter acts at once or says that it needs a rebuild, and every plot "
    "can be saved for a paper."
)


PLOTS = BROWSER / "gallery"  # taken by docs/make_screenshots.py
ROUTE = r"/plot/([a-z0-9-]+-(?:light|dark)\.png)"


class Plot(AuthRequestHandler):
    """Answers `ROUTE`: what a model's page shows, light or dark."""

    @authenticated
    def get(self, name: str) -> None:
        file = PLOTS / name
        if not file.is_file():
            raise HTTPError(404)
        self.set_header("Content-Type", "image/png")
        self.set_header("Cache-Control", "max-age=3600")
        self.finish(file.read_bytes())


class Gallery(AuthRequestHandler):
    """Answers "/"."""

    @authenticated
    def get(self) -> None:
        self.finish(page(str(self.current_user) if accounts_in_use() else ""))


def page(visitor: str = "") -> str:
    """The gallery as HTML.

    visitor : the name of who looks, where people log in
    """
    links = '<a href="./runs" class="wb-runs-link">Saved runs</a>'
    if visitor:
        links = f'<a href=".{LOGOUT}" class="wb-logout">Log out {html.escape(visitor)}</a>' + links
    return plain_page(
        "Circuit workbench",
        "gallery",
        f"""<header>Circuit workbench{links}</header>
<main class="gallery"><p class="lead">{LEAD}</p><div class="tiles">{tiles()}</div></main>""",
    )


def tiles() -> str:
    """One tile a model file, readable or not."""
    found = []
    for entry in registry.entries():
        if entry.model is None:
            found.append(
                f'<div class="tile broken"><h2>{html.escape(entry.path.name)}</h2>'
                f"<p>This model cannot be read: <code>{html.escape(entry.error)}</code></p></div>"
            )
            continue
        m = entry.model
        found.append(
            f'<a class="tile wb-tile" href="./{m.slug}">{_plot(m.slug)}'
            f"<h2>{html.escape(m.title)}</h2>"
            f"<p>{html.escape(m.purpose)}</p>"
            f'<p class="source">{html.escape(m.source)}</p><p class="open">Open →</p></a>'
        )
    return "".join(found)


def _plot(slug: str) -> str:
    """What the model's page shows when it runs; nothing where there is no such plot."""
    if not (PLOTS / f"{slug}-light.png").is_file():
        return ""
    return (
        f'<picture><source srcset="./plot/{slug}-dark.png" media="(prefers-color-scheme: dark)">'
        f'<img src="./plot/{slug}-light.png" alt="" width="480" height="230"></picture>'
    )
