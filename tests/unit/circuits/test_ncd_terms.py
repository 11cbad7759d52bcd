"""The algebra of diagrams: shapes are checked, and a term computes what NumPy computes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from workbench.circuits.ncd import (
    Add,
    Array,
    Axis,
    Block,
    Broadcast,
    Compose,
    Constant,
    Einsum,
    Elementwise,
    Iterate,
    Linear,
    Normalise,
    Par,
    Rearrange,
    Reindex,
    SoftMax,
    Sparse,
    TermError,
    apply,
    evaluate,
    identity,
    time,
)

N, M, K, T = Axis("n", "n", 3), Axis("m", "m", 4), Axis("k", "k", 5), time()
X = Array((N,))
rng = np.random.default_rng(1)


def linear(weight="W", a=N, b=M):
    return Linear("L", (Array((a,)),), (Array((b,)),), weight=weight)


def test_a_linear_map_is_broadcast_over_time():
    x, w = rng.normal(size=(7, 3)), rng.normal(size=(3, 4))
    (y,) = evaluate(apply(linear(), (T,)), [x], {"W": w})
    assert np.allclose(y, x @ w, rtol=1e-13)


def test_a_sparse_map_equals_the_dense_one():
    i, j, w = np.array([0, 2, 2, 0]), np.array([1, 0, 3, 1]), np.array([1.0, 2, 3, 4])
    dense = np.zeros((3, 4))
    np.add.at(dense, (i, j), w)
    x = rng.normal(size=(6, 3))
    (y,) = evaluate(apply(linear(), (T,)), [x], {"W": Sparse(i, j, w, (3, 4))})
    assert np.allclose(y, x @ dense, rtol=1e-13)


def test_side_by_side_and_one_after_the_other():
    term = (apply(linear()) @ identity(X)) >> Rearrange((Array((M,)), X), (1, 0, 1))
    x, z, w = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(3, 4))
    out = evaluate(term, [x, z], {"W": w})
    assert np.allclose(out[1], x @ w) and np.array_equal(out[0], z) and np.array_equal(out[2], z)


def test_wires_alone_contract_transpose_and_take_diagonals():
    a, b = rng.normal(size=(3, 5)), rng.normal(size=(5, 4))
    product = Einsum((Array((N, K)), Array((K, M))), Array((M, N)))
    assert np.allclose(evaluate(product, [a, b])[0], (a @ b).T)
    square = rng.normal(size=(3, 3))
    diagonal = Einsum((Array((N, N)),), Array((N,)))
    assert np.allclose(evaluate(diagonal, [square])[0], np.diag(square))
    swap = Rearrange((Array((N, K)),), (0,), ((1, 0),))
    assert np.array_equal(evaluate(swap, [a])[0], a.T)


def test_reindexing_reads_a_diagonal_and_an_earlier_step():
    square, x = rng.normal(size=(3, 3)), rng.normal(size=(6, 3))
    row = Axis("row", "n", 3)
    same = Elementwise("1", (Array(),), (Array(),))
    take = Reindex(0, row, (N,))
    (y,) = evaluate(Broadcast(same, (Array((row, N)),), (Array((N,)),), (take,)), [square])
    assert np.allclose(y, np.diag(square))
    late = Reindex(0, T, (T,), offset=-2)
    (y,) = evaluate(Broadcast(same, (Array((T, N)),), (Array((T, N)),), (late,)), [x])
    assert np.allclose(y[2:], x[:-2]) and not y[:2].any()


def test_a_map_with_a_delay_for_each_synapse_is_a_convolution():
    d = Axis("d", "d", 2)
    lags = (1, 3)
    w = rng.normal(size=(2, 3, 4))
    op = Linear("W", (Array((d, N)),), (Array((M,)),), weight="W")
    window = Reindex(0, T, (T,), by=d, table=(-1, -3), label="t-d")
    term = Broadcast(op, (Array((T, N)),), (Array((T, M)),), (window,))
    x = rng.normal(size=(6, 3))
    padded = np.vstack([np.zeros((3, 3)), x])
    wanted = sum(padded[3 - lag : 9 - lag] @ w[k] for k, lag in enumerate(lags))
    assert np.allclose(evaluate(term, [x], {"W": w})[0], wanted)


def leaky(offset=-1):
    """y_t = 0.5 y_{t-1} + x_t."""
    y, x = Array((T, N), name="y"), Array((T, N), name="x")
    half = Elementwise("\\kappa", (Array(),), (Array(),), formula="k*x", constants=(("k", "k"),))
    back = Broadcast(half, (y,), (y,), (Reindex(0, T, (T,), offset=offset),))
    add = Broadcast(Add("+", (Array(), Array()), (Array(),)), (y, x), (y,))
    return Compose((back @ identity(x), add, Rearrange((y,), (0, 0))))


def test_a_loop_is_run_step_by_step():
    x = rng.normal(size=(8, 3))
    wanted, y = np.zeros((8, 3)), np.zeros(3)
    for t in range(8):
        wanted[t] = y = 0.5 * y + x[t]
    term = Iterate(leaky(), T, 1)
    assert np.allclose(evaluate(term, [x], {"k": 0.5})[0], wanted, rtol=1e-14)
    # As a part of a greater loop it gives the same.
    outer = Iterate(
        (identity(Array((T, N))) @ term) >> Rearrange((Array((T, N)),) * 2, (1, 1)), T, 1
    )
    assert np.allclose(evaluate(outer, [x], {"k": 0.5})[0], wanted, rtol=1e-14)


def test_a_loop_without_a_delay_is_refused():
    with pytest.raises(TermError, match="The fed-back array y is read at the very step"):
        Iterate(leaky(offset=0), T, 1)


def test_softmax_normalisation_and_constants():
    x = rng.uniform(1, 2, size=(6, 3))
    soft = apply(SoftMax("", (X,), (X,)), (T,))
    assert np.allclose(evaluate(soft, [x])[0].sum(axis=1), 1)
    norm = Normalise(
        "", (X,), (X,), formula="x**2/(s**2 + pool)", pooled="x**2", constants=(("s", "s"),)
    )
    wanted = x**2 / (0.25 + (x**2).mean(axis=1, keepdims=True))
    assert np.allclose(evaluate(apply(norm, (T,)), [x], {"s": 0.5})[0], wanted)
    bias = apply(Constant("b", (), (X,), value="b")) @ identity(Array((T, N)))
    add = Broadcast(Add("+", (Array(), Array()), (Array(),)), (X, Array((T, N))), (Array((T, N)),))
    assert np.allclose(evaluate(bias >> add, [x], {"b": np.arange(3)})[0], x + np.arange(3))


def test_a_block_can_be_repeated():
    twice = Block("twice", apply(Elementwise("f", (Array(),), (Array(),), formula="2*x"), (N,)), 3)
    assert np.array_equal(evaluate(twice, [np.ones(3)])[0], np.full(3, 8.0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: apply(linear()) >> apply(linear()),
            "Array 1 from L to L: axis 1 is m = 4 on one side and n = 3 on the other.",
        ),
        (
            lambda: identity(X, X) >> apply(linear()),
            "a rearrangement gives 2 arrays and L takes 1 array: (n = 3); (n = 3) against (n = 3).",
        ),
        (
            lambda: identity(X) >> identity(Array((N,), "bool")),
            "Array 1 from a rearrangement to a rearrangement: real on one side and bool on the "
            "other.",
        ),
        (
            lambda: Par((identity(X), identity(Array((Axis("n", "n", 9),))))),
            "a stack of a rearrangement, a rearrangement: the axis n has the size 3 and the size "
            "9.",
        ),
        (
            lambda: Broadcast(linear(), (Array((T, N)),), (Array((M,)),)),
            "L: the axis t of array 1 goes in and does not come out.",
        ),
        (
            lambda: Broadcast(linear(), (Array((T,)),), (Array((T, M)),)),
            "L needs the axis n = 3 in array 1; it has (t).",
        ),
        (
            lambda: Einsum((X,), Array((M,))),
            "The sum gives the axis m = 4, which nothing that it takes has.",
        ),
        (
            lambda: Rearrange((X,), (1,)),
            "A rearrangement of 1 arrays cannot pick number 1.",
        ),
        (
            lambda: Elementwise("f", (Array(),), (Array(),), formula="__import__('os')"),
            "The formula \"__import__('os')\" of f uses '__import__'; it may use x and NumPy's "
            "functions.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_the_axis_named(make, message):
    with pytest.raises(TermError) as caught:
        make()
    assert str(caught.value) == message


def test_inputs_and_values_are_checked():
    term = apply(linear(), (T,))
    with pytest.raises(TermError, match="Input 1 has the length 2 along n; it must be 3"):
        evaluate(term, [np.ones((5, 2))], {"W": np.ones((3, 4))})
    with pytest.raises(TermError, match="L needs the value 'W'"):
        evaluate(term, [np.ones((5, 3))])
    with pytest.raises(TermError, match=r"The weight W has the shape \(4, 3\), not \[3, 4\]."):
        evaluate(term, [np.ones((5, 3))], {"W": np.ones((4, 3))})


def test_a_term_is_plain_data():
    term = Iterate(leaky(), T, 1)
    assert pickle.loads(pickle.dumps(term)) == term
