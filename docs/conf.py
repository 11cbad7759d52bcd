"""Settings of the documentation site, which Sphinx makes of the pages of this folder.

``make docs`` builds it, with every warning an error. Pages that are made from the models and the
package are written by ``site_pages.py`` beside this file before the others are read.
"""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

project = "Circuit workbench"
author = "The authors of the circuit workbench"
version = release = version_of("circuit-workbench")

extensions = ["myst_parser", "sphinx_design", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3  # links such as howto.md#add-a-model
source_suffix = {".md": "markdown"}
nitpicky = True

html_theme = "pydata_sphinx_theme"
html_title = project
html_theme_options = {
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Each page has its own contents at the right; beside a how-to stand the others.
html_sidebars = {"*": [], "models/*": [], "howto/*": ["sidebar-nav-bs"]}
html_show_sourcelink = False
html_search_scorer = str(Path(__file__).with_name("search_scorer.js"))  # answers first
html_show_sphinx = False
copyright = f"{author}, MIT licence"


def setup(app: Any) -> None:
    """Write the generated pages first, and read the others as the site has them."""
    import site_pages

    def read(app: Any, page: str, source: list[str]) -> None:
        source[0] = site_pages.as_read(page, source[0])

    def changed(app: Any, *_: Any) -> list[str]:
        """Pages that may be new although their file is not: models and how-tos are put in."""
        return [p for p in app.env.all_docs if p == "index" or p.startswith("models/")]

    app.connect("builder-inited", lambda app: site_pages.write(Path(app.srcdir)))
    app.connect("source-read", read)
    app.connect("env-get-outdated", changed)


smartquotes = False  # options and values are copied from the page
