"""Names of files that a browser hands over."""

from __future__ import annotations

import pytest

from panels.widgets.uploaded import LONGEST, safe_name

GIVEN = {
    "session.nwb": "session.nwb",
    "../../etc/passwd": "passwd",
    "C:\\data\\a.mat": "a.mat",
    "..": "none.npz",
    "a/..": "none.npz",
    "/": "none.npz",
    "": "none.npz",
    "a\0b.csv": "ab.csv",
    "a\nb\u202ecsv.npz": "a_b_csv.npz",
    "é" * 300 + ".csv": "é" * (LONGEST - 4) + ".csv",
    "x" * 300 + "." + "y" * 300: "x" * LONGEST,
    ".npz": ".npz",
    "\ud800.csv": "_.csv",
}


@pytest.mark.parametrize("given", GIVEN)
def test_whatever_a_file_is_called_it_lies_in_its_folder(given, tmp_path):
    name = safe_name(given, "none.npz")
    assert name == GIVEN[given]
    (tmp_path / name).write_bytes(b"x")
    assert [p.name for p in tmp_path.iterdir()] == [name]
