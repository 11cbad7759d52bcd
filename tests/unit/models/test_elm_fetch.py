"""The ELM neuron's experiments without data: what is said, and what can be downloaded."""

from __future__ import annotations

import collections
import functools
import hashlib
import http.server
import threading

import numpy as np
import pytest
from test_elm_data import neuronio
from test_elm_files import tensor, torch_file
from typer.testing import CliRunner

from models.elm_neuron.data import fetch as _elm_fetch
from workbench.cli import app
from workbench.data import DataError

N_MEMORY, N_BRANCH, N_SYNAPSES = 2, 3, 6
SHAPES = {
    "_proto_w_s": (N_SYNAPSES,), "tau_s": (N_SYNAPSES,), "_proto_tau_m": (N_MEMORY,),
    "mlp.network.0.weight": (4, N_BRANCH + N_MEMORY), "mlp.network.0.bias": (4,),
    "mlp.network.2.weight": (N_MEMORY, 4), "mlp.network.2.bias": (N_MEMORY,),
    "w_y.weight": (2, N_MEMORY), "w_y.bias": (2,),
}  # fmt: skip


def released(path):
    """A small neuron in the form of the released files."""
    rng = np.random.default_rng(0)
    content, numbers = collections.OrderedDict(), {}
    for k, (name, shape) in enumerate(SHAPES.items()):
        content[name] = tensor(str(k), shape)
        numbers[str(k)] = rng.uniform(0.1, 0.5, shape).astype("<f4").tobytes()
    content["input_to_synapse_indices"] = tensor("50", (N_SYNAPSES,), kind="LongStorage")
    numbers["50"] = np.arange(N_SYNAPSES, dtype="<i8").tobytes()
    content["valid_indices_mask"] = tensor("51", (N_SYNAPSES,), kind="BoolStorage")
    numbers["51"] = b"\1" * N_SYNAPSES
    return torch_file(path, content, numbers)


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Serves one file where the released neurons are looked for; on this machine nothing is."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    place = tmp_path / "host" / _elm_fetch._COMMIT / "models" / f"num_memory_{N_MEMORY}"
    place.mkdir(parents=True)
    file = released(place / "neuronio_best_model_state.pt")
    answer = functools.partial(Quiet, directory=str(tmp_path / "host"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(_elm_fetch, "HOST", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(
            _elm_fetch, "MD5", {N_MEMORY: hashlib.md5(file.read_bytes()).hexdigest()}
        )
        yield file
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def reproduce(*words):
    done = CliRunner().invoke(app, ["reproduce", "elm-neuron", "neuronio", *words])
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    neuronio(folder / "sim_1.p", n_ms=1500, simulations=3)
    return folder


def test_without_recordings_it_says_where_they_are_and_how_large(host):
    code, _, message = reproduce()
    assert code == 2
    assert message == (
        "There are no recordings of the cell on this machine: NeuronIO's test set is at "
        "kaggle.com/datasets/selfishgene/single-neurons-as-deep-nets-nmda-test-data, for whoever "
        "has an account there (all of NeuronIO is 115 GB; one of its .p files will do). Put them "
        "into a folder, and give it with --data FOLDER or as the folder l5pc in WORKBENCH_DATA."
    )


def test_without_neurons_it_offers_to_download_them(host, recordings):
    code, _, message = reproduce("--data", str(recordings))
    assert code == 2
    assert message == (
        "There are no neurons to score on this machine: --fetch yes downloads the released ones "
        "(1.6 MB, from github.com/AaronSpieler/elmneuron). Or give your own .npz or .pt files with "
        "--checkpoints FOLDER, or as the folder elm in WORKBENCH_DATA."
    )


def test_what_is_downloaded_is_scored_and_kept(host, recordings):
    words = ("--data", str(recordings), "--trials", "2", "--resamples", "2")
    code, out, message = reproduce(*words, "--fetch", "yes")
    assert code == 0, message
    assert "How well the neuron is the cell" in out
    assert _elm_fetch.fetched_checkpoints() is not None
    host.unlink()
    assert reproduce(*words)[0] == 0  # from the cache


def test_a_damaged_or_missing_download_is_refused(host):
    host.write_bytes(b"something else")
    with pytest.raises(DataError, match=r"branch_elm_m2\.pt of elm .* could not be downloaded"):
        _elm_fetch.fetch_checkpoints()
    host.unlink()
    with pytest.raises(DataError, match="404"):
        _elm_fetch.fetch_checkpoints()
    assert _elm_fetch.fetched_checkpoints() is None
