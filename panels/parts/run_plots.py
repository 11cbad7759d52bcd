"""Static plots of stored runs, drawn in a process of their own."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import WorkbenchError

WIDTH_MM = 174.0  # the widest
NARROW_MM = 85.0  # the widest on a phone, where the letters of a wider one could not be read

# (title, PNG) of each plot, or (title, sentence) where there is none
Plots = list[tuple[str, bytes | str]]


def of_one(path: str, widest_mm: float = WIDTH_MM) -> Plots:
    """The plots of the run stored at ``path`` that its page shows.

    Of a run without spikes and without maps it shows what else there is of its time: its traces.
    """
    from workbench.figures import figure_bytes
    from workbench.plots.registry import kinds
    from workbench.store import open_run

    run = open_run(path)
    there = [k for k in kinds().values() if k.static is not None and k.has_data(run)]
    shown = [k for k in there if k.summary]
    if not any(k.is_of_time for k in shown):
        shown = [*(k for k in there if k.is_of_time), *shown]
    return [(k.title, figure_bytes(run, k.id, "png", min(k.summary_mm, widest_mm))) for k in shown]


def stored(folder: str, name: str) -> Plots:
    """The same of a saved run: from the catalogue's index, or drawn and left there."""
    from workbench.catalogue import Catalogue

    catalogue = Catalogue(folder)
    known = catalogue.plots(name)
    if known:
        return list(known.items())
    found = of_one(str(catalogue.entry(name).path))
    drawn = {title: png for title, png in found if isinstance(png, bytes)}
    if drawn:
        catalogue.store_plots(name, drawn)
    return found


def of_two(first: str, second: str, widest_mm: float = WIDTH_MM) -> Plots:
    """Rasters and rates of two stored runs over one another."""
    from workbench.figures import element_bytes
    from workbench.plots import overlay, raster, rates
    from workbench.store import open_run

    a, b = open_run(first), open_run(second)
    labels = (f"A: {Path(first).stem}", f"B: {Path(second).stem}")
    found: Plots = []
    try:
        height_mm = overlay.height_mm(a, b, widest_mm)
        for kind, draw in ((raster.KIND, overlay.raster), (rates.KIND, overlay.rates)):
            element = draw(a, b, labels)
            found.append((kind.title, element_bytes(element, "png", widest_mm, height_mm)))
    except WorkbenchError as error:
        found.append(("", str(error)))
    return found
