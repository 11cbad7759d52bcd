"""Cards are hidden, moved, widened and made high or low; the browser keeps it for each model."""

from __future__ import annotations

import panel as pn
import pytest

from panels.widgets.cards import Card, fill_rows

from .test_explorer import built, page, sessions  # noqa: F401
from .test_journey import look_at, press, state, until

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

LAYOUT = {
    "order": ["weights", "gone", "raster"], "hidden": ["rates", "gone"], "wide": ["raster"],
    "high": ["raster", "gone"], "low": ["weights"],
}  # fmt: skip


def arrange(page, **layout):  # noqa: F811
    page.own_layout.view._handle_msg({"layout": layout})
    page.tick()


def order(page) -> list[str]:  # noqa: F811
    cards = page.plots.ordered
    places = {card.key: int(card.view.styles.get("order", 0)) for card in cards}
    return sorted(places, key=places.__getitem__)  # stable, as the browser is


def having(page, css_class: str) -> set[str]:  # noqa: F811
    return {c.key for c in page.plots.ordered if css_class in c.view.css_classes}


def test_cards_are_arranged_as_chosen(page, sessions):  # noqa: F811
    built(page, sessions[0])
    first = order(page)
    arrange(page, **LAYOUT)
    assert order(page)[:2] == ["weights", "raster"]
    assert order(page)[2:] == [k for k in first if k not in ("weights", "raster")]
    assert having(page, "wb-hidden") == {"rates"} and having(page, "wb-broad") == {"raster"}
    assert having(page, "wb-height-high") == {"raster"}
    assert having(page, "wb-height-low") == {"weights"}
    arrange(page, order=[], hidden=[], wide=[], high=[], low=[])
    assert order(page) == first
    changed = ("wb-hidden", "wb-broad", "wb-height-high", "wb-height-low")
    assert all(having(page, name) == set() for name in changed)


def cards_of(shape: str) -> list[Card]:
    """Cards by letters: "a" of one row, "T" of two, "W" as wide as the page, "h" hidden."""
    found = []
    for k, kind in enumerate(shape):
        card = Card(f"c{k}", kind, pn.pane.HTML(""), wide=kind == "W")
        card.stretch(kind == "T")
        card.leave_out(kind == "h")
        found.append(card)
    return found


@pytest.mark.parametrize(
    ("shape", "of_two", "of_three"),
    [
        ("aaaW", "112W", "111W"),
        ("aaaaW", "1111W", "1113W"),
        ("aaaaaW", "11112W", "11112W"),
        ("ahaaW", "1h12W", "1h11W"),
        ("aTaaW", "1T12W", "1T^1W"),  # ^: two rows, beside a high one
        ("aTaaaaW", "1T1112W", "1T1113W"),
        ("WaW", "W2W", "W3W"),
        ("aWa", "1W1", "1W2"),  # the last one stands in the first row
        ("W", "W", "W"),
    ],
)
def test_the_last_card_of_a_row_takes_the_width_that_is_left(shape, of_two, of_three):
    cards = cards_of(shape)
    fill_rows(cards)
    for columns, wanted in ((2, of_two), (3, of_three)):
        for card, width in zip(cards, wanted, strict=True):
            marks = [c for c in card.view.css_classes if c.startswith(f"wb-of-{columns}-")]
            wide = f"wb-of-{columns}-take-{width}"
            named = {"2": [wide], "3": [wide], "^": [f"wb-of-{columns}-high"]}
            assert marks == named.get(width, []), card.key


def test_what_the_user_arranged_keeps_its_widths(page, sessions):  # noqa: F811
    def widened() -> list[str]:
        return [c for card in page.plots.ordered for c in card.view.css_classes if "wb-of-" in c]

    built(page, sessions[0])
    first = widened()
    assert first
    arrange(page, **LAYOUT)
    assert widened() == []
    arrange(page, order=[], hidden=[], wide=[], high=[], low=[])
    assert widened() == first


EDGES = """() => {
  const boxes = []
  const walk = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.classList?.contains("wb-card")) boxes.push(e.getBoundingClientRect())
      if (e.shadowRoot) walk(e.shadowRoot)
    }
  }
  walk(document)
  return boxes.filter(b => b.width > 0).map(b => [b.left, b.top, b.right, b.bottom])
}"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("model", ["cuba", "hippocampal-cam"])
def test_no_row_of_cards_ends_in_a_hole(shared_page, model, width):
    opened = shared_page(model)
    opened.set_viewport_size({"width": width, "height": 1000})

    def full() -> bool:
        boxes = opened.evaluate(EDGES)
        right = max(box[2] for box in boxes)
        heights = {at for _, top, _, bottom in boxes for at in (top + 9, bottom - 9)}
        ends = [max(b[2] for b in boxes if b[1] <= at <= b[3]) for at in heights]
        return len(boxes) > 3 and all(abs(end - right) < 2 for end in ends)

    until(full)


@pytest.mark.parametrize("layout", ["", None, {"order": 3, "hidden": [4, None], "high": {"a": 1}}])
def test_what_is_no_layout_changes_nothing(page, sessions, layout):  # noqa: F811
    built(page, sessions[0])
    first = order(page)
    page.own_layout.view._handle_msg({"layout": layout})
    page.tick()
    assert order(page) == first and having(page, "wb-hidden") == set()


def test_parameters_that_were_put_away_stay_away_in_a_wide_window(page, sessions):  # noqa: F811
    built(page, sessions[0])
    for shown in (True, False):
        page.page.sidebar_open = shown
        for narrow in (True, False):
            page.own_layout.view._handle_msg({"narrow": narrow})
            page.tick()
            assert page.page.sidebar_open == (shown and not narrow)


def test_the_list_has_the_cards_that_there_are(page, sessions):  # noqa: F811
    built(page, sessions[0])
    page.own_layout.toggle()
    listed = [card["key"] for card in page.own_layout.view.cards]
    assert listed == [c.key for c in page.plots.ordered if c.view.visible]
    sized = {card["key"] for card in page.own_layout.view.cards if card["sized"]}
    assert "raster" in sized and "log" not in sized  # which is as high as its content
    assert page.own_layout.view.open
    page.own_layout.toggle()
    assert not page.own_layout.view.open


@pytest.mark.slow
@pytest.mark.browser
def test_a_layout_outlives_the_page(server, open_page):
    page = open_page(f"{server.url}/ssn-pair")  # noqa: F811
    state(page, "ready")
    circuit, log = page.locator(".wb-card-circuit").first, page.locator(".wb-card-log").first
    circuit.wait_for()
    assert circuit.bounding_box()["y"] < log.bounding_box()["y"]
    page.locator(".wb-cards button").click()
    page.get_by_label("Circuit", exact=True).uncheck()
    circuit.wait_for(state="hidden")
    for _ in range(20):
        earlier = page.get_by_role("button", name="Interventions: earlier")
        if earlier.is_disabled():
            break
        earlier.click()
    until(lambda: log.bounding_box()["y"] < page.locator(".wb-card-own-0").bounding_box()["y"])
    page.reload()
    state(page, "ready")
    circuit.wait_for(state="hidden")
    until(lambda: log.bounding_box()["y"] < page.locator(".wb-card-own-0").bounding_box()["y"])
    page.locator(".wb-cards button").click()
    page.get_by_role("button", name="All cards, as the model has them").click()
    circuit.wait_for()
    look_at(page, "circuit")


@pytest.mark.slow
@pytest.mark.browser
def test_the_height_of_a_card_outlives_the_page(server, open_page):
    page = open_page(f"{server.url}/ssn-pair", width=800)  # noqa: F811
    state(page, "ready")
    traces = page.locator(".wb-card-traces").first
    first = traces.bounding_box()["height"]
    page.locator(".wb-cards button").click()
    page.get_by_role("button", name="Traces: height, one row").press("Enter")
    until(lambda: traces.bounding_box()["height"] == pytest.approx(2 * first + 12, abs=1))
    page.get_by_role("button", name="Traces: height, two rows").press("Enter")
    until(lambda: traces.bounding_box()["height"] == pytest.approx(first / 2 - 6, abs=1))
    page.reload()
    state(page, "ready")
    until(lambda: traces.bounding_box()["height"] == pytest.approx(first / 2 - 6, abs=1))
    page.locator(".wb-cards button").click()
    page.get_by_role("button", name="All cards, as the model has them").click()
    until(lambda: traces.bounding_box()["height"] == pytest.approx(first, abs=1))


@pytest.mark.slow
@pytest.mark.browser
def test_a_card_of_full_page_leaves_the_bar_and_the_sliders(server, open_page):
    page = open_page(f"{server.url}/ssn-pair")  # noqa: F811
    state(page, "ready")
    page.locator(".wb-full-own-0").click()
    card = page.locator(".wb-card-own-0").first
    bar = page.locator(".MuiAppBar-root").bounding_box()
    until(lambda: card.bounding_box()["height"] > 700)
    box = card.bounding_box()
    assert box["y"] == pytest.approx(bar["y"] + bar["height"], abs=1)
    assert box["x"] == pytest.approx(300, abs=1) and box["x"] + box["width"] <= 1281
    press(page, "run")
    state(page, "running")
    page.get_by_role("slider", name="h").first.fill("9")
    page.get_by_role("button", name="Close drawer").click()
    until(lambda: card.bounding_box()["x"] < 2)
    page.keyboard.press("Escape")
    until(lambda: card.bounding_box()["height"] < 700)
    press(page, "pause")
    state(page, "paused")
