"""Checkpoints: read without loss, refused with a reason, and never run."""

from __future__ import annotations

import collections
import io
import json
import os
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest

from models.elm_neuron import ELMNeuron
from models.elm_neuron.checkpoints import by_number
from models.elm_neuron.checkpoints.by_number import find, keep, number_of
from models.elm_neuron.checkpoints.files import open_weights, save_weights
from models.elm_neuron.checkpoints.torch import read_tensors
from models.elm_neuron.facts import neuronio, random_input
from models.elm_neuron.recurrence import simulate
from workbench.errors import ParameterError, StoreError


class Global:
    """Pickles as the bare name of a function or class of another module."""

    def __init__(self, module: str, name: str):
        self.module, self.name = module, name


class Storage:
    """Pickles as PyTorch's reference to numbers in a file of their own."""

    def __init__(self, kind: str, key: str, count: int):
        self.pid = ("storage", Global("torch", kind), key, "cpu", count)


class Call:
    """Pickles as a call, whatever of."""

    def __init__(self, function: object, *args: object):
        self.function, self.args = function, args

    def __reduce__(self):
        return (self.function, self.args)


class Torch(pickle._Pickler):
    """Writes what ``torch.save`` writes, and whatever else a hostile file may hold."""

    def persistent_id(self, obj):
        return obj.pid if isinstance(obj, Storage) else None

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
            return
        if isinstance(obj, Call) and isinstance(obj.function, Global):
            self.save(obj.function)
            self.save(obj.args)
            self.write(pickle.REDUCE)
            return
        super().save(obj, save_persistent_id)


def torch_file(path, content, numbers=None, name="archive/data.pkl"):
    index = io.BytesIO()
    Torch(index, 2).dump(content)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, index.getvalue())
        for key, values in (numbers or {}).items():
            archive.writestr(f"archive/data/{key}", values)
    return path


def tensor(key, shape, stride=None, offset=0, count=None, kind="FloatStorage"):
    size = int(np.prod(shape))
    stride = stride or tuple(int(np.prod(shape[k + 1 :])) for k in range(len(shape)))
    storage = Storage(kind, key, size if count is None else count)
    rebuild = Global("torch._utils", "_rebuild_tensor_v2")
    return Call(rebuild, storage, offset, shape, stride, False, collections.OrderedDict())


def floats(*values):
    return np.asarray(values, "<f4").tobytes()


def test_tensors_are_read_by_shape_stride_and_kind(tmp_path):
    content = collections.OrderedDict(
        a=tensor("0", (2, 3)),
        transposed=tensor("0", (3, 2), stride=(1, 3)),
        part=tensor("0", (2,), offset=4, count=6),
        whole=tensor("1", (2,), kind="LongStorage"),
        yes=tensor("2", (3,), kind="BoolStorage"),
    )
    numbers = {
        "0": floats(0, 1, 2, 3, 4, 5),
        "1": np.array([7, -8], "<i8").tobytes(),
        "2": b"\1\0\1",
    }
    found = read_tensors(torch_file(tmp_path / "a.pt", content, numbers))
    assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["transposed"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found["part"].tolist() == [4, 5]
    assert (found["whole"].tolist(), found["whole"].dtype) == ([7, -8], np.int64)
    assert found["yes"].tolist() == [True, False, True]


def hostile(tmp_path):
    mark = tmp_path / "it-ran"
    command = f"touch {mark}"
    yield "os.system", {"w": Call(os.system, command)}, mark
    yield "__builtin__.eval", {"w": Call(eval, f"open({str(mark)!r}, 'w')")}, mark
    yield "__builtin__.getattr", {"w": Call(getattr, "", "join")}, mark
    yield "torch.load", {"w": Call(Global("torch", "load"), "x")}, mark
    yield "collections.OrderedDict.update", {"w": Global("collections", "OrderedDict.update")}, mark
    yield "numpy.load", {"w": Global("numpy", "load")}, mark


@pytest.mark.parametrize("k", range(6))
def test_a_file_that_wants_code_to_run_is_refused(tmp_path, k):
    name, content, mark = list(hostile(tmp_path))[k]
    path = torch_file(tmp_path / "evil.pt", content)
    with pytest.raises(StoreError) as caught:
        open_weights(path)
    message = name.replace("os.", "posix.") if os.name == "posix" else name
    assert str(caught.value) == (
        f"{path} is refused: it asks for {message}, which a file of weights has no use for."
    )
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"w": tensor("0", (9,), count=2)}, "larger than the numbers that it is made of"),
        ({"w": tensor("0", (1,), offset=2, count=2)}, "larger than the numbers"),
        ({"w": tensor("0", (2,), offset=-1, count=2)}, "size, stride or offset below 0"),
        ({"w": tensor("0", (2,), stride=(-1,), count=2)}, "size, stride or offset below 0"),
        ({"w": tensor("0", (2**40,), stride=(0,), count=2)}, "its tensors have more than"),
        (
            {f"w{k}": tensor("0", (2**22,), stride=(0,), count=2) for k in range(99)},
            "its tensors have more than",
        ),
        ({"w": tensor("0", (3,), count=3)}, "tensor 0 has 8 bytes, not 3 numbers"),
        ({"w": tensor("../x", (2,))}, "names numbers in a way that is not known"),
        ({"w": tensor("1", (2,))}, "its index is damaged"),
        ({"w": Call(Global("torch._utils", "_rebuild_tensor_v2"), 1, 2, 3, 4)}, "index is damaged"),
        ({"w": 3}, "its entry 'w' is no tensor"),
        ([1, 2], "it holds no dictionary of tensors"),
    ],
)
def test_a_file_that_lies_about_its_tensors_is_refused(tmp_path, content, message):
    path = torch_file(tmp_path / "a.pt", content, {"0": floats(1, 2)})
    with pytest.raises(StoreError, match="is refused") as caught:
        read_tensors(path)
    assert message in str(caught.value)


def test_arrays_that_take_much_together_are_not_unpacked(tmp_path):
    path = tmp_path / "neuron.npz"
    np.savez_compressed(path, **{f"a{k}": np.zeros(2**22) for k in range(9)})  # 302 MB
    assert path.stat().st_size < 10**6
    tracemalloc.start()
    try:
        with pytest.raises(StoreError, match=r"refused: its arrays have more than 268435456 bytes"):
            open_weights(path)
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    with pytest.raises(StoreError, match=r"There is no file"):
        open_weights(path)
    path.write_bytes(pickle.dumps({"w": 1}))
    with pytest.raises(StoreError, match="no zip archive of PyTorch"):
        open_weights(path)
    torch_file(path, {}, name="data.pkl")
    with pytest.raises(StoreError, match="no zip archive of PyTorch"):
        open_weights(path)
    torch_file(path, {"w": tensor("0", (2,))}, {"0": floats(1, 2)})
    with pytest.raises(StoreError, match="it lacks _proto_tau_m"):
        open_weights(path)


def test_the_published_file_is_its_arrays(data):
    folder = data / "elm"
    one, other = (open_weights(folder / f"branch_elm_m20.{e}") for e in ("pt", "npz"))
    assert number_of(one.changed(title="")) == number_of(other.changed(title=""))
    assert (one.n_input, one.n_branch, one.n_memory, one.n_parameters) == (1278, 45, 20, 8002)
    assert (one.activation, one.lambda_m) == ("relu", 5.0)
    assert (
        open_weights(folder / "branch_elm_m20.pt", {"mlp_activation": "silu"}).activation == "silu"
    )


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"variant": "v2", "activation": "relu2", "layers": 3},
        {"n_inh": 0, "n_branch": 5, "per_branch": 1, "activation": "silu"},
    ],
)
def test_what_is_saved_is_what_is_opened(tmp_path, parts):
    small = {"n_exc": 12, "n_inh": 9, "n_branch": 4, "per_branch": 7}
    weights = neuronio(3, **{**small, **parts}).changed(title="a title", v_bias_mV=-60.0)
    again = open_weights(save_weights(weights, tmp_path / "a.npz"))
    assert number_of(again) == number_of(weights)
    channel, t_ms = random_input(weights.n_input, 50)
    first, second = (simulate(w, channel, t_ms, 50) for w in (weights, again))
    assert np.array_equal(first.v_soma_mV, second.v_soma_mV)
    assert again.title == "a title"


def test_time_constants_may_differ_from_synapse_to_synapse_or_stand_for_a_branch(tmp_path):
    weights = neuronio(3, n_exc=12, n_inh=9, n_branch=4, per_branch=6)
    path = save_weights(weights.changed(tau_s_ms=np.linspace(2, 9, 24)), tmp_path / "a.npz")
    assert open_weights(path).tau_s_ms[-1] == 9
    arrays = dict(np.load(path))
    np.savez(tmp_path / "b.npz", **{**arrays, "tau_s_ms": np.array([1.0, 2, 3, 4])})
    assert open_weights(tmp_path / "b.npz").tau_s_ms.tolist() == np.repeat([1, 2, 3, 4], 6).tolist()


def altered(tmp_path, config=None, **changes):
    path = save_weights(neuronio(3, n_exc=6, n_inh=6, n_branch=3, per_branch=5), tmp_path / "a.npz")
    arrays = dict(np.load(path))
    message = {**json.loads(str(arrays["config"])), **(config or {})}
    np.savez(path, **{**arrays, "config": json.dumps(message), **changes})
    return path


@pytest.mark.parametrize(
    ("config", "changes", "message"),
    [
        ({"mlp_activation": "gelu"}, {}, "activation 'gelu' is not one of"),
        ({"variant": "v3"}, {}, "variant 'v3' is not one of"),
        ({"delta_t_ms": 10.0}, {}, "is made for steps of 10 ms"),
        ({"num_branch": 4}, {}, "has 15 synapses, which 4 branches cannot share"),
        ({"high_pass_ms": 3}, {}, "has the setting 'high_pass_ms', which is not known"),
        ({"num_input": 5}, {"input_sign": np.ones(5)}, "a synapse reads channel"),
        ({}, {"synapse_weight": -np.ones(15)}, "a synapse has a weight below 0"),
        ({}, {"tau_m_ms": np.array([1.0, 0, 2])}, "tau_m_ms must be above 0"),
        ({}, {"W_out": np.ones((20, 3)), "c_out": np.ones(20)}, "the readout has a matrix of"),
        ({}, {"W_hidden": np.full((6, 6), np.nan)}, "the hidden layer 1 is not finite"),
        ({}, {"synapse_mask": np.array([None])}, "cannot be read"),
    ],
)
def test_what_does_not_fit_is_reported(tmp_path, config, changes, message):
    path = altered(tmp_path, config, **changes)
    with pytest.raises(StoreError) as caught:
        open_weights(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_checkpoint_is_known_by_its_content(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr("models.elm_neuron.checkpoints.by_number._here", {})
    weights = neuronio(2, n_exc=6, n_inh=6, n_branch=3, per_branch=5)
    number = keep(weights)
    assert 2**20 <= number < 2**48
    assert keep(weights.changed()) == number != number_of(weights.changed(lambda_m=4.0))
    monkeypatch.setattr("models.elm_neuron.checkpoints.by_number._here", {})  # as another process
    assert number_of(find(number)) == number
    monkeypatch.setattr("models.elm_neuron.checkpoints.by_number._here", {})
    save_weights(weights.changed(lambda_m=1.0), tmp_path / "elm" / f"{number}.npz")
    with pytest.raises(StoreError, match="is not what it was"):
        find(number)
    with pytest.raises(ParameterError, match="is not on this machine"):
        find(number + 1)


def test_a_process_remembers_few_large_checkpoints_and_reads_others_again(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    here = {}
    monkeypatch.setattr("models.elm_neuron.checkpoints.by_number._here", here)
    weights = neuronio(2, n_exc=6, n_inh=6, n_branch=3, per_branch=5)
    one = sum(a.nbytes for a in by_number._arrays(weights))
    monkeypatch.setattr("models.elm_neuron.checkpoints.by_number.MOST_HERE", 3.5 * one)
    numbers = [keep(weights.changed(title=f"number {k}")) for k in range(10)]
    assert list(here) == numbers[-3:]
    assert find(numbers[0]).title == "number 0"
    assert list(here) == [*numbers[-2:], numbers[0]]
    monkeypatch.setattr("models.elm_neuron.checkpoints.by_number.MOST_HERE", 1)
    find(numbers[1])
    assert list(here) == [numbers[1]]  # the one that is asked for


def test_a_checkpoint_may_have_no_more_than_it_is_asked_for(tmp_path):
    path = altered(tmp_path, {}, W_memory=np.zeros((1000, 1000), np.int8))
    with pytest.raises(StoreError, match="refused: its arrays have more than 4000000 bytes"):
        open_weights(path, most_bytes=4 * 10**6)  # it would be 8 MB as numbers to compute with
    small = torch_file(tmp_path / "small.pt", {"w": tensor("0", (10, 10))}, {"0": bytes(400)})
    assert set(read_tensors(small)) == {"w"}
    with pytest.raises(StoreError, match="its tensors have more than 100 bytes"):
        read_tensors(small, most_bytes=100)


@pytest.mark.parametrize(
    "config", ["[" * 100_000, '{"num_branch": 1e400}', '{"title": ' + "9" * 5000 + "}", "{"]
)
def test_settings_that_cannot_be_read_are_refused_in_a_sentence(tmp_path, config):
    path = altered(tmp_path, {})
    with np.load(path) as file:
        arrays = {k: file[k] for k in file.files}
    np.savez(path, **{**arrays, "config": np.array(config)})
    with pytest.raises(StoreError) as caught:
        open_weights(path)
    assert len(str(caught.value).replace(str(path), "")) < 300


def test_an_untrained_neuron_that_would_take_gigabytes_is_refused_before_it_does():
    tracemalloc.start()
    try:
        for sizes in ({"n_branch": 200_000, "per_branch": 100_000}, {"n_branch": 200_000}):
            model = ELMNeuron(weights=0, n_memory=1000, layers=8, n_neurons=1000, **sizes)
            with pytest.raises(ParameterError, match="numbers are needed, and 16,777,216 are"):
                model.first_weights()
        assert tracemalloc.get_traced_memory()[1] < 10**7
    finally:
        tracemalloc.stop()


def test_of_many_neurons_the_first_is_looked_at_without_the_others():
    many = ELMNeuron(weights=0, n_memory=200, n_neurons=1000, weight_seed=3)
    one = ELMNeuron(weights=0, n_memory=200, n_neurons=1, weight_seed=3)
    tracemalloc.start()
    try:
        first = many.first_weights()
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()
    assert number_of(first) == number_of(one.layer()[0])
