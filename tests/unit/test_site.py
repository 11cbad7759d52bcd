"""The documentation site: its generated pages, and, where Sphinx is installed, all of it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

import workbench as wb


@pytest.fixture
def pages(repository):
    spec = importlib.util.spec_from_file_location(
        "site_pages", repository / "docs" / "site_pages.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_model_has_a_card_with_its_picture(pages, repository):
    text = pages.gallery(repository / "docs")
    assert text.count(":img-top:") >= 15
    for slug, cls in wb.models().items():
        assert f"grid-item-card}} {cls.title}\n" in text
        assert f"workbench serve --show-only {slug}`" in text
        picture = f"{slug}-light.png"
        assert (f"generated/{picture}" in text) == (pages.PICTURES / picture).exists()


def test_everything_of_the_package_is_in_the_reference_of_python(pages):
    text = pages.api()
    assert re.findall(r"^## `wb\.(.*)`$", text, re.M) == wb.__all__
    assert "\nSession.set(self, name: str, value: Any) -> float\n" in text
    assert "a live parameter; raises ParameterError" in text


def test_the_questions_of_new_users_are_ten(repository):
    text = (repository / "docs" / "questions.md").read_text("utf-8")
    numbers = re.findall(r"^(\d+)\. \*\*.*\?\*\*", text, re.M)
    assert numbers == [str(n) for n in range(1, 11)]
    assert text.count("](") >= 10


def test_every_page_is_in_a_table_of_contents(repository, pages):
    text = (repository / "docs" / "index.md").read_text("utf-8")
    listed = set(re.findall(r"^[A-Z].* <([a-z0-9_]+)>$", text, re.M))
    found = {page.stem for page in (repository / "docs").glob("*.md")} - {"index"}
    generated = {name.removesuffix(".md") for name in pages.GENERATED if name.endswith(".md")}
    assert listed == found | generated


@pytest.mark.slow
def test_it_is_built_without_a_warning(repository, tmp_path):
    pytest.importorskip("sphinx", reason="needs the extra docs")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html",
         str(repository / "docs"), str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "index.html").exists() and (tmp_path / "gallery.html").exists()
