"""Texts in TOML, and files in TOML that somebody else may have written, read within bounds.

Python's reader takes time and memory that grow with the square of a key's parts, and goes as deep
as brackets are nested.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from .errors import in_brief

MOST_BYTES = 1_000_000
MOST_PARTS = 32  # of a key, a.b.c having three
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w.\"'-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MOST_PARTS}}}")


def toml_text(value: str) -> str:
    """A text as a basic string of TOML, with what cannot stand in one as �."""
    whole = value.encode("utf-8", "replace").decode()  # a name of a file may be no text
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007F")


def read_toml(path: Path, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """What the file holds.

    raises : OSError if it cannot be read; ValueError for what is no TOML or too large, whose text
             goes on after the name of the file, without a full stop
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise ValueError("is no ordinary file")
    with path.open("rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise ValueError(f"has more than {most_bytes:,} bytes")
    try:
        text = data.decode()
        if _LONG_KEY.search(text):
            raise ValueError(f"has a key of more than {MOST_PARTS} parts with dots between them")
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"is not TOML: {in_brief(error).partition(': ')[2]}") from error
    except RecursionError as error:
        raise ValueError("has brackets that are nested too deeply") from error
