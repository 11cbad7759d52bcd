"""Dense projections: all weights of a `Synapses` at once, as one matrix product.

A rate model sums over all its synapses at every step. Brian2's ``(summed)`` variables walk through
a list of pairs to do so, several nanoseconds a synapse. Where every neuron reaches every other one,
the weights are a matrix, and the sum is its product with a vector. `project` makes ordinary
`Synapses`, with weights that can be read, written and learned, and the target takes the product:

    recurrent = dense.project(ring, ring, W, of="r", into="rec", name="recurrent")

is ``rec = W @ r`` at the start of every step, with no lag. It runs on NumPy, Cython and in the
compiled engine: the product is a user function with an implementation for each.

Imports Brian2 inside its functions only: a model may import this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BuildError

if TYPE_CHECKING:
    import brian2

WEIGHT = "w"

_CYTHON = """
cdef double %NAME%(int row):
    cdef double total = 0
    cdef Py_ssize_t k
    for k in range(%N%):
        total += _namespace%NAME%_w[<Py_ssize_t>row*%N% + k]*%TERM%
    return total
"""
# Sizes stand in constants of their own, named as Brian2 names its: so `fast/numbers.py` finds them.
_CPP = """
static inline double %NAME%(const int row)
{
    const int _num_columns = %N%;
    const int _num_before = %START%;
    int n = _num_columns;
#ifdef __GNUC__
    asm("" : "+r"(n));  // with -ffast-math, the order of the sum would depend on whether n is known
#endif
    const double* w = &%W%[0] + (size_t)row*n;
    double total = 0;
    for (int k = 0; k < n; k++) total += w[k]*%TERM%;
    return total;
}
"""


def project(
    source: Any,
    target: Any,
    matrix: np.ndarray,
    *,
    of: str,
    into: str,
    name: str,
    model: str = "",
    clock: Any = None,
    order: int = 0,
    acts_on: str = "",
) -> brian2.Synapses:
    """Synapses between all pairs, and ``into = matrix @ of`` at the start of every step.

    source, target : groups, or `Subgroup` as the source
    matrix         : (n_target, n_source) float, the weights ``w``, without unit
    of             : variable of the source that is passed on; "g*z" for a product of variables
    into           : variable of the target that takes the sum; without unit, stored
    model          : further variables of the synapses, such as a learning rate
    clock          : how often; None: at every step of the target
    order          : among what happens at the start of a step
    acts_on        : variable that the sum makes rise, where that is computed from ``into``: what
                     the diagram judges by whether the projection excites
    raises         : BuildError for a matrix of the wrong shape, or names that are not there
    """
    import brian2

    matrix = np.asarray(matrix, dtype=float)
    shape = (int(target.N), int(source.N))
    if matrix.shape != shape:
        raise BuildError(
            f"The weights of {name!r} must be {shape[0]} x {shape[1]}, target x source; got "
            f"{' x '.join(map(str, matrix.shape)) or 'a single number'}."
        )
    clock = target.clock if clock is None else clock
    synapses = brian2.Synapses(
        source, target, f"{WEIGHT} : 1\n{model}", clock=clock, namespace={}, name=name
    )
    # Row by row, so that the product reads the weights in the order in which they lie in memory.
    synapses.connect(
        i=np.tile(np.arange(shape[1]), shape[0]), j=np.repeat(np.arange(shape[0]), shape[1])
    )
    synapses.w = matrix.ravel()
    take(synapses, of=of, into=into, clock=clock, order=order, acts_on=acts_on)
    return synapses


def take(
    synapses: brian2.Synapses,
    *,
    of: str,
    into: str,
    clock: Any = None,
    order: int = 0,
    acts_on: str = "",
) -> None:
    """Let the target of dense ``synapses`` take ``into = w @ of``; arguments as for `project`."""
    target = synapses.target
    if into not in target.variables:
        raise BuildError(f"{target.name} has no variable {into!r} for {synapses.name!r} to sum in.")
    function = f"_sum_of_{synapses.name}"
    target.namespace[function] = product(synapses, of)
    target.run_regularly(
        f"{into} = {function}(i)",
        clock=clock or synapses.clock,
        when="start",
        order=order,
        name=f"{synapses.name}_sum",
    )
    # What the diagram reads: which variable of the target these synapses change.
    synapses.add_attribute("dense_into")
    synapses.dense_into = acts_on or into


def squared_norms(synapses: brian2.Synapses) -> brian2.Function:
    """A function of a target's number ``i`` for Brian2 code: the sum of its squared weights."""
    return _function(synapses, "_squares_of_" + synapses.name, [])


def product(synapses: brian2.Synapses, of: str) -> brian2.Function:
    """A function of a target's number ``i`` for Brian2 code: row ``i`` of ``w @ of``.

    synapses : made by `project`: all pairs, row by row
    of       : variable of the source, or variables joined by ``*``
    raises   : BuildError when the source has no such stored variable
    """
    from brian2.core.variables import ArrayVariable

    source = synapses.source
    names = [n.strip() for n in of.split("*")]
    for n in names:
        if not isinstance(source.variables.get(n), ArrayVariable):
            raise BuildError(
                f"{source.name} stores no variable {n!r}, so {synapses.name!r} cannot pass it on."
            )
    return _function(synapses, "_sum_of_" + synapses.name, [source.variables[n] for n in names])


def _function(synapses: Any, name: str, factors: list[Any]) -> brian2.Function:
    """Sum over a row of the weights, each times the factors; without any, times itself."""
    import brian2

    n_target, n = int(synapses.target.N), int(synapses.source.N)
    start = int(getattr(synapses.source, "start", 0))
    weight = synapses.variables[WEIGHT]
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise BuildError(f"{synapses.name!r} is no name for a function in C++: letters, digits, _.")

    def whole(_: Any = None) -> np.ndarray:
        w = np.asarray(weight.get_value(), dtype=float).reshape(n_target, n)
        if not factors:
            return np.einsum("ij,ij->i", w, w)
        x = np.asarray(factors[0].get_value(), dtype=float)[start : start + n]
        for more in factors[1:]:
            x = x * more.get_value()[start : start + n]
        return w @ x

    def on_numpy(row: Any) -> Any:
        return whole()[np.asarray(row, dtype=int)]

    function = brian2.Function(
        on_numpy, arg_units=[1], return_unit=1, arg_types=["integer"], return_type="float"
    )
    function.implementations.add_dynamic_implementation("numpy", lambda owner: on_numpy)
    # What a diagram reads: the arrays behind the function.
    function.dense = (weight, tuple(factors), start, (n_target, n))

    def arrays(owner: Any) -> dict[str, np.ndarray]:
        found = {f"{name}_w": weight.get_value()}
        return found | {f"{name}_{k}": v.get_value() for k, v in enumerate(factors)}

    def cython(owner: Any) -> str:
        own = f"_namespace{name}_w[<Py_ssize_t>row*{n} + k]"
        term = "*".join(f"_namespace{name}_{k}[{start} + k]" for k in range(len(factors))) or own
        return _fill(_CYTHON, NAME=name, N=n, TERM=term)

    def cpp(owner: Any) -> str:
        device = brian2.get_device()
        w = "brian::" + device.get_array_name(weight, access_data=False)
        x = ["brian::" + device.get_array_name(v) for v in factors]
        term = "*".join(f"{v}[_num_before + k]" for v in x) or "w[k]"
        return _fill(_CPP, NAME=name, N=n, START=start, TERM=term, W=w)

    function.implementations.add_dynamic_implementation("cython", cython, arrays, name=name)
    function.implementations.add_dynamic_implementation("cpp", cpp, lambda owner: {}, name=name)
    return function


def _fill(template: str, **values: Any) -> str:
    for key, value in values.items():
        template = template.replace(f"%{key}%", str(value))
    return template
