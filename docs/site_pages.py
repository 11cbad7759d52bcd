"""Writes the pages of the documentation site that are made from the models and the package.

``conf.py`` calls it at every build. The pages are in ``.gitignore``: they would only repeat what
the models and the docstrings say.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "panels" / "browser" / "gallery"
GENERATED = ("gallery.md", "api.md", "contributing.md", "changelog.md", "generated")


def write(folder: Path) -> None:
    """Write all generated pages into the folder of the sources."""
    pictures = folder / "generated"
    pictures.mkdir(exist_ok=True)
    for picture in PICTURES.glob("*.png"):
        _if_changed(pictures / picture.name, picture.read_bytes())
    _if_changed(folder / "gallery.md", gallery(folder).encode())
    _if_changed(folder / "api.md", api().encode())
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
    parts = ["# Models", "Each opens in the browser with `workbench serve`."]
    for topic in TOPICS:
        cards = [_card(folder, slug, cls) for slug, cls in models if cls.topic == topic]
        parts += [f"## {topic}", "::::{grid} 1 2 2 3\n:gutter: 3", *cards, "::::"]
    return "\n\n".join(parts) + "\n"


def _card(folder: Path, slug: str, cls: Any) -> str:
    page = folder / "models" / f"{slug.replace('-', '_')}.md"
    picture = PICTURES / f"{slug}-light.png"
    return "\n".join(
        [
            f":::{{grid-item-card}} {cls.title}",
            *([f":img-top: generated/{picture.name}"] if picture.exists() else []),
            *([f":link: models/{page.stem}", ":link-type: doc"] if page.exists() else []),
            "",
            cls.purpose,
            "",
            f"`workbench serve --show-only {slug}`",
            "",
            f"*{cls.source}*",
            ":::",
        ]
    )


def api() -> str:
    """Everything that ``import workbench`` offers, with signatures and docstrings as they stand."""
    import workbench

    parts = [
        "# Python",
        "All of it is imported from `workbench` (`import workbench as wb`), on first use.",
    ]
    for name in workbench.__all__:
        thing = getattr(workbench, name)
        parts += [f"## `wb.{name}`", _as_text(f"{name}{_signature(thing)}", thing)]
        if inspect.isclass(thing):
            parts += [
                _as_text(f"{name}.{method}{_signature(function)}", function)
                for method, function in _methods(thing)
            ]
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
    """A signature in the colours of Python, and the docstring with its columns."""
    text = (inspect.getdoc(thing) or "").replace("```", "'''")
    return f"```python\n{head}\n```\n\n```text\n{text}\n```"
