"""Text in a colour of its own can be read on light and on dark pages."""

from __future__ import annotations

import re

import pytest

from panels.theme import BROWSER, PAGE
from workbench.plots.live import theme

# Components that are told when the page turns dark, and so may have other colours there.
TOLD = {"digit", "lesson", "parameters", "status", "verdicts"}
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COLOR = re.compile(
    r"(?<![-\w])color: (#\w{6}|color-mix\(in srgb, (#\w{6}) (\d+)%, var\(--[\w-]+\)\))"
)
ENOUGH = 4.5  # WCAG 2.1, level AA, for text of any size
SHEETS = sorted(file.stem for file in BROWSER.glob("*.css"))


def channels(color: str) -> list[int]:
    return [int(color[k : k + 2], 16) for k in (1, 3, 5)]


def light(rgb: list[float]) -> float:
    """Relative luminance, as WCAG defines it."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrasts(found: re.Match[str], dark: bool) -> list[float]:
    look = theme.theme(dark)
    plain, mixed, percent = found.groups()
    share = int(percent or 100) / 100
    pairs = zip(channels(mixed or plain), channels(look.text), strict=True)
    ink = light([(share * a + (1 - share) * b) / 255 for a, b in pairs])
    grounds = (look.surface, PAGE["dark" if dark else "light"])
    on = [light([v / 255 for v in channels(ground)]) for ground in grounds]
    return [(max(ink, g) + 0.05) / (min(ink, g) + 0.05) for g in on]


@pytest.mark.parametrize("sheet", SHEETS)
def test_colours_of_text_have_contrast_on_both_pages(sheet):
    text = re.sub(
        r"/\*.*?\*/", "", (BROWSER / f"{sheet}.css").read_text(encoding="utf-8"), flags=re.S
    )
    rules = [(name.strip(), COLOR.search(body), body) for name, body in RULE.findall(text)]
    dark_too = {
        name.removeprefix(":host(.dark) ") for name, *_ in rules if name.startswith(":host(.dark)")
    }
    for name, color, body in rules:
        if color is None or "background:" in body:
            continue
        only_dark = name.startswith(":host(.dark)")
        for dark in (True,) if only_dark else (False,) if name in dark_too else (False, True):
            assert min(contrasts(color, dark)) >= ENOUGH, (name, dark)
    assert sheet in TOLD or not dark_too
