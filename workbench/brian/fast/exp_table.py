"""``exp()`` of many numbers at once in C++: its sources, with the table that they need."""

from __future__ import annotations

import decimal
import struct
from decimal import Decimal
from functools import cache
from pathlib import Path

HEADER, SOURCE = "workbench_exp.h", "workbench_exp.cpp"
# Nothing may be left out as superfluous, or joined, that rounds.
FLAGS = ("-O2", "-fno-fast-math", "-ffp-contract=off")
PARTS = 128  # into which the table divides a doubling
DIGITS = 60  # of 2^(i/128), of which two numbers hold some 32
_HERE = Path(__file__).parent


@cache
def sources() -> dict[str, str]:
    """Name of a file -> its text."""
    header, source = ((_HERE / name).read_text(encoding="utf-8") for name in ("exp.h", "exp.cpp"))
    numbers = ", ".join(f"{bits:#x}ull" for bits in table())
    return {HEADER: header, SOURCE: source.replace("%TABLE%", numbers)}


def table() -> list[int]:
    """For each i: the relative rest of 2^(i/128), and the nearest number less i 2^45, as bits."""
    found = []
    with decimal.localcontext() as context:
        context.prec = DIGITS
        for i in range(PARTS):
            exact = Decimal(2) ** (Decimal(i) / PARTS)
            nearest = float(exact)
            rest = float(exact / Decimal(nearest) - 1)
            found += [_bits(rest), (_bits(nearest) - (i << 45)) % 2**64]
    return found


def _bits(number: float) -> int:
    return int(struct.unpack("<Q", struct.pack("<d", number))[0])
