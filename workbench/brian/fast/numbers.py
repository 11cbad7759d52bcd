"""Takes the sizes of a network out of its generated C++ code: the binary reads them when it starts.

Brian2 writes how many neurons there are, connection probabilities and first values of variables
into the code. Here each such number becomes an entry of a file beside the static arrays, so that
one binary serves all networks that differ in these only. Numbers of equations stay where they are,
as the compiler computes with them. What is written in another way than was known stays too: then
the binary is for that number alone, and as right as before.
"""

from __future__ import annotations

import re
import struct
from functools import partial
from pathlib import Path

from ..patches import leave_out

HEADER = "workbench_numbers.h"
FILE = "static_arrays/workbench_numbers"
_WHOLE = r"(\d{1,15})"  # more would not be exact as a double
_NUMBER = rf"(-? ?(?:\d+\.\d*|{_WHOLE[1:-1]})(?:e[+-]?\d+)?)"
_TYPE = "(?:int|long|int32_t|int64_t|size_t)"
# Brian2's own constants that count neurons, entries of arrays, and where subgroups begin.
_COUNTS = r"(?:N|N_\w+|_num\w+|_n_sources|_n_targets|_source_\w+|_target_offset|_offset)"
_Patterns = tuple[tuple[str, str], ...]  # what is looked for, and where the number is found instead
_IN_CODE: _Patterns = (
    (rf"^\s*const {_TYPE} {_COUNTS} = {_WHOLE};$", "workbench::sizes[{}]"),
    (rf"^\s*const {_TYPE} _iter_size = {_WHOLE};$", "workbench::sizes[{}]"),
    (rf"^\s*const double _iter_p = {_NUMBER};$", "workbench::numbers[{}]"),
)
# Also read before main() begins, in an order that nobody knows.
_IN_OBJECTS: _Patterns = tuple(
    (pattern.replace("#", _WHOLE), "workbench::size({})")
    for pattern in (
        r"^const int _num_\w+ = #;$",
        r" = new \w+\[#\];$",
        r"^\s*for\(int i=0; i<#; i\+\+\)",
        r"\[i\] = # \+ i;$",
        r"^\s*_dynamic_array_\w+\.resize\(#\);$",
        r"^\s*var_size = #;$",
        r"^\s*data_size = #\*sizeof\(\w+\);$",
        r", #\*sizeof\([\w\[\]]+\)\);$",
        r"^    #, \d+\);$",
        r"^    workbench::size\(\d+\), #\);$",
    )
)
_IN_MAIN: _Patterns = ((rf"^\s*_\w+\[\w+\] = {_NUMBER};$", "workbench::numbers[{}]"),)
_IN_TABLE: _Patterns = (
    (rf"nullptr, {_WHOLE}\}}", "workbench::size({})"),
)  # where a population begins


def read_at_start(sources: Path, table: str = "") -> None:
    """Rewrite what Brian2 wrote to ``sources``, and write the file of the numbers.

    table : file of ours whose numbers of neurons are taken too
    """
    if not re.search(_IN_OBJECTS[0][0], (sources / "objects.cpp").read_text(), re.M):
        leave_out("numbers-at-start", "objects.cpp has no constants with the sizes of arrays")
        return
    opened = _Opened()
    files: list[tuple[Path, _Patterns]] = [
        (path, _IN_CODE) for path in sorted((sources / "code_objects").glob("*.cpp"))
    ]
    files += [(sources / "objects.cpp", _IN_OBJECTS)]
    files += [(sources / name, _IN_MAIN) for name in ("main.cpp", "run.cpp")]
    files += [(sources / table, _IN_TABLE)] if table else []
    for path, patterns in files:
        before = path.read_text()
        text = opened.take(before, patterns)
        if path.name == "objects.cpp":
            text = _DEFINITION + text
        if text != before:
            path.write_text(f'#include "{HEADER}"\n{text}')
    header = _HEADER.format(sizes=len(opened.sizes), numbers=len(opened.numbers))
    (sources / HEADER).write_text(header)
    layout = f"<{len(opened.sizes)}q{len(opened.numbers)}d"
    (sources / FILE).parent.mkdir(exist_ok=True)
    (sources / FILE).write_bytes(struct.pack(layout, *opened.sizes, *opened.numbers))


def without_numbers(text: str) -> tuple[str, int]:
    """A code object's text as it is without the numbers that the binary reads; and how many."""
    opened = _Opened()
    return opened.take(text, _IN_CODE), len(opened.sizes) + len(opened.numbers)


class _Opened:
    """The numbers that were taken out until now."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.numbers: list[float] = []

    def take(self, text: str, patterns: _Patterns) -> str:
        """``text`` with the group of each match replaced by where the number is found."""
        for pattern, place in patterns:
            text = re.sub(pattern, partial(self._replaced, place), text, flags=re.M)
        return text

    def _replaced(self, place: str, match: re.Match[str]) -> str:
        whole, start = match[0], match.start()
        if "numbers" in place:
            at = len(self.numbers)
            self.numbers.append(float(match[1].replace(" ", "")))
        else:
            at = len(self.sizes)
            self.sizes.append(int(match[1]))
        return whole[: match.start(1) - start] + place.format(at) + whole[match.end(1) - start :]


_HEADER = """\
#ifndef WORKBENCH_NUMBERS_H
#define WORKBENCH_NUMBERS_H
#include <cstdint>

namespace workbench {{
const int n_sizes = {sizes}, n_numbers = {numbers};
extern int64_t sizes[n_sizes + 1];
extern double numbers[n_numbers + 1];
// A size, also before main() begins. Not inline: it is called for each array, many times.
int64_t size(int k);
}}  // namespace workbench
#endif
"""
_DEFINITION = f"""\
#include <cstdio>
#include <cstdlib>
namespace workbench {{
int64_t sizes[n_sizes + 1];
double numbers[n_numbers + 1];
static bool read_numbers() {{
  std::FILE* file = std::fopen("{FILE}", "rb");
  const size_t read = file ? std::fread(sizes, 8, n_sizes, file) +
                             std::fread(numbers, 8, n_numbers, file) : 0;
  if (read != n_sizes + n_numbers) {{
    std::fprintf(stderr, "The numbers of this network are missing: {FILE}\\n");
    std::_Exit(2);
  }}
  std::fclose(file);
  return true;
}}
int64_t size(int k) {{
  static const bool read = read_numbers();
  return read ? sizes[k] : 0;
}}
}}  // namespace workbench
"""
