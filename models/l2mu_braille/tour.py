"""What the circuit shows by itself: a finger reads letters, one after the other."""

from __future__ import annotations

from workbench.model.tour import Step, Tour

READING = "Reading"

TOUR = Tour(
    (
        Step(0.0, "A finger slides over a letter of Braille, from left to right: twelve channels "
                  "fire as the raised dots pass.", card=READING),
        Step(512.0, "What was felt a moment ago is gone from the finger. Units of the memory go on "
                    "firing: they hold the letter's course so far.", card=READING),
        Step(1024.0, "Seven units vote while the finger moves. When the letter is over, the "
                     "longest bar is the answer, and all votes begin anew.", card=READING),
        Step(1536.0, "Letters and answers are counted. The weights are those in use: the published "
                     "ones where their file is there.", card="Letters read"),
    ),
    until_ms=2048.0,
    speed=100.0,
)  # fmt: skip
