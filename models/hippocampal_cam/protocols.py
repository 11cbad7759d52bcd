"""The published protocols of the hippocampal memory, as lists of operations."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.model.operation import Operation

from .operations import Learn, RecallByContent, RecallByCue


@dataclass(frozen=True)
class Protocol:
    """A list of operations, with the size of the memory and the time that it takes.

    after_ms : how long to run on after the last operation starts
    """

    n_cues: int
    n_content: int
    operations: tuple[Operation, ...]
    after_ms: int

    @property
    def duration_ms(self) -> float:
        return max(o.t_ms for o in self.operations if o.t_ms is not None) + self.after_ms


def functional() -> Protocol:
    """Learn three memories, recall both ways, replace one, recall again; one every 10 ms."""
    return Protocol(
        5,
        10,
        (
            Learn(0, 0, (0, 1, 8, 9)),
            Learn(10, 4, (1, 5, 6)),
            Learn(20, 3, (4, 5, 6)),
            RecallByCue(30, 0),
            RecallByContent(40, (6,)),
            RecallByContent(50, (0, 4)),
            Learn(60, 3, (1, 3, 4, 8)),
            RecallByCue(70, 3),
            RecallByContent(80, (6,)),
        ),
        after_ms=10,
    )


def stress(spacing_ms: int = 14, cycles: int = 3) -> Protocol:
    """Fill the memory, ask for every cue and every content bit; then again with the complement.

    The contents are the numbers 1 to 5 in binary, lowest bit first.
    """
    n_cues, n_content = 5, 10
    operations: list[Operation] = []

    def t_ms() -> float:
        return len(operations) * spacing_ms

    for cycle in range(cycles):
        for cue in range(n_cues):
            ones = {b for b in range(n_content) if (cue + 1) >> b & 1}
            if cycle % 2:
                ones = set(range(n_content)) - ones
            operations.append(Learn(t_ms(), cue, tuple(ones)))
        for cue in range(n_cues):
            operations.append(RecallByCue(t_ms(), cue))
        for bit in range(n_content):
            operations.append(RecallByContent(t_ms(), (bit,)))
    return Protocol(n_cues, n_content, tuple(operations), after_ms=25)


# The 4 x 4 map of the published application: what is known about each cell, as flags. The first
# question asks for start, goal and path at once, so which of its six cells are start and goal
# cannot be told from the answers: the choice below changes none.
UNKNOWN, START, GOAL, FREE, PATH, OBSTACLE = range(6)
_CELLS = {
    UNKNOWN: (0, 4, 8),
    FREE: (3, 5, 11, 15),
    OBSTACLE: (1, 7, 9),
    START: (2,),
    GOAL: (12,),
    PATH: (6, 10, 13, 14),
}


def state_map() -> Protocol:
    """Learn the state of 16 cells, one every 7 ms; then ask which cells are in a state."""
    state = {cell: flag for flag, cells in _CELLS.items() for cell in cells}
    learns = [Learn(7 * cell, cell, (state[cell],)) for cell in range(16)]
    questions = ((START, GOAL, PATH), (FREE,), (OBSTACLE,), (UNKNOWN,))
    asks = [RecallByContent(112 + 6 * k, flags) for k, flags in enumerate(questions)]
    return Protocol(16, 6, (*learns, *asks), after_ms=10)
