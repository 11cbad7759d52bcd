"""Circuit diagrams: populations and projections of a network, drawn for screen and paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .elements import Circuit, Edge, Node
from .render.notations import notations
from .rules import Evidence, Param, Rule

__all__ = ["Circuit", "Edge", "Evidence", "Node", "Param", "Rule", "circuit", "notations"]


def circuit(x: Any, seed: int = 1) -> Circuit:
    """The circuit of a model, a session, a run, a Brian2 network or script, or a circuit itself.

    A model is built in this process. A script, given by its path, runs in a separate process up
    to its first run. Nothing is simulated.
    seed   : seed for building a model; the network is that of a NumPy or Cython run with this seed
    raises : ParameterError for anything else, BuildError for a session whose network is not built
    """
    from ..errors import BuildError, ParameterError
    from ..model.model import Model

    if isinstance(x, Circuit):
        return x
    if isinstance(x, Path) or (isinstance(x, str) and x.endswith(".py")):
        from .script import circuit_of_script

        return circuit_of_script(x)
    if isinstance(x, str):
        from ..model.registry import load

        x = load(x)
    if isinstance(x, Model):
        return _of_model(x, seed)
    if type(x).__name__ == "Network" and hasattr(x, "objects"):
        from .read.network import from_network

        return from_network(x)
    if hasattr(x, "info"):
        if x.info is None:
            raise BuildError("The network is not built yet: ask for its circuit when it is ready.")
        found = getattr(x, "circuit", x.info.circuit)  # of a run, with its values at the end
        if isinstance(found, Circuit):
            return found
    raise ParameterError(
        f"There is no circuit of a {type(x).__name__}: give a model, its name, a session, a run, "
        "a Brian2 network or the path of a script."
    )


def _of_model(model: Any, seed: int) -> Circuit:
    from ..brian.errors import said_plainly
    from ..engine.describe import populations_of
    from ..engine.runtime import Runtime, brian_settings_kept
    from .read.network import from_network

    with brian_settings_kept():
        runtime = Runtime(type(model)(**model.values()), seed, "numpy")
        with said_plainly(model):
            net = runtime.build_network()
        for item in net.objects:
            item._network = net.id  # a run sets this; without it Brian2 warns of an unused object
        order = [s.name for s in populations_of(net, model.populations)]
        names = runtime.model.run_namespace()
        return from_network(net, title=model.title, namespace=names, order=order, model=model)
