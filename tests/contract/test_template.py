"""What ``workbench new`` writes is a model like any other: it passes the checks, and is true."""

from __future__ import annotations

import pytest

from workbench.checks import CHECKS, CheckFailed
from workbench.cli.new import KINDS, from_template, template
from workbench.errors import UnknownName
from workbench.model import registry

# A cable equation has no term yet.
FAILS = {"compartments": {"term_computes_the_model"}}


def kinds(of):
    """The kind that ``workbench new`` starts from by default; the others in the slow tests."""
    slow = [pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS if kind != "neurons"]
    return pytest.mark.parametrize("written", ["neurons", *slow], indirect=True, scope=of)


@pytest.fixture(scope="module")
def written(request, tmp_path_factory):
    path = tmp_path_factory.mktemp(request.param) / "my_own.py"
    text = template(request.param).read_text("utf-8")
    path.write_text(from_template("my-own", text), encoding="utf-8")
    model = registry.import_model_file(path).MyOwn
    model.kind_of_template = request.param
    return model


@kinds("module")
@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_it_passes_the_check(written, check):
    if check.name in FAILS.get(written.kind_of_template, ()):
        with pytest.raises(CheckFailed, match="no term can be derived"):
            check.run(written)
    else:
        check.run(written)


@kinds("module")
def test_its_names_are_its_own(written):
    assert (written.slug, written.title) == ("my-own", "My own")
    assert "template" not in written.build.__code__.co_consts.__repr__().lower()


@kinds("module")
def test_its_fact_is_true(written):
    fact = written.facts[0]
    assert abs(fact.measure(written()) - fact.value) <= fact.tol, fact.why_tol


def test_an_unknown_kind_is_refused():
    with pytest.raises(UnknownName, match=r"Unknown kind: 'rates'\. Did you mean 'rate'\?"):
        template("rates")
