"""Reads the tensors of a PyTorch checkpoint without PyTorch, and without running its code.

A ``.pt`` file is a zip archive: a pickle that says which tensors there are, and one file of plain
numbers for each. A pickle can name any function to be called. Here it may name the dictionary and
the tensor that a checkpoint consists of, and nothing else: whatever else it names is refused
before anything is called.
"""

from __future__ import annotations

import collections
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from workbench.errors import StoreError

MAX_PICKLE = 2**22
MAX_TENSORS = 2**28  # bytes of all tensors together

_STORAGES = {
    "DoubleStorage": np.float64,
    "FloatStorage": np.float32,
    "HalfStorage": np.float16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ShortStorage": np.int16,
    "CharStorage": np.int8,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}


class _Storage:
    """Stands for ``torch.FloatStorage`` and the like; cannot be called."""

    __slots__ = ("dtype",)

    def __init__(self, name: str):
        self.dtype = np.dtype(_STORAGES[name]).newbyteorder("<")


class _Tensor:
    """Stands for ``torch._utils._rebuild_tensor_v2``. A file can set nothing on it.

    made : [bytes of all arrays that were made, and how many may be]; of the class, which is another
           one for each file
    """

    __slots__ = ()
    made: ClassVar[list[float]]

    def __call__(self, storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> np.ndarray:
        return _tensor(storage, offset, size, stride, self.made)


class _Parameter:
    """Stands for ``torch._utils._rebuild_parameter``."""

    __slots__ = ()

    def __call__(self, data: Any, *_: Any) -> Any:
        return data


class _Refused(pickle.UnpicklingError):
    """What the file wants is not allowed."""


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, folder: str, most_bytes: int):
        info = archive.getinfo(f"{folder}data.pkl")
        if info.file_size > MAX_PICKLE:
            raise _Refused(f"its index has {info.file_size} bytes; {MAX_PICKLE} are allowed")
        super().__init__(io.BytesIO(archive.read(info)))
        self._archive, self._folder, self._bytes = archive, folder, 0
        self._most_bytes = most_bytes
        self._known: dict[str, np.ndarray] = {}
        self._tensor = type(
            "_TensorOfOne", (_Tensor,), {"__slots__": (), "made": [0.0, most_bytes]}
        )()

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return _Parameter()
        if module == "torch" and name in _STORAGES:
            return _Storage(name)
        raise _Refused(f"it asks for {module}.{name}, which a file of weights has no use for")

    def persistent_load(self, pid: Any) -> np.ndarray:
        match pid:
            case ("storage", _Storage() as storage, str(key), _, int(count)) if key.isalnum():
                return self._read(key, storage.dtype, count)
        raise _Refused("it names numbers in a way that is not known")

    def _read(self, key: str, dtype: np.dtype, count: int) -> np.ndarray:
        if key not in self._known:
            info = self._archive.getinfo(f"{self._folder}data/{key}")
            self._bytes += info.file_size
            if self._bytes > self._most_bytes:
                raise _Refused(f"its tensors have more than {self._most_bytes} bytes")
            if info.file_size != count * dtype.itemsize:
                raise _Refused(f"tensor {key} has {info.file_size} bytes, not {count} numbers")
            self._known[key] = np.frombuffer(self._archive.read(info), dtype)
        return self._known[key]


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, made: list[float]) -> np.ndarray:
    """The array that ``_rebuild_tensor_v2`` would make, inside the numbers that are there."""
    whole = isinstance(offset, int) and all(isinstance(n, int) for n in (*size, *stride))
    if not isinstance(storage, np.ndarray) or not whole or len(size) != len(stride):
        raise _Refused("a tensor is described in a way that is not known")
    if min((offset, *size, *stride)) < 0:
        raise _Refused("a tensor has a size, stride or offset below 0")
    last = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if 0 not in size and last >= len(storage):
        raise _Refused("a tensor is larger than the numbers that it is made of")
    # All of them may be made of the same few numbers.
    made[0] += float(np.prod(size, dtype=float)) * storage.itemsize
    if made[0] > made[1]:
        raise _Refused(f"its tensors have more than {made[1]} bytes")
    bytes_apart = tuple(s * storage.itemsize for s in stride)
    view = np.lib.stride_tricks.as_strided(storage[offset:], tuple(size), bytes_apart)
    return np.array(view, dtype=storage.dtype.newbyteorder("="))


def read_tensors(path: str | Path, most_bytes: int = MAX_TENSORS) -> dict[str, np.ndarray]:
    """Name -> array of every tensor of a PyTorch file of weights (a ``state_dict``).

    most_bytes : of all tensors together
    raises : StoreError for a file that is something else, or that wants code to be run
    """
    try:
        with zipfile.ZipFile(path) as archive:
            indices = [n for n in archive.namelist() if n.count("/") == 1 and _is_index(n)]
            if len(indices) != 1:
                raise _Refused("it is no zip archive of PyTorch 1.6 or later")
            folder = indices[0].removesuffix("data.pkl")
            found = _Unpickler(archive, folder, most_bytes).load()
    except zipfile.BadZipFile as error:
        raise StoreError(
            f"{path} cannot be read: it is no zip archive of PyTorch 1.6 or later."
        ) from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error}.") from error
    except Exception as error:  # a broken pickle can raise anything
        raise StoreError(f"{path} is refused: {_reason(error)}.") from error
    if not isinstance(found, dict):
        raise StoreError(f"{path} is refused: it holds no dictionary of tensors.")
    wrong = [k for k, v in found.items() if not isinstance(v, np.ndarray) or type(k) is not str]
    if wrong:
        raise StoreError(f"{path} is refused: its entry {wrong[0]!r} is no tensor.")
    return dict(found)


def _is_index(name: str) -> bool:
    return name.endswith("/data.pkl")


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, _Refused) else f"its index is damaged ({error})"
