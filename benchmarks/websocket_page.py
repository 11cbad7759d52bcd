"""A page of the server without a browser: it asks for it, connects, presses buttons, and listens.

Does what the page's own scripts do, as far as the server can tell: it says that it is there, and
answers each drawing. What it is sent is not drawn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from typing import Any

from bokeh.util.token import generate_session_id
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    websocket_connect,
)

PATIENCE_S = 300.0


async def asked(url: str) -> tuple[float, str, dict[str, str]]:
    """Seconds until ``url`` had answered, what it said, and the cookie to come back with."""
    began = time.perf_counter()
    answer = await AsyncHTTPClient().fetch(
        url, connect_timeout=PATIENCE_S, request_timeout=PATIENCE_S
    )
    cookies = "; ".join(c.partition(";")[0] for c in answer.headers.get_list("Set-Cookie"))
    own = {"Cookie": cookies} if cookies else {}
    return time.perf_counter() - began, answer.body.decode(), own


class WebsocketPage:
    """A page at ``url``.

    loaded_s : seconds until the server had answered with the page
    drawings : of each drawing that came, (seconds of ``time.perf_counter``, its number, t in ms)
    state    : the last state of the simulation that was said
    ids      : class "wb-..." of a button -> Bokeh's id of it
    """

    def __init__(self, url: str):
        self.url = url
        self.loaded_s = 0.0
        self.drawings: list[tuple[float, int, float]] = []
        self.state = ""
        self._line: WebSocketClientConnection | None = None
        self.ids: dict[str, str] = {}
        self._acknowledged, self._pulled = asyncio.Event(), asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._beat = 0
        self._sending = asyncio.Lock()

    async def open(self) -> None:
        """Ask for the page, connect, and say that it is shown."""
        self.loaded_s, text, cookies = await asked(self.url)
        (token,) = re.findall(r'"token":\s*"([^"]+)"', text)
        request = HTTPRequest(
            self.url.replace("http", "ws", 1) + "/ws", headers=cookies,
            connect_timeout=PATIENCE_S, request_timeout=PATIENCE_S,
        )  # fmt: skip
        self._line = await websocket_connect(
            request, subprotocols=["bokeh", token], max_message_size=2**28
        )
        self._listening = asyncio.ensure_future(self._listen(self._line))
        await asyncio.wait_for(self._acknowledged.wait(), PATIENCE_S)
        await self.send("PULL-DOC-REQ", {})
        await asyncio.wait_for(self._pulled.wait(), PATIENCE_S)
        await self._event("document_ready")
        await self._say({"here": True, "narrow": False, "dark": False})

    async def press(self, button: str) -> None:
        """Press the button of this CSS class, such as ``wb-run``."""
        nothing = [[k, None] for k in ("target", "currentTarget", "relatedTarget")]
        await self._event(
            "dom_event",
            [["model", {"id": self.ids[button]}], ["node", "click"],
             ["data", {"type": "map", "entries": nothing}]],
        )  # fmt: skip

    async def wait_for(self, state: str) -> None:
        """Until the strip says that the simulation is in this state."""
        began = time.perf_counter()
        while self.state != state:
            if time.perf_counter() - began > PATIENCE_S:
                raise TimeoutError(f"{self.url} is {self.state or 'silent'}, and not {state}")
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Leave as a browser does."""
        if self._line is not None:
            self._line.close(1001)
        if self._listening is not None:
            # A drawing may have arrived that can no longer be answered.
            with contextlib.suppress(asyncio.TimeoutError, WebSocketClosedError):
                await asyncio.wait_for(self._listening, 10)

    async def _listen(self, line: WebSocketClientConnection) -> None:
        """Take messages apart: header, metadata, content, and a pair of parts for each array."""
        parts: list[Any] = []
        needed = 3
        while (part := await line.read_message()) is not None:
            parts.append(part)
            if len(parts) == 1:
                header = json.loads(part)
                needed = 3 + 2 * int(header.get("num_buffers", 0))
            if len(parts) == needed:
                await self._take(json.loads(parts[0]), parts[2])
                parts = []

    async def _take(self, header: dict[str, Any], content: str) -> None:
        if header["msgtype"] == "ACK":
            self._acknowledged.set()
        elif header["msgtype"] == "PULL-DOC-REPLY":
            self._note(json.loads(content)["doc"]["roots"])
            self._pulled.set()
        elif header["msgtype"] == "PATCH-DOC":
            for state in re.findall(r'data-state=(?:\\"|&quot;)(\w+)', content):
                self.state = state
            if '"attr":"beat"' in content:
                await self._drawn(json.loads(content)["events"])

    def _note(self, found: Any) -> None:
        """Find the buttons and the page's beat among its models."""
        if isinstance(found, list):
            for each in found:
                self._note(each)
        elif isinstance(found, dict):
            attributes = found.get("attributes")
            if found.get("type") == "object" and isinstance(attributes, dict):
                classes = attributes.get("css_classes")
                for name in classes if isinstance(classes, list) else ():
                    if isinstance(name, str) and name.startswith("wb-"):
                        self.ids.setdefault(name, found["id"])
                data = attributes.get("data")
                if isinstance(data, dict) and {"page", "versions"} <= set(
                    data.get("attributes", ())
                ):
                    self.ids["beat"] = found["id"]
            for each in found.values():
                self._note(each)

    async def _drawn(self, events: list[dict[str, Any]]) -> None:
        news = {e["attr"]: e["new"] for e in events if e.get("attr") in ("beat", "t_ms")}
        t_ms = news.get("t_ms", [0.0])
        number = news["beat"]
        self.drawings.append((time.perf_counter(), number, float(t_ms[0])))
        await self._say({"beat": number, "shown": 1})

    async def _say(self, data: dict[str, Any]) -> None:
        entries = [[k, v] for k, v in data.items()]
        model, said = {"id": self.ids["beat"]}, {"type": "map", "entries": entries}
        await self._event("data_event", [["model", model], ["data", said]])

    async def _event(self, name: str, values: list[Any] | None = None) -> None:
        given: dict[str, Any] = {"type": "map"}
        if values:
            given["entries"] = values
        event = {"type": "event", "name": name, "values": given}
        await self.send(
            "PATCH-DOC",
            {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]},
        )

    async def send(self, kind: str, content: Any) -> None:
        """Send a message of Bokeh's protocol, whatever is in it."""
        assert self._line is not None
        header = {"msgid": generate_session_id(), "msgtype": kind}
        async with self._sending:  # the parts of a message stay together
            for part in (header, {}, content):
                await self._line.write_message(json.dumps(part))
