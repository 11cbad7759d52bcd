"""What a card showed, as a file: arrays of NumPy beside a description, and no code."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StoreError
from ..model.misread import shortened
from ..plots.live.seen import Layer, Seen

ABOUT = "about"
WORDS = ("x_label", "y_label", "right_label", "title", "words")
MOST_BYTES = 150_000_000  # of the arrays, unpacked


def seen_bytes(seen: Seen) -> bytes:
    """The file's content: an archive of NumPy (``.npz``)."""
    arrays: dict[str, Any] = {}
    plain = {f.name: getattr(seen, f.name) for f in fields(Seen) if f.name != "layers"}
    layers = []
    for k, layer in enumerate(seen.layers):
        data = {}
        for name, value in layer.data.items():
            if isinstance(value, np.ndarray):
                arrays[f"{k}.{name}"] = value
            else:
                data[name] = value
        layers.append({**asdict(layer), "data": data})
    buffer = io.BytesIO()
    about = json.dumps({**plain, "layers": layers}, default=float)
    arrays[ABOUT] = np.array(about)
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def read_seen(path: str | Path) -> Seen:
    """The inverse of `seen_bytes`; raises StoreError for what is no such file."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may have no end
            raise ValueError("no ordinary file")
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_BYTES:
                raise ValueError("a card shows less")
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(str(stored[ABOUT]))
            if not all(isinstance(about.get(name, ""), str) for name in WORDS):
                raise TypeError("words are texts")
            layers = []
            for k, plain in enumerate(about.pop("layers")):
                own = {n.partition(".")[2]: stored[n] for n in stored if n.startswith(f"{k}.")}
                layers.append(Layer(**_tuples({**plain, "data": {**plain["data"], **own}})))
        return Seen(**_tuples(about), layers=tuple(layers))
    except (
        OSError, KeyError, TypeError, AttributeError, ValueError, RecursionError, MemoryError,
        EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        raise StoreError(
            f"{shortened(str(path), 200)} cannot be read as what a card showed: save the figure "
            "again."
        ) from error


def _tuples(plain: dict[str, Any]) -> dict[str, Any]:
    """Lists of JSON as the tuples that they were."""

    def turned(value: Any) -> Any:
        return tuple(turned(v) for v in value) if isinstance(value, list) else value

    return {k: turned(v) for k, v in plain.items()}
