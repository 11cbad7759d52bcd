"""The released neurons of Spieler et al. 2024, downloaded; and where recordings are to be had."""

from __future__ import annotations

from pathlib import Path

from workbench.data.fetch import Remote, cache, download
from workbench.model.experiment import Progress, no_progress

CHECKPOINTS = "elm"  # the data set's name: of its folders in WORKBENCH_DATA and in the cache
SIZE = "1.6 MB"
SOURCE = "github.com/AaronSpieler/elmneuron"
HOST = "https://raw.githubusercontent.com/AaronSpieler/elmneuron"
_COMMIT = "52e68a6d39523ac6613a586699b116e8e606dda3"
# Memory units -> checksum of models/num_memory_<n>/neuronio_best_model_state.pt
MD5 = {
    1: "e0c902253a4b3c241521c03a09ac9d02",
    2: "135f4a6afcc9aa63995a3ae6caeffb63",
    3: "ce9356e490e451c6fdfb8ad16c28125c",
    5: "6aa9da9586c9eb3b8cf7a8770bb7b323",
    7: "1c879f29027511a5525e3dbed2cb6d83",
    10: "a98820420bf2f20a4301057082862f61",
    15: "fdf316d5e1954a68c01ffbff7b62ddbf",
    20: "bc7650f0d6648ae6468c0990a5b2f2ad",
    25: "e880824721032f03a1c31043a0a917c0",
    30: "96b3da530391f52b47e5c74a74dc270c",
    40: "4bc653b98a8c95c2e2f4f311c00e464a",
    50: "c0cc7301e2ff209e4c961ad8376e38a5",
    75: "16d4dd0742b31e76135dee59ea80ffd6",
    100: "6fdf5b681d21e4e90d95e62cfd2b74b1",
}

# Kaggle gives files only to who has an account there: nothing to download for a program.
RECORDINGS = (
    "NeuronIO's test set is at kaggle.com/datasets/selfishgene/"
    "single-neurons-as-deep-nets-nmda-test-data, for whoever has an account there (all of NeuronIO "
    "is 115 GB; one of its .p files will do)"
)


def fetch_checkpoints(
    progress: Progress = no_progress,
) -> Path:
    """Download what is missing of the released neurons; returns the folder that holds them.

    raises : DataError, with the reason, when one cannot be had or is damaged
    """
    for k, (n, md5) in enumerate(MD5.items()):
        url = f"{HOST}/{_COMMIT}/models/num_memory_{n}/neuronio_best_model_state.pt"
        download(CHECKPOINTS, Remote(_name(n), (url,), md5))
        progress((k + 1) / len(MD5), f"{k + 1} of {len(MD5)} neurons fetched")
    return cache(CHECKPOINTS)


def fetched_checkpoints() -> Path | None:
    """The folder of an earlier download, if that was completed."""
    folder = cache(CHECKPOINTS)
    return folder if all((folder / _name(n)).exists() for n in MD5) else None


def _name(n_memory: int) -> str:
    return f"branch_elm_m{n_memory}.pt"
