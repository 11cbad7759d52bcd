"""Axes of time on paper: counted from a moment, without numbers, or a scale bar instead."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from matplotlib.ticker import Formatter, MaxNLocator

SHARE_OF_TIME = 0.2  # of what is shown, at most, that a bar stands for
SHARE_OF_VALUES = 0.4
BELOW_PT, BESIDE_PT = 4.0, 4.0  # from the axes to a bar
TEXT_PT = 2.0  # from a bar to its words
BAR_PT = 1.2
_UNIT = re.compile(r"\s*\(([^()]+)\)")


class _From(MaxNLocator):
    """Round numbers of what is counted from ``zero``."""

    def __init__(self, zero: float, most: int):
        super().__init__(most, steps=[1, 2, 2.5, 5, 10])
        self.zero = zero

    def tick_values(self, vmin: float, vmax: float) -> Any:
        return np.asarray(super().tick_values(vmin - self.zero, vmax - self.zero)) + self.zero


class _Counted(Formatter):
    """Writes a place as what is counted from ``zero``, with as many digits as the steps have."""

    def __init__(self, zero: float):
        self.zero = zero

    def __call__(self, x: float, _pos: int | None = None) -> str:
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Any) -> list[str]:
        steps = np.diff(np.unique(np.round(values, 9)))
        step = float(steps.min()) if len(steps) else 1.0
        digits = next((d for d in range(7) if abs(round(step, d) - step) < 1e-6 * step), 7)
        found = [round(float(x) - self.zero, digits) + 0.0 for x in values]
        return [self.fix_minus(f"{x:.{digits}f}") for x in found]


def count_from(axes: Any, zero: float, most: int = 6) -> None:
    """Let the horizontal axis call ``zero``, in its own unit, 0."""
    axes.xaxis.set_major_locator(_From(zero, most))
    axes.xaxis.set_major_formatter(_Counted(zero))


def hide_time(axes: Any) -> None:
    """No numbers and no name: those of the panel below serve both."""
    axes.tick_params(labelbottom=False)
    axes.set_xlabel("")


def scale_bars(axes: Any, time_unit: str, values: bool) -> None:
    """A bar for the time instead of its axis, and one for the values.

    time_unit : of the horizontal axis; "" draws no bar, where another panel has it
    values    : a bar instead of the vertical axis too; its unit is read from the axis's name
    """
    _without(axes, "bottom")
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.set_xlabel("")
    if time_unit:
        low, high = axes.get_xlim()
        length = round_below(SHARE_OF_TIME * (high - low))
        _bar(axes, (high - length, high), True, f"{length:g} {time_unit}")
    if values:
        named = axes.get_ylabel()
        unit = _UNIT.search(named)
        low, high = axes.get_ylim()
        length = round_below(SHARE_OF_VALUES * (high - low))
        _without(axes, "left")
        axes.tick_params(axis="y", length=0, labelleft=False)
        axes.set_ylabel(_UNIT.sub("", named))
        _bar(axes, (low, low + length), False, f"{length:g} {unit.group(1) if unit else ''}")


def round_below(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above."""
    tens = 10.0 ** np.floor(np.log10(value))
    return float(max(k * tens for k in (1.0, 2.0, 5.0) if k * tens <= value * (1 + 1e-9)))


def _without(axes: Any, side: str) -> None:
    axes.spines[side].set_visible(False)


def _bar(axes: Any, ends: tuple[float, float], along: bool, words: str) -> None:
    """A bar beside the axes with its length in words; ``ends`` are in the data's unit."""
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    figure = axes.get_figure(root=True)
    middle = sum(ends) / 2

    def shifted(x_pt: float, y_pt: float) -> Any:
        blended = (
            blended_transform_factory(axes.transData, axes.transAxes)
            if along
            else blended_transform_factory(axes.transAxes, axes.transData)
        )
        return blended + ScaledTranslation(x_pt / 72, y_pt / 72, figure.dpi_scale_trans)

    if along:
        at, text_at = shifted(0, -BELOW_PT), shifted(0, -BELOW_PT - TEXT_PT)
        axes.plot(ends, (0, 0), transform=at, color="black", linewidth=BAR_PT, clip_on=False,
                  solid_capstyle="butt", scalex=False, scaley=False)  # fmt: skip
        axes.text(middle, 0, words, transform=text_at, ha="center", va="top")
    else:
        at, text_at = shifted(BESIDE_PT, 0), shifted(BESIDE_PT + TEXT_PT, 0)
        axes.plot((1, 1), ends, transform=at, color="black", linewidth=BAR_PT, clip_on=False,
                  solid_capstyle="butt", scalex=False, scaley=False)  # fmt: skip
        axes.text(1, middle, words.strip(), transform=text_at, ha="left", va="center")
