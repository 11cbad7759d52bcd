"""What is told of a simulation whose parameters were changed is what it is, not what it was."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from models.cuba import CUBA
from workbench.figures import figure_bytes
from workbench.figures.csv import header
from workbench.store import open_run

NOW = "workbench.engine.present:circuit_now"


def weights(circuit) -> dict[str, float]:
    return {e.source: round(e.weight.value, 9) for e in circuit.edges if e.weight is not None}


@pytest.fixture
def session():
    with CUBA(n_neurons=50).start(paused=True, engine="numpy", seed=1) as found:
        assert found.wait(60, until="ready")
        yield found


def test_circuit_of_a_running_simulation_has_its_present_values(session):
    assert weights(session.info.circuit) == {"excitatory": 1.62, "inhibitory": -9.0}
    session.set("w_e", 3.14)
    now = session.read(NOW)
    assert weights(now) == {"excitatory": 3.14, "inhibitory": -9.0}
    assert {n.name for n in now.nodes} == {n.name for n in session.info.circuit.nodes}
    assert {p.name: p.value for p in now.notes.parameters}["w_e"] == "3.14 mV"
    assert now.term == session.info.circuit.term


def test_stored_run_and_its_figure_have_the_values_at_the_end(session, tmp_path):
    assert session.run_so_far().changed_circuit is None
    session.set("w_e", 3.14)
    run = session.run_so_far()
    assert weights(run.info.circuit)["excitatory"] == 1.62  # at t = 0, as its parameters are
    assert (run.parameters["w_e"], run.last_parameters["w_e"]) == (1.62, 3.14)
    assert weights(run.circuit)["excitatory"] == 3.14
    assert header(run)["parameters_at_end"]["w_e"] == 3.14
    first = replace(run, changed_circuit=None)
    drawn, before = (figure_bytes(r, "circuit", "svg", 174) for r in (run, first))
    assert drawn != before  # whose text are outlines
    pdf = tmp_path / "circuit.pdf"
    pdf.write_bytes(figure_bytes(run, "circuit", "pdf", 174))
    assert b"parameters_at_end" in pdf.read_bytes()
    copy = run.save(tmp_path / "copy")
    assert weights(open_run(copy).circuit) == weights(run.circuit)
    assert json.loads((copy / "run.json").read_text())["changed_circuit"]


def test_finished_run_has_the_values_at_the_end(session):
    session.set("w_e", 2.0)
    session.step(5)
    assert session.reach(5.0, 30)
    run = session.stop()
    assert run.duration_ms == 5.0
    assert weights(run.circuit)["excitatory"] == 2.0
    again = run.replay()
    assert weights(again.circuit)["excitatory"] == 2.0
    assert CUBA(n_neurons=50).run(5.0, engine="numpy", seed=1).changed_circuit is None


def test_weights_of_the_moment_come_with_the_pause(session):
    session.show_weights(("excitatory_to_excitatory",), every_ms=3_600_000)
    session.step(3)
    assert session.reach(3.0, 30)
    session.frames()
    session.set("w_e", 2.5)
    session.snapshot()  # answered after what was set, and sent after the frame before it
    session.step(1)
    assert session.reach(4.0, 30)
    last = [f for f in session.frames() if f.weights][-1]
    assert last.t_ms == 4.0
    assert np.nanmax(last.weights["excitatory_to_excitatory"]) == pytest.approx(2.5)
