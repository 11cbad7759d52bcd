"""What a message from a page is unpacked to is about as long as a message may be, and no longer."""

from __future__ import annotations

import base64
import functools
import zlib
from typing import Any

from bokeh.core.serialization import Deserializer

from panels.bokeh_internals import patches

MOST_BYTES = 20 * 2**20  # as Bokeh allows for a message as it comes
GZIP = 16 + zlib.MAX_WBITS
# What pages send. NumPy knows kinds of any length: few characters may name a gigabyte an entry.
KINDS = ("bool", *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)), "float32", "float64",
         "object")  # fmt: skip


def bound_once() -> None:
    """Have a server unpack `MOST_BYTES` of all packed bytes in a message, and arrays of `KINDS`."""
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
