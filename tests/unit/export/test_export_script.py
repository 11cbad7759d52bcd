"""A run exported as a Brian2 script: run without the workbench, its spikes are those of the run."""

from __future__ import annotations

import ast

import nbformat
import numpy as np
import pytest

import workbench as wb
from tests.unit.toys import Toy
from workbench import export
from workbench.errors import ParameterError
from workbench.scripts.model import ALL

# Noise, a subgroup, two pathways with delays, event-driven and summed variables, a TimedArray, a
# PoissonInput, a SpikeGenerator, a custom event, refractoriness, run_regularly, constants, and a
# variable linked to a group whose name comes later.
RICH = """
from brian2 import *
seed(8)
tau, tau_s, level = 10*ms, 20*ms, 0.3
stimulus = TimedArray([1.4, 0.8, 1.6], dt=7*ms)
cells = NeuronGroup(12, '''dv/dt = (stimulus(t) + total + push - v)/tau + 0.1*sqrt(2/tau)*xi : 1
                           dx/dt = -x/(30*ms) : 1
                           rest : second
                           push : 1 (linked)
                           total : 1''',
                    threshold="v > 1", reset="v = 0", refractory="rest", method="euler",
                    events={"high": "x > 0.5"})
wave = NeuronGroup(1, "dpush/dt = 5*Hz : 1", method="euler")
cells.push = linked_var(wave, "push")
cells.run_on_event("high", "x = 0")
cells.v, cells.rest = "rand()", "2*ms + rand()*2*ms"
S = Synapses(cells[2:9], cells, '''w : 1
                                   da/dt = -a/tau_s : 1 (event-driven)
                                   db/dt = -b/tau_s : 1 (clock-driven)
                                   total_post = 0.01*b : 1 (summed)''',
             on_pre={"now": "a += 1; x_post += 0.2", "late": "v_post += w*level; b += 1"},
             on_post="w = clip(w + 0.01*a, 0, 1)", method="exact")
S.connect(p=0.4)
S.w = "rand()"
S.late.delay = "rand()*3*ms"
I = PoissonInput(cells, "v", 5, 100*Hz, weight=0.1)
G = SpikeGeneratorGroup(3, [0, 1, 2], [3, 8, 8]*ms)
T = Synapses(G, cells, on_pre="v_post += 0.6", delay=1*ms)
T.connect(j="i")
cells.run_regularly("v += 0.02", dt=5*ms)
run(40*ms)
"""


@pytest.fixture
def repeated(brian_alone):
    """``repeated(path)``: the results of an exported script, which runs with Brian2 alone."""

    def results(path):
        brian_alone(path.name, cwd=path.parent)
        return np.load(path.with_suffix(".results.npz"))

    return results


def same(run, population, found):
    mine = sorted(zip(*run.spikes(population), strict=True))
    theirs = sorted(zip(found[f"{population}.t_ms"], found[f"{population}.i"], strict=True))
    return mine == theirs


def test_a_script_with_changes_of_constants_while_it_runs(tmp_path, repeated):
    source = tmp_path / "rich.py"
    source.write_text(RICH)
    model = wb.open_script(source, timeout_s=600)
    with model.start(engine="numpy", paused=True) as session:
        assert session.wait(600, until="ready")
        session.step(12)
        assert session.reach(12, 600)
        session.set("level", 3.0)
        session.step(28)
        assert session.reach(40, 600)
        run = session.stop()
    path = wb.export_script(run, tmp_path / "again.py", model=type(model))
    found = repeated(path)
    assert same(run, "cells", found) and same(run, "G", found)
    t_ms, _ = run.spikes("cells")
    assert len(t_ms) > 20 and len(run.spikes("G")[0]) == 3
    # Without the change the spikes are others: it is part of the script.
    text = path.read_text()
    assert "level" in text
    path.write_text(text.replace("None, 'level', None, 3.0", "None, 'level', None, 0.3"))
    assert not same(run, "cells", repeated(path))
    with pytest.raises(ParameterError, match=r"again\.py exists already"):
        wb.export_script(run, path, model=type(model))
    run.parameters["script_runs"] = ALL
    with pytest.raises(ParameterError, match="the script itself repeats it"):
        wb.export_script(run, tmp_path / "all.py", model=type(model))


def test_a_model_with_operations_and_live_parameters(tmp_path, repeated):
    run = Toy(w=2).run(
        30, engine="numpy", seed=5, operations=[wb.Inject(4, "source", (0, 2))],
        input_spikes={"source": ([8, 8, 20], [0, 1, 2])},
    )  # fmt: skip
    run.engine = 'numpy\\"""\nraise SystemExit(3)\n"""'  # as a file could have it
    path = wb.export_script(run, tmp_path / "toy.py", model=Toy)
    assert ast.get_docstring(ast.parse(path.read_text())).count("raise SystemExit(3)") == 1
    found = repeated(path)
    assert same(run, "source", found) and same(run, "cells", found)
    assert np.array_equal(found["cells.v.state"], run.states["cells.v"])
    assert np.array_equal(found["cells.v.state_t_ms"], run.state_t)
    assert len(run.spikes("source")[0]) == 5 and len(run.spikes("cells")[0]) > 10


def test_a_notebook_does_what_the_script_does(tmp_path, monkeypatch):
    run = Toy().run(20, engine="numpy", seed=5, operations=[wb.Inject(4, "source", (0, 2))])
    built = export.describe(Toy(), 5)
    monkeypatch.setattr(export, "describe", lambda model, seed, own: built)
    path = wb.export_notebook(run, tmp_path / "toy.ipynb", model=Toy)
    script = wb.export_script(run, tmp_path / "toy_too.py", model=Toy)
    book = nbformat.read(path, as_version=4)
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    cells = ast.parse("\n".join(code[:-1]))
    text = script.read_text().replace("Path(__file__)", "Path('toy.ipynb')")
    assert ast.dump(cells) == ast.dump(ast.Module(ast.parse(text).body[1:], []))  # no docstring
    assert "axes.plot" in code[-1] and path.with_suffix(".npz").is_file()
    with pytest.raises(ParameterError, match=r"the name of a notebook ends in \.ipynb"):
        wb.export_notebook(run, tmp_path / "toy.py", model=Toy)


def test_a_script_has_the_ending_of_one(tmp_path):
    run = Toy().run(2.0, engine="numpy")
    with pytest.raises(ParameterError, match=r"the name of a script ends in \.py"):
        wb.export_script(run, tmp_path / "out.txt", model=Toy)
