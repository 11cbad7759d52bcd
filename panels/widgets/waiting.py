"""The sentence that stands in a model's own plot until there is something to draw."""

from __future__ import annotations

from typing import Any

from bokeh.models import Label, Node

from workbench.plots.live import theme as themes


def sentence(fig: Any, text: str) -> Label:
    """Add a sentence to the middle of a figure; what is drawn around it shines through a little."""
    label = Label(
        x=Node(target="frame", symbol="center"), y=Node(target="frame", symbol="center"),
        text=text, text_align="center", text_baseline="middle", text_font=themes.FONT,
        text_font_size="13px", level="overlay", background_fill_alpha=0.85,
    )  # fmt: skip
    fig.add_layout(label)
    return label


class Waiting:
    """A sentence instead of axes and a legend that would stand for nothing."""

    def __init__(self, fig: Any, text: str):
        self._fig = fig
        self.label = sentence(fig, text)
        self.show(True)

    def show(self, waits: bool) -> None:
        """Show the sentence, or what is drawn."""
        self.label.visible = waits
        for part in (*self._fig.axis, *self._fig.grid, *self._fig.legend):
            part.visible = not waits

    def set_dark(self, dark: bool) -> None:
        """Restyle for a dark or a light page."""
        t = themes.theme(dark)
        self.label.update(text_color=t.muted, background_fill_color=t.surface)
