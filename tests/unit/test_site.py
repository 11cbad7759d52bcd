"""The documentation site: its generated pages, and, where Sphinx is installed, all of it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib.metadata import version

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


def test_every_model_has_a_card_with_its_pictures_and_its_page(pages, repository):
    text = pages.gallery(repository / "docs")
    assert text.count(":class: only-light") >= 15
    for slug, cls in wb.models().items():
        card = text.split(f"grid-item-card}} {cls.title}\n")[1].split("\n:::\n")[0]
        assert f"workbench serve --show-only {slug}`" in card
        (page,) = re.findall(r"^:link: (.*)$", card, re.M)
        assert f"`{slug}`" in (repository / "docs" / f"{page}.md").read_text("utf-8")
        for theme in ("light", "dark"):
            picture = f"{slug}-{theme}.png"
            assert (f"generated/{picture}" in card) == (pages.PICTURES / picture).exists()


def test_every_parameter_of_every_model_is_on_its_page(pages, repository):
    found = pages.pages_of_models(repository / "docs")
    assert set(found) == set(wb.models())
    for slug, name in found.items():
        file = repository / "docs" / "models" / f"{name}.md"
        text = pages.as_read(f"models/{name}", file.read_text("utf-8"))
        section = text.split("\n## Parameters\n")[1]
        if f"### `{slug}`" in section:  # one of several on this page
            section = section.split(f"### `{slug}`")[1].split("\n### ")[0]
        rows = re.findall(r"^\| `(\w+)` \|", section, re.M)
        assert rows == list(wb.models()[slug].parameters()), slug
    row = next(r for r in pages.parameter_table(wb.models()["cuba"]).splitlines() if "`w_e`" in r)
    assert [cell.strip().replace("\xa0", " ") for cell in row.strip("|").split("|")] == [
        "`w_e`", "w_e", "1.62 mV", "at least 0 mV", "live",
        "step of g_e at the target of an excitatory spike",
        "Brette et al. 2007, benchmark 2: 60 · 0.27 / 10 mV",
    ]  # fmt: skip


def test_a_page_that_is_of_no_model_has_no_parameters(pages, repository):
    text = (repository / "docs" / "models" / "elm_training.md").read_text("utf-8")
    assert "## Parameters" not in pages.as_read("models/elm_training", text)


def test_the_citation_is_made_from_the_file(pages, monkeypatch, tmp_path):
    text = pages.cite()
    said = (
        "The authors of the circuit workbench (n.d.). *Circuit workbench: spiking models of neural "
        f"circuits, live* (Version {version('circuit-workbench')}) [Computer software]."
    )
    assert said in text
    assert "  author = {{The authors of the circuit workbench}},\n" in text
    assert all(cls.source in text for cls in wb.models().values())
    (tmp_path / "CITATION.cff").write_text(
        "title: It\nmessage: Cite.\nversion: 2.1\nlicense: MIT\ndate-released: 2031-02-03\n"
        "authors:\n- {family-names: Cajal, given-names: S.}\n- name: A lab\n"
    )
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    text = pages.cite()
    assert "> Cajal, S., & A lab (2031). *It* (Version 2.1) [Computer software]." in text
    assert "  author = {Cajal, S. and {A lab}},\n" in text and "  year = {2031},\n" in text


def test_every_how_to_is_a_page_and_links_lead_to_it(pages, repository):
    text = (repository / "docs" / "howto.md").read_text("utf-8")
    found = pages.how_tos(text)
    titles = re.findall(r"^### (.*)$", text, re.M)
    assert [page.splitlines()[0] for page in found.values()] == [f"# {t}" for t in titles]
    assert sum(len(page.splitlines()) for page in found.values()) > 500
    listed = re.findall(r"^- \[(.*)\]\(howto/(.*)\.md\)$", pages.as_read("howto", text), re.M)
    assert listed == list(zip(titles, found, strict=True))
    questions = (repository / "docs" / "questions.md").read_text("utf-8")
    read = pages.as_read("questions", questions)
    leading = re.findall(r"\]\(howto/(.*?)\.md\)", read)
    assert len(leading) > 10 and set(leading) <= set(found) and "howto.md#" not in read
    assert pages.as_read("models/x", "[y](../howto.md#a-b)") == "[y](../howto/a-b.md)"


def test_how_tos_are_grouped_on_the_site_as_in_the_file(pages, repository):
    text = (repository / "docs" / "howto.md").read_text("utf-8")
    groups = re.findall(r"^## (.*)$", text, re.M)
    assert len(groups) > 1
    site = pages.as_read("howto", text)
    for kind in (r"^:::\{grid-item-card\} (.*)$", r"^:caption: (.*)$"):
        assert re.findall(kind, site, re.M) == groups
    cards = [re.findall(r"\(howto/(.*)\.md\)", c) for c in site.split(":::{grid-item-card}")[1:]]
    sides = [re.findall(r"^howto/(.*)$", c, re.M) for c in site.split(":caption:")[1:]]
    assert cards == sides and min(map(len, cards)) > 1
    index = (repository / "docs" / "index.md").read_text("utf-8")
    assert "\n".join(f"- {group}" for group in groups) in pages.as_read("index", index)


def test_a_how_to_has_headings_of_its_own_and_links_to_them(pages):
    text = "# How to\n\n## Group\n\n### A\n\n[b](#b), [own](#own)\n\n#### Own\n\n### B\n\nb\n"
    assert pages.how_tos(text) == {
        "a": "# A\n\n[b](b.md), [own](#own)\n\n## Own\n\n",
        "b": "# B\n\nb\n",
    }


def test_everything_of_the_package_is_in_the_reference_of_python(pages):
    text = pages.api()
    assert re.findall(r"^## `wb\.(.*)`$", text, re.M) == wb.__all__
    assert "\nSession.set(self, name: str, value: Any) -> float\n" in text
    assert "a live parameter; raises ParameterError" in text
    assert "### `Session.set`\n" in text and "``" not in re.sub("```", "", text)


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
    ignored = (repository / ".gitignore").read_text("utf-8").split()
    for name in pages.GENERATED:
        assert f"docs/{name}" in ignored or f"docs/{name}/" in ignored
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
    for name in ("index", "gallery", "cite", "howto/sweep-parameters"):
        assert (tmp_path / f"{name}.html").exists()
    assert "/^(index|tutorial|" in (tmp_path / "_static" / "language_data.js").read_text("utf-8")
