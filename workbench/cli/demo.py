"""``workbench demo``: a model live in the terminal, changed while it runs, and repeated exactly."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from ..errors import ParameterError
from ..model import registry
from . import complete
from .numbers import number_option
from .output import console, echo, number, progress, table
from .run import Engine, Seed

if TYPE_CHECKING:
    from rich.text import Text

    from ..engine.frames import Frame
    from ..engine.session import Session
    from ..model.model import Model
    from ..network import NetworkInfo

LINES = 16  # of the raster, all populations together
WINDOW = 0.5  # share of the simulated time that is seen at once
BRAILLE = 0x2800  # the empty cell; its dots are the bits below, by [row][column]
DOTS = np.array(((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80)))
REDRAWN_EVERY_S = 0.05


def demo(
    model: Annotated[
        str,
        typer.Argument(
            metavar="[MODEL]", help="A model that spikes.", autocompletion=complete.models
        ),
    ] = "cuba",
    duration: Annotated[
        float, number_option("--duration", "Simulated time in ms.", unit="ms", metavar="MS")
    ] = 600.0,
    seed: Seed = 1,
    engine: Engine = "auto",
) -> None:
    """Show in the terminal what the workbench does.

    Simulates a model, draws its spikes as they come, changes a live parameter halfway, and then
    repeats the run from its log to see whether every spike is the same.
    """
    from ..replay import report, same_spikes

    if duration <= 0:
        raise ParameterError(f"--duration {duration:g} is not allowed: it must be above 0.")
    chosen = registry.model_class(model)()
    name, value = _change(chosen)
    echo(f"{chosen.title}, live. {chosen.purpose}", style="bold")
    moment = max(1, round(duration / 2 / chosen.tick_ms)) * chosen.tick_ms
    with chosen.start(
        engine=engine, seed=seed, duration_ms=duration, speed=None, paused=True
    ) as session:
        _watched(session, moment, name, value)
        run = session.stop()
    parameter = chosen.parameter(name)
    echo(
        f"At {moment:g} ms, {name} ({(parameter.doc or '').strip()}) was moved from "
        f"{parameter.text(getattr(chosen, name))} to {parameter.text(value)}. What that did:"
    )
    rows = []
    for p in run.info.spikers:
        t_ms, _ = run.spikes(p.name)
        before = (t_ms < moment).sum() / p.size / moment * 1000
        after = (t_ms >= moment).sum() / p.size / (duration - moment) * 1000
        rows.append((p.label, p.size, number(before, 3), number(after, 3)))
    columns = ["neurons", "rate before (Hz)", "after (Hz)"]
    table(["population", *columns], rows, right=columns)
    with progress() as bar:
        task = bar.add_task("repeating it from its log", total=1.0)
        again = run.replay(lambda share: bar.update(task, completed=share))
    echo(f"Repeated: {report(run, again)}", style="green" if same_spikes(run, again) else "red")
    echo(
        "Next: `workbench serve` has this with sliders in a browser; `workbench list` the models; "
        "`workbench open SCRIPT.py` your own."
    )
    if not same_spikes(run, again):
        raise typer.Exit(1)


def _change(model: Model) -> tuple[str, float]:
    """The first live parameter, and the value halfway to the upper end of its slider.

    raises : ParameterError for a model without one
    """
    for name, parameter in model.parameters().items():
        high = (parameter.softbounds or (None, None))[1]
        if parameter.live and high is not None and not parameter.choices:
            return name, parameter.near((getattr(model, name) + high) / 2)
    raise ParameterError(f"{model.slug} has no live parameter to move: choose another model.")


def _watched(session: Session, moment_ms: float, name: str, value: float) -> None:
    """Draw until the run is over; the parameter is moved at ``moment_ms``, a whole tick."""
    from rich.live import Live

    screen = console()
    recent: deque[Frame] = deque()
    window_ms = WINDOW * (session.plan.duration_ms or moment_ms)
    moved = False
    with Live(console=screen, auto_refresh=False) as live:
        while not session.wait(REDRAWN_EVERY_S):
            if session.info is None:
                continue
            if not session.info.spiking:
                raise ParameterError(f"{session.model.slug} has no spikes: choose another model.")
            state = session.status().state
            if state == "ready":
                session.step(round(moment_ms / session.model.tick_ms))
            elif state == "paused" and not moved:
                session.set(name, value)
                session.resume()
                moved = True
            recent.extend(session.frames())
            t_ms = session.status().t_ms
            while recent and recent[0].t_ms < t_ms - window_ms:
                recent.popleft()
            live.update(drawn(session.info, recent, t_ms, window_ms, screen.width), refresh=True)
        recent.extend(session.frames())
        if session.info is not None:
            t_ms = session.status().t_ms
            live.update(drawn(session.info, recent, t_ms, window_ms, screen.width), refresh=True)


def drawn(
    info: NetworkInfo, frames: deque[Frame], t_ms: float, window_ms: float, width: int
) -> Text:
    """Spikes of the last stretch of time in Braille dots: some neurons of each population."""
    from rich.text import Text

    from ..palette import population_colors

    colors = population_colors(info.populations, dark=True)
    spikers = info.spikers
    label = max(len(p.label) for p in spikers) + 1
    columns = max(10, min(width, 100) - label)
    picture = Text(no_wrap=True)
    steps = np.concatenate([np.empty(0, int), *(frame.steps for frame in frames)])
    units = np.concatenate([np.empty(0, int), *(frame.units for frame in frames)])
    x = np.floor((steps * info.dt_ms - (t_ms - window_ms)) / window_ms * 2 * columns).astype(int)
    for population in spikers:
        lines = max(1, round(LINES * population.size / sum(p.size for p in spikers)))
        neurons = np.linspace(0, population.size - 1, min(population.size, 4 * lines)).astype(int)
        own = np.isin(units, population.offset + neurons)
        y = np.searchsorted(neurons, units[own] - population.offset)
        for k, row in enumerate(dotted(x[own], y, columns, lines)):
            picture.append(f"{population.label if k == 0 else '':<{label}}")
            picture.append(f"{row}\n", style=colors[population.name])
    start_ms = max(0.0, t_ms - window_ms)
    picture.append(f"{'':<{label}}spikes of some neurons, one a row, {start_ms:g} to {t_ms:g} ms\n")
    return picture


def dotted(x: np.ndarray, y: np.ndarray, columns: int, lines: int) -> list[str]:
    """Lines of Braille with a dot at each point; points outside are left out.

    x, y           : (N,) int, from the left and from the top, in dots
    columns, lines : of characters; a character has two dots in a row and four in a column
    """
    cells = np.zeros((lines, columns), int)
    inside = (x >= 0) & (x < 2 * columns) & (y >= 0) & (y < 4 * lines)
    x, y = x[inside], y[inside]
    np.bitwise_or.at(cells, (y // 4, x // 2), DOTS[y % 4, x % 2])
    return ["".join(map(chr, row)) for row in (BRAILLE + cells).tolist()]
