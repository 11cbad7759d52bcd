"""What a page sends that none of ours would: the server and the other pages go on."""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import time
from pathlib import Path

import psutil
import pytest

from .conftest import served

VISITORS = Path(__file__).resolve().parents[2] / "benchmarks"
MORE_MB, SLOWEST_S = 300, 10.0

deep: list = []
for _ in range(400):
    deep = [deep]
PACKED = base64.b64encode(gzip.compress(bytes(200 * 2**20))).decode()
VALUES = [
    {"type": "bytes", "data": PACKED}, {"type": "bytes", "data": "AAAA"}, deep,
    {"type": "number", "value": "nan"}, 1e308, 2**70, None, "x" * 10**6, "\0<b>alert</b>",
    {"id": "p999999"}, {"type": "object", "name": "NoSuchModel", "id": "z1"},
    {"type": "ndarray", "array": {"type": "bytes", "data": "AAAA"}, "dtype": "float64",
     "shape": [10**12], "order": "little"},
    {"type": "ndarray", "array": ["a"] * 20, "dtype": "S100000000", "shape": [20],
     "order": "little"},
    {"type": "slice", "start": 0, "stop": 10**15, "step": 1},
]  # fmt: skip
EVENTS = [
    {"kind": "RootAdded", "model": {"type": "object", "name": "Range1d", "id": "z2"}},
    {"kind": "RootRemoved", "model": {"id": "p1"}},
    {"kind": "TitleChanged", "title": "x" * 10**6},
    {"kind": "ColumnsStreamed", "model": {"id": "p1"}, "attr": "data", "data": {}},
    {"kind": "NoSuchEvent"},
    3,
]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_messages_that_no_page_sends_harm_no_other_page(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(VISITORS))
    from websocket_page import WebsocketPage, asked

    async def attacked(url: str, process: psutil.Process) -> None:
        other, page = WebsocketPage(f"{url}/cuba"), WebsocketPage(f"{url}/cuba")
        for each in (other, page):
            await each.open()
            await each.wait_for("ready")
        await other.press("wb-run")
        await other.wait_for("running")
        before, began = process.memory_info().rss, time.monotonic()
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")  # VmHWM begins anew
        for model in set(page.ids.values()):
            for value in VALUES:
                for attribute in ("tags", "label", "value"):
                    event = {"kind": "ModelChanged", "model": {"id": model}, "attr": attribute,
                             "new": value}  # fmt: skip
                    await page.send("PATCH-DOC", {"events": [event]})
            if time.monotonic() - began > 30:
                break
        for event in EVENTS:
            await page.send("PATCH-DOC", {"events": [event]})
        for kind, content in (("PATCH-DOC", {}), ("PATCH-DOC", 3), ("NO-SUCH", {})):
            await page.send(kind, content)
        took, _, _ = await asked(f"{url}/")
        assert took < SLOWEST_S
        drawn = len(other.drawings)
        while len(other.drawings) < drawn + 3:
            await asyncio.sleep(0.1)
        assert other.state == "running"
        assert (most_mb(process) - before / 2**20) < MORE_MB
        another = WebsocketPage(f"{url}/cuba")
        await another.open()
        await another.wait_for("ready")
        for each in (page, another, other):
            await each.close()

    with served({**os.environ, "WORKBENCH_RUNS": str(tmp_path)}) as server:
        asyncio.run(attacked(server.url, psutil.Process(server.process.pid)))


def most_mb(process: psutil.Process) -> float:
    """The most memory that the process had since its peak began anew."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
