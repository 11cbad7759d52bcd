"""What a script draws and prints: the tabs of both, and the button that plays it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.model.model import Model
from workbench.scripts.model import ALL, ScriptModel

from ..theme import LINE
from ..widgets.icons import icon

# Names of the tabs; beside them is *Figure*, the page for a paper, which is made here.
DRAWN, PRINTED = "Drawn by the script", "Printed by the script"
NOTHING_DRAWN = (
    "Nothing was drawn yet: the script draws after its first run. Press *Play to the end*."
)
NOTHING_PRINTED = "Nothing was printed yet."


class ScriptShown:
    """For the page of a script; for other models it has no tabs and no button.

    play : runs the script from its beginning to its end
    """

    def __init__(self, model: type[Model], play: Callable[[], Any]):
        self.of_script = issubclass(model, ScriptModel)
        self._drawn: dict[int, bytes] = {}
        self._printed = ""
        self._images: dict[int, pn.pane.PNG] = {}
        self._none = pn.pane.Markdown(NOTHING_DRAWN, margin=(10, 12))
        self._figures = pn.FlexBox(self._none, sizing_mode="stretch_width", margin=(10, 12))
        self._output = pn.pane.Str(
            NOTHING_PRINTED, sizing_mode="stretch_width", margin=(10, 12),
            css_classes=["wb-script-output"],
            styles={"white-space": "pre-wrap", "font-family": "monospace"},
        )  # fmt: skip
        self.button = pmui.Button(
            label="Play to the end", icon=icon("run"), variant="outlined", size="small",
            margin=(4, 0), css_classes=["wb-play-script"], sizing_mode="stretch_width",
            description="Run the whole script, from its first run to its last line",
        )  # fmt: skip
        self.button.on_click(lambda _event: play())

    @property
    def controls(self) -> list[Any]:
        """The button, for a script."""
        return [self.button] if self.of_script else []

    @property
    def tabs(self) -> dict[str, Callable[[], Any]]:
        """Name -> what makes the content of a tab."""
        found = {DRAWN: lambda: self._figures, PRINTED: lambda: self._output}
        return found if self.of_script else {}

    def poll(self, session: Any) -> None:
        """Show what the session has that is not shown yet."""
        if not self.of_script:
            return
        if session.output != self._printed:
            self._printed = session.output
            self._output.object = self._printed or NOTHING_PRINTED
        figures = dict(session.figures)
        if figures.keys() != self._drawn.keys():
            self._images = {
                n: self._images.get(n) or pn.pane.PNG(
                    None, max_width=760, sizing_mode="scale_width", margin=(0, 12, 12, 0),
                    css_classes=["wb-script-figure"], styles={"border": LINE},
                    alt_text=f"Figure {n} of the script",
                )
                for n in sorted(figures)
            }  # fmt: skip
            self._figures[:] = list(self._images.values()) or [self._none]
        for number, png in figures.items():
            if self._drawn.get(number) is not png:
                self._images[number].object = png
        self._drawn = figures


def to_the_end() -> dict[str, float]:
    """The values with which a script is played to its end."""
    return {"script_runs": ALL}
