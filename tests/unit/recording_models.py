"""Small models whose variables are recorded in tests."""

from __future__ import annotations

from workbench import Model


class HodgkinHuxley(Model):
    """Three cells that fire about 80 times a second; an action potential lasts one tick."""

    title = "Hodgkin-Huxley"
    traces = {"hh.v": "mV"}

    def build(self):
        import brian2 as b2

        clock = b2.Clock(0.1 * b2.ms, name="hh_clock")
        cells = b2.NeuronGroup(
            3,
            """dv/dt = (10*nS*(-65*mV-v) - 20*uS*m**3*h*(v-50*mV) - 6*uS*n**4*(v+90*mV)
                        + 0.6*nA)/(200*pF) : volt
            dm/dt = 0.32/mV*4*mV/exprel((-50*mV-v)/(4*mV))/ms*(1-m)
                    - 0.28/mV*5*mV/exprel((v+23*mV)/(5*mV))/ms*m : 1
            dn/dt = 0.032/mV*5*mV/exprel((-48*mV-v)/(5*mV))/ms*(1-n)
                    - 0.5*exp((-53*mV-v)/(40*mV))/ms*n : 1
            dh/dt = 0.128*exp((-46*mV-v)/(18*mV))/ms*(1-h)
                    - 4/(1+exp((-23*mV-v)/(5*mV)))/ms*h : 1""",
            threshold="v > -40*mV", refractory="v > -40*mV", method="exponential_euler",
            clock=clock, name="hh",
        )  # fmt: skip
        cells.v = -65 * b2.mV
        return b2.Network(cells, name="hodgkin_huxley")


class Plastic(Model):
    """Twenty inputs and two cells, joined by synapses that learn."""

    title = "Plastic"
    traces = {"post.v": "mV"}

    def build(self):
        import brian2 as b2

        clock = b2.Clock(0.1 * b2.ms, name="plastic_clock")
        pre = b2.PoissonGroup(20, rates=50 * b2.Hz, clock=clock, name="pre")
        post = b2.NeuronGroup(
            2,
            """dv/dt = (-v + 30*mV*ge)/(10*ms) : volt
            dge/dt = -ge/(5*ms) : 1
            double = 2*v : volt""",
            threshold="v > 10*mV", reset="v = 0*mV", method="euler", clock=clock, name="post",
        )  # fmt: skip
        synapses = b2.Synapses(
            pre, post,
            """w : 1
            dapre/dt = -apre/(20*ms) : 1 (event-driven)
            dapost/dt = -apost/(20*ms) : 1 (event-driven)""",
            on_pre="""ge_post += w
            apre += 0.1
            w = clip(w + apost, 0, 1)""",
            on_post="""apost -= 0.1
            w = clip(w + apre, 0, 1)""",
            clock=clock, name="plastic",
        )  # fmt: skip
        synapses.connect(condition="i % 2 == j or j == 0")
        synapses.connect(condition="i < 6 and j == 1")
        synapses.w = "0.5*rand()"
        return b2.Network(pre, post, synapses, name="plastic_network")


class TwoClocks(Model):
    """Two groups, each with a clock of its own, whose state is the time in ms."""

    title = "Two clocks"

    def build(self):
        import brian2 as b2

        made = [
            b2.NeuronGroup(
                1, "dv/dt = 1/ms : 1", method="euler", name=name,
                clock=b2.Clock(dt * b2.ms, name=f"{name}_clock"),
            )
            for name, dt in (("fast", 0.1), ("slow", 0.25))
        ]  # fmt: skip
        return b2.Network(*made, name="two_clocks")


class Seldom(Model):
    """A number that grows by one every 50 ms, beside a cell on a clock of 0.1 ms."""

    title = "Seldom"
    traces = {"seldom.x": "1"}

    def build(self):
        import brian2 as b2

        cell = b2.NeuronGroup(
            1, "dv/dt = 1/ms : 1", method="euler", name="cell",
            clock=b2.Clock(0.1 * b2.ms, name="cell_clock"),
        )  # fmt: skip
        seldom = b2.NeuronGroup(
            1, "dx/dt = 1/(50*ms) : 1", method="euler", name="seldom",
            clock=b2.Clock(50 * b2.ms, name="seldom_clock"),
        )  # fmt: skip
        return b2.Network(cell, seldom, name="seldom_network")


class Burster(Model):
    """Four cells with an event of their own every 10 ms, and no spikes."""

    title = "Burster"

    def build(self):
        import brian2 as b2

        cells = b2.NeuronGroup(
            4, "dv/dt = 1/ms : 1", method="euler", events={"burst": "v > 9.95"},
            clock=b2.Clock(0.1 * b2.ms, name="burster_clock"), name="cells",
        )  # fmt: skip
        cells.run_on_event("burst", "v = 0")
        return b2.Network(cells, name="burster")


class Wide(Model):
    """Many cells, each of which decays from its own number within 20 ms."""

    title = "Wide"

    def build(self):
        import brian2 as b2

        cells = b2.NeuronGroup(
            5000, "dv/dt = -v/(20*ms) : 1", method="exact",
            clock=b2.Clock(0.5 * b2.ms, name="wide_clock"), name="cells",
        )  # fmt: skip
        cells.v = "i"
        return b2.Network(cells, name="wide")
