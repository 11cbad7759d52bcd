"""The cell of the expressive leaky memory neuron as a term, and the same in plain NumPy.

Spieler et al. (2024), arXiv 2306.16922: synaptic traces, branches that sum them, a memory that a
perceptron of two layers updates, and a linear read-out.
"""

from __future__ import annotations

import numpy as np

from workbench.circuits.ncd import (
    Add,
    Array,
    Axis,
    Broadcast,
    Compose,
    Constant,
    Elementwise,
    Iterate,
    Linear,
    Par,
    Rearrange,
    Reindex,
    apply,
    identity,
    time,
)

SIZES = {"s": 24, "b": 6, "m": 4, "h": 8, "y": 2}
LAMBDA = 5.0


def parameters(seed=0):
    """Weights by the names that the term uses."""
    rng = np.random.default_rng(seed)
    n = SIZES
    branches = np.zeros((n["s"], n["b"]))
    branches[np.arange(n["s"]), np.arange(n["s"]) * n["b"] // n["s"]] = 1
    return {
        "w_s": rng.uniform(0, 0.5, n["s"]),
        "kappa_s": np.exp(-1 / 5.0),
        "kappa_m": np.exp(-1 / np.geomspace(1, 150, n["m"])),
        "branches": branches,
        "W_b": rng.normal(size=(n["b"], n["h"])) / 3,
        "W_m": rng.normal(size=(n["m"], n["h"])) / 3,
        "c_in": rng.normal(size=n["h"]),
        "W_out": rng.normal(size=(n["h"], n["m"])) / 3,
        "c_out": rng.normal(size=n["m"]),
        "W_y": rng.normal(size=(n["m"], n["y"])),
        "c_y": rng.normal(size=n["y"]),
        "lambda": LAMBDA,
    }


def term():
    """x (t, s) -> y (t, y)."""
    t = time()
    s, b, m, h, y = (Axis(k, f"n_{k}", n) for k, n in SIZES.items())
    trace, memory = Array((t, s), name="s"), Array((t, m), name="m")
    hidden, out = Array((t, h)), Array((t, y))
    number, x = Array(), Array((t, s), name="x")

    def function(name, formula, array, learned=False, **constants):
        op = Elementwise(
            name, (number,), (number,), learned, formula=formula, constants=tuple(constants.items())
        )
        return Broadcast(op, (array,), (array,))

    def decayed(array, axis, value):
        """One step before, times a constant for each element."""
        kappa = Elementwise(
            rf"\kappa_{axis.uid}", (number, number), (number,), formula="x0*x1", title="decay"
        )
        late = (Reindex(0, t, (t,), offset=-1, label="t-1"),)
        constant = apply(Constant(rf"\kappa_{axis.uid}", (), (Array((axis,)),), value=value))
        if axis is s:
            op = Elementwise(r"\kappa_s", (number,), (number,), formula="k*x",
                             constants=(("k", value),))  # fmt: skip
            return Broadcast(op, (array,), (array,), late)
        both = Broadcast(kappa, (array, Array((axis,))), (array,), late)
        return Compose((identity(array) @ constant, both))

    def linear(name, a, c, weight, learned=True):
        op = Linear(name, (Array((a,)),), (Array((c,)),), learned, weight=weight)
        return apply(op, (t,))

    def add(array, n=2):
        return Broadcast(Add("+", (number,) * n, (number,)), (array,) * n, (array,))

    def biased(array, axis, name, value):
        constant = apply(Constant(name, (), (Array((axis,)),), True, value=value))
        op = Add("+", (number, number), (number,))
        return Compose(
            (identity(array) @ constant, Broadcast(op, (array, Array((axis,))), (array,)))
        )

    weigh = Broadcast(
        Elementwise("w_s", (number, number), (number,), True, formula="x0*x1"),
        (x, Array((s,))), (x,),
    )  # fmt: skip
    synapse = (identity(x) @ apply(Constant("w_s", (), (Array((s,)),), True, value="w_s"))) >> weigh
    # fed back: the trace and the memory
    body = Compose(
        (
            Par((decayed(trace, s, "kappa_s"), decayed(memory, m, "kappa_m"), synapse)),
            Rearrange((trace, memory, trace), (0, 2, 1)),
            add(trace) @ identity(memory),
            Rearrange((trace, memory), (0, 0, 1, 1)),
            Par((identity(trace), linear("\\Sigma", s, b, "branches", False), identity(memory),
                 identity(memory))),
            Par((identity(trace), linear("L^b", b, h, "W_b"), linear("L^m", m, h, "W_m"),
                 identity(memory))),
            Par((identity(trace), add(hidden), identity(memory))),
            Par((identity(trace), biased(hidden, h, "c", "c_in"), identity(memory))),
            Par((identity(trace), function("\\mathrm{relu}", "maximum(x, 0)", hidden),
                 identity(memory))),
            Par((identity(trace), linear("L^o", h, m, "W_out"), identity(memory))),
            Par((identity(trace), biased(memory, m, "c", "c_out"), identity(memory))),
            Par((identity(trace), function("\\tanh", "1.7159*tanh(2*x/3)", memory),
                 identity(memory))),
            Par((identity(trace), _gain(memory, m), identity(memory))),
            identity(trace) @ add(memory),
            Rearrange((trace, memory), (0, 1, 1)),
        )
    )  # fmt: skip
    return (
        Iterate(body, t, 2, "ELM cell") >> linear("L^y", m, y, "W_y") >> biased(out, y, "c", "c_y")
    )


def _gain(memory, m):
    """Times lambda (1 - kappa_m)."""
    number = Array()
    constant = apply(Constant(r"\kappa_m", (), (Array((m,)),), value="kappa_m"))
    op = Elementwise(
        r"\lambda(1-\kappa_m)", (number, number), (number,), formula="x0*k*(1 - x1)",
        constants=(("k", "lambda"),),
    )  # fmt: skip
    both = Broadcast(op, (memory, Array((m,))), (memory,))
    return Compose((identity(memory) @ constant, both))


def plain(x, p):
    """The published recurrence, step by step."""
    s, m, out = np.zeros(SIZES["s"]), np.zeros(SIZES["m"]), []
    for now in x:
        s = p["kappa_s"] * s + p["w_s"] * now
        branch, decayed = s @ p["branches"], p["kappa_m"] * m
        hidden = np.maximum(branch @ p["W_b"] + decayed @ p["W_m"] + p["c_in"], 0)
        delta = 1.7159 * np.tanh(2 / 3 * (hidden @ p["W_out"] + p["c_out"]))
        m = decayed + p["lambda"] * (1 - p["kappa_m"]) * delta
        out.append(m @ p["W_y"] + p["c_y"])
    return np.array(out)
