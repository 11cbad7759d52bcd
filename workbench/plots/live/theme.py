"""How plots look, by day and by night: inks, lines, fonts. Applied to a figure in place."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bokeh.models import Axis, ColorBar, CustomLabelingPolicy, Grid, Legend, Plot

from ...palette import on_page

FONT = "Roboto, Inter, 'Helvetica Neue', Arial, sans-serif"
GAP_PX = 6  # between numbers beside each other at a horizontal axis
# Every second one, or third, where all would touch: Bokeh's own policy leaves out some here and
# there, and what remains reads as 0, 50, 150, 250.
_EVERY = """
const all = [...indices]
const touch = (every) => all.some((i, n) => n >= every && distance(all[n - every], i) < gap)
let every = 1
while (every < all.length && touch(every)) every++
all.forEach((i, n) => { if (n % every) indices.unset(i) })
return indices
"""


@dataclass(frozen=True)
class Theme:
    """Inks of one page colour. Text has a contrast of at least 4.5 : 1 to ``surface``.

    surface : what the plot lies on (the plot itself is transparent)
    text    : tick labels, legends;  muted : axis labels, sentences in empty plots
    axis    : axis lines and ticks;  grid : grid lines and separators of populations
    mark    : the neuron under the pointer, in every plot
    nothing : a cell of a weight matrix without a synapse
    """

    name: str
    surface: str
    text: str
    muted: str
    axis: str
    grid: str
    mark: str
    nothing: str
    zero: str  # middle of a diverging scale


LIGHT = Theme(
    name="light",
    surface="#FFFFFF",
    text="#24292F",
    muted="#5B6470",
    axis="#9AA3AD",
    grid="#E4E7EB",
    mark="#24292F",
    nothing="#EEF0F2",
    zero="#F7F7F7",
)
DARK = Theme(
    name="dark",
    surface="#1B1F24",
    text="#E3E7EB",
    muted="#A9B2BC",
    axis="#6B7580",
    grid="#31373E",
    mark="#FFFFFF",
    nothing="#262B31",
    zero="#3A4047",
)


def theme(dark: bool) -> Theme:
    """The theme of a light or a dark page."""
    return DARK if dark else LIGHT


def recolor(colors: dict[str, str], dark: bool) -> dict[str, str]:
    """The same colours for the other page; a colour chosen by hand is left as it is."""
    return {n: on_page(c, dark) for n, c in colors.items()}


def _rgb(color: str) -> tuple[float, float, float]:
    h = color.lstrip("#")
    return int(h[0:2], 16) / 255, int(h[2:4], 16) / 255, int(h[4:6], 16) / 255


def _hex(rgb: Sequence[float]) -> str:
    return "#" + "".join(f"{round(min(max(c, 0.0), 1.0) * 255):02X}" for c in rgb)


def luminance(color: str) -> float:
    """Relative luminance of ``#rrggbb`` as WCAG 2 defines it, 0 (black) to 1 (white)."""
    lin = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(color)]
    return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours after WCAG 2, from 1 to 21."""
    hi, lo = sorted((luminance(a), luminance(b)), reverse=True)
    return (hi + 0.05) / (lo + 0.05)


def mix(a: str, b: str, share: float) -> str:
    """``a`` with ``share`` (0..1) of ``b`` in it."""
    return _hex([x + (y - x) * share for x, y in zip(_rgb(a), _rgb(b), strict=True)])


def with_alpha(color: str, alpha: float) -> str:
    """``#rrggbbaa``."""
    return f"{color}{round(alpha * 255):02X}"


@lru_cache(maxsize=256)
def shades(color: str, n: int, t: Theme) -> list[str]:
    """``n`` tints of one colour, told apart by lightness and a little by hue.

    From dark to light; none has less contrast to the page than 2.4 : 1.
    """
    if n == 1:
        return [color]
    hue, _light, saturation = colorsys.rgb_to_hls(*_rgb(color))
    found = []
    for k in range(n):
        share = k / (n - 1)
        h = (hue + 0.06 * (share - 0.5)) % 1
        tints = [_hex(colorsys.hls_to_rgb(h, at / 100, saturation)) for at in range(18, 91)]
        seen = [c for c in tints if contrast(c, t.surface) >= 2.4] or [color]
        found.append(seen[round(share * (len(seen) - 1))])
    return found


def apply(fig: Plot, t: Theme) -> None:
    """Restyle a figure in place: page colours, lines, fonts. Data colours are not touched."""
    fig.update(
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        styles={"--bokeh-icon-color": t.muted},
    )
    parts = fig.references()  # a walk through all models of the plot, which takes long
    for axis in (part for part in parts if isinstance(part, Axis)):
        axis.update(
            axis_line_color=t.axis,
            major_tick_line_color=t.axis,
            minor_tick_line_color=None,
            major_label_text_color=t.text,
            major_label_text_font=FONT,
            major_label_text_font_size="11px",
            axis_label_text_color=t.muted,
            axis_label_text_font=FONT,
            axis_label_text_font_size="12px",
            axis_label_text_font_style="normal",
        )
    for axis in (*fig.below, *fig.above):
        if isinstance(axis, Axis) and not isinstance(axis.major_label_policy, CustomLabelingPolicy):
            axis.major_label_policy = CustomLabelingPolicy(args={"gap": GAP_PX}, code=_EVERY)
    for grid in (part for part in parts if isinstance(part, Grid)):
        grid.grid_line_color = t.grid
    for legend in (part for part in parts if isinstance(part, Legend)):
        legend.update(
            label_text_color=t.text,
            label_text_font=FONT,
            label_text_font_size="12px",
            background_fill_color=None,
            border_line_color=None,
            inactive_fill_color=t.surface,
            inactive_fill_alpha=0.6,
        )
    for bar in (part for part in parts if isinstance(part, ColorBar)):
        bar.update(
            background_fill_color=None,
            bar_line_color=t.axis,
            major_tick_line_color=t.axis,
            major_label_text_color=t.text,
            major_label_text_font=FONT,
            major_label_text_font_size="11px",
            title_text_color=t.muted,
            title_text_font=FONT,
            title_text_font_size="11px",
            title_text_font_style="normal",
        )
    if fig.title is not None:
        fig.title.update(
            text_color=t.muted,
            text_font=FONT,
            text_font_size="12px",
            text_font_style="normal",
        )


def tooltip(t: Theme, *lines: str) -> str:
    """Template of a tooltip in the page's colours; the first line is set in bold."""
    first, *rest = lines
    body = "".join(f"<div>{line}</div>" for line in rest)
    return (
        f'<div style="margin:-6px;padding:6px 9px;background:{t.surface};color:{t.text};'
        f"border:1px solid {t.axis};border-radius:4px;font:12px/1.4 {FONT.replace(chr(39), '')};"
        f'font-variant-numeric:tabular-nums;white-space:nowrap">'
        f'<div style="font-weight:600">{first}</div>{body}</div>'
    )
