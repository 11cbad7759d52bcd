"""Event recordings: N-MNIST from a moving event camera, and SHD from a cochlea model."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..optional import how_to_get
from .datasets import DataError, Events, Split
from .fetch import Remote, cache, download, find, get, places

_MENDELEY = "https://data.mendeley.com/public-files/datasets/468j46mzdv/files"
_N_MNIST = {
    "Train": Remote(
        "Train.zip", (f"{_MENDELEY}/39c25547-014b-4137-a934-9d29fa53c7a0/file_downloaded",),
        "20959b8e626244a1b502305a9e6e2031",
    ),
    "Test": Remote(
        "Test.zip", (f"{_MENDELEY}/05a4d654-7e03-4c15-bdfa-9bb2bcbea494/file_downloaded",),
        "69ca8762b2fe404d9b9bad1103e97832",
    ),
}  # fmt: skip
N_MNIST_SIDE = 34
_SHD = "https://zenkelab.org/datasets"
SHD_CHANNELS = 700


def n_mnist(folder: Path | None = None) -> Split:
    """MNIST recorded with an event camera, 2 x 34 x 34 units (Orchard et al. 2015).

    Read from ``Train.zip`` and ``Test.zip``, or unpacked from ``Train/<digit>/*.bin``.
    """
    train, test = (_n_mnist_part(part, folder) for part in ("Train", "Test"))
    return Split("n-mnist", train, test)


def _n_mnist_part(part: str, folder: Path | None) -> Events:
    for place in places("n-mnist", folder):
        if (place / part).is_dir():
            return _gathered(_unpacked(place / part), place / part)
    path = get("n-mnist", _N_MNIST[part], (f"{part.lower()}.zip",), folder)
    try:
        with zipfile.ZipFile(path) as archive:
            return _gathered(_packed(archive), path)
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is no zip file, or is damaged. Fetch it again.") from error


def _unpacked(folder: Path) -> Iterator[tuple[int, str, bytes]]:
    for path in sorted(folder.glob("[0-9]/*.bin")):
        yield int(path.parent.name), path.name, path.read_bytes()


def _packed(archive: zipfile.ZipFile) -> Iterator[tuple[int, str, bytes]]:
    for name in sorted(archive.namelist()):
        found = re.search(r"(?:^|/)([0-9])/([^/]+\.bin)$", name)
        if found:
            yield int(found.group(1)), found.group(2), archive.read(name)


def _gathered(files: Iterator[tuple[int, str, bytes]], where: Path) -> Events:
    """Concatenate the recordings ordered by number, which mixes the digits as in MNIST."""
    recordings = sorted(((name, label, content) for label, name, content in files))
    if not recordings:
        raise DataError(f"{where} holds no recordings: they are called <digit>/<number>.bin.")
    t, unit, length = [], [], []
    for name, _, content in recordings:
        times, units = decode_n_mnist(content, f"{where}: {name}")
        t.append(times)
        unit.append(units)
        length.append(len(times))
    return Events(
        t_ms=np.concatenate(t),
        unit=np.concatenate(unit),
        start=np.concatenate([[0], np.cumsum(length)]),
        labels=np.array([label for _, label, _ in recordings]),
        n_units=2 * N_MNIST_SIDE**2,
    )


def decode_n_mnist(content: bytes, what: str = "The recording") -> tuple[np.ndarray, np.ndarray]:
    """Decode a file to (t_ms, unit); 40 bits per event: x, y, polarity (1 bit), us (23 bits).

    unit   : polarity * 34 * 34 + y * 34 + x
    raises : DataError if it is truncated or an event is outside the sensor
    """
    if len(content) % 5:
        raise DataError(f"{what} is cut short: {len(content)} bytes are not whole events of 5.")
    raw = np.frombuffer(content, np.uint8).reshape(-1, 5).astype(np.int64)
    x, y, polarity = raw[:, 0], raw[:, 1], raw[:, 2] >> 7
    if raw.size and max(x.max(), y.max()) >= N_MNIST_SIDE:
        raise DataError(
            f"{what} has an event at ({x.max()}, {y.max()}); the sensor has "
            f"{N_MNIST_SIDE} x {N_MNIST_SIDE} pixels."
        )
    t_us = ((raw[:, 2] & 127) << 16) | (raw[:, 3] << 8) | raw[:, 4]
    return t_us / 1000, (polarity * N_MNIST_SIDE + y) * N_MNIST_SIDE + x


def shd(folder: Path | None = None) -> Split:
    """Spiking Heidelberg Digits: 20 spoken digits in 700 channels (Cramer et al. 2022).

    Read from ``shd_train.h5`` and ``shd_test.h5``, compressed with gzip or not.
    raises : DataError, also if h5py is not installed
    """
    train, test = (_shd_part(part, folder) for part in ("train", "test"))
    return Split("shd", train, test)


def _shd_part(part: str, folder: Path | None) -> Events:
    try:
        import h5py
    except ImportError as error:
        raise DataError(
            f"Spiking Heidelberg Digits are HDF5 files, and there is no h5py to read them: "
            f"{how_to_get('data')}."
        ) from error
    name = f"shd_{part}.h5"
    path = find("shd", (name, f"{name}.gz"), folder)
    if path is None and folder is not None:
        raise DataError(f"{folder} holds no {name}: put it there, or give no folder to fetch it.")
    path = path or _fetched(f"{name}.gz")
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as packed:
                source: Path | io.BytesIO = io.BytesIO(packed.read())
        else:
            source = path
        with h5py.File(source, "r") as file:
            times, units = file["spikes/times"][:], file["spikes/units"][:]
            labels = file["labels"][:].astype(int)
    except (OSError, EOFError, KeyError) as error:
        raise DataError(f"{path} is no recording of SHD, or is damaged: {error}.") from error
    length = [len(t) for t in times]
    unit = np.concatenate([*map(np.asarray, units), []]).astype(int)
    if unit.size and unit.max() >= SHD_CHANNELS:
        raise DataError(f"{path} has events in channel {unit.max()}; SHD has {SHD_CHANNELS}.")
    return Events(
        t_ms=np.concatenate([*(np.asarray(t, float) for t in times), []]) * 1e3,
        unit=unit,
        start=np.concatenate([[0], np.cumsum(length)]),
        labels=labels,
        n_units=SHD_CHANNELS,
    )


def _fetched(name: str) -> Path:
    """Download a file of SHD and verify it with the published list of checksums."""
    import pooch

    try:
        with Path(
            pooch.retrieve(f"{_SHD}/md5sums.txt", known_hash=None, path=cache("shd"))
        ).open() as listed:
            pairs = [line.split()[:2] for line in listed if len(line.split()) > 1]
        sums = {name: md5 for md5, name in pairs}
    except Exception as error:
        raise DataError(
            f"{name} is not here and could not be downloaded ({type(error).__name__}). Put it "
            f"into {cache('shd')}, or into a folder shd in $WORKBENCH_DATA."
        ) from error
    if name not in sums:
        raise DataError(f"{_SHD}/md5sums.txt does not list {name}: fetch it by hand.")
    return download("shd", Remote(name, (f"{_SHD}/{name}",), sums[name]))
