"""One colour, one meaning: warm is excitatory and cool inhibitory, wherever something is drawn."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

from panels.model_plots import gain, v1
from workbench.circuits.render.primitives import DARK, LIGHT
from workbench.palette import (
    BY_SIGN,
    EXCITATORY,
    INHIBITORY,
    distinct_colors,
    on_page,
    population_colors,
)
from workbench.plots.live import theme as themes
from workbench.plots.weights.live import scale_colors

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Group:
    name: str
    sign: str


def is_warm(color: str) -> bool:
    red, _green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return red > blue + 20


def is_cool(color: str) -> bool:
    red, _green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return blue > red + 20


@pytest.mark.parametrize("dark", [False, True])
def test_warm_is_excitatory_and_cool_inhibitory_in_every_picture(dark):
    page = themes.theme(dark)
    for sign, right in (("excitatory", is_warm), ("inhibitory", is_cool)):
        groups = [Group(f"{sign} {k}", sign) for k in range(len(BY_SIGN[sign]))]
        populations = population_colors(groups, dark)
        assert len(set(populations.values())) == len(groups)
        ink = DARK if dark else LIGHT
        number, line = (gain.EXC, v1._E) if sign == "excitatory" else (gain.INH, v1._I)
        drawn = [*populations.values(), getattr(ink, sign), gain.COLORS[dark][number], line[dark]]
        assert all(right(c) for c in drawn), drawn
    signed, low, high = scale_colors(-1.0, 1.0, page)
    assert low == -high
    assert is_cool(signed[16])
    assert is_warm(signed[-16])
    neither = population_colors([Group("a", "mixed"), Group("b", "none"), Group("c", "unknown")])
    assert set(neither.values()) <= set(BY_SIGN["none"])


def test_position_counts_within_a_sign():
    groups = [Group("a", "excitatory"), Group("b", "inhibitory"), Group("c", "excitatory")]
    found = population_colors(groups)
    assert (found["a"], found["b"]) == (EXCITATORY, INHIBITORY)
    assert found["c"] == BY_SIGN["excitatory"][1]


def test_colours_of_both_pages_belong_together():
    every = [c for family in BY_SIGN.values() for c in family]
    assert len(set(every)) == len(every)
    for color in (*every, *distinct_colors([str(k) for k in range(12)]).values()):
        night = on_page(color, True)
        assert on_page(night, False) == color
        assert on_page(night, True) == night
        assert themes.contrast(night, themes.DARK.surface) >= 3
    assert on_page("#123456", True) == "#123456"


def test_no_other_module_says_what_excitation_looks_like():
    known = {c for ink in (EXCITATORY, INHIBITORY) for c in (ink, on_page(ink, True))}
    files = [f for top in ("workbench", "panels", "models") for f in (ROOT / top).rglob("*.py")]
    for file in files:
        found = {
            node.value
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert file.name == "palette.py" or not found & known, file
