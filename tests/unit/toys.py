"""Small models for the engine's tests: one that works, and one for each way of failing."""

from __future__ import annotations

from workbench import Inject, Model, Parameter


class Toy(Model):
    """Ten leaky neurons driven by a current, and an input population of three."""

    title = "Toy"
    traces = {"cells.v": "1"}
    populations = ("source", "cells")
    weight_unit = {"": "1"}
    operations = (Inject,)

    tau = Parameter(10, unit="ms", bounds=(0.1, None), doc="membrane time constant")
    current = Parameter(1.5, bounds=(0, None), doc="drive; 1 is threshold")
    w = Parameter(5.0, bounds=(0, None), doc="weight of the input")
    n_cells = Parameter(10, bounds=(1, None), integer=True, live=False, doc="neurons")

    def build(self):
        import brian2 as b2

        clock = b2.Clock(0.1 * b2.ms, name="toy_clock")
        source = b2.NeuronGroup(
            3, "drive : 1", threshold="drive > 0", reset="drive = 0",
            clock=clock, name="source", namespace={},
        )  # fmt: skip
        cells = b2.NeuronGroup(
            self.n_cells,
            """dv/dt = (current - v) / tau : 1
            tau : second (shared)
            current : 1 (shared)""",
            threshold="v > 1", reset="v = 0", method="exact",
            clock=clock, name="cells", namespace={},
        )  # fmt: skip
        cells.v = "rand()"
        synapses = b2.Synapses(
            source, cells, "w : 1 (shared)", on_pre="v_post += w", name="source_cells", namespace={}
        )
        synapses.connect()
        return b2.Network(source, cells, synapses, name="toy")


class Explodes(Toy):
    """Its potential grows without bound, to infinity, at 30 ms."""

    title = "Explodes"

    def build(self):
        import brian2 as b2

        net = super().build()
        cells = next(o for o in net.sorted_objects if o.name == "cells")
        cells.run_regularly("v = -exp(t/ms*100)", dt=30 * b2.ms, when="end", name="explode")
        return b2.Network(*net.sorted_objects, *cells.contained_objects, name="toy_explodes")


class Broken(Toy):
    """Its network cannot be built."""

    title = "Broken"

    def build(self):
        raise RuntimeError("the equations are wrong here")


class Unlinked(Toy):
    """Declares a live parameter that no variable follows."""

    title = "Unlinked"
    ghost = Parameter(1.0, bounds=(0, None), doc="reaches nothing")


class Noisy(Toy):
    """Draws a random number for each neuron in each step."""

    title = "Noisy"

    def build(self):
        import brian2 as b2

        net = super().build()
        cells = next(o for o in net.sorted_objects if o.name == "cells")
        cells.run_regularly("v += 0.05*randn()", dt=0.1 * b2.ms, when="start", name="noise")
        return b2.Network(*net.sorted_objects, *cells.contained_objects, name="toy_noisy")
