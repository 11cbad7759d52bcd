"""How the gallery looks: light or dark as asked for, in the typeface of all pages, on a phone."""

from __future__ import annotations

import pytest

from panels.theme import PAGE

from .test_journey import until

pytestmark = pytest.mark.browser

GROUND = "getComputedStyle(document.body).backgroundColor"
PLOT = "document.querySelector('picture img').currentSrc"
# What remains of the field's width beside the hint in it.
ROOM = """() => {
  const field = document.querySelector(".search input"), look = getComputedStyle(field);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${look.fontSize} ${look.fontFamily}`;
  const around = parseFloat(look.paddingLeft) + parseFloat(look.paddingRight);
  return field.clientWidth - around - pen.measureText(field.placeholder).width;
}"""


def rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[k : k + 2], 16)) for k in (1, 3, 5))})"


@pytest.mark.parametrize(
    ("address", "last", "system", "look"),
    [
        ("?theme=dark", "", "light", "dark"),
        ("?theme=default", "dark", "dark", "light"),
        ("", "dark", "light", "dark"),
        ("", "light", "dark", "light"),
        ("", "", "dark", "dark"),
    ],
)
def test_it_is_light_or_dark_as_the_pages_of_the_models(
    server, open_page, address, last, system, look
):
    page = open_page(f"{server.url}/")
    page.emulate_media(color_scheme=system)
    if last:  # as the page of a model remembers it
        page.evaluate(f"localStorage.setItem('wb-theme', '{last}')")
    page.goto(f"{server.url}/{address}")
    assert page.evaluate(GROUND) == rgb(PAGE[look])
    until(lambda: page.evaluate(PLOT).endswith(f"-{look}.png"))


def test_it_has_the_typeface_of_the_other_pages(server, open_page):
    page = open_page(f"{server.url}/", width=390, height=844)
    until(lambda: page.evaluate("document.fonts.check('14px Roboto') && document.fonts.size > 0"))
    assert "loaded" in page.evaluate(
        "[...document.fonts].filter((f) => f.family === 'Roboto').map((f) => f.status)"
    )
    assert page.evaluate(ROOM) > 0
