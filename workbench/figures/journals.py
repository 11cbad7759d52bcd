"""What journals ask of a figure: its widths, its height, its lettering.

Read at the places named below in 2026; what a journal does not ask for is as in `PLAIN`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import unknown


@dataclass(frozen=True)
class Journal:
    """Sizes in mm and points.

    widths_mm : of one column, and of what is wider
    most_mm   : height that a figure may have
    font      : one of `workbench.figures.typefaces.FONTS`
    letters   : "a" or "A", how panels are lettered
    """

    name: str
    widths_mm: tuple[float, ...]
    most_mm: float
    font: str = "Arial"
    label_pt: float = 7.0
    tick_pt: float = 6.0
    letter_pt: float = 8.0
    letters: str = "a"


PLAIN = Journal("any", (85.0, 120.0, 174.0), 235.0)
JOURNALS = {
    journal.name: journal
    for journal in (
        PLAIN,
        # research-figure-guide.nature.com, "Building and exporting figure panels": 89 and 183 mm,
        # at most 170 mm high, text of 5 to 7 points, Arial or Helvetica, embedded as TrueType.
        Journal("Nature", (89.0, 183.0), 170.0),
        # cell.com/information-for-authors/figure-guidelines: 85, 114 and 174 mm, Arial of 6 to 8
        # points, capital letters; 200 mm as summed up at figureguild.com/journals/cell.
        Journal("Cell Press", (85.0, 114.0, 174.0), 200.0, letters="A", letter_pt=9.0),
        # jneurosci.org, "Illustrations": 8.5, 11.6 and 17.6 cm, at most 22 cm high, characters of
        # 8 to 12 points, no borderlines at the top and the right.
        Journal(
            "J. Neurosci.", (85.0, 116.0, 176.0), 220.0,
            label_pt=8.0, tick_pt=8.0, letter_pt=10.0, letters="A",
        ),
        # pace.apexcovantage.com/Home/Guidelines: 6.68 to 19.05 cm wide, at most 22.23 cm high;
        # journals.plos.org, "Choose Figure Text": Arial of 8 to 12 points.
        Journal(
            "PLOS", (85.0, 120.0, 190.5), 222.3,
            label_pt=8.0, tick_pt=8.0, letter_pt=11.0, letters="A",
        ),
    )
}  # fmt: skip


def journal_named(name: str) -> Journal:
    """The journal of this name; raises UnknownName."""
    if not (isinstance(name, str) and name in JOURNALS):
        raise unknown("journal", name, JOURNALS)
    return JOURNALS[name]
