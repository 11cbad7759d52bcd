"""``exp()`` of many numbers at once is bit for bit that of the C library."""

from __future__ import annotations

import os
import struct
import subprocess

import numpy as np
import pytest

from workbench.brian.fast.device import BRIAN2_FLAGS, FLAGS, support_text
from workbench.brian.fast.exp_table import FLAGS as OWN_FLAGS
from workbench.brian.fast.exp_table import SOURCE, sources, table
from workbench.engine.compiled.cache import compiler

needs_compiler = pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler")
# Of each number: exp() in a loop that the compiler may turn into vectors, by itself, and kept.
PROGRAM = """
#include "workbench_exp.h"
#include <cstdio>
int main(int, char** given) {
  static double x[%d], many[%d], one[%d], kept[%d];
  const size_t n = sizeof x / sizeof *x;
  FILE* file = std::fopen(given[1], "rb");
  if (std::fread(x, sizeof *x, n, file) != n) return 1;
  double (*volatile alone)(double) = std::exp;
  workbench::KeptExp keeper;
  for (size_t k = 0; k < n; k++) many[k] = std::exp(x[k]);
  for (size_t k = 0; k < n; k++) one[k] = alone(x[k]);
  for (size_t k = 0; k < n; k++) kept[k] = keeper.of(x[k], static_cast<int>(k / 3) - 1);
  file = std::fopen(given[2], "wb");
  for (double* part : {many, one, kept}) std::fwrite(part, sizeof *part, n, file);
  return std::fclose(file);
}
"""


@needs_compiler
@pytest.mark.parametrize("flags", [FLAGS, BRIAN2_FLAGS], ids=["ours", "fast-math"])
def test_every_bit_is_that_of_the_library(tmp_path, flags):
    rng = np.random.default_rng(1)
    numbers = np.concatenate(
        [rng.uniform(-s, s, 30_000) for s in (1e-17, 1e-3, 1.0, 30.0, 520.0, 800.0)]
        + [[0.0, -0.0, np.inf, -np.inf, np.nan, 512.0, -512.0, 709.782, 709.783, -745.13, -745.14]]
    )
    # What is not ordinary stands beside what is: vectors of both.
    numbers = rng.permutation(np.concatenate([numbers, np.repeat(numbers[-300:], 3)]))
    (tmp_path / "x").write_bytes(numbers.tobytes())
    for name, text in {**sources(), "main.cpp": PROGRAM.replace("%d", str(len(numbers)))}.items():
        (tmp_path / name).write_text(text)
    gcc = os.environ.get("CXX", "g++")
    made = "main.o", "exp.o"
    for name, to, how in (("main.cpp", made[0], ()), (SOURCE, made[1], OWN_FLAGS)):
        command = [gcc, "-c", *flags, *how, name, "-o", to]
        subprocess.run(command, cwd=tmp_path, check=True)
    # Where there are functions of many numbers, the loop calls one.
    loop, own = (subprocess.check_output(["nm", tmp_path / o], text=True) for o in made)
    assert (" U _ZGV" in loop) == (" T _ZGV" in own)
    subprocess.run([gcc, *made, "-o", "main"], cwd=tmp_path, check=True)
    subprocess.run(["./main", "x", "y"], cwd=tmp_path, check=True)
    many, one, kept = np.frombuffer((tmp_path / "y").read_bytes()).reshape(3, -1)
    with np.errstate(over="ignore", under="ignore"):
        assert np.allclose(one, np.exp(numbers), rtol=1e-15, atol=0, equal_nan=True)
    assert many.tobytes() == one.tobytes()
    assert kept.tobytes() == one.tobytes()


def test_the_table_holds_the_powers_of_two():
    assert table()[:2] == [0, struct.unpack("<Q", struct.pack("<d", 1.0))[0]]
    for i, (rest, bits) in enumerate(np.array(table(), np.uint64).reshape(-1, 2)):
        power = np.array([bits + np.uint64(i << 45)], np.uint64).view(float)[0]
        assert power == pytest.approx(2 ** (i / 128), rel=2e-16)
        assert abs(np.array([rest], np.uint64).view(float)[0]) < 2**-53


def test_only_the_mean_of_a_poisson_number_is_kept():
    code = ["int32_t _poisson_mult(double lam, int _vectorisation_idx) {", "  enlam = exp(-lam);"]
    assert support_text(code).splitlines() == [
        "static workbench::KeptExp _kept_exp;",
        code[0],
        "  enlam = _kept_exp.of(-lam, _vectorisation_idx);",
    ]
    other = ["double f(double lam) {", "  return exp(-lam);"]
    assert support_text(other) == "\n".join(other)
