"""Static pictures of stored runs, drawn in a process of their own."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import WorkbenchError

WIDTH_MM = 174.0
VIEWS = {"raster": "Spikes", "map": "Activity", "rates": "Rates", "weights": "Weights"}

# (title, PNG) of each picture, or (title, sentence) where there is none
Pictures = list[tuple[str, bytes | str]]


def of_one(path: str) -> Pictures:
    """Raster, rates and weights of the run stored at ``path``."""
    from workbench.figures import figure_bytes, has_data
    from workbench.store import open_run

    run = open_run(path)
    found: Pictures = []
    for view, title in VIEWS.items():
        if not has_data(run, view):
            continue
        width_mm = WIDTH_MM if view != "weights" else 120.0
        found.append((title, figure_bytes(run, view, "png", width_mm)))
    return found


def stored(folder: str, name: str) -> Pictures:
    """The same of a kept run: from the catalogue's index, or drawn and left there."""
    from workbench.catalogue import Catalogue

    catalogue = Catalogue(folder)
    known = catalogue.pictures(name)
    if known:
        return list(known.items())
    found = of_one(str(catalogue.entry(name).path))
    drawn = {title: png for title, png in found if isinstance(png, bytes)}
    if drawn:
        catalogue.store_pictures(name, drawn)
    return found


def ahead(folder: str, name: str) -> None:
    """Draw the pictures of a run that was just kept; a simulation that goes on comes first."""
    os.nice(10)
    stored(folder, name)


def of_two(first: str, second: str) -> Pictures:
    """Rasters and rates of two stored runs over one another."""
    from workbench.figures import element_bytes
    from workbench.plots import overlay
    from workbench.store import open_run

    a, b = open_run(first), open_run(second)
    labels = (f"A: {Path(first).stem}", f"B: {Path(second).stem}")
    found: Pictures = []
    try:
        height_mm = overlay.height_mm(a, b, WIDTH_MM)
        for title, draw in (("Spikes", overlay.raster), ("Rates", overlay.rates)):
            element = draw(a, b, labels)
            found.append((title, element_bytes(element, "png", WIDTH_MM, height_mm)))
    except WorkbenchError as error:
        found.append(("", str(error)))
    return found
