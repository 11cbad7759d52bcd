"""Scripts that come with Brian2: the spikes of an opened, untouched one are the script's own.

WORKBENCH_BRIAN2_EXAMPLES is the folder ``examples`` of a copy of Brian2's repository.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import workbench as wb

FOLDER = os.environ.get("WORKBENCH_BRIAN2_EXAMPLES", "")
SEED = 1  # for scripts that set none

# Script -> simulated time, ms: enough for spikes.
SCRIPTS = {
    "COBAHH": 20,
    "CUBA": 40,
    "IF_curve_Hodgkin_Huxley": 20,
    "IF_curve_LIF": 60,
    "adaptive_threshold": 100,
    "non_reliability": 100,
    "phase_locking": 60,
    "reliability": 200,
    "advanced/custom_events": 60,
    "compartmental/bipolar_with_inputs": 40,
    "frompapers/Brette_Guigon_2003": 100,
    "frompapers/Brunel_2000": 20,
    "frompapers/Brunel_Hakim_1999": 40,
    "frompapers/Diesmann_et_al_1999": 60,
    "frompapers/Izhikevich_2003": 60,
    "frompapers/Nicola_Clopath_2017": 20,
    "frompapers/Rossant_et_al_2011bis": 200,
    "frompapers/Tsodyks_Uziel_Markram_2000": 200,
    "frompapers/Vogels_et_al_2011": 20,
    "standalone/STDP_standalone": 60,
    "standalone/cuba_openmp": 40,
    "synapses/STDP": 100,
    "synapses/gapjunctions": 100,
    "synapses/jeffress": 40,
    "synapses/nonlinear": 100,
    "synapses/spike_based_homeostasis": 60,
}


@pytest.mark.slow
@pytest.mark.skipif(
    not FOLDER, reason="set WORKBENCH_BRIAN2_EXAMPLES to the folder of Brian2's examples"
)
@pytest.mark.parametrize("name", SCRIPTS)
def test_an_untouched_example_has_the_spikes_of_its_script(name, plain_spikes, trains, monkeypatch):
    path, most_ms = Path(FOLDER).resolve() / f"{name}.py", SCRIPTS[name]
    monkeypatch.chdir(path.parent)
    plain = trains(plain_spikes(path, seed=SEED, most_ms=most_ms).values())
    run = wb.open_script(path, timeout_s=600).run(most_ms, seed=SEED, engine="numpy")
    assert sum(len(train) for train in plain) > 5
    assert trains(run.spikes(p.name) for p in run.info.spikers) == plain
