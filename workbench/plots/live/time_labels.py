"""Unit, ticks and numbers of an axis of time: ms, or seconds where the stretch is long."""

from __future__ import annotations

from typing import Any

from bokeh.models import CustomJS, CustomJSTicker, CustomJSTickFormatter, Plot

SECONDS_FROM_MS = 2000.0  # a span this long is labelled in seconds
# And one this long past ten seconds: at each tick five digits of ms would not fit beside the next.
LATE_MS, LATE_SPAN_MS = 10_000.0, 200.0
MOST_STEPS = 8  # between ticks
LETTER_PX, GAP_PX = 6.2, 10.0  # of a number at a tick, and from one number to the next
ROOM_PX = 400.0  # assumed before the browser has laid the figure out

# ``k``: how many units of the data are one unit of the label.
_MS = "const k = end - start >= (end >= late ? late_span : span) ? 1000 : 1\n"
_S = "const k = 1\n"
_WRITE = """
const write = (value, step) => {
  let digits = 0
  while (digits < 6 && Math.abs(step * 10**digits - Math.round(step * 10**digits)) > 1e-6) digits++
  const [whole, part] = value.toFixed(digits).split(".")
  const grouped = whole.length > 4 ? whole.replace(/\\B(?=(\\d{3})+$)/g, ",") : whole
  return (part ? grouped + "." + part : grouped).replace("-", "\\u2212")
}
"""
_RANGE = "const {start, end} = range\n"
_FORMAT = """
return write(tick / k, ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) / k : 1)
"""
_TICKS = """
const {start, end} = cb_data
const from = Math.min(start, end), to = Math.max(start, end)
if (!(to > from)) return []
"""
_PLACES = """
const width = fig.properties.inner_width.is_unset ? room : fig.inner_width
const span_shown = (to - from) / k
const places = (mantissas) => {
  let power = Math.floor(Math.log10(span_shown / most)), at = 0
  const step = () => mantissas[at] * 10**power
  const fits = () => {
    const longest = Math.max(write(from / k, step()).length, write(to / k, step()).length)
    return span_shown / step() <= most
      && step() / span_shown * width >= letter * longest + gap
  }
  while (!fits() && step() < span_shown) {
    at = (at + 1) % mantissas.length
    if (at === 0) power++
  }
  const found = [], first = Math.ceil(from / k / step() - 1e-9)
  for (let n = first; n * step() * k <= to + 1e-9 * (to - from); n++) found.push(n * step() * k)
  return found
}
const round = places([1, 2, 5])
return round.length > 1 ? round : places([1, 2, 2.5, 3, 4, 5])
"""
# When both ends have been moved, not between: else the unit would go to and fro.
_LABEL = """
queueMicrotask(() => {
  const {start, end} = range
  const unit = end - start >= (end >= late ? late_span : span) ? "time (s)" : "time (ms)"
  if (axis.axis_label !== unit) axis.axis_label = unit
})
"""


def in_seconds(start_ms: float, end_ms: float) -> bool:
    """Whether a time axis that shows this stretch counts in seconds."""
    limit = LATE_SPAN_MS if end_ms >= LATE_MS else SECONDS_FROM_MS
    return end_ms - start_ms >= limit


def time_label(start_ms: float, end_ms: float) -> str:
    """Label of a time axis that shows this stretch."""
    return "time (s)" if in_seconds(start_ms, end_ms) else "time (ms)"


def unit_of(label: str) -> str:
    """Unit of the data of an axis with this label: "ms", "s", or "" where it is not of time."""
    return {"time (ms)": "ms", "time (s)": "s"}.get(label, "")


class TimeLabels:
    """The horizontal axis of a figure as one of time, with as many ticks as have room.

    fig  : its ``x_range`` is a Range1d, and stays
    unit : of the data; those in "ms" are labelled in ms or s, by how long the stretch is
    """

    def __init__(self, fig: Plot, unit: str = "ms"):
        self.unit = unit
        self.range: Any = fig.x_range
        self._axis = fig.xaxis[0]
        limits = {"span": SECONDS_FROM_MS, "late": LATE_MS, "late_span": LATE_SPAN_MS}
        known = limits if unit == "ms" else {}
        scale = _MS if unit == "ms" else _S
        self._axis.formatter = CustomJSTickFormatter(
            args={"range": self.range, **known}, code=_RANGE + scale + _WRITE + _FORMAT
        )
        room = {"most": MOST_STEPS, "letter": LETTER_PX, "gap": GAP_PX, "room": ROOM_PX}
        self._axis.ticker = CustomJSTicker(
            args={"fig": fig, **room, **known}, major_code=_TICKS + scale + _WRITE + _PLACES
        )
        if unit == "ms":
            self._axis.axis_label = time_label(self.range.start, self.range.end)
            args = {"range": self.range, "axis": self._axis, **limits}
            relabel = CustomJS(args=args, code=_LABEL)
            self.range.js_on_change("start", relabel)
            self.range.js_on_change("end", relabel)

    def move(self, start: float, end: float) -> None:
        """Show this stretch, in units of the data."""
        self.range.update(start=start, end=end)
        if self.unit == "ms":
            # In the page the label follows by itself; what is not there yet comes with it.
            label = time_label(start, end)
            if self._axis.axis_label != label:
                self._axis.axis_label = label
