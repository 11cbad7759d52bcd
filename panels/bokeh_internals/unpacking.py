"""What comes from a page is unpacked to about as much as it may be, and no more.

A message may be as long as Bokeh allows; a token, which names the page that is asked for, comes in
the head of a request.
"""

from __future__ import annotations

import base64
import functools
import zlib
from typing import Any

from bokeh.core.serialization import Deserializer
from bokeh.protocol.exceptions import ProtocolError
from bokeh.protocol.message import Message
from bokeh.util import token
from tornado.web import HTTPError

from panels.bokeh_internals import patches

MOST_BYTES = 20 * 2**20  # as Bokeh allows for a message as it comes
MOST_OF_PARTS = 2 * MOST_BYTES  # of all parts that one message is sent in
LEAST_OF_PART = 1000  # what one takes here at least
MOST_TOKEN_BYTES = 2**18  # the head of a request, which a token repeats, has a quarter at most
GZIP = 16 + zlib.MAX_WBITS
# What pages send. NumPy knows kinds of any length: few characters may name a gigabyte an entry.
KINDS = ("bool", *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)), "float32", "float64",
         "object")  # fmt: skip


class BadToken(HTTPError, ProtocolError):
    """Ends a request as an `HTTPError`, and a websocket as a `ProtocolError` does."""


class _Bounded:
    """What Bokeh's tokens use of ``zlib``."""

    compress = staticmethod(zlib.compress)

    @staticmethod
    def decompress(data: bytes) -> bytes:
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(data, MOST_TOKEN_BYTES)
        except zlib.error as error:
            raise BadToken(400, reason="A token that cannot be unpacked") from error
        if not unpacker.eof:
            raise BadToken(400, reason="A token that is too long")
        return content


def bound_once() -> None:
    """Have a server take and unpack so much of messages and tokens, and arrays of `KINDS`."""
    if patches.fits("parts", Message) and not hasattr(Message.assemble_buffer, "__wrapped__"):
        Message.assemble_buffer = _bounded(Message.assemble_buffer)
    if patches.fits("tokens", token) and token.zlib is zlib:
        token.zlib = _Bounded
    _bound_messages()


def _bounded(plain: Any) -> Any:
    @functools.wraps(plain)
    def assemble_buffer(self: Any, buf_header: Any, buf_payload: Any) -> None:
        self._taken = getattr(self, "_taken", 0) + LEAST_OF_PART + len(buf_payload)
        if self._taken > MOST_OF_PARTS:
            raise ProtocolError(f"a message has parts of more than {MOST_OF_PARTS} bytes")
        plain(self, buf_header, buf_payload)

    return assemble_buffer


def _bound_messages() -> None:
    """`MOST_BYTES` of all packed bytes in a message."""
    plain: Any = getattr(Deserializer, "_decode_bytes", None)
    if not patches.fits("unpacking", Deserializer, Deserializer) or hasattr(plain, "__wrapped__"):
        return
    plain_array: Any = Deserializer._decode_ndarray

    @functools.wraps(plain)
    def _decode_bytes(self: Any, obj: Any) -> Any:
        data = obj["data"]
        if not isinstance(data, str):
            return plain(self, obj)
        left = MOST_BYTES - getattr(self, "_unpacked", 0)
        unpacker = zlib.decompressobj(GZIP)
        try:
            content = unpacker.decompress(base64.b64decode(data), left + 1)
        except ValueError as error:  # no base64
            self.error(f"bytes that cannot be read: {error}")
        except zlib.error as error:
            self.error(f"bytes that cannot be unpacked: {error}")
        if len(content) > left:
            self.error(f"more than {MOST_BYTES} bytes are packed in a message")
        if not unpacker.eof:
            self.error("bytes that cannot be unpacked: they are cut off")
        self._unpacked = MOST_BYTES - left + len(content)
        return content

    @functools.wraps(plain_array)
    def _decode_ndarray(self: Any, obj: Any) -> Any:
        if obj["dtype"] not in KINDS:
            self.error(f"arrays of the kind {str(obj['dtype'])[:40]!r} are not read")
        return plain_array(self, obj)

    Deserializer._decode_bytes = _decode_bytes
    Deserializer._decode_ndarray = _decode_ndarray
