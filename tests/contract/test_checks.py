"""Every model of the registry passes every check. A new model needs no edit here."""

from __future__ import annotations

import pytest

from workbench.checks import CHECKS
from workbench.model import registry

ENTRIES = registry.entries()


@pytest.mark.parametrize("entry", ENTRIES, ids=[e.slug for e in ENTRIES])
def test_the_file_can_be_read(entry):
    assert entry.model is not None, entry.details


@pytest.mark.parametrize(
    "check",
    [pytest.param(c, id=c.name, marks=[pytest.mark.slow] if c.slow else []) for c in CHECKS],
)
@pytest.mark.parametrize("slug", sorted(registry.models()))
def test_a_model_passes_the_check(slug, check):
    check.run(registry.model_class(slug))


def test_there_are_models_to_check():
    assert {"cuba", "hippocampal-cam"} <= set(registry.models())
