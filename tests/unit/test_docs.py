"""What the documents say is so: commands, files, bounds, links."""

from __future__ import annotations

import importlib.util
import re
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from panels.gallery import TOPICS
from workbench.model import registry


def test_the_readme_starts_with_two_commands(repository):
    text = (repository / "README.md").read_text("utf-8")
    first = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert text.index("```") < 60, "something stands before the commands"
    assert first is not None
    commands = first[1].strip().splitlines()
    assert commands == [
        "python3 -m pip install uv && python3 -m uv run workbench serve",
        "python3 -m pip install uv && python3 -m uv run --extra test pytest",
    ]


def test_what_the_readme_reproduces_needs_no_data(repository):
    text = (repository / "README.md").read_text("utf-8")
    found = re.findall(r"workbench reproduce (\S+) (\S+)$", text, re.MULTILINE)
    assert found
    for slug, name in found:
        (job,) = (e for e in registry.model_class(slug).experiments if e.name == name)
        assert "data" not in job.options


def test_the_readme_groups_the_models_as_the_gallery_does(repository):
    text = (repository / "README.md").read_text("utf-8")
    rows = text.split("| model | what it is | source |\n|---|---|---|\n")[1].split("\n\n")[0]
    groups: dict[str, set[str]] = {}
    for row in rows.splitlines():
        first = row.split("|")[1].strip()
        if first.startswith("**"):
            topic = first.strip("*")
            groups[topic] = set()
        else:
            groups[topic] |= set(re.findall("`([a-z0-9-]+)`", first))
    assert tuple(groups) == TOPICS
    for topic, slugs in groups.items():
        assert slugs == {s for s, cls in registry.models().items() if cls.topic == topic}, topic


@pytest.mark.parametrize("page", ["README.md", "docs/howto.md", "docs/tutorial.md"])
def test_what_panel_serves_is_for_this_machine_only(repository, page):
    for line in (repository / page).read_text("utf-8").splitlines():
        assert "panel serve" not in line or "panel serve --address 127.0.0.1" in line


def test_ci_runs_what_the_readme_says(repository):
    text = (repository / ".ci" / "run").read_text("utf-8")
    readme = (repository / "README.md").read_text("utf-8")
    assert text.splitlines()[-1] == readme.split("```")[1].strip().splitlines()[-1]
    for step in ("ruff check", "ruff format --check", "mypy"):
        assert f"python3 -m uv run --extra dev {step}\n" in text
    assert "\n.ci/smoke\n" in text
    assert "set -euo pipefail" in text
    assert (repository / ".ci" / "run").stat().st_mode & 0o111
    assert (repository / ".ci" / "smoke").stat().st_mode & 0o111


def test_each_promised_python_has_its_smoke_test(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    promised = SpecifierSet(project["requires-python"])
    text = (repository / ".ci" / "smoke").read_text("utf-8")
    (oldest,) = re.findall(r"^oldest=(.*)$", text, re.MULTILINE)
    (listed,) = re.findall(r"lowest \$oldest ([0-9. ]+)", text)
    tried = [oldest, *listed.split()]
    assert tried == [f"3.{n}" for n in range(6, 40) if promised.contains(f"3.{n}")]


def test_the_reference_is_current(repository):
    path = repository / "docs" / "make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    current = (repository / "docs" / "reference.md").read_text("utf-8")
    assert current == module.reference(), "run: python docs/make_reference.py"


def test_links_between_documents_lead_somewhere(repository):
    pages = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    assert len(pages) >= 7
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_links_to_sections_lead_to_a_section(repository):
    def sections(page):
        headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}

    found = 0
    for page in [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]:
        for target, part in re.findall(r"\]\(([^)#\s:]*)#([^)]+)\)", page.read_text("utf-8")):
            there = page.parent / target if target else page
            assert part in sections(there), f"{page.name} links to {target}#{part}"
            found += 1
    assert found > 20


def test_the_list_of_the_how_to_is_whole(repository):
    text = (repository / "docs" / "howto.md").read_text("utf-8")
    top, _, _ = text.partition("\n## ")
    groups_and_titles = [
        ("###" if indent else "##", title)
        for indent, title in re.findall(r"^( *)- (?:\*\*|\[)(.*?)(?:\*\*$|\]\(#)", top, re.M)
    ]
    assert groups_and_titles == re.findall(r"^(###?) (.*)$", text, re.M)


def _commands(text: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.split("workbench ", 1)[1] for line in lines if re.search(r"\bworkbench \w", line)]


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/tutorial.md",
        "docs/howto.md",
        "docs/index.md",
        "docs/from_brian2.md",
        "docs/serving.md",
    ],
)
def test_commands_in_the_documents_exist(repository, page):
    import inspect
    import shlex
    import typing

    from workbench.cli.commands import COMMANDS, GROUPS, function_of

    commands = _commands((repository / page).read_text("utf-8"))
    assert commands
    for command in commands:
        name, *words = shlex.split(command, comments=True)
        if name in GROUPS:
            name, words = f"{name} {words[0]}", words[1:]
        assert name in COMMANDS, command
        function = function_of(name)
        hints = typing.get_type_hints(function, include_extras=True)
        declared = {"-h", "--debug"}
        for parameter in inspect.signature(function).parameters:
            info = hints[parameter].__metadata__[0]
            names = [d for d in (info.default, *(info.param_decls or ())) if isinstance(d, str)]
            declared |= set(names or [f"--{parameter.replace('_', '-')}"])
        own = words[: words.index("--")] if "--" in words else words  # the rest goes to a script
        for word in own:
            assert not word.startswith("-") or word in declared, command


def test_the_changelog_names_the_version(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    text = (repository / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in text or f"## [{project['version']}]" in text
    assert "Keep a Changelog" in text


def test_the_citation_is_of_this_version(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    citation = yaml.safe_load((repository / "CITATION.cff").read_text("utf-8"))
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


def test_each_promised_python_is_tested_in_the_workflow(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    promised = SpecifierSet(project["requires-python"])
    text = (repository / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    tried = yaml.safe_load(text)["jobs"]["tests"]["strategy"]["matrix"]["python"]
    assert tried == [f"3.{n}" for n in range(6, 40) if promised.contains(f"3.{n}")]
