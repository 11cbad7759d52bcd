"""The check of diagrams notices a term that is not the model's: one sign, one delay, one word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.cuba import CUBA
from workbench import Parameter
from workbench.checks import CHECKS, CheckFailed
from workbench.circuits.ncd.term.operators import Sparse
from workbench.circuits.ncd.term.program import Machine
from workbench.circuits.ncd.term.terms import Broadcast, Compose, Iterate, Par

CHECK = next(check for check in CHECKS if check.name == "term_computes_the_model")


def changed(term, change):
    """A term with ``change`` made to every leaf."""
    if isinstance(term, Compose | Par):
        return replace(term, terms=tuple(changed(t, change) for t in term.terms))
    if isinstance(term, Iterate):
        return replace(term, body=changed(term.body, change))
    return change(term) if isinstance(term, Broadcast) else term


def flipped(computation):
    """One weight matrix with the other sign."""
    values = dict(computation.values)
    key = next(k for k in sorted(values) if "inhibitory" in k and k.endswith("weight"))
    w = values[key]
    values[key] = Sparse(w.i, w.j, -w.w, w.shape)
    return replace(computation, values=values)


def hurried(computation):
    """Spikes that arrive a step late."""

    def change(leaf):
        late = [replace(r, offset=-2) if r.axis.uid == "t" else r for r in leaf.reindexings]
        return replace(leaf, reindexings=tuple(late))

    return replace(computation, term=changed(computation.term, change))


def misread(computation):
    """Excitatory and inhibitory neurons taken for one another."""

    def change(leaf):
        other = [replace(r, offset=0) if r.axis.uid != "t" else r for r in leaf.reindexings]
        return replace(leaf, reindexings=tuple(other))

    return replace(computation, term=changed(computation.term, change))


def misspelt(computation):
    """A reset that was forgotten."""

    def change(leaf):
        if not isinstance(leaf.operator, Machine):
            return leaf
        program = tuple(a for a in leaf.operator.program if "reset" not in a.name)
        return replace(leaf, operator=replace(leaf.operator, program=program))

    return replace(computation, term=changed(computation.term, change))


@pytest.mark.parametrize("wrong", [flipped, hurried, misread, misspelt], ids=lambda f: f.__name__)
def test_a_wrong_term_is_caught(wrong):
    class Wrong(CUBA):
        """Draws another network than its own."""

        n_neurons = Parameter(
            300, bounds=(10, 999), softbounds=(100, 400), live=False, integer=True
        )
        p_connect = Parameter(0.2, bounds=(0, 1), softbounds=(0, 1), live=False)

        def term(self, net=None):
            return wrong(super().term(net))

    with pytest.raises(CheckFailed, match=r"The term (and the model differ|gives neurons)"):
        CHECK.check(Wrong)


def test_a_small_cuba_keeps_the_law():
    class Small(CUBA):
        """The same, told truly."""

        n_neurons = Parameter(
            300, bounds=(10, 999), softbounds=(100, 400), live=False, integer=True
        )
        p_connect = Parameter(0.2, bounds=(0, 1), softbounds=(0, 1), live=False)

    CHECK.check(Small)
