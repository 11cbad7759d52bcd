"""What a message from a page is unpacked to is no longer than a message may be."""

from __future__ import annotations

import base64
import functools
import zlib
from typing import Any

from bokeh.core.serialization import Deserializer

from panels.bokeh_internals import patches

MOST_BYTES = 20 * 2**20  # as Bokeh allows for a message as it comes
GZIP = 16 + zlib.MAX_WBITS


def bound_once() -> None:
    """Have a server unpack no more than `MOST_BYTES` of all packed bytes in a message."""
    plain: Any = getattr(Deserializer, "_decode_bytes", None)
    if not patches.fits("unpacking", Deserializer) or hasattr(plain, "__wrapped__"):
        return

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

    Deserializer._decode_bytes = _decode_bytes
