"""The memory table: which bit is stored under which cue, and which should be, as one drawing."""

from __future__ import annotations

import html

Memory = dict[int, tuple[int, ...]]

MAX_CELLS = 6000
_LEFT, _TOP, _CELL = 54, 22, 20


def memory_svg(
    n_cues: int,
    n_content: int,
    should: Memory,
    forward: Memory,
    backward: Memory,
    recalled: str = "",
) -> str:
    """Rows are cues, columns content bits.

    should   : what was taught last under each cue; outlined
    forward  : stored on the way from cue to content; left half of a cell
    backward : stored on the way from content to cue; right half of a cell
    recalled : a sentence on what was recalled last
    """
    if n_cues * n_content > MAX_CELLS:
        return (
            f'<div class="memory"><p>{n_cues} cues of {n_content} bits are too many to draw one by '
            "one; the weights show them as an image.</p></div>"
        )
    width, height = _LEFT + n_content * _CELL + 4, _TOP + n_cues * _CELL + 4
    parts = []
    wrong = 0
    for cue in range(n_cues):
        for bit in range(n_content):
            x, y = _LEFT + bit * _CELL, _TOP + cue * _CELL
            wanted = bit in should.get(cue, ())
            there = bit in forward.get(cue, ()), bit in backward.get(cue, ())
            wrong += there != (wanted, wanted)
            parts.append(_cell(x, y, wanted, there))
    every = max(1, n_content // 32)
    left, top = _LEFT - 7, _TOP - 6
    labels = [
        f'<text x="{left}" y="{top}" text-anchor="end">content</text>',
        *(
            f'<text x="{_LEFT + (b + 0.5) * _CELL}" y="{top}" text-anchor="middle">{b}</text>'
            for b in range(0, n_content, every)
        ),
        *(
            f'<text x="{left}" y="{_TOP + (c + 0.68) * _CELL}" text-anchor="end">cue {c}</text>'
            for c in range(n_cues)
        ),
    ]
    message = f"{describe(should, wrong)} {recalled}".strip()
    return (
        f'<div class="memory"><div class="faint wb-memory-said">{html.escape(message)}</div>'
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(message)}" preserveAspectRatio="xMidYMid meet" '
        f'style="max-height:{2.2 * height:.0f}px">'
        f"{''.join(parts)}{''.join(labels)}</svg>{_KEY}</div>"
    )


def describe(should: Memory, wrong: int) -> str:
    """The table in words."""
    if not should:
        return "Nothing was taught yet: press Learn among the controls." + (
            f" Stored anyway: {wrong}." if wrong else ""
        )
    taught = f"{len(should)} {'memory' if len(should) == 1 else 'memories'} taught"
    if not wrong:
        return f"{taught}; all bits are stored as they should be."
    return f"{taught}; {wrong} {'bit differs' if wrong == 1 else 'bits differ'}."


def _cell(x: int, y: int, wanted: bool, there: tuple[bool, bool]) -> str:
    pad, half = 2, (_CELL - 4) / 2
    stray = "" if wanted else " stray"
    out = f'<rect class="cell" x="{x}" y="{y}" width="{_CELL}" height="{_CELL}"/>'
    if there[0]:
        out += (
            f'<rect class="there{stray}" x="{x + pad}" y="{y + pad}" '
            f'width="{half}" height="{2 * half}"/>'
        )
    if there[1]:
        out += (
            f'<rect class="back{stray}" x="{x + pad + half}" y="{y + pad}" '
            f'width="{half}" height="{2 * half}"/>'
        )
    if wanted:
        out += (
            f'<rect class="should" x="{x + 1.5}" y="{y + 1.5}" width="{_CELL - 3}" '
            f'height="{_CELL - 3}"/>'
        )
    return out


_KEY = (
    '<div class="key"><span><i class="k3"></i>should be stored</span>'
    '<span><i class="k1"></i>is, from cue to content</span>'
    '<span><i class="k2"></i>is, from content to cue</span>'
    '<span><i class="k4"></i>is, but should not be</span></div>'
)
