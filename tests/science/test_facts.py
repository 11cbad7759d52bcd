"""Every fact that a model declares, measured."""

import pytest

from workbench.model.registry import models

FACTS = [
    pytest.param(cls, fact, id=f"{slug}: {fact.name}", marks=[pytest.mark.slow] * fact.slow)
    for slug, cls in models().items()
    for fact in cls.facts
]


@pytest.mark.parametrize(("cls", "fact"), FACTS)
def test_fact(cls, fact):
    ours = fact.measure(cls())
    assert abs(ours - fact.value) <= fact.tol, (
        f"{fact.name}: published {fact.value:g} {fact.unit}, ours {ours:g} {fact.unit}, "
        f"allowed difference {fact.tol:g} ({fact.why_tol}); source: {fact.source}"
    )


@pytest.mark.parametrize(("cls", "fact"), FACTS)
def test_fact_says_where_it_comes_from(cls, fact):
    assert fact.source.strip()
    assert fact.why_tol.strip()
    assert fact.tol >= 0
