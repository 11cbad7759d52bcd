"""The first page: every model with its purpose; those that cannot be read, with the reason.

A page without widgets, so that it answers at once, also while simulations are being drawn.
"""

from __future__ import annotations

import html

from tornado.web import HTTPError, RequestHandler

from panels.theme import BROWSER, FONT, PAGE, css
from workbench.model import registry
from workbench.plots.live import theme

LEAD = (
    "Living models of neural circuits. Open one, press Run, and change what you like while "
    "it runs: every parameter acts at once or says that it needs a rebuild, and every plot "
    "can be saved for a paper."
)
PRIMARY = {"light": "#1F5FA8", "dark": "#79B4F2"}


PLOTS = BROWSER / "gallery"  # taken by docs/make_screenshots.py
ROUTE = r"/plot/([a-z0-9-]+-(?:light|dark)\.png)"


class Plot(RequestHandler):
    """Answers `ROUTE`: what a model's page shows, light or dark."""

    def get(self, name: str) -> None:
        file = PLOTS / name
        if not file.is_file():
            raise HTTPError(404)
        self.set_header("Content-Type", "image/png")
        self.set_header("Cache-Control", "max-age=3600")
        self.finish(file.read_bytes())


class Gallery(RequestHandler):
    """Answers "/"."""

    def get(self) -> None:
        self.finish(page())


def page() -> str:
    """The gallery as HTML; light or dark as the visitor's system is."""
    light, dark = (
        f"--page: {PAGE[name]}; --surface: {look.surface}; --ink: {look.text}; "
        f"--line: {look.grid}; --primary: {PRIMARY[name]};"
        for name, look in (("light", theme.LIGHT), ("dark", theme.DARK))
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Circuit workbench</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; {light} --font: {FONT}; }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
{css("gallery")}
</style>
</head>
<body>
<header>Circuit workbench<a class="wb-runs-link" href="/runs">Saved runs</a></header>
<main class="gallery"><p class="lead">{LEAD}</p><div class="tiles">{tiles()}</div></main>
</body>
</html>"""


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
            f'<a class="tile wb-tile" href="/{m.slug}">{_plot(m.slug)}'
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
        f'<plot><source srcset="/plot/{slug}-dark.png" media="(prefers-color-scheme: dark)">'
        f'<img src="/plot/{slug}-light.png" alt="" width="480" height="230"></plot>'
    )
