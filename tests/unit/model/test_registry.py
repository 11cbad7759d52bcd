"""The registry: one file a model; a broken file is one failed entry and hides no other."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.cli.new import from_template, template
from workbench.errors import UnknownName, WorkbenchError, listed
from workbench.model import registry


@pytest.fixture
def write(models_folder):
    """Write a model file into a folder that the registry scans; by default the template's."""

    def _write(name: str, text: str | None = None) -> None:
        if text is None:
            text = from_template(name.replace("_", "-"), template().read_text("utf-8"))
        (models_folder / f"{name}.py").write_text(text, encoding="utf-8")

    return _write


def by_slug() -> dict[str, registry.ModelEntry]:
    return {e.slug: e for e in registry.entries()}


def test_the_packaged_models():
    assert {"cuba", "hippocampal-cam"} <= set(wb.models())
    assert wb.models()["cuba"].title == "CUBA: a balanced network"
    assert [e.slug for e in registry.entries()] == sorted(e.slug for e in registry.entries())


def test_a_file_dropped_into_a_folder_is_a_model(write):
    write("my_own")
    assert wb.models()["my-own"].__name__ == "MyOwn"
    assert wb.load("my-own", tau_m=12).tau_m == 12
    assert "cuba" in wb.models()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def (", "SyntaxError"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemError('no\\nsecond line')", "SystemError: no"),
    ],
)
def test_a_broken_file_is_one_failed_entry(write, text, message):
    write("my_own")
    write("hurt", text)
    entry = by_slug()["hurt"]
    assert entry.model is None
    assert entry.error.startswith(message)
    assert "\n" not in entry.error
    assert "Traceback" in entry.details
    assert {"my-own", "cuba", "hippocampal-cam"} <= set(wb.models())
    with pytest.raises(WorkbenchError, match=r"^hurt\.py cannot be read: "):
        wb.load("hurt")


def test_two_models_in_one_file(write):
    text = from_template("twin", template().read_text("utf-8"))
    second = "\n\nclass Second(TwinOne):\n    slug = 'second'\n"
    write("twin", text.replace("class Twin(", "class TwinOne(") + second)
    assert "one file holds one model, this one holds TwinOne, Second" in by_slug()["twin"].error


def test_a_name_that_is_taken(write):
    write("cuba", from_template("cuba", template().read_text("utf-8")))
    failed = [e for e in registry.entries() if e.model is None]
    assert [e.error for e in failed] == ["the name 'cuba' is already taken by cuba.py"]
    assert wb.models()["cuba"].__name__ == "CUBA"


def test_helpers_and_hidden_files_are_no_models(write, models_folder):
    write("_private", "1 / 0")
    write("helper", "from workbench.model.model import Model\nx = 1\n")
    assert "helper" not in by_slug()
    assert not [e for e in registry.entries() if e.model is None]


def test_an_edited_file_is_read_anew(write, models_folder):
    import os

    write("my_own")
    before = wb.models()["my-own"]
    assert wb.models()["my-own"] is before
    path = models_folder / "my_own.py"
    path.write_text(path.read_text("utf-8").replace('title = "My own"', 'title = "Mine"'), "utf-8")
    os.utime(path, ns=(1, 2))
    assert wb.models()["my-own"].title == "Mine"


def test_an_unknown_model_is_met_with_the_nearest():
    with pytest.raises(UnknownName) as caught:
        wb.load("hipocampal_cam")
    assert str(caught.value) == (
        "Unknown model: 'hipocampal_cam'. Did you mean 'hippocampal-cam'? "
        f"Allowed: {listed(sorted(wb.models()))}."
    )
