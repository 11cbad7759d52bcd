"""The list of keys."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from ..theme import css

KEYS = (
    ("Space", "run, pause"),
    ("S", "step: one tick"),
    ("R", "reset to t = 0"),
    ("Ctrl + Z", "undo the last change of a parameter"),
    ("Ctrl + Shift + Z", "redo it"),
    ("Esc", "leave a full-page plot; come back to the present"),
    ("← →", "on the line of time: look back, and forth"),
    ("?", "show or hide this list"),
    ("Ctrl + wheel", "zoom in a plot"),
)


class KeyList:
    """A dialog that lists the keys."""

    def __init__(self) -> None:
        rows = "".join(f"<dt><kbd>{key}</kbd></dt><dd>{does}</dd>" for key, does in KEYS)
        self.dialog = pmui.Dialog(
            pn.pane.HTML(f"<dl>{rows}</dl>", stylesheets=[css("text"), css("help")], margin=0),
            title="Keys", title_variant="h6", show_close_button=True, close_on_click=True,
            width_option="xs", css_classes=["wb-key-list"],
        )  # fmt: skip
        self.view = pn.Column(margin=0)  # the dialog is placed when it is first opened

    def toggle(self) -> None:
        self.dialog.open = not self.dialog.open
        self.view[:] = [self.dialog]
