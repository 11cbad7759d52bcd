"""The circuit in the app: what it sends to the browser, and what the browser makes of it."""

import math
import threading

import pytest

from workbench.circuit import Circuit, Edge, Node
from workbench.circuit.live import CircuitView

CIRCUIT = Circuit(
    (Node("a", "a", 5, "input", "excitatory"), Node("b", "b", 3, sign="inhibitory")),
    (
        Edge("ab", "a", "b", "excitatory", projection="ab"),
        Edge("b_to_b", "b", "b", "inhibitory", projection="from_b"),
    ),
    "two",
)


def test_sends_only_what_changed_visibly():
    view = CircuitView(CIRCUIT)
    sent = []
    view.param.watch(lambda *events: sent.append({e.name for e in events}), ["activity", "flow"])
    view.feed({"a": 0.5, "b": 3.0}, {"ab": math.nan})
    assert view.activity == {"a": 0.5, "b": 1.0}
    assert view.flow == {"ab": 0.0}
    view.feed({"a": 0.501, "b": 1.0}, {"ab": 0.0})
    view.feed({"a": 0.6, "b": 1.0})
    assert sent == [{"activity", "flow"}, {"activity"}]


def test_flow_of_a_projection_is_flow_of_its_edges():
    view = CircuitView(CIRCUIT)
    view.feed(flow={"from_b": 0.3, "no such": 1.0})
    assert view.flow == {"b_to_b": 0.3}


def test_dark_and_colours_are_drawn_anew():
    view = CircuitView(CIRCUIT, colors={"a": "#111111"})
    light = view.drawings
    assert all("#111111" in d for d in light)
    view.dark = True
    assert view.drawings != light
    view.recolor({"a": "#222222"}, dark=False)
    assert not view.dark
    assert all("#222222" in d for d in view.drawings)


@pytest.mark.browser
def test_in_the_browser():
    import panel as pn
    from playwright.sync_api import sync_playwright

    view = CircuitView(CIRCUIT)
    server = pn.serve(
        {"view": lambda: pn.Column(view, width=640, height=400)}, port=0, show=False, start=False
    )
    ready = threading.Event()

    def serve():
        server.start()
        server.io_loop.add_callback(ready.set)
        server.io_loop.start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(20)
    errors = []
    flags = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=list(flags))
            page = browser.new_page()
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda e: errors.append(str(e)))
            page.goto(f"http://localhost:{server.port}/view")
            svg = page.locator("svg.circuit")
            svg.wait_for()
            server.io_loop.add_callback(view.feed, {"a": 0.4}, {"from_b": 0.7})
            page.wait_for_function(OPACITY, arg=["g.halo[data-name=a]", "0.4"])
            page.wait_for_function(OPACITY, arg=["g.flow[data-name=b_to_b]", "0.7"])
            box = svg.bounding_box()
            assert box["width"] <= 640 and box["height"] <= 400
            page.locator("g.node[data-name=b]").click()
            page.wait_for_function(
                OPACITY.replace("opacity", "aria-pressed"), arg=[".node.selected", "true"]
            )
            assert svg.get_attribute("role") == "img"
            assert "a excites b" in svg.get_attribute("aria-label")
            browser.close()
    finally:
        server.io_loop.add_callback(server.io_loop.stop)
        thread.join(10)
        server.stop()
    assert view.selected == "b"
    assert errors == []


# The drawing lives in a shadow root, which page functions must walk through themselves.
OPACITY = """([selector, wanted]) => {
  const find = (root) => {
    const hit = root.querySelector(selector);
    if (hit) return hit;
    for (const e of root.querySelectorAll("*"))
      if (e.shadowRoot) { const inner = find(e.shadowRoot); if (inner) return inner; }
    return null;
  };
  return find(document)?.getAttribute("opacity") === wanted;
}"""
