"""Prints how much of pages that were opened and closed is still there; run as a process of its own.

Server and visitors share one loop: what the server keeps can be counted here.

Usage: python pages_kept.py MODEL ...
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time

from bokeh.document import Document
from websocket_page import WebsocketPage

from panels.model_page import Explorer
from panels.serving import load_pages, make_server

PATIENCE_S = 60.0


def there() -> dict[str, int]:
    """Pages and documents; one document is Bokeh's own, which no page shows."""
    gc.collect()
    found = gc.get_objects()
    return {c.__name__: sum(type(o) is c for o in found) for c in (Document, Explorer)}


async def visit(url: str) -> None:
    page = WebsocketPage(url)
    await page.open()
    await page.wait_for("ready")
    await page.press("wb-run")
    await page.wait_for("running")
    await page.close()


async def visits(port: int, models: list[str]) -> dict[str, dict[str, int]]:
    before = there()
    for model in models:
        await visit(f"http://127.0.0.1:{port}/{model}")
    began = time.monotonic()
    while (after := there()) != before and time.monotonic() - began < PATIENCE_S:
        await asyncio.sleep(1)
    return {"before": before, "after": after}


def main() -> None:
    server = make_server()
    load_pages()
    gc.unfreeze()
    server.start()
    found = server.io_loop.run_sync(lambda: visits(server.port, sys.argv[1:]))
    server.stop()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
