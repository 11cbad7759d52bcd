"""MNIST and data sets in its format: idx files, compressed with gzip or not."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from .datasets import DataError, Pictures, Split
from .fetch import Remote, get, need_md5

_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_FILES = (
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
)  # fmt: skip
# MD5 of the compressed files as published.
_MNIST = {
    "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
}
_FASHION = {
    "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
}
_MNIST_HOSTS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
_FASHION_HOSTS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
)
# MD5 of the uncompressed training images: some mirrors compress them differently.
_MNIST_RAW = {"train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb"}


def mnist(folder: Path | None = None, check: bool = True) -> Split:
    """Handwritten digits, 60,000 and 10,000 images of 28 x 28 pixels (LeCun et al. 1998).

    check : verify the checksum of the uncompressed training images
    """
    return _load("mnist", folder, _MNIST, _MNIST_HOSTS, _MNIST_RAW if check else {})


def fashion_mnist(folder: Path | None = None) -> Split:
    """Images of clothes, 60,000 and 10,000 of 28 x 28 pixels (Xiao et al. 2017)."""
    return _load("fashion-mnist", folder, _FASHION, _FASHION_HOSTS, {})


def _load(
    data_set: str, folder: Path | None, sums: dict[str, str], hosts: tuple[str, ...],
    raw: dict[str, str],
) -> Split:  # fmt: skip
    parts = []
    for name in _FILES:
        remote = Remote(f"{name}.gz", tuple(f"{h}/{name}.gz" for h in hosts), sums[name])
        path = get(data_set, remote, (name, name.replace("-idx", ".idx")), folder)
        content = _content(path)
        if name in raw:
            need_md5(content, [raw[name]], str(path))
        parts.append(_array(content, path))
    pairs = ((parts[0], parts[1], "training"), (parts[2], parts[3], "test"))
    for images, labels, which in pairs:
        if len(images) != len(labels) or images.ndim != 3:
            raise DataError(
                f"The {which} part of {data_set} does not fit: images of shape {images.shape} and "
                f"{len(labels)} labels. Fetch both files again."
            )
    return Split(data_set, Pictures(parts[0], parts[1]), Pictures(parts[2], parts[3]))


def read_idx(path: str | Path) -> np.ndarray:
    """Read the array in an idx file, compressed or not; raises DataError if it is not one."""
    path = Path(path)
    return _array(_content(path), path)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. Fetch it again.") from error


def _array(content: bytes, path: Path) -> np.ndarray:
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        raise DataError(f"{path} is no idx file: it begins with {content[:4]!r}.")
    dtype, n_axes = np.dtype(_TYPES[content[2]]), content[3]
    head = 4 + 4 * n_axes
    if len(content) < head:
        raise DataError(f"{path} ends within its header. Fetch it again.")
    shape = struct.unpack(f">{n_axes}I", content[4:head])
    wanted = head + int(np.prod(shape)) * dtype.itemsize
    if len(content) != wanted:
        raise DataError(
            f"{path} has {len(content)} bytes where its header, {' x '.join(map(str, shape))}, "
            f"asks for {wanted}. Fetch it again."
        )
    return np.frombuffer(content, dtype, offset=head).reshape(shape).astype(dtype.newbyteorder("="))
