"""Pages without widgets, which answer at once: the frame that they share."""

from __future__ import annotations

import html

from panels.theme import FONT, PAGE, css
from workbench.plots.live import theme

# As the address says, or else as it was chosen last on a model's page (`heartbeat.js` remembers
# it), or else as the visitor's system is.
CHOSEN = """{
  let chosen = new URLSearchParams(location.search).get("theme");
  try { chosen ??= localStorage.getItem("wb-theme"); } catch { /* a browser that keeps nothing */ }
  if (chosen) document.documentElement.dataset.theme = chosen === "dark" ? "dark" : "light";
}"""
# The typeface that Panel serves with the widgets of all other pages; without it another is taken.
TYPEFACE = "static/extensions/panel-material-ui/panel-material-ui.bundle.css"
PRIMARY = {"light": "#1F5FA8", "dark": "#79B4F2"}


def plain_page(title: str, style: str, body: str) -> str:
    """A page as HTML; light or dark as a model's page: see `CHOSEN`.

    style : name of the style sheet in ``browser/``;  body : HTML
    """
    light, dark = (
        f"--page: {PAGE[name]}; --surface: {look.surface}; --ink: {look.text}; "
        f"--line: {look.grid}; --primary: {PRIMARY[name]};"
        for name, look in (("light", theme.LIGHT), ("dark", theme.DARK))
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="./{TYPEFACE}">
<script>{CHOSEN}</script>
<style>
:root {{ color-scheme: light dark; {light} --font: {FONT}; }}
@media (prefers-color-scheme: dark) {{ :root:not([data-theme]) {{ {dark} }} }}
:root[data-theme=light] {{ color-scheme: light; }}
:root[data-theme=dark] {{ color-scheme: dark; {dark} }}
{css("plain_page")}
{css(style)}
</style>
</head>
<body>
{body}
</body>
</html>"""
