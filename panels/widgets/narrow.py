"""Whether the window is so narrow that a page's column lies over the page."""

from __future__ import annotations

import param
from panel.custom import JSComponent


class NarrowWindow(JSComponent):
    """An empty part of a page that follows the width of its window."""

    narrow = param.Boolean(default=False)

    _esm = """
    export function render({ model, el }) {
      el.style.display = "none";
      const narrow = window.matchMedia("(max-width: 999px)"); // where the theme folds the column
      const say = () => { model.narrow = narrow.matches; };
      narrow.addEventListener("change", say);
      model.on("remove", () => narrow.removeEventListener("change", say));
      say();
    }
    """
