"""Brian2's private names: each is there, says what it should, and is missed in one sentence."""

from __future__ import annotations

import brian2 as b2
import pytest

from workbench.brian import internals


@pytest.fixture
def parts():
    """A group, synapses with three pathways, and an input; never simulated."""
    clock = b2.Clock(0.1 * b2.ms, name="parts_clock")
    cells = b2.NeuronGroup(
        3, "dv/dt = -v / (scale * ms) : 1 (unless refractory)", threshold="v > 1",
        reset="v = 0", refractory=2 * b2.ms, clock=clock, name="parts_cells",
        namespace={"scale": 10.0, "ms": b2.ms}, method="exact",
    )  # fmt: skip
    synapses = b2.Synapses(
        cells, cells, "w : 1", on_pre={"fast": "v += w", "slow": "v += 2 * w"}, on_post="w += 1",
        clock=clock, name="parts_synapses",
    )  # fmt: skip
    drive = b2.PoissonInput(cells, "v", 10, 5 * b2.Hz, 0.1)
    net = b2.Network(cells, synapses, drive)
    for item in net.objects:
        item._network = net.id  # else Brian2 warns that it was never simulated
    return cells, synapses, drive


def test_pathways_are_those_that_were_given(parts):
    cells, synapses, _ = parts
    assert internals.is_synapses(synapses) and not internals.is_synapses(cells)
    found = {(p.prepost, str(p.code)) for p in internals.pathways(synapses)}
    assert found == {("pre", "v += w"), ("pre", "v += 2 * w"), ("post", "w += 1")}
    assert internals.pathways(cells) == ()


def test_the_refractory_period_is_as_given(parts):
    cells, synapses, _ = parts
    assert internals.refractory(cells) == 2 * b2.ms
    assert internals.refractory(synapses) is False


def test_an_input_knows_whom_it_drives(parts):
    cells, _, drive = parts
    assert internals.driven_by(drive) is cells


def test_an_external_name_is_what_the_namespace_says(parts):
    cells, _, _ = parts
    assert float(internals.resolve_external(cells, "scale", {}).get_value()) == 10.0


def test_a_missing_name_is_one_sentence(parts):
    with pytest.raises(internals.MissingInternal) as caught:
        internals.driven_by(parts[0])
    assert str(caught.value) == (
        f"Brian2 {b2.__version__} has no '_group' where 2.9 and 2.10 have it: install one of "
        "these, or report it to the workbench."
    )
