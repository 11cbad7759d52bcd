"""The first page: every model with its purpose; those that cannot be read, with the reason.

A page without widgets, so that it answers at once, also while simulations are being drawn.
"""

from __future__ import annotations

import html
from pathlib import Path

from bokeh.server.views.auth_request_handler import AuthRequestHandler
from tornado.web import HTTPError, authenticated

from panels.access.login import LOGOUT
from panels.access.visitor import accounts_in_use
from panels.plain_page import plain_page
from panels.theme import BROWSER
from workbench.model import registry
from workbench.model.model import Model

LEAD = (
    "Open one, press Run, and change what you like while "
    "it runs: every parameter acts at once or says that it needs a rebuild, and every plot "
    "can be saved for a paper."
)
# What somebody who has never seen the workbench opens first: the model, and what to do there.
# With default values and seed 1, 400 ms of cuba have 5.6 Hz at w_i = -9 mV and 124 Hz at 0 (the
# excitatory neurons); 6 s of ssn-pair a standard deviation of V of 0.78 mV at h = 2 and 0.26 at 15.
START = {
    "hippocampal-cam": "Press Run, then Learn, then Recall: a memory is written in three "
    "milliseconds, and comes back by its cue.",
    "cuba": "Press Run and drag the inhibitory weight w_i to 0: without inhibition the network "
    "fires twenty times as fast, and like clockwork.",
    "ssn-pair": "Press Run and drag the input h from 2 to 15: the response grows, and its noise "
    "shrinks to a third.",
}
# In this order; models of another topic, or of none, come last.
TOPICS = ("Memory", "Learning", "Gain control", "Single neurons", "Dynamics")
OTHERS = "Other models"
SCRIPT = Path(__file__).with_suffix(".js")

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
<main class="gallery"><h1>Models of neural circuits, live</h1><p class="lead">{LEAD}</p>
{_search()}{_start()}{tiles()}
<p class="nothing" hidden>No model speaks of that. Fewer words find more; Esc clears the field.</p>
</main><script type="module">{SCRIPT.read_text("utf-8")}</script>""",
    )


def tiles() -> str:
    """One tile a model file, readable or not; those of one topic below its name."""
    groups: dict[str, list[str]] = {topic: [] for topic in TOPICS}
    for entry in registry.entries():
        if entry.model is None:
            groups.setdefault(OTHERS, []).append(
                f'<div class="tile broken"><h3>{html.escape(entry.path.name)}</h3>'
                f"<p>This model cannot be read: <code>{html.escape(entry.error)}</code></p></div>"
            )
        else:
            groups.setdefault(entry.model.topic or OTHERS, []).append(_tile(entry.model))
    others = groups.pop(OTHERS, [])
    return "".join(_group(topic, found) for topic, found in [*groups.items(), (OTHERS, others)])


def _group(topic: str, found: list[str]) -> str:
    if not found:
        return ""
    name = html.escape(topic)
    return (
        f'<section class="group" data-topic="{name}"><h2>{name}</h2>'
        f'<div class="tiles">{"".join(found)}</div></section>'
    )


def _tile(m: type[Model]) -> str:
    # What it can be searched for besides what the tile says: quantities and what can be done.
    words = {m.slug, *(p.doc for p in m.parameters().values()), *(o.__name__ for o in m.operations)}
    return (
        f'<a class="tile wb-tile" href="./{m.slug}" data-words="{html.escape(" ".join(words))}">'
        f"{_plot(m.slug)}<h3>{html.escape(m.title)}</h3><p>{html.escape(m.purpose)}</p>"
        f'<p class="source">{html.escape(m.source)}</p><p class="open">Open →</p></a>'
    )


def _search() -> str:
    return (
        '<form class="search" role="search" onsubmit="return false">'
        '<input type="search" aria-label="Search the models" autocomplete="off" '
        'placeholder="Search: memory, noise, Rubin 2015 …">'
        "<output></output></form>"
    )


def _start() -> str:
    """Where to begin, of the models that are there."""
    known = registry.models()
    steps = "".join(
        f'<a class="step" href="./{slug}"><h3>{html.escape(known[slug].title)}</h3>'
        f"<p>{html.escape(do)}</p></a>"
        for slug, do in START.items()
        if slug in known
    )
    if not steps:
        return ""
    return (
        '<section class="start"><h2>New here? Begin with one of these</h2>'
        f"<div>{steps}</div></section>"
    )


def _plot(slug: str) -> str:
    """What the model's page shows when it runs; nothing where there is no such plot."""
    if not (PLOTS / f"{slug}-light.png").is_file():
        return ""
    return (
        f'<picture><source srcset="./plot/{slug}-dark.png" media="(prefers-color-scheme: dark)">'
        f'<img src="./plot/{slug}-light.png" alt="" width="480" height="230"></picture>'
    )
