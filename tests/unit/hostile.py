"""Texts that are made up, and what it may cost to read or refuse them."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import strategies as st

from workbench.errors import WorkbenchError

LONGEST, SLOWEST_S, MOST_MB = 300, 1.0, 200
PEAK = Path("/proc/self/clear_refs")

# What people and programs type that is no number, or that an interpreter would execute.
NASTY = (
    "inf", "-inf", "nan", "1e999", "9**9**9", "__import__('os').system('touch hacked')",
    "open('hacked','w')", "7:25:99999999", "0:1e9:1e-9", "1:2:0", "1,62", "1e-400", "0x1F", "1_0",
    "٣", "½", "1 mV*1e9", "x" * 5000, "9" * 5000, "\0", "\n", "\x1b[31m", "<script>", "../../x",
    "%s%n", "{}", "[]", "null", "true", "'", '"', "\\", "é", "𝟙", "\ud800", "=", "==", "a=b=c", ",",
    ",,,,", " ", "", "-", "--", "--x", "-0", "0", "1e308", "1" + "0" * 400, "1 s", "5 mV", "−3",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=60),
    st.text(alphabet="0123456789.e+-:,*/ ()mVsnµ'\"=", max_size=40),
    st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join),
)


def megabytes(what: str) -> float:
    """A line of what Linux says of this process's memory; 0 elsewhere."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{what}:"))


def begin_a_peak() -> float:
    """Have ``VmHWM`` say the most memory from now on; returns what is taken now, in MB."""
    if PEAK.exists():
        PEAK.write_text("5")
    return megabytes("VmRSS")


def tried(action, where: Path | None = None):
    """Does it; None when it is refused, as it should be refused."""
    taken = begin_a_peak()
    began = time.process_time()
    try:
        found = action()
    except WorkbenchError as error:
        message = str(error).replace(str(where), "") if where else str(error)
        assert 0 < len(message) <= LONGEST, message
        assert "\n" not in message.strip(), message
        found = None
    took = time.process_time() - began
    assert took < SLOWEST_S, f"{took:.2f} s"
    more = megabytes("VmHWM") - taken
    assert more < MOST_MB, f"{more:.0f} MB"
    assert not Path("hacked").exists()
    return found


def json_values():
    leaf = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(NASTY),
        st.just(10**400), st.just(-1), st.just(2**62), st.just(3 * 10**9),
    )  # fmt: skip
    return st.recursive(
        leaf,
        lambda x: st.one_of(
            st.lists(x, max_size=3), st.dictionaries(st.text(max_size=5), x, max_size=3)
        ),
        max_leaves=5,
    )
