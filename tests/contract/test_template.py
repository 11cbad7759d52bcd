"""What ``workbench new`` writes is a model like any other: it passes the checks, and is true."""

from __future__ import annotations

import pytest

from workbench.checks import CHECKS
from workbench.cli.new import from_template, template
from workbench.model import registry


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("written") / "my_own.py"
    path.write_text(from_template("my-own", template().read_text("utf-8")), encoding="utf-8")
    return registry.import_model_file(path).MyOwn


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_it_keeps_the_law(written, check):
    check.check(written)


def test_its_names_are_its_own(written):
    assert (written.slug, written.title) == ("my-own", "My own")
    assert "template" not in written.build.__code__.co_consts.__repr__().lower()


def test_its_fact_is_true(written):
    fact = written.facts[0]
    assert abs(fact.measure(written()) - fact.value) <= fact.tol, fact.why_tol
