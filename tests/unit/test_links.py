"""Links: what is written is read again, what is not allowed is refused in a sentence."""

from __future__ import annotations

import json
import math
import string
import zlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.unit.toys import Toy
from workbench.engine.plan import ENGINES
from workbench.errors import ParameterError, UnknownName, WorkbenchError
from workbench.interventions import Intervention
from workbench.links import Link, link_of_session
from workbench.links.done import MOST_BYTES
from workbench.links.python import python_of
from workbench.links.text import LONGEST, address_of, link_from
from workbench.model.operation import Inject
from workbench.plots.registry import kinds

NUMBERS = st.floats(0.1, 1e12) | st.sampled_from([0.1 + 0.2, 1e-300 + 0.1, 5e11 + 0.5])
VALUES = st.fixed_dictionaries(
    {"tau": NUMBERS, "current": NUMBERS, "w": NUMBERS, "n_cells": st.integers(1, 10**9)}
)
SELECTING = [k.id for k in kinds().values() if k.selects]


def changes(draw, values: dict[str, float], end: int) -> tuple[Intervention, ...]:
    """Interventions as a session logs them; the last change of each parameter leads to now."""
    ticks = sorted(draw(st.lists(st.integers(0, end), max_size=6)))
    now, found = dict(values), []
    for tick in reversed(ticks):
        kind = draw(st.sampled_from(["tau", "w", "inject", "engine"]))
        if kind == "inject":
            units = tuple(draw(st.lists(st.integers(0, 2), max_size=3)))
            done = Inject(population="source", units=units)
            found.append(Intervention.of_operation(Toy(), tick, done))
        elif kind == "engine":
            seed = draw(st.integers(0, 2**32 - 1))
            found.append(Intervention.of_engine(tick, float(tick), "compiled", seed))
        else:
            was = draw(NUMBERS)
            found.append(Intervention.of_change(Toy, tick, float(tick), kind, was, now[kind]))
            now[kind] = was
    return tuple(reversed(found))


@st.composite
def links(draw) -> Link:
    values = draw(VALUES) | {"dt_ms": draw(st.sampled_from([0.1, 0.05]))}
    end = draw(st.integers(0, 10**6))
    return Link(
        Toy, values,
        seed=draw(st.integers(0, 2**32 - 1)), engine=draw(st.sampled_from(ENGINES)),
        speed=draw(st.none() | st.just(math.inf) | NUMBERS),
        tab=draw(st.sampled_from(["", "About", "Sweep"])),
        notation=draw(st.sampled_from(["", "classic", "ncd"])),
        theme=draw(st.sampled_from(["", "dark"])),
        shown=draw(st.dictionaries(
            st.sampled_from(SELECTING),
            st.text(string.printable[:95], min_size=1, max_size=100), max_size=2,
        )),
        t_ms=float(end),
        began_with=draw(st.sampled_from(ENGINES[1:])) if end else "",
        log=changes(draw, values, end) if end else (),
    )  # fmt: skip


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(links())
def test_what_is_written_is_read_again(link):
    read = wb.read_link(address_of(link), Toy)
    # As fast as possible is what a model without a pace begins with.
    speed = None if link.speed == math.inf else link.speed
    assert read == replace(link, speed=speed)
    assert read.values_at_start() == link.values_at_start()
    assert address_of(read) == address_of(link)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
def test_any_query_is_read_or_refused_in_a_sentence(pairs):
    try:
        link_from(Toy, pairs)
    except (ParameterError, UnknownName) as error:
        assert 0 < len(str(error)) <= 300 and str(error).isprintable()


@settings(max_examples=50, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
    | st.sampled_from(["set", "operation", "engine", "input", "tau", "Inject"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
))  # fmt: skip
def test_any_log_is_read_or_refused_in_a_sentence(found):
    try:
        link_from(Toy, [("t", "10"), ("done", packed(json.dumps(found)))])
    except (ParameterError, UnknownName) as error:
        assert 0 < len(str(error)) <= 300 and str(error).isprintable()


def packed(text: str) -> str:
    return urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("taw=3", "Unknown parameter of Toy: 'taw'. Did you mean 'tau'? Allowed: tau, current, w, "
         "n_cells or dt_ms."),
        ("tau=3 mV", "Toy.tau = '3 mV' has the wrong unit: it is measured in ms, such as '10 ms'."),
        ("tau=9**9**9", "Toy.tau = '9**9**9' cannot be read: nothing is calculated here, so write "
         "the result; write a number in ms, such as '10 ms'."),
        ("tau=nan", "Toy.tau must be finite; got 'nan'."),
        ("tau=0", "Toy.tau = 0 ms is not allowed: it must be at least 0.1 ms."),
        ("tau=1&tau=2", "The link gives 'tau' twice: say it once."),
        ("tau=1&value.tau=2", "The link gives a parameter twice: say it once."),
        ("tau=", "The link gives no value of tau: write tau=VALUE."),
        ("seed=-1", "seed = -1 is not allowed: a whole number from 0 to 2**32 - 1."),
        ("engine=gpu", "Unknown engine: 'gpu'. Allowed: auto, numpy, cython or compiled."),
        ("speed=0", "speed = 0 is not allowed: simulated ms per second above 0, or max."),
        ("tab=<b>", "tab = '<b>' is not allowed: give the name of a tab."),
        ("theme=red", "Unknown theme: 'red'."),
        ("show.memory=v", "Unknown plot of a link: 'memory'."),
        ("link=7", "This is a link of version '7', and version 1 is read here: open it with a "
         "newer workbench, or copy it again."),
        ("t=-1", "t = -1 ms is not allowed: from 0 to 1e+09 ms."),
        ("done=abc", "The link says what was done to a run, but not until when: give t."),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_said(query, message):
    with pytest.raises(WorkbenchError) as caught:
        wb.read_link(f"/toy?{quote(query, safe='=&')}".replace("/toy", ""), Toy)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[11, "set", "tau", 5, 10]], "The link says that tau was changed at tick 11, outside"),
        ([[3, "set", "n_cells", 5, 10]], "n_cells cannot change while the model runs, as the"),
        ([[3, "set", "tau", -5, 10]], "Toy.tau = -5 ms is not allowed"),
        ([[3, "set", "tau", 10**400, 10]], "a number of the link must be"),
        ([[3, "operation", "system", {}]], "Unknown operation: 'system'."),
        ([[3, "operation", "Inject", {"who": 1}]], "Unknown option of Inject: 'who'."),
        ([[3, "operation", "Inject", {"units": "all"}]], "Inject.units = all is not allowed"),
        ([[3, "engine", "compiled", {"seed": -1}]], "What the link says was done"),
        ("[" * 90_000, "What the link says was done"),
        ("NaN", "What the link says was done"),
        (" " * (MOST_BYTES + 1), "What the link says was done"),
    ],
)
def test_a_log_that_does_not_fit_is_refused(rows, message):
    text = rows if isinstance(rows, str) else json.dumps(rows)
    with pytest.raises(WorkbenchError) as caught:
        link_from(Toy, [("t", "10"), ("done", packed(text))])
    assert str(caught.value).startswith(message)


def test_links_that_are_too_long_are_neither_written_nor_read():
    with pytest.raises(ParameterError, match="too long"):
        wb.read_link("/cuba?" + "w" * (LONGEST + 300))
    rng = np.random.default_rng(1)
    log = tuple(
        Intervention.of_change(Toy, k, float(k), "tau", *rng.uniform(1, 2, 2)) for k in range(900)
    )
    with pytest.raises(ParameterError, match="900 interventions, is too much for an address"):
        address_of(Link(Toy, Toy().values(), t_ms=1000.0, began_with="numpy", log=log))


def test_short_ones_are_written_by_hand():
    read = wb.read_link("http://localhost:5006/cuba?w_e=2.5&seed=7&tau_m=15 ms")
    assert (read.model.slug, read.seed) == ("cuba", 7)
    changed = {k: v for k, v in read.values.items() if v != wb.load("cuba").values()[k]}
    assert changed == {"w_e": 2.5, "tau_m": 15.0}
    assert address_of(read) == "/cuba?w_e=2.5&tau_m=15&seed=7&link=1"
    assert wb.read_link("?model=ssn-pair").model.slug == "ssn-pair"
    with pytest.raises(UnknownName, match=r"Unknown model: 'ssm-pair'\. Did you mean 'ssn-pair'"):
        wb.read_link("/ssm-pair")
    with pytest.raises(ParameterError, match="is of the model 'cuba', and this is ssn-pair"):
        wb.read_link("/cuba?w_e=2", wb.load("ssn-pair"))


def test_a_run_of_a_session_is_repeated_by_its_link():
    with Toy(current=1.3).start(seed=3, engine="numpy", paused=True) as session:
        session.wait(60, until="ready")
        session.step(20)
        session.reach(20, 60)
        session.set("tau", "7 ms")
        session.do(Inject(population="source", units=(0, 2)))
        session.step(20)
        session.reach(40, 60)
        session.set("tau", 8)
        session.snapshot()  # until it was done
        text, live = wb.link(session), link_of_session(session)
        done = session.stop()
    read = wb.read_link(text.replace("/?", "?"), Toy)
    assert read.log == live.log and len(read.log) == 3 and read.began_with == "numpy"
    assert (read.values["tau"], read.values_at_start()["tau"], read.t_ms) == (8.0, 10.0, 40.0)
    again = read.run()
    assert len(again.steps) > 10
    assert np.array_equal(again.steps, done.steps) and np.array_equal(again.units, done.units)
    # A session from the link stands where the first one stood, and its link is the same.
    with read.start(paused=True) as session:
        session.step(40)
        session.reach(40, 60)
        assert wb.link(session) == text


def test_python_says_the_same_as_a_link():
    said = python_of(wb.read_link("/cuba?w_e=2.5&seed=7&t=20&ran=numpy"))
    assert said == (
        "import workbench as wb\n\nmodel = wb.load('cuba', w_e=2.5)\n"
        "run = model.run(20, seed=7, engine='numpy')\n"
    )
    entry = Intervention.of_change(Toy, 5, 5.0, "tau", 10.0, 7.0)
    repeated = python_of(Link(Toy, Toy().values(), t_ms=9.0, began_with="numpy", log=(entry,)))
    assert "run = wb.read_link('/" in repeated and repeated.endswith(", model).run()\n")
