"""Description of a network as plain data: populations, projections and recorded variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Population:
    """A group of neurons or inputs; its unit ``k`` has the global index ``offset + k``.

    size         : number of units, rows of a raster
    compartments : number of compartments of a multicompartment cell, whose arrays have one entry
                   per compartment; else 0
    title        : name for people, where the name itself says too little
    unit_names   : what its units stand for, such as letters; () for numbers
    """

    name: str
    size: int
    offset: int
    kind: Literal["neurons", "input"]
    sign: Literal["excitatory", "inhibitory", "mixed", "none"] = "none"
    variables: dict[str, str] = field(default_factory=dict)  # per-neuron variable -> unit
    spiking: bool = True  # False for units that have a rate and no spikes
    compartments: int = 0
    title: str = ""
    unit_names: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.title or self.name.replace("_", " ")

    def unit_label(self, unit: int) -> str:
        """What unit ``unit`` stands for, or its number."""
        return self.unit_names[unit] if unit < len(self.unit_names) else str(unit)

    @property
    def entries(self) -> int:
        """Length of the arrays of its variables: number of neurons, or of compartments."""
        return self.compartments or self.size


@dataclass(frozen=True)
class Projection:
    """A projection: one ``Synapses`` object with ``n_synapses`` synapses.

    onto     : for synapses onto synapses, the projection they target; ``target`` is then its target
    parallel : another projection has the same source and target, so labels include the name
    delay_ms : (shortest, longest) delay of all pathways from the source
    weight   : name of the weight variable, or None if the synapses have none
    unit     : unit of the weight
    bins     : (rows, columns) of the weight matrix as sent: post x pre, at most ``MAX_BINS`` each
    titles   : names for people of source and target; () where they are the names themselves
    """

    name: str
    source: str
    target: str
    n_synapses: int
    weight: str | None = None
    unit: str = "1"
    plastic: bool = False
    sign: Literal["excitatory", "inhibitory", "mixed", "unknown"] = "unknown"
    delay_ms: tuple[float, float] | None = None
    bins: tuple[int, int] = (0, 0)
    limits: tuple[float, float] | None = None  # (w_min, w_max) for colours, if the model knows
    onto: str = ""
    parallel: bool = False
    titles: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[str, str]:
        """Labels of source and target."""
        source, target = self.titles or (self.source, self.target)
        return source.replace("_", " "), target.replace("_", " ")

    @property
    def label(self) -> str:
        ends = " → ".join(self.ends)
        if self.onto:
            ends += f" (onto {self.onto})"
        return (f"{self.name}: {ends}" if self.parallel else ends).replace("_", " ")

    @property
    def in_words(self) -> str:
        """As ``label``, for the axes of figures: "inhibitory to excitatory"."""
        return self.label.replace("→", "to")


@dataclass(frozen=True)
class Recordable:
    """Something of a network that can be recorded: a variable, or an event other than spikes.

    name    : "population.variable", "projection.variable" or "population.event"
    unit    : of what is recorded;  entries : how many there are of it
    of      : what its entries are; of events, the neurons that have them
    dt_ms   : the time step of its clock
    stored  : False for what is computed from other variables when it is asked for
    source, target : populations that synapses join
    """

    name: str
    unit: str
    entries: int
    of: Literal["neurons", "compartments", "synapses", "shared", "events"]
    dt_ms: float
    stored: bool = True
    source: str = ""
    target: str = ""


@dataclass(frozen=True)
class NetworkInfo:
    """Description of a built network; sent once, before the first frame.

    dt_ms : time step in which spike times are counted; for several clocks, the longest step of
            which all their steps are multiples
    """

    dt_ms: float
    tick_ms: float
    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    traces: dict[str, str]  # "population.variable" -> unit, sampled once a tick
    watched: dict[str, tuple[int, ...]]  # "population.variable" -> neurons that are sampled
    circuit: Any = None  # workbench.circuits.Circuit
    maps: dict[str, str] = field(default_factory=dict)  # like traces, for all neurons, as a map
    warm_up_ms: float = 0.0  # time simulated in ``build``; t = 0 of a run is its end
    recordables: tuple[Recordable, ...] = ()  # what can be recorded
    labels: dict[str, str] = field(default_factory=dict)  # "population.variable" -> what it is

    @property
    def n_units(self) -> int:
        return sum(p.size for p in self.populations)

    @property
    def spiking(self) -> bool:
        """Whether any population of the network spikes."""
        return bool(self.spikers)

    @property
    def spikers(self) -> tuple[Population, ...]:
        """The spiking populations, shown by the raster and the rates."""
        return tuple(p for p in self.populations if p.spiking)

    @property
    def populations_by_name(self) -> dict[str, Population]:
        return {p.name: p for p in self.populations}

    def population_label(self, name: str) -> str:
        """Name for people of a population, or of whatever else has samples."""
        found = self.populations_by_name.get(name)
        return name.replace("_", " ") if found is None else found.label

    def unit_of(self, name: str) -> str:
        """Unit in which ``"population.variable"`` is sampled; "1" for what is not known."""
        declared = self.traces.get(name) or self.maps.get(name)
        return declared or next((r.unit for r in self.recordables if r.name == name), "1")

    def label_of(self, name: str) -> str:
        """What ``"population.variable"`` is: its label, or else the variable's name."""
        return self.labels.get(name) or name.rpartition(".")[2]

    def sign_of(self, projection: str) -> str:
        """What the synapses of a projection do, as far as it is known."""
        return next((p.sign for p in self.projections if p.name == projection), "unknown")

    def of_synapses(self, projection: str, variable: str) -> str:
        """What a variable of synapses is: "weight, inhibitory to excitatory"."""
        p = next((p for p in self.projections if p.name == projection), None)
        if p is None:
            return f"{variable}, {projection}"
        return f"{'weight' if variable == p.weight else variable}, {p.in_words}"

    def population(self, name: str) -> Population:
        return next(p for p in self.populations if p.name == name)

    def projection(self, name: str) -> Projection:
        return next(p for p in self.projections if p.name == name)
