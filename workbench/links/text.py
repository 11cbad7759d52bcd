"""The text of a link: an address whose query holds the state of a page.

    w_e=2.5          a parameter, in its unit or with one: w_e=2.5 mV; value.w_e=2.5 is the same
    seed= engine= speed=     as on the page; speed in simulated ms per second, or "max"
    tab= notation= theme=    as on the page
    lesson=          the lesson that the page shows, by its name
    show.traces=exc.v        what is chosen in the card of a plot
    t= ran= done=    the run: how far it came, ms; the engine that it began with; what was done
    link=1           the version of all this

Whatever is not said is as a page begins with, so that short ones can be written by hand.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..circuits.render.notations import DEFAULT, drawer
from ..engine.plan import ENGINES, make_plan
from ..errors import ParameterError, UnknownName, unknown
from ..model.misread import MOST, shortened
from ..model.model import Model
from ..model.registry import model_class
from ..model.units import number_of
from ..plots.registry import kinds
from .done import pack, unpack
from .state import Link

VERSION = 1
LONGEST = 8000  # characters of a query; browsers and servers take about twice as much
LONGEST_NAME = 100
VALUE, SHOW = "value.", "show."
FASTEST = "max"
THEMES = ("light", "dark")
LONGEST_RUN_MS = 1e9
# What means the page, and not a parameter of this name. "model" is which of several an address has.
PAGE = (
    "seed", "engine", "speed", "tab", "notation", "theme", "t", "ran", "done", "link", "model",
    "lesson",
)  # fmt: skip
LESSON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TAB = re.compile(r"[A-Za-z ]{1,30}")


# -- writing ---------------------------------------------------------------------------------------


def address_of(link: Link) -> str:
    """``/MODEL?...``, to be opened behind the address of a workbench that is served.

    raises : ParameterError where what was done to the run is too much for an address
    """
    query = query_of(link)
    return f"/{link.model.slug}" + (f"?{query}" if query else "")


def query_of(link: Link) -> str:
    """The query of a link: only what differs from how a page begins.

    raises : ParameterError if it would be longer than addresses may be
    """
    begins = link.model().values()
    said: dict[str, str] = {
        _name_of(name): _number(value)
        for name, begun in begins.items()
        if (value := link.values.get(name, begun)) != begun
    }
    if link.seed != 1:
        said["seed"] = str(link.seed)
    if link.engine != "auto":
        said["engine"] = link.engine
    if link.speed is not None and link.speed != (link.model.pace or math.inf):
        said["speed"] = FASTEST if link.speed == math.inf else _number(link.speed)
    said |= {k: v for k in ("tab", "theme", "lesson") if (v := getattr(link, k))}
    if link.notation not in ("", DEFAULT):
        said["notation"] = link.notation
    said |= {f"{SHOW}{plot}": name for plot, name in link.shown.items()}
    if link.t_ms > 0:
        said["t"] = f"{link.t_ms:.15g}"
        said |= {"ran": link.began_with} if link.began_with else {}
        said |= {"done": done} if (done := pack(link.log)) else {}
    if not said:
        return ""
    text = urlencode({**said, "link": VERSION}, quote_via=quote)
    if len(text) > LONGEST:
        raise ParameterError(
            f"What was done to this run, {len(link.log):,} interventions, is too much for an "
            "address: keep the run instead, or export it."
        )
    return text


def _number(value: float) -> str:
    """The shortest text that is read as this very number."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _name_of(parameter: str) -> str:
    return f"{VALUE}{parameter}" if parameter in PAGE else parameter


# -- reading ---------------------------------------------------------------------------------------


def link_of(text: str, model: type[Model] | None) -> Link:
    """The `Link` of a whole address or its end; raises as `read_link`."""
    if not isinstance(text, str):
        raise ParameterError(f"{shortened(text)} is no link: give its text.")
    if len(text) > LONGEST + 200:
        raise ParameterError(
            f"A link of {len(text):,} characters is too long: at most {LONGEST:,} are read."
        )
    with _in_a_sentence():
        try:
            parts = urlsplit(text.strip())
            given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError as error:
            raise ParameterError(
                f"{shortened(text)!r} is no link: write it as /MODEL?NAME=VALUE&NAME=VALUE."
            ) from error
        asked = dict(given).get("model") or parts.path.rstrip("/").rpartition("/")[2]
        if model is None:
            model = model_class(asked)
        elif asked and asked not in (model.slug, "explorer"):
            raise ParameterError(
                f"The link is of the model {shortened(asked)!r}, and this is {model.slug}."
            )
        return link_from(model, given)


def link_from(model: type[Model], given: list[tuple[str, str]]) -> Link:
    """The `Link` of the pairs of a query; names of embedding, "bokeh-...", are left out.

    raises : UnknownName or ParameterError, a sentence of at most 300 characters
    """
    with _in_a_sentence():
        said: dict[str, str] = {}
        for name, value in given:
            if name.startswith("bokeh-"):
                continue
            if name in said:
                raise ParameterError(f"The link gives {shortened(name)!r} twice: say it once.")
            said[name] = value
        if sum(len(n) + len(v) for n, v in said.items()) > LONGEST:
            raise ParameterError(f"The link is too long: at most {LONGEST:,} characters are read.")
        return _read(model, said)


def _read(cls: type[Model], said: Mapping[str, str]) -> Link:
    version = said.get("link", str(VERSION))
    if version != str(VERSION):
        raise ParameterError(
            f"This is a link of version {shortened(version)!r}, and version {VERSION} is read "
            "here: open it with a newer workbench, or copy it again."
        )
    page = {k: v for k, v in said.items() if k in PAGE}
    shown = {k.removeprefix(SHOW): v for k, v in said.items() if k.startswith(SHOW)}
    rest = {k: v for k, v in said.items() if k not in page and not k.startswith(SHOW)}
    values = {k.removeprefix(VALUE): v for k, v in rest.items()}
    if len(values) < len(rest):
        raise ParameterError("The link gives a parameter twice: say it once.")
    model = _with_values(cls, values)
    seed: Any = page.get("seed", 1)  # a text is read
    plan = make_plan(model, seed=seed, engine=page.get("engine", "auto"))
    t_ms, began_with = _run_of(page)
    end = math.floor(t_ms / model.tick_ms + 1e-6)
    return Link(
        cls,
        model.values(),
        plan.seed,
        plan.engine,
        speed=_speed(page["speed"]) if "speed" in page else None,
        tab=_tab(page.get("tab", "")),
        notation=_notation(page.get("notation", "")),
        theme=_theme(page.get("theme", "")),
        lesson=_lesson(page.get("lesson", "")),
        shown=_shown(shown),
        t_ms=t_ms,
        began_with=began_with,
        log=unpack(page["done"], model, end) if page.get("done") else (),
    )


def _with_values(cls: type[Model], values: Mapping[str, str]) -> Model:
    allowed = cls.parameters()
    for name in values:
        if name not in allowed:
            raise unknown("parameter", shortened(name), allowed, owner=cls.slug or cls.__name__)
        if not values[name]:
            raise ParameterError(f"The link gives no value of {name}: write {name}=VALUE.")
    return cls(**values)


def _run_of(page: Mapping[str, str]) -> tuple[float, str]:
    t_ms = number_of(page.get("t", 0.0), "ms", what="t")
    if not 0 <= t_ms <= LONGEST_RUN_MS:
        raise ParameterError(f"t = {t_ms:g} ms is not allowed: from 0 to {LONGEST_RUN_MS:g} ms.")
    if page.get("done") and not t_ms:
        raise ParameterError("The link says what was done to a run, but not until when: give t.")
    began_with = page.get("ran", "")
    known = [e for e in ENGINES if e != "auto"]
    if began_with and began_with not in known:
        raise unknown("engine", shortened(began_with), known)
    return t_ms, began_with


def _speed(text: str) -> float:
    speed = math.inf if text == FASTEST else number_of(text, what="speed")
    if not speed > 0:
        raise ParameterError(
            f"speed = {speed:g} is not allowed: simulated ms per second above 0, or {FASTEST}."
        )
    return speed


def _tab(text: str) -> str:
    if text and not TAB.fullmatch(text):
        raise ParameterError(f"tab = {shortened(text)!r} is not allowed: give the name of a tab.")
    return text


def _notation(text: str) -> str:
    if text:
        drawer(shortened(text))
    return text


def _theme(text: str) -> str:
    if text and text not in THEMES:
        raise unknown("theme", shortened(text), THEMES)
    return text


def _lesson(text: str) -> str:
    if text and not (LESSON.fullmatch(text) and len(text) <= LONGEST_NAME):
        raise ParameterError(
            f"lesson = {shortened(text)!r} is not allowed: give the name of a lesson, of "
            "lower-case letters, digits and hyphens."
        )
    return text


def _shown(shown: Mapping[str, str]) -> dict[str, str]:
    allowed = [k.id for k in kinds().values() if k.selects] if shown else []
    for plot, name in shown.items():
        if plot not in allowed:
            raise unknown("plot", shortened(plot), allowed, owner="a link")
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise ParameterError(f"{SHOW}{plot} = {shortened(name)!r} is not allowed: give a name.")
    return dict(shown)


@contextlib.contextmanager
def _in_a_sentence() -> Iterator[None]:
    """Within the block, errors are one printable line of at most 300 characters."""
    try:
        yield
    except (ParameterError, UnknownName) as error:
        text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(error))
        raise type(error)(text if len(text) <= MOST else f"{text[: MOST - 1]}…") from error
