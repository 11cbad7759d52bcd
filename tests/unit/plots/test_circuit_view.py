"""The circuit in the app: what it sends to the browser, and what the browser makes of it."""

import dataclasses
import math
import threading
import time

import pytest

from workbench.circuits import Circuit, Edge, Node
from workbench.plots.circuit.live import ARRANGEMENTS, CircuitView

CIRCUIT = Circuit(
    (Node("a", "a", 5, "input", "excitatory"), Node("b", "b", 3, sign="inhibitory")),
    (
        Edge("ab", "a", "b", "excitatory", plastic=True, n_synapses=15, projection="ab"),
        Edge("b_to_b", "b", "b", "inhibitory", n_synapses=6, projection="from_b"),
    ),
    "two",
)


def levels(view: CircuitView) -> dict[str, int]:
    """What the browser has, by what it stands for."""
    names = [f"{kind} {name}" for kind, names in view.order.items() for name in names]
    assert len(names) == len(view.levels)
    return dict(zip(names, view.levels, strict=True))


def test_one_byte_each_and_only_when_something_visible_changed():
    view = CircuitView(CIRCUIT)
    sent = []
    view.param.watch(lambda e: sent.append(e.new), "levels")
    assert levels(view) == {"halo a": 0, "halo b": 0, "flow ab": 0, "flow b_to_b": 0,
                            "change ab": 128}  # fmt: skip
    view.feed({"a": 0.5, "b": 3.0, "no such": 1.0}, {"ab": math.nan})
    assert levels(view) | {"halo a": 128, "halo b": 255} == levels(view)
    view.feed({"a": 0.5001, "b": 1.0}, {"ab": 0.0})
    assert len(sent) == 1
    view.feed({"a": 0.6})
    assert len(sent) == 2
    view.rest()
    assert levels(view)["halo b"] == 0


def test_flow_of_a_projection_is_flow_of_its_edges():
    view = CircuitView(CIRCUIT)
    view.feed(flow={"from_b": 0.3, "no such": 1.0})
    assert levels(view)["flow b_to_b"] == round(0.3 * 255)
    assert levels(view)["flow ab"] == 0


def test_weights_that_grow_and_that_shrink_differ():
    view = CircuitView(CIRCUIT)
    for change, byte in ((1.0, 255), (-1.0, 1), (0.0, 128), (9.0, 255), (math.nan, 128)):
        view.feed(change={"ab": change, "from_b": 1.0})
        assert levels(view)["change ab"] == byte


def test_dark_colours_and_notation_are_drawn_anew():
    view = CircuitView(CIRCUIT, colors={"a": "#111111"})
    light = view.drawings
    assert all("#111111" in d for d in light)
    view.dark = True
    assert view.drawings != light
    view.recolor({"a": "#222222"}, dark=False)
    assert not view.dark
    assert all("#222222" in d for d in view.drawings)
    view.notation = "cpt"
    assert len(view.drawings) == 1
    assert not view.movable
    view.notation = "classic"
    assert view.movable
    assert len(view.drawings) == len(ARRANGEMENTS)


def test_pages_that_show_the_same_circuit_share_its_drawings():
    first, again = CircuitView(CIRCUIT), CircuitView(dataclasses.replace(CIRCUIT))
    assert all(a is b for a, b in zip(first.drawings, again.drawings, strict=True))
    first.drawings.clear()  # a page's list is its own
    assert len(again.drawings) == len(ARRANGEMENTS)
    larger = dataclasses.replace(CIRCUIT.nodes[0], size=CIRCUIT.nodes[0].size + 1)
    other = dataclasses.replace(CIRCUIT, nodes=(larger, *CIRCUIT.nodes[1:]))
    for others in (
        CircuitView(other), CircuitView(CIRCUIT, dark=True), CircuitView(CIRCUIT, legend=False),
        CircuitView(CIRCUIT, colors={"a": "#111111"}), CircuitView(CIRCUIT, notation="classic"),
    ):  # fmt: skip
        assert others.drawings != again.drawings


def test_a_moved_node_stays_in_the_arrangement_it_was_moved_in():
    reported = []
    view = CircuitView(CIRCUIT, on_place=reported.append)
    view._handle_msg({"places": {"a": [10, 20.5], "b": [200, 40], "gone": [0, 0]}, "drawing": 1})
    assert view.circuit.positions == (("a", 10.0, 20.5), ("b", 200.0, 40.0))
    assert view.arrangement == ARRANGEMENTS[1]
    assert len(view.drawings) == 1
    assert reported == [view.circuit]
    view.place(view.circuit.placed({}))
    assert len(view.drawings) == len(ARRANGEMENTS)


def test_buttons_of_the_details_are_reported():
    reported = []
    view = CircuitView(CIRCUIT, on_act=reported.append)
    view._handle_msg({"act": "raster a"})
    assert reported == ["raster a"]


@pytest.mark.browser
def test_in_the_browser():
    import panel as pn
    from playwright.sync_api import sync_playwright

    reported, placed = [], []
    view = CircuitView(CIRCUIT, on_act=reported.append, on_place=placed.append)
    loaded = threading.Event()

    def shown():
        # Until a page has said that it is there, Panel drops changes that it was not sent.
        pn.state.onload(loaded.set)
        return pn.Column(view, width=640, height=400)

    server = pn.serve({"view": shown}, address="127.0.0.1", port=0, show=False, start=False)
    ready = threading.Event()

    def serve():
        server.start()
        server.io_loop.add_callback(ready.set)
        server.io_loop.start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(60)
    errors = []
    flags = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=list(flags))
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda e: errors.append(str(e)))
            page.goto(f"http://localhost:{server.port}/view")
            svg = page.locator("svg.circuit")
            svg.wait_for()
            wait_until(loaded.is_set, page)

            def has(selector, attribute, wanted):
                page.wait_for_function(ATTRIBUTE, arg=[selector, attribute, wanted])

            server.io_loop.add_callback(view.feed, {"a": 0.4}, {"from_b": 0.6}, {"ab": -1.0})
            has("g.halo[data-name=a] path", "fill-opacity", "0.120")  # 0.4 of 0.3
            has("g.flow[data-name=b_to_b] path", "stroke-opacity", "0.252")  # 0.6 of 0.42
            has("path.change.less", "stroke-width", "7.00")
            box = svg.bounding_box()
            assert box["width"] <= 640 and box["height"] <= 400
            assert "a excites b" in svg.get_attribute("aria-label")
            assert page.locator("p.in-words").text_content() == CIRCUIT.describe()

            page.locator("g.node[data-name=b]").click()
            has("g.node.selected", "aria-pressed", "true")
            server.io_loop.add_callback(
                view.param.update,
                details='<button data-act="raster b">Raster</button>',
                readings={},
            )
            page.get_by_role("button", name="Raster").click()
            page.locator("g.node[data-name=a]").focus()
            page.keyboard.press("Enter")
            wait_until(lambda: view.selected == "node:a", page)
            page.keyboard.press("Escape")
            wait_until(lambda: view.selected == "", page)

            before = steady(page.locator("g.node[data-name=b]"), page)
            x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 20, y + 30)
            page.mouse.move(x + 30, y + 60)
            page.mouse.up()
            wait_until(lambda: placed, page)
            page.wait_for_timeout(200)  # a click would come after the drag
            browser.close()
    finally:
        server.io_loop.add_callback(server.io_loop.stop)
        thread.join(60)
        server.stop()
    assert reported == ["raster b"]
    assert view.selected == "", "a drag is no click"
    (circuit,) = placed
    at = {name: (x, y) for name, x, y in circuit.positions}
    assert set(at) == {"a", "b"}
    assert errors == []


def steady(locator, page):
    """Where it is once it has stopped moving: the page makes room for what is shown beside it."""
    before, box = None, locator.bounding_box()
    while box != before:
        page.wait_for_timeout(200)
        before, box = box, locator.bounding_box()
    return box


def wait_until(holds, page):
    """Let the page go on until ``holds``; what it says comes here by way of the server."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < 60
        page.wait_for_timeout(20)


# The drawing lives in a shadow root, which page functions must walk through themselves.
ATTRIBUTE = """([selector, name, wanted]) => {
  const find = (root) => {
    const hit = root.querySelector(selector);
    if (hit) return hit;
    for (const e of root.querySelectorAll("*"))
      if (e.shadowRoot) { const inner = find(e.shadowRoot); if (inner) return inner; }
    return null;
  };
  return find(document)?.getAttribute(name) === wanted;
}"""
