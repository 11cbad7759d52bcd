"""The first page: every model with its purpose; those that cannot be read, with the reason."""

from __future__ import annotations

import html
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.look import THEME, css, setup
from workbench import registry


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
            f'<a class="tile wb-tile" href="/{m.slug}"><h2>{html.escape(m.title)}</h2>'
            f"<p>{html.escape(m.purpose)}</p>"
            f'<p class="source">{html.escape(m.source)}</p><p class="open">Open →</p></a>'
        )
    return "".join(found)


def app() -> Any:
    """The gallery page."""
    setup()
    lead = (
        "Living models of neural circuits. Open one, press Run, and change what you like while "
        "it runs: every parameter acts at once or says that it needs a rebuild, and every picture "
        "can be saved for a paper."
    )
    body = pn.pane.HTML(
        f'<div class="gallery"><p class="lead">{lead}</p><div class="tiles">{tiles()}</div></div>',
        stylesheets=[css("gallery")], sizing_mode="stretch_width", margin=0,
    )  # fmt: skip
    main = pn.Column(
        body, sizing_mode="stretch_width", margin=0,
        styles={"background": "var(--panel-background-color)", "min-height": "100%"},
    )  # fmt: skip
    return pmui.Page(
        title="Circuit workbench",
        main=[main],
        theme_config=THEME,
        busy_indicator=None,
        site_url="/",
    )
