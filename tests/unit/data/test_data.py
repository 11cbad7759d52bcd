"""Loaders on small files of the same formats, written here; and what they say of bad ones."""

from __future__ import annotations

import gzip
import struct
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from workbench.data import DataError, load, names, read_idx, shares
from workbench.data.events import decode_n_mnist
from workbench.data.idx import mnist
from workbench.errors import ParameterError, UnknownName


def idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def small_mnist(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for part, n in (("train", 6), ("t10k", 4)):
        images, labels = rng.integers(0, 256, (n, 28, 28)), rng.integers(0, 10, n)
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    return tmp_path


def test_digits_need_no_download():
    split = load("digits")
    assert split.train.images.shape == (1297, 8, 8) and len(split.test) == 500
    assert set(split.test.labels) == set(range(10))


def test_the_names_are_known():
    assert names() == ["digits", "mnist", "fashion-mnist", "n-mnist", "shd"]
    with pytest.raises(UnknownName, match="Did you mean 'mnist'"):
        load("minst")


@pytest.mark.parametrize(
    "read", [lambda f: mnist(f, check=False), lambda f: load("fashion-mnist", f)]
)
def test_idx_files_packed_or_not(small_mnist, read):
    split = read(small_mnist)
    assert split.train.images.shape == (6, 28, 28) and split.train.images.dtype == np.uint8
    raw = gzip.decompress((small_mnist / "t10k-images-idx3-ubyte.gz").read_bytes())
    assert split.test.images.tobytes() == raw[16:]
    assert split.test.labels.tolist() == list(
        (small_mnist / "t10k-labels-idx1-ubyte").read_bytes()[8:]
    )


def test_other_images_than_mnist_are_noticed(small_mnist):
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz is damaged: its content has"):
        load("mnist", small_mnist)


def test_damage_is_said(small_mnist):
    images = small_mnist / "t10k-images-idx3-ubyte.gz"
    whole = images.read_bytes()
    for content, message in (
        (whole[:-30], "cannot be read"),
        (gzip.compress(gzip.decompress(whole)[:-5]), "bytes where its header, 4 x 28 x 28, asks"),
        (b"<html>", "is no idx file: it begins with b'<htm'"),
        (gzip.compress(b"\0\0\x08\x03\0\0"), "ends within its header"),
    ):
        images.write_bytes(content)
        with pytest.raises(DataError, match=message):
            load("fashion-mnist", small_mnist)


def test_parts_that_do_not_fit_are_said(small_mnist):
    (small_mnist / "t10k-labels-idx1-ubyte").write_bytes(idx(np.zeros(3)))
    with pytest.raises(DataError, match="The test part of fashion-mnist does not fit"):
        load("fashion-mnist", small_mnist)


def test_a_missing_file_is_named(small_mnist, tmp_path):
    (small_mnist / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"holds no train-labels-idx1-ubyte\.gz of fashion-mnist"):
        load("fashion-mnist", small_mnist)
    with pytest.raises(DataError, match="There is no folder"):
        load("mnist", tmp_path / "nowhere")


def test_what_cannot_be_downloaded_says_where_to_put_it(monkeypatch, tmp_path):
    import pooch

    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)

    def offline(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr(pooch, "retrieve", offline)
    for name in ("mnist", "n-mnist", "shd"):
        with pytest.raises(DataError, match=r"could not be downloaded \(OSError.*Put it into"):
            load(name)


def test_mnist_is_found_and_checked(data):
    if not (data / "mnist").is_dir():
        pytest.skip(f"no mnist in {data}")
    labels = read_idx(data / "mnist" / "t10k-labels-idx1-ubyte.gz")
    assert labels.shape == (10_000,)
    # How often each digit occurs in the test part, as published.
    assert np.bincount(labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def event(x: int, y: int, polarity: int, t_us: int) -> bytes:
    return bytes([x, y, (polarity << 7) | (t_us >> 16), (t_us >> 8) & 255, t_us & 255])


def test_n_mnist_events_are_unpacked_bit_by_bit():
    t, unit = decode_n_mnist(event(3, 5, 1, 0x12345) + event(33, 33, 0, 299_999))
    assert t.tolist() == [74.565, 299.999]
    assert unit.tolist() == [34 * 34 + 5 * 34 + 3, 33 * 34 + 33]
    with pytest.raises(DataError, match="is cut short: 6 bytes"):
        decode_n_mnist(b"123456")
    with pytest.raises(DataError, match=r"an event at \(34, 0\)"):
        decode_n_mnist(event(34, 0, 0, 1))


def test_n_mnist_packed_or_not(tmp_path):
    with zipfile.ZipFile(tmp_path / "Train.zip", "w") as archive:
        archive.writestr("Train/7/00002.bin", event(1, 0, 0, 1600) + event(1, 0, 0, 2400))
        archive.writestr("Train/4/00001.bin", event(0, 2, 1, 300_400))
    folder = tmp_path / "Test" / "9"
    folder.mkdir(parents=True)
    (folder / "00001.bin").write_bytes(event(2, 0, 0, 5000))
    split = load("n-mnist", tmp_path)
    assert split.train.labels.tolist() == [4, 7] and split.test.labels.tolist() == [9]
    assert split.train.n_units == 2312
    # Rounded to ms, one of a kind; the first recording's only event is too late.
    recording, t, unit = split.train.binned(250)
    assert (recording.tolist(), t.tolist(), unit.tolist()) == ([1], [2], [1])
    (tmp_path / "Train.zip").write_bytes(b"no zip")
    with pytest.raises(DataError, match="is no zip file, or is damaged"):
        load("n-mnist", tmp_path)


def test_an_empty_folder_is_said(tmp_path):
    (tmp_path / "Train").mkdir()
    with pytest.raises(DataError, match="holds no recordings"):
        load("n-mnist", tmp_path)


def shd_file(path: Path, units: list[int]) -> None:
    ragged = h5py.vlen_dtype(np.float32)
    with h5py.File(path, "w") as file:
        spikes = file.create_group("spikes")
        times = spikes.create_dataset("times", (2,), dtype=ragged)
        channels = spikes.create_dataset("units", (2,), dtype=h5py.vlen_dtype(np.int64))
        times[0], times[1] = [0.001, 0.5], [0.0101]
        channels[0], channels[1] = units[:2], units[2:]
        file["labels"] = np.array([3, 19])


def test_shd_is_read_packed_or_not(tmp_path):
    shd_file(tmp_path / "shd_train.h5", [10, 699, 5])
    shd_file(tmp_path / "shd_test.h5", [1, 2, 3])
    packed = tmp_path / "shd_test.h5.gz"
    packed.write_bytes(gzip.compress((tmp_path / "shd_test.h5").read_bytes()))
    (tmp_path / "shd_test.h5").unlink()
    split = load("shd", tmp_path)
    assert split.train.labels.tolist() == [3, 19] and split.train.unit.tolist() == [10, 699, 5]
    assert split.train.t_ms == pytest.approx([1.0, 500.0, 10.1], rel=1e-6)
    assert split.test.start.tolist() == [0, 2, 3]
    packed.write_bytes(b"\x1f\x8b broken")
    with pytest.raises(DataError, match="is no recording of SHD, or is damaged"):
        load("shd", tmp_path)


def test_a_channel_too_many_is_said(tmp_path):
    for part in ("train", "test"):
        shd_file(tmp_path / f"shd_{part}.h5", [10, 700, 5])
    with pytest.raises(DataError, match="events in channel 700; SHD has 700"):
        load("shd", tmp_path)


def test_events_are_shares_of_the_picture():
    images = np.zeros((2, 2, 2))
    images[0] = [[1, 1], [2, 0]]
    images[1] = [[5, 5], [5, 5]]
    found, events = shares(images)
    p = found * events
    # Every picture has the same sum, and the largest of all is 1.
    assert p.tolist() == [[0.5, 0.5, 1.0, 0.0], [0.5, 0.5, 0.5, 0.5]]
    with pytest.raises(ParameterError, match="picture 1 has not"):
        shares(np.stack([images[0], 0 * images[0]]))
