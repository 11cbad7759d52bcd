"""A figure page as a file (TOML), as a Python script, and with its runs as one ZIP.

The file and the script name the runs by their places, so that both draw the same figure again.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ParameterError, StoreError, unknown
from ..model.misread import quoted
from ..toml_files import read_toml, toml_text
from ..whole_file import written_whole
from .composed import FigurePage, Panel
from .seen_file import read_seen, seen_bytes

if TYPE_CHECKING:
    from ..run import Run

OF_PAGE = ("journal", "width_mm", "font", "label_pt", "tick_pt", "letters")
OF_PANEL = ("width", "height_mm", "zero_ms", "axis", "name", "spikes")
TYPES: dict[str, type] = {"run": str, "plot": str, "seen": str, "name": str, "options": dict}
NAME = "figure"
SCRIPT = '''"""Draws {name}.pdf anew from the runs beside it, with the circuit workbench."""

from pathlib import Path

import workbench as wb

here = Path(__file__).parent
{runs}

page = wb.FigurePage({page})
{panels}

page.save(here / "{name}.pdf")
print(page.caption())
'''


def open_figure_page(path: str | Path) -> FigurePage:
    """The figure that a TOML file describes; places in it are relative to its folder.

    raises : StoreError for a file, a run or a panel that cannot be read; UnknownName and
             ParameterError for what the figure cannot be
    """
    from ..store import open_run

    path = Path(path)
    try:
        plain = read_toml(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StoreError(f"{path} cannot be read as a figure: {why}.") from error
    except ValueError as error:
        raise StoreError(f"{path} cannot be read as a figure: it {error}.") from error
    given = plain.pop("panels", [])
    if not (isinstance(given, list) and all(isinstance(entry, dict) for entry in given)):
        raise ParameterError(f"panels = {quoted(given)} is not allowed: write tables [[panels]].")
    for name in plain:
        if name not in OF_PAGE:
            raise unknown("field", name, [*OF_PAGE, "panels"], owner=path.name)
    page = FigurePage(**plain)
    runs: dict[str, Run] = {}
    for entry in given:
        entry, run = dict(entry), None
        for name, kind in TYPES.items():
            if not isinstance(entry.get(name, kind()), kind):
                a = "a table" if kind is dict else "a text"
                raise ParameterError(
                    f"{name} = {quoted(entry[name])} of a panel is not allowed: it is {a}."
                )
        if where := entry.pop("run", ""):
            run = runs[where] if where in runs else open_run(path.parent / where)
            runs[where] = run
        layout = {k: entry.pop(k) for k in OF_PANEL if k in entry}
        seen, plot = entry.pop("seen", ""), entry.pop("plot", "raster")
        options = {k: tuple(v) if isinstance(v, list) else v
                   for k, v in entry.pop("options", {}).items()}  # fmt: skip
        if entry:
            fields = ["run", "plot", "seen", "options", *OF_PANEL]
            raise unknown("field", next(iter(entry)), fields, owner=f"a panel of {path.name}")
        if seen:
            page.append(Panel(run, "", {}, read_seen(path.parent / seen), **layout))
        elif run is None:
            raise ParameterError(f"A panel of {path.name} has no run: give run or seen.")
        else:
            page.append(Panel(run, plot, options, **layout))
    return page


def toml_of(page: FigurePage, places: dict[int, str], seen: dict[int, str]) -> str:
    """The text of the file.

    places : id of a run -> its place;  seen : number of a panel -> the file of what it shows
    """
    lines = [f"{name} = {_toml(getattr(page, name))}" for name in OF_PAGE[1:]]
    lines.insert(0, f"journal = {_toml(page.journal.name)}")
    for k, panel in enumerate(page.panels):
        lines += ["", "[[panels]]"]
        if panel.run is not None:
            lines.append(f"run = {_toml(places[id(panel.run)])}")
        if panel.seen is not None:
            lines.append(f"seen = {_toml(seen[k])}")
        else:
            lines.append(f"plot = {_toml(panel.plot)}")
        lines += [f"{n} = {_toml(v)}" for n, v in _layout(panel).items()]
        if panel.options:
            inner = ", ".join(f"{toml_text(n)} = {_toml(v)}" for n, v in panel.options.items())
            lines.append(f"options = {{ {inner} }}")
    return "\n".join([*lines, ""])


def script_of(page: FigurePage, places: dict[int, str], seen: dict[int, str]) -> str:
    """A Python script that draws the figure; the arguments are those of `toml_of`."""
    names = {run: f"run_{k}" for k, run in enumerate(places, 1)}
    runs = [f"{names[run]} = wb.open_run(here / {place!r})" for run, place in places.items()]
    own = [f"{n}={getattr(page, n)!r}" for n in OF_PAGE[1:]]
    panels = []
    for k, panel in enumerate(page.panels):
        layout = [f"{n}={v!r}" for n, v in _layout(panel).items()]
        if panel.seen is not None:
            named = [] if panel.run is None else [f"run={names[id(panel.run)]}"]
            panels.append(f"page.add_seen({', '.join([f'here / {seen[k]!r}', *named, *layout])})")
        else:
            options = [f"{n}={v!r}" for n, v in panel.options.items()]
            given = [names[id(panel.run)], repr(panel.plot), *layout, *options]
            panels.append(f"page.add({', '.join(given)})")
    return SCRIPT.format(
        name=NAME, runs="\n".join(runs), panels="\n".join(panels),
        page=", ".join([f"journal={page.journal.name!r}", *own]),
    )  # fmt: skip


def packed(page: FigurePage) -> bytes:
    """The figure with all that redraws it, as ZIP.

    In it: PDF and SVG, the caption, the file that `open_figure_page` reads, a Python script, and
    the runs, of which both draw.
    """
    places, seen = _places(page)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for fmt in ("pdf", "svg"):
            archive.writestr(f"{NAME}.{fmt}", page.encode(fmt))
        archive.writestr("caption.txt", page.caption() + "\n")
        archive.writestr(f"{NAME}.toml", toml_of(page, places, seen))
        archive.writestr(f"{NAME}.py", script_of(page, places, seen))
        for k, name in seen.items():
            shown = page.panels[k].seen
            assert shown is not None
            archive.writestr(name, seen_bytes(shown))
        with tempfile.TemporaryDirectory() as folder:
            for run in _runs(page):
                place = Path(folder) / places[id(run)]
                run.save(place)
                for file in sorted(place.rglob("*")):
                    if file.is_file():
                        archive.write(file, file.relative_to(folder))
    return buffer.getvalue()


def save_figure_page(page: FigurePage, path: str | Path) -> Path:
    """Write the TOML file of a figure whose runs are stored; returns its path.

    raises : ParameterError for a run that was never saved, or another ending; StoreError
    """
    path = Path(path)
    if path.suffix != ".toml":
        raise ParameterError(f"{path.name!r} is no place for a figure: end it in .toml.")
    places = {}
    for run in _runs(page):
        if run.path is None:
            raise ParameterError(
                f"A run of {run.model} in this figure was never saved: run.save(PATH) first, then "
                "open it and add its panels."
            )
        places[id(run)] = os.path.relpath(run.path, path.parent)
    _, seen = _places(page, path.stem)
    for k, name in seen.items():
        shown = page.panels[k].seen
        assert shown is not None
        with written_whole(path.parent / name) as new:
            new.write_bytes(seen_bytes(shown))
    with written_whole(path) as new:
        new.write_text(toml_of(page, places, seen), encoding="utf-8")
    return path


def _runs(page: FigurePage) -> list[Run]:
    return list({id(p.run): p.run for p in page.panels if p.run is not None}.values())


def _places(page: FigurePage, stem: str = NAME) -> tuple[dict[int, str], dict[int, str]]:
    places = {id(run): f"run-{k}.zarr" for k, run in enumerate(_runs(page), 1)}
    seen = {k: f"{stem}-panel-{k + 1}.npz" for k, p in enumerate(page.panels) if p.seen is not None}
    return places, seen


def _layout(panel: Panel) -> dict[str, Any]:
    """What is not as a panel has it by itself."""
    found = {name: getattr(panel, name) for name in OF_PANEL}
    return {n: v for n, v in found.items() if v != Panel.__dataclass_fields__[n].default}


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{toml_text(k)} = {_toml(v)}" for k, v in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return toml_text(value) if isinstance(value, str) else json.dumps(value)
