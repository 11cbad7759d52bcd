"""Checkpoints of ELM neurons: read from ``.npz`` and PyTorch files, written as ``.npz``."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import StoreError, WorkbenchError, in_brief, shortened

from ..weights import MAX_SIZE, Weights
from .torch import MAX_TENSORS, read_tensors

# What the released PyTorch files leave to a file beside them; see the publication's repository.
RELEASED: dict[str, Any] = {
    "input_to_synapse_routing": "neuronio_routing",
    "memory_tau_min": 1.0,
    "memory_tau_max": 150.0,
    "mlp_activation": "relu",
    "lambda_value": 5.0,
    "delta_t_ms": 1.0,
}
CONFIG_KEYS = (
    *RELEASED, "num_input", "num_branch", "num_memory", "num_output", "num_synapse_per_branch",
    "learn_memory_tau", "variant", "title", "v_bias_mV", "v_scale_mV",
)  # fmt: skip
REQUIRED = ("synapse_weight", "input_to_synapse", "synapse_mask", "tau_s_ms", "tau_m_ms",
            "W_hidden", "c_hidden", "W_memory", "c_memory", "W_out", "c_out")  # fmt: skip


def open_weights(
    path: str | Path, config: Mapping[str, Any] | None = None, most_bytes: int = MAX_TENSORS
) -> Weights:
    """Read a checkpoint: ``.npz``, or a PyTorch file of weights (``.pt``, ``.pth``).

    config : what the file does not say or says otherwise, by the publication's names, such as
             {"mlp_activation": "silu"}; a ``.pt`` file says nothing, and is taken as one of the
             released NeuronIO models unless a ``.json`` of the same name lies beside it
    most_bytes : that its arrays may have, as they are and as numbers of 8 bytes
    raises : StoreError, naming the file, for one that cannot be read, is no checkpoint, or wants
             code to be run
    """
    path = Path(path).expanduser()
    try:
        if not path.is_file():
            raise StoreError(f"There is no file {path}.")
        torch = path.suffix.lower() in (".pt", ".pth")
        arrays, message = (from_torch if torch else _from_npz)(path, most_bytes)
        if 8 * sum(a.size for a in arrays.values()) > most_bytes:
            raise _too_large(path, most_bytes)
        return _weights(arrays, {**message, **(config or {})}, path)
    except StoreError:
        raise
    except WorkbenchError as error:
        raise StoreError(f"{path} is no checkpoint of an ELM neuron: {error}") from error
    except Exception as error:  # a file made to harm can raise anything
        raise StoreError(f"{path} is no checkpoint of an ELM neuron: {in_brief(error)}.") from error


def _too_large(path: Path, most_bytes: int) -> StoreError:
    return StoreError(f"{path} is refused: its arrays have more than {most_bytes} bytes.")


def _from_npz(path: Path, most_bytes: int) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    try:
        with zipfile.ZipFile(path) as archive:  # looked at before anything is unpacked
            sizes = [i.file_size for i in archive.infolist()]
        if max(sizes, default=0) > 8 * MAX_SIZE:
            raise StoreError(f"{path} is refused: an array has more than {MAX_SIZE} entries.")
        if sum(sizes) > most_bytes:
            raise _too_large(path, most_bytes)
        with np.load(path, allow_pickle=False) as file:
            arrays = {k: file[k] for k in file.files}
    except zipfile.BadZipFile as error:
        raise StoreError(f"{path} is no .npz file.") from error
    except (ValueError, EOFError) as error:
        raise StoreError(f"{path} cannot be read: {error}.") from error
    config = json.loads(str(arrays.pop("config", "{}")))
    if not isinstance(config, dict):
        raise StoreError(f"{path} is no checkpoint of an ELM neuron: its config is no object.")
    return arrays, config


def from_torch(
    path: Path, most_bytes: int = MAX_TENSORS
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays of a released PyTorch file under the names of the ``.npz`` form, and a config."""
    t = read_tensors(path, most_bytes)
    beside = path.with_suffix(".json")
    config = dict(RELEASED)
    if beside.is_file():
        config |= json.loads(beside.read_text("utf-8"))
    linear = sorted(
        (int(k.split(".")[-2]) for k in t if k.startswith("mlp.network.") and k.endswith("weight")),
    )
    names = {"_proto_w_s", "tau_s", "_proto_tau_m", "input_to_synapse_indices",
             "valid_indices_mask", "w_y.weight", "w_y.bias"}  # fmt: skip
    missing = sorted(names - set(t)) + ([] if len(linear) > 1 else ["mlp.network"])
    if missing:
        raise StoreError(f"{path} is no checkpoint of an ELM neuron: it lacks {missing[0]}.")
    low, high = float(config["memory_tau_min"]), float(config["memory_tau_max"])
    arrays = {
        "synapse_weight": np.maximum(t["_proto_w_s"].ravel(), 0),
        "input_to_synapse": t["input_to_synapse_indices"].ravel(),
        "synapse_mask": t["valid_indices_mask"].ravel(),
        "tau_s_ms": t["tau_s"].ravel(),
        "tau_m_ms": low + (high - low) / (1 + np.exp(-t["_proto_tau_m"].ravel().astype(float))),
        "W_out": t["w_y.weight"],
        "c_out": t["w_y.bias"],
    }
    for place, k in enumerate(linear):
        name = "memory" if place == len(linear) - 1 else _hidden_name(place)
        arrays[f"W_{name}"] = t[f"mlp.network.{k}.weight"]
        arrays[f"c_{name}"] = t[f"mlp.network.{k}.bias"]
    return arrays, config


def _hidden_name(k: int) -> str:
    return "hidden" if k == 0 else f"hidden_{k + 1}"


def _weights(arrays: dict[str, np.ndarray], config: Mapping[str, Any], path: Path) -> Weights:
    unknown = sorted(set(config) - set(CONFIG_KEYS) - _IGNORED)
    if unknown:
        raise StoreError(
            f"{path} has the setting {shortened(unknown[0])!r}, which is not known: what it "
            f"changes would be left out. Known are {', '.join(CONFIG_KEYS)}."
        )
    missing = [k for k in REQUIRED if k not in arrays]
    if missing:
        raise StoreError(f"{path} is no checkpoint of an ELM neuron: it lacks {missing[0]}.")
    step = float(config.get("delta_t_ms", 1.0))
    if step != 1.0:
        raise StoreError(
            f"{path} is made for steps of {step:g} ms; only neurons with steps of 1 ms run here."
        )
    d = len(arrays["tau_m_ms"].ravel())
    n_branch = int(config.get("num_branch", arrays["W_hidden"].shape[-1] - d))
    idx = arrays["input_to_synapse"].ravel().astype(np.int64)
    n_syn, w_s = len(idx), arrays["synapse_weight"].ravel().astype(float)
    if n_branch < 1 or n_syn % n_branch:
        raise StoreError(f"{path} has {n_syn} synapses, which {n_branch} branches cannot share.")
    tau_s = arrays["tau_s_ms"].ravel().astype(float)
    if len(tau_s) == n_branch != n_syn:  # v2: the trace is the branch's
        tau_s = np.repeat(tau_s, n_syn // n_branch)
    elif len(tau_s) == 1:
        tau_s = np.full(n_syn, tau_s[0])
    layers = 1
    while f"W_{_hidden_name(layers)}" in arrays:
        layers += 1
    return Weights(
        input_sign=_signs(arrays, config, int(idx.max(initial=-1)) + 1),
        synapse_weight=w_s,
        input_to_synapse=idx,
        synapse_mask=arrays["synapse_mask"].ravel().astype(bool),
        synapse_branch=np.repeat(np.arange(n_branch), n_syn // n_branch),
        tau_s_ms=tau_s,
        tau_m_ms=arrays["tau_m_ms"].ravel().astype(float),
        hidden=tuple(_layer(arrays, _hidden_name(k)) for k in range(layers)),
        memory=_layer(arrays, "memory"),
        out=_layer(arrays, "out"),
        n_branch=n_branch,
        activation=str(config.get("mlp_activation", "relu")),
        variant=str(config.get("variant", "v1")),
        lambda_m=float(config.get("lambda_value", 5.0)),
        v_bias_mV=float(config.get("v_bias_mV", -67.7)),
        v_scale_mV=float(config.get("v_scale_mV", 10.0)),
        title=str(config.get("title", "")) or path.stem,
    )


# Settings of the training programs that do not change what the neuron computes.
_IGNORED = {
    "mlp_num_layers", "mlp_hidden_size", "w_s_value", "tau_b_value", "tau_s_value", "num_batches",
    "seed", "epochs", "trained_on", "metrics",
}  # fmt: skip


def _signs(arrays: Mapping[str, np.ndarray], config: Mapping[str, Any], least: int) -> np.ndarray:
    if "input_sign" in arrays:
        return np.sign(arrays["input_sign"].ravel()).astype(np.int64)
    routing = config.get("input_to_synapse_routing")
    # NeuronIO's 1278 channels: as many excitatory ones, then as many inhibitory ones.
    n = int(config.get("num_input", 1278 if routing == "neuronio_routing" else least))
    if routing == "neuronio_routing":
        return np.where(np.arange(n) < math.ceil(n / 2), 1, -1)
    return np.ones(n, np.int64)


def _layer(arrays: Mapping[str, np.ndarray], name: str) -> tuple[np.ndarray, np.ndarray]:
    return arrays[f"W_{name}"].astype(float), arrays[f"c_{name}"].ravel().astype(float)


def save_weights(weights: Weights, path: str | Path) -> Path:
    """Write a checkpoint as ``.npz``; float64, so that it is read again without loss."""
    path = Path(path)
    n_syn, w = len(weights.synapse_weight), weights
    per_branch = n_syn // w.n_branch
    if not np.array_equal(w.synapse_branch, np.repeat(np.arange(w.n_branch), per_branch)):
        raise StoreError("Only neurons with equally many synapse slots a branch can be saved.")
    config = {
        "num_input": w.n_input, "num_branch": w.n_branch, "num_memory": w.n_memory,
        "num_output": 2, "num_synapse_per_branch": per_branch, "mlp_activation": w.activation,
        "lambda_value": w.lambda_m, "delta_t_ms": 1.0, "variant": w.variant, "title": w.title,
        "v_bias_mV": w.v_bias_mV, "v_scale_mV": w.v_scale_mV,
    }  # fmt: skip
    arrays: dict[str, Any] = {
        "input_sign": w.input_sign.astype(np.int8), "synapse_weight": w.synapse_weight,
        "input_to_synapse": w.input_to_synapse, "synapse_mask": w.synapse_mask,
        "tau_s_ms": w.tau_s_ms, "tau_m_ms": w.tau_m_ms,
        "W_memory": w.memory[0], "c_memory": w.memory[1],
        "W_out": w.out[0], "c_out": w.out[1],
    }  # fmt: skip
    for k, (matrix, c) in enumerate(w.hidden):
        arrays[f"W_{_hidden_name(k)}"], arrays[f"c_{_hidden_name(k)}"] = matrix, c
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez_compressed(file, config=json.dumps(config), **arrays)
    except OSError as error:
        raise StoreError(f"The checkpoint cannot be written to {path}: {error}.") from error
    return path
