"""Writes what the documentation site says that is made from the models and the package.

``conf.py`` calls it at every build. The pages are in ``.gitignore``: they would only repeat what
the models, the docstrings, ``CITATION.cff`` and ``howto.md`` say. What a page is on the site and
not in its file is put in while Sphinx reads it: see `as_read`.
"""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "panels" / "browser" / "gallery"
GENERATED = (
    "gallery.md", "api.md", "cite.md", "contributing.md", "changelog.md", "howto", "generated",
)  # fmt: skip
GROUPS = "<!-- groups of howto.md -->"  # in index.md: where the site lists them


def write(folder: Path) -> None:
    """Write all generated pages into the folder of the sources."""
    pictures = folder / "generated"
    pictures.mkdir(exist_ok=True)
    for picture in PICTURES.glob("*.png"):
        _if_changed(pictures / picture.name, picture.read_bytes())
    _if_changed(folder / "gallery.md", gallery(folder).encode())
    _if_changed(folder / "api.md", api().encode())
    _if_changed(folder / "cite.md", cite().encode())
    (folder / "howto").mkdir(exist_ok=True)
    pages = how_tos((folder / "howto.md").read_text("utf-8"))
    for name, text in pages.items():
        _if_changed(folder / "howto" / f"{name}.md", text.encode())
    for old in (folder / "howto").glob("*.md"):
        if old.stem not in pages:
            old.unlink()
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text("utf-8")
        own = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
        for other, page in own.items():
            text = text.replace(f"({other})", f"({page})")
        _if_changed(folder / own[name], text.replace("(docs/", "(").encode())


def remove(folder: Path) -> None:
    """Remove what `write` wrote."""
    for name in GENERATED:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _if_changed(path: Path, content: bytes) -> None:
    """Write a file only where that changes it, so that Sphinx reads again only what is new."""
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def gallery(folder: Path) -> str:
    """The models by topic, a card for each: picture, what it is about, page, how to open it."""
    from panels.gallery import TOPICS
    from workbench.model import registry

    models = sorted(registry.models().items(), key=lambda each: each[1].title)
    pages = pages_of_models(folder)
    parts = [
        "# Models",
        "Each opens in the browser with `workbench serve`. A click leads to its page: source, "
        "equations, facts, limits, and a table of its parameters.",
    ]
    for topic in TOPICS:
        cards = [_card(slug, cls, pages.get(slug)) for slug, cls in models if cls.topic == topic]
        parts += [f"## {topic}", "::::{grid} 1 2 2 3\n:gutter: 3", *cards, "::::"]
    pages_below = "```{toctree}\n:hidden:\n:glob:\n\nmodels/*\n```"
    return "\n\n".join([*parts, pages_below]) + "\n"


def _card(slug: str, cls: Any, page: str | None) -> str:
    return "\n".join(
        [
            f":::{{grid-item-card}} {cls.title}",
            *([f":link: models/{page}", ":link-type: doc"] if page else []),
            "",
            *_pictures(slug),
            cls.purpose,
            "",
            f"`workbench serve --show-only {slug}`",
            "",
            f"*{cls.source}*",
            ":::",
        ]
    )


def _pictures(slug: str) -> Iterator[str]:
    """The picture of a model for a light page, and that for a dark one."""
    for theme in ("light", "dark"):
        if (picture := PICTURES / f"{slug}-{theme}.png").exists():
            yield f"```{{image}} generated/{picture.name}\n:class: only-{theme}\n:alt:\n```\n"


def pages_of_models(folder: Path) -> dict[str, str]:
    """Slug of a model -> name of its page in ``models/``."""
    return {
        slug: page.stem
        for page in sorted((folder / "models").glob("*.md"))
        for slug in models_of_page(page.stem, page.read_text("utf-8"))
    }


def models_of_page(name: str, text: str) -> list[str]:
    """Slugs of the models that a page describes: that of its name, or those of its first table."""
    from workbench.model import registry

    known = registry.models()
    if (own := name.replace("_", "-")) in known:
        return [own]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    first = re.findall(r"^\| `([a-z0-9-]+)` ", table[0], re.MULTILINE) if table else []
    return [slug for slug in first if slug in known]


def how_tos(text: str) -> dict[str, str]:
    """The how-tos of ``howto.md`` as pages of their own, so that a search finds the one meant."""
    found = {title: body for how_to in grouped(text).values() for title, body in how_to.items()}
    others = "|".join(map(anchor, found))
    pages = {}
    for title, body in found.items():
        body = re.sub(r"\]\((?=\w+\.md)(?!howto)", "](../", body)
        body = re.sub(rf"\]\(#({others})\)", r"](\1.md)", body)
        body = re.sub(r"^####", "##", body, flags=re.MULTILINE)  # its title is a page's now
        pages[anchor(title)] = f"# {title}\n{body}"
    return pages


def grouped(text: str) -> dict[str, dict[str, str]]:
    """Group of how-tos -> title -> text, as the headings of ``howto.md`` declare them."""
    return {group: dict(_sections("###", body)) for group, body in _sections("##", text)}


def _sections(level: str, text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(rf"^{level} (.*)\n", text, flags=re.MULTILINE)[1:]
    return zip(parts[::2], parts[1::2], strict=True)


def anchor(heading: str) -> str:
    """What a link to a section of that heading ends with."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def as_read(page: str, text: str) -> str:
    """A page of the site from the text of its file; ``page`` is its path without an ending."""
    if page == "howto":
        return list_of_how_tos(text)
    if page == "index":
        groups = grouped((ROOT / "docs" / "howto.md").read_text("utf-8"))
        text = text.replace(GROUPS, "\n".join(f"- {group}" for group in groups))
    if page.startswith("models/"):
        text += parameters(page.removeprefix("models/"), text)
    text = text.replace("](../CONTRIBUTING.md", "](contributing.md")
    return re.sub(r"\]\(((?:\.\./)?)howto\.md#([a-z0-9-]+)\)", r"](\1howto/\2.md)", text)


def list_of_how_tos(text: str) -> str:
    """The page of all how-tos: a card for each group; the groups head their links at the side."""
    before, _, _ = text.partition("\n- ")  # the list of the file, which the cards replace
    cards, contents = [], []
    for group, how_to in grouped(text).items():
        links = [f"- [{title}](howto/{anchor(title)}.md)" for title in how_to]
        cards.append("\n".join([f":::{{grid-item-card}} {group}", *links, ":::"]))
        entries = "\n".join(f"howto/{anchor(title)}" for title in how_to)
        contents.append(f"```{{toctree}}\n:hidden:\n:caption: {group}\n\n{entries}\n```")
    grid = ["::::{grid} 1 1 2 3\n:gutter: 3", *cards, "::::"]
    return "\n\n".join([before, *grid, *contents]) + "\n"


def parameters(name: str, text: str) -> str:
    """The section *Parameters* of a model's page; empty where the page is of no model."""
    from workbench.model import registry

    found = [registry.model_class(slug) for slug in models_of_page(name, text)]
    if not found:
        return ""
    parts = ["\n## Parameters"]
    for cls in found:
        parts += [f"### `{cls.slug}`"] if len(found) > 1 else []
        head = anchor(f"{cls.title} {cls.slug}")
        parts += [
            "A live one acts on the running model at the next tick; the others build the network "
            f"anew. Operations and experiments: [reference](../reference.md#{head}). In the shell: "
            f"`workbench describe {cls.slug}`.",
            parameter_table(cls),
        ]
    return "\n\n".join(parts) + "\n"


def parameter_table(cls: Any) -> str:
    """One row for each parameter of a model, from its declaration."""
    rows = [
        (
            f"`{name}`",
            p.symbol,
            p.text().replace(" ", "\N{NO-BREAK SPACE}"),
            p.allowed(),
            "live" if p.live else "rebuild",
            (p.doc or "").strip(),
            p.source,
        )
        for name, p in cls.parameters().items()
    ]
    columns = ("parameter", "symbol", "default", "allowed", "changes", "meaning", "source")
    return _table(columns, rows)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def cite() -> str:
    """How to cite the workbench, from ``CITATION.cff``, and where each model comes from."""
    import yaml

    from workbench.model import registry

    about = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    year = str(about.get("date-released", ""))[:4]
    names = [_author(each) for each in about["authors"]]
    bibtex = {
        "author": " and ".join(f"{{{name}}}" if "," not in name else name for name in names),
        "title": f"{{{about['title']}}}",
        "version": about["version"],
        **({"year": year} if year else {}),
        "note": f"Computer software, licence {about['license']}",
    }
    fields = ",\n".join(f"  {key} = {{{value}}}" for key, value in bibtex.items())
    models = sorted(registry.models().items(), key=lambda each: each[1].title)
    pages = pages_of_models(ROOT / "docs")
    rows = [
        (f"[{cls.title}](models/{pages[slug]}.md)" if slug in pages else cls.title, cls.source)
        for slug, cls in models
    ]
    *others, last = names
    who = f"{', '.join(others)}, & {last}" if others else last
    parts = [
        "# Cite",
        about["message"],
        "## The workbench",
        "As text, in APA style:",
        f"> {who} ({year or 'n.d.'}). *{about['title']}* (Version {about['version']}) "
        "[Computer software].",
        "As BibTeX:",
        f"```bibtex\n@software{{circuit_workbench,\n{fields}\n}}\n```",
        "Programs that manage references read the file `CITATION.cff` of the sources. Which "
        "version made a run stands in the run: `workbench runs show NAME`, and "
        "`workbench export NAME --methods methods.md` writes the methods section.",
        "## The models",
        "What each is made after. Its page says what departs from it.",
        _table(("model", "source"), rows),
    ]
    return "\n\n".join(parts) + "\n"


def _author(entry: dict[str, str]) -> str:
    """A person as *Family, Given*; a group by its name."""
    if "name" in entry:
        return entry["name"]
    return f"{entry['family-names']}, {entry['given-names']}"


def api() -> str:
    """Everything that ``import workbench`` offers, with signatures and docstrings as they stand."""
    import workbench

    parts = [
        "# Python: functions and classes",
        "All of it is imported from `workbench` (`import workbench as wb`), on first use.",
    ]
    for name in workbench.__all__:
        thing = getattr(workbench, name)
        parts += [f"## `wb.{name}`", _as_text(f"{name}{_signature(thing)}", thing)]
        if inspect.isclass(thing):
            for method, function in _methods(thing):
                head = f"{name}.{method}"
                parts += [f"### `{head}`", _as_text(f"{head}{_signature(function)}", function)]
    return "\n\n".join(parts) + "\n"


def _methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Public functions of the class itself, and of its bases in the workbench, with a docstring."""
    for name, function in inspect.getmembers(cls, inspect.isroutine):
        ours = getattr(function, "__module__", "") or ""
        if not name.startswith("_") and ours.startswith("workbench") and function.__doc__:
            yield name, function


def _signature(thing: Any) -> str:
    if inspect.isclass(thing) and "__init__" not in vars(thing):
        return ""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    parameters = [p.replace(annotation=_bare(p.annotation)) for p in found.parameters.values()]
    returned = _bare(found.return_annotation)
    return str(found.replace(parameters=parameters, return_annotation=returned))


class _Bare:
    """An annotation that is text, shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _bare(annotation: Any) -> Any:
    return _Bare(annotation) if isinstance(annotation, str) else annotation


def _as_text(head: str, thing: Any) -> str:
    """A signature in the colours of Python, what it does, and the rest with its columns."""
    text = (inspect.getdoc(thing) or "").replace("```", "'''").replace("``", "`")
    first, _, rest = text.partition("\n\n")
    if "  " in first or "\n:" in first or " : " in first:  # columns already
        first, rest = "", text
    shown = [f"```python\n{head}\n```", first, f"```text\n{rest}\n```" if rest else ""]
    return "\n\n".join(part for part in shown if part)
