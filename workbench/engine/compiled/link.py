"""The pipes between a worker and its compiled simulation.

Commands      H hold at the next tick · G ticks:int64 go (-1: until told) · S speed:f8 (0: free)
              E tick:int64 end there · W write · R read an array · T watch · M streams
              F check · Q quit · P an array · U spikes under way · J go on at another tick
Messages      D data · H standing at tick · A the answer to H, at tick · R bytes of an array
              E, Q ended at tick
The simulation obeys W, R, T, M, F, P, U and J while it stands still, so that every change and
every answer belongs to one tick.

Where the system can share memory (Linux), many samples of streams do not go through the pipe: they
are written to a free slot of the memory, and a D says which. It is free again once nothing here
refers to them any more.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import struct
import subprocess
import tempfile
import time
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...errors import SimulationError
from ...recordings import CHUNK_BYTES
from ...store.framed import BEFORE, Framed, frame_bytes
from ..process import MALLOC_KEEPS

_PIPE_BYTES = 1 << 20
_LARGE = 1 << 16
_HEADER = struct.Struct("<qdqQQQQ3q")
_STREAM = struct.Struct("<IiQQ")
_FLAGS_BYTES = mmap.PAGESIZE  # at the start of the shared memory, an int32 a slot: 1 in use
_SLOTS, _SLOT_BYTES, _FRAME_BYTES = 32, CHUNK_BYTES, frame_bytes(CHUNK_BYTES)
_STAYS = 0.75  # so full a slot is stored as it is; what is in others is copied, and they are free


@dataclass
class Data:
    """What happened since the last message.

    steps, units : (S,) int64 and int32, not ordered
    row_tick     : (T,) int64;  rows : (T, n) float64, the watched entries in SI units
    streams      : (id, (T,) int64 steps, (T, n) in the unit of the recording) of each that has
                   samples; float64, or float32 where many are kept so; not to be changed
    bad          : (which of the checked ranges, how many are not finite, the first), or None
    """

    tick: int
    behind_ms: float
    steps: np.ndarray
    units: np.ndarray
    row_tick: np.ndarray
    rows: np.ndarray
    bad: tuple[int, int, int] | None
    streams: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)


@dataclass(frozen=True)
class Begun:
    """How far another engine has sampled a stream.

    last : step of the latest sample; low, high : (n,) extremes since then in SI units, or None
    """

    last: int
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True)
class Wanted:
    """A stream that the binary is to sample.

    id    : a number that no other stream has;  clock : which of its clocks
    single : kept in single precision, and so sent where there are many
    scale : factor from SI into the unit of the recording
    chunk : rows in a chunk of the store;  rows : how many are recorded already
    runs  : (first entry, how many) of the array
    """

    id: int
    clock: int
    array: int
    every: int
    extremes: bool
    single: bool
    scale: float
    chunk: int
    rows: int
    runs: Sequence[tuple[int, int]]
    begun: Begun | None = None


class BinaryLink:
    """Starts a compiled simulation and talks to it.

    binary     : its executable;  folder : where it finds its static arrays
    seed       : of its random numbers
    raises     : SimulationError when it is gone, with what it said last
    """

    def __init__(self, binary: Path, folder: Path, seed: int):
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        with contextlib.suppress(ImportError, AttributeError, OSError):
            import fcntl

            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._message = tempfile.TemporaryFile()  # noqa: SIM115
        self._single: set[int] = set()  # streams that are kept in single precision
        shared = self._share()
        self.process = subprocess.Popen(
            [str(binary)],
            cwd=folder,
            env={
                **MALLOC_KEEPS,
                **os.environ,
                "WORKBENCH_IN": str(theirs_in),
                "WORKBENCH_OUT": str(theirs_out),
                "WORKBENCH_SHARED": " ".join(map(str, shared)),
            },
            pass_fds=(theirs_in, theirs_out, *shared[:1]),
            stdin=subprocess.DEVNULL,
            stdout=self._message,
            stderr=self._message,
            # Ctrl-C in a terminal is the session's business. Not a session of its own, which would
            # get as much of the processors as a worker that yields to others does not take.
            process_group=0,
        )
        for fd in (theirs_in, theirs_out, *shared[:1]):
            os.close(fd)
        self.data: list[Data] = []  # arrived and not yet taken
        self._waiting = bytearray()
        self._early: deque[tuple[str, int]] = deque()  # arrived while something else was awaited
        self._send(struct.pack("<I", seed))

    def _share(self) -> tuple[int, ...]:
        """Map memory that the binary can map too.

        Returns its descriptor and how many slots it has; of a slot, the bytes for numbers, those
        before them, and those up to the next one. Nothing if there is no such memory.
        """
        self._shared: mmap.mmap | None = None
        try:
            fd = os.memfd_create("workbench")
        except (AttributeError, OSError):  # another system, or none left
            return ()
        size = _FLAGS_BYTES + _SLOTS * _FRAME_BYTES
        os.ftruncate(fd, size)
        self._shared = mmap.mmap(fd, size)
        return fd, _SLOTS, _SLOT_BYTES, BEFORE, _FRAME_BYTES

    # -- commands ------------------------------------------------------------------------------

    def go(self, ticks: int = -1) -> None:
        self._send(b"G", struct.pack("<q", ticks))

    def speed(self, ms_per_s: float | None) -> None:
        self._send(b"S", struct.pack("<d", ms_per_s or 0.0))

    def end_at(self, tick: int) -> None:
        self._send(b"E", struct.pack("<q", tick))

    def write(
        self, array: int, index: np.ndarray, value: np.ndarray, at: int = -1, kind: int = 1,
        since: int = 0,
    ) -> None:  # fmt: skip
        """Set entries of an array, now (-1) or at a tick that is still to come."""
        head = struct.pack("<qiqII", at, kind, since, array, len(index))
        self._send(b"W", head, np.asarray(index, "<u4"), np.asarray(value, "<f8"))

    def watch(self, entries: Sequence[tuple[int, int]]) -> None:
        """(array, index) pairs that are sampled at every tick, from this one on."""
        self._send(b"T", struct.pack("<I", len(entries)), np.asarray(entries, "<u4"))

    def streams(self, wanted: Sequence[Wanted]) -> None:
        """Sample these from now on, and no others; those of a known id go on."""
        parts: list[bytes | np.ndarray] = [b"M", struct.pack("<I", len(wanted))]
        for w in wanted:
            self._single |= {w.id} if w.single else set()
            head = struct.pack("<IIIqii", w.id, w.clock, w.array, w.every, w.extremes, w.single)
            head += struct.pack("<dQQ", w.scale, w.chunk, w.rows)
            parts += [head, struct.pack("<I", len(w.runs)), np.asarray(w.runs, "<u4")]
            begun = Begun(-1) if w.begun is None else w.begun
            extremes = [e for e in (begun.low, begun.high) if e is not None]
            parts.append(struct.pack("<qi", begun.last, int(bool(extremes))))
            parts += [np.asarray(e, "<f8") for e in extremes]
        self._send(*parts)

    def put(self, array: int, values: np.ndarray) -> None:
        """Replace an array, which has these values' type; only a vector may change its size."""
        self._send(b"P", struct.pack("<IQ", array, values.size), np.ascontiguousarray(values))

    def arriving(self, pathway: int, steps: Sequence[np.ndarray]) -> None:
        """The synapses that spikes reach: at this step, at the next one, and so on.

        To be sent after the synapses and their delays.
        """
        parts: list[bytes | np.ndarray] = [b"U", struct.pack("<II", pathway, len(steps))]
        for synapses in steps:
            parts += [struct.pack("<I", len(synapses)), np.asarray(synapses, "<i4")]
        self._send(*parts)

    def jump(self, tick: int, seed: int, steps: Sequence[int]) -> None:
        """Go on at ``tick``, to which all arrays were set; ``steps``: of each of its clocks."""
        self._send(b"J", struct.pack("<qI", tick, seed), np.asarray(steps, "<i8"))

    def check(self, ranges: Sequence[tuple[int, int, int]]) -> None:
        """(array, start, stop) of floats that must stay finite."""
        self._send(b"F", struct.pack("<I", len(ranges)), np.asarray(ranges, "<u4"))

    def read(self, array: int, dtype: np.dtype) -> np.ndarray:
        self._send(b"R")
        self._send(struct.pack("<I", array))
        while True:
            kind, payload = self._next()
            if kind == "R":
                return np.frombuffer(payload, dtype).copy()
            if kind in "HEQ":  # said before it heard the question
                self._early.append((kind, int(struct.unpack("<q", payload)[0])))

    def hold(self) -> tuple[str, int]:
        """Let it stand still at the next tick; see `standing`. Its data are in ``data``."""
        self._send(b"H")
        what = "H"
        while True:
            kind, payload = self._next()
            if kind == "A":
                return what, int(struct.unpack("<q", payload)[0])
            if kind in "HEQ":  # the stand that was asked for, or one of its own, or the end
                what = kind

    def standing(self) -> tuple[str, int]:
        """Wait until it stands still (H) or ended (E, Q); returns which, and the tick."""
        while True:
            kind, payload = self._next()
            if kind in "HEQ":
                return kind, int(struct.unpack("<q", payload)[0])

    def quit(self) -> None:
        self._send(b"Q")

    # -- messages ------------------------------------------------------------------------------

    def fileno(self) -> int:
        """For ``multiprocessing.connection.wait``."""
        return self._in

    def receive(self) -> tuple[str, int] | None:
        """Take one message that is there: data go to ``data``; else what happened, and when."""
        if self._early:
            return self._early.popleft()
        kind, payload = self._next()
        return None if kind == "D" else (kind, struct.unpack("<q", payload)[0])

    def _next(self) -> tuple[str, bytes | memoryview]:
        """The next message; data are put away, and returned without their content."""
        kind = bytes(self._take(1)).decode()
        if kind == "D":
            self.data.append(self._data())
            return kind, b""
        if kind == "R":
            return kind, self._take(struct.unpack("<Q", self._take(8))[0])
        return kind, self._take(8)

    def _data(self) -> Data:
        head = _HEADER.unpack(self._take(_HEADER.size))
        tick, behind, base, n_spikes, n_rows, width, more, *bad = head
        raw = self._take(8 * n_spikes + 8 * n_rows + 8 * n_rows * width)
        spikes = np.frombuffer(raw, "<i4", 2 * n_spikes)
        rows = np.frombuffer(raw, "<f8", n_rows * width, 8 * (n_spikes + n_rows))
        return Data(
            tick=tick,
            behind_ms=behind,
            steps=spikes[:n_spikes].astype(np.int64) + base,
            units=spikes[n_spikes:].copy(),
            row_tick=np.frombuffer(raw, "<i8", n_rows, 8 * n_spikes).copy(),
            rows=rows.reshape(n_rows, width).copy(),
            bad=tuple(bad) if bad[0] >= 0 else None,
            streams=self._streams(self._take(more)),
        )

    def _streams(self, raw: bytes | memoryview) -> list[tuple[int, np.ndarray, np.ndarray]]:
        found, at = [], 0
        while at < len(raw):
            number, slot, n, width = _STREAM.unpack_from(raw, at)
            at += _STREAM.size
            steps = np.frombuffer(raw, "<i8", n, at)
            at += 8 * n
            if slot < 0:
                samples = np.frombuffer(raw, "<f8", n * width, at)
                at += 8 * n * width
            else:
                samples = self._slot(slot, (n, width), "<f4" if number in self._single else "<f8")
            found.append((number, steps, samples.reshape(n, width)))
        return found

    def _slot(self, slot: int, shape: tuple[int, int], dtype: str) -> np.ndarray:
        """The numbers of a slot, which is given back when nobody has them any more."""
        assert self._shared is not None  # the binary knows of no slots else
        at = _FLAGS_BYTES + slot * _FRAME_BYTES
        frame = memoryview(self._shared)[at : at + _FRAME_BYTES]
        numbers = Framed.of(frame, shape, dtype)
        if numbers.nbytes >= _STAYS * _SLOT_BYTES:
            weakref.finalize(numbers, self._give_back, slot).atexit = False
            return numbers
        copy = np.array(numbers)
        self._give_back(slot)
        return copy

    def _give_back(self, slot: int) -> None:
        assert self._shared is not None
        self._shared[4 * slot : 4 * slot + 4] = bytes(4)

    def _take(self, n: int) -> bytes | memoryview:
        """The next ``n`` bytes; what is large is read to where it stays, and may be changed."""
        if n > _LARGE:
            view = np.empty(n, np.uint8).data
            at = min(n, len(self._waiting))
            view[:at] = self._waiting[:at]
            del self._waiting[:at]
            while at < n:
                got = os.readv(self._in, [view[at:]])
                if not got:
                    self._gone()
                at += got
            return view
        while len(self._waiting) < n:
            more = os.read(self._in, _LARGE)
            if not more:
                self._gone()
            self._waiting += more
        few = bytes(self._waiting[:n])
        del self._waiting[:n]
        return few

    def pending(self) -> bool:
        """True when a message has begun to arrive."""
        return bool(self._early or self._waiting) or bool(select.select([self._in], [], [], 0)[0])

    def _send(self, *parts: bytes | np.ndarray) -> None:
        message = memoryview(b"".join(p if isinstance(p, bytes) else p.tobytes() for p in parts))
        try:
            while message:
                message = message[os.write(self._out, message) :]
        except BrokenPipeError:
            self._gone()

    def _gone(self) -> None:
        code = self.process.wait(30)
        self._message.seek(0)
        words = self._message.read().decode(errors="replace").strip()
        how = f"was killed (signal {-code})" if code < 0 else f"ended ({code})"
        raise SimulationError(f"The compiled simulation {how}.", words)

    def close(self) -> None:
        """End it, whatever it is doing."""
        for fd in (self._in, self._out):
            with contextlib.suppress(OSError):
                os.close(fd)
        began = time.monotonic()
        while self.process.poll() is None and time.monotonic() - began < 1:
            time.sleep(0.01)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._message.close()
