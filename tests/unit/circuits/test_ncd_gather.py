"""Diagrams that can be read: what travels together is one wire, and rows stand where few cross."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from test_ncd_networks import LIF, lif, model_of

from workbench.checks.term import term_computes_the_model
from workbench.circuits import circuit
from workbench.circuits.ncd import Array, Axis, Linear, Par, Read, apply, evaluate, time
from workbench.circuits.ncd.derive.derive import term_of
from workbench.circuits.ncd.draw.columns import columns
from workbench.circuits.ncd.draw.draw import scene
from workbench.circuits.ncd.draw.order import Row, Rows
from workbench.circuits.ncd.draw.place import heights, lines, spread
from workbench.circuits.ncd.term.program import Machine
from workbench.circuits.ncd.term.terms import Broadcast, Reindex
from workbench.circuits.render.primitives import Words
from workbench.circuits.text import fonts as text

N, T = Axis("n", "n", 4), time()


def learning(b2, clock):
    """Two kinds of synapses that read several states of the neurons and write two of them."""
    states = LIF + "x : 1\ny : 1\nz : 1 (shared)\nkick : 1\nup : 1\n"
    a = lif(b2, clock, 9, "a", model=states)
    a.x, a.y, a.z = "0.1*i", "1 - 0.1*i", 0.5
    a.run_regularly("x = 0.9*x + 0.01*rand()\ny = y + 0.1*(x - y) + 0.01*randn()",
                    when="end", name="a_end")  # fmt: skip
    a.run_regularly("z *= 0.99", when="end", name="a_shared")
    a.run_regularly("h += 0.01*up; kick = 0; up = 0", when="end", order=1, name="a_used")
    made = [a]
    for name in ("s", "r"):
        s = b2.Synapses(
            a, a, "w : 1", clock=clock, namespace={}, name=name,
            on_pre="g_post += w*x_pre\nw = clip(w - 0.1*y_post*z_post, 0, 1)\nup_post += w",
            on_post="w = clip(w + 0.1*x_pre*y_pre, 0, 1)\nup_post += 0.5*w",
        )  # fmt: skip
        s.connect(p=0.6)
        s.w = "rand()"
        made.append(s)
    return made


@pytest.fixture(scope="module")
def learnt():
    return term_of(model_of(learning)().build())


def leaves(term):
    return [c.term for x in columns(term) for c in x.cells if isinstance(c.term, Broadcast)]


def boxes(term):
    return {t.operator.title: t for t in leaves(term) if isinstance(t.operator, Machine)}


def test_states_that_travel_together_compute_the_same():
    term_computes_the_model(model_of(learning))


def test_a_box_takes_the_states_of_a_population_as_one_array(learnt):
    found = boxes(learnt.term)
    for name in ("s", "r"):
        takes = found[name].takes
        # Its spikes once, although two pathways listen to them; x and y; the shared z.
        assert sorted(len(t.axes) for t in takes) == [1, 2, 3], takes
        assert sorted(t.datatype for t in takes) == ["bool", "real", "real"]
        (states,) = [t.axes[1] for t in takes if len(t.axes) == 3]
        assert states.size == 2 and states.title == "= 2: a: x, y"


def test_what_is_added_to_a_population_comes_as_one_array_from_each_box(learnt):
    found = boxes(learnt.term)
    for name in ("s", "r"):  # to g at a spike of the source; to up at a spike of either end
        (given,) = found[name].gives
        assert [a.size for a in given.axes[1:]] == [2, 9]
    sums = [t for t in leaves(learnt.term) if t.operator.glyph == "add"]
    assert [len(t.takes) for t in sums] == [2]


def test_random_numbers_of_a_population_are_one_input(learnt):
    (keys,) = [k for k in learnt.inputs if isinstance(k, tuple)]
    assert len(keys) == 2 and all(k.startswith("a_end?") for k in keys)


def test_a_delay_that_all_have_stands_before_the_copies(learnt):
    found = [t for t in leaves(learnt.term) if isinstance(t.operator, Read)]
    assert len(found) == 3  # spikes, states and the shared number, for both kinds of synapses
    assert all(not t.reindexings for t in boxes(learnt.term).values())


def test_what_is_read_at_several_times_is_one_stream():
    def build(b2, clock):
        a, b = lif(b2, clock, 5, "a"), lif(b2, clock, 5, "b")
        made = [a, b]
        for k, ms in enumerate((1, 1, 2)):
            s = b2.Synapses(a, b, on_pre="g += 0.1", delay=ms * b2.ms, clock=clock, namespace={},
                            name=f"s{k}")  # fmt: skip
            s.connect()
            made.append(s)
        return made

    term = term_of(model_of(build)().build()).term
    assert not [t for t in leaves(term) if isinstance(t.operator, Read)]


def test_a_population_that_only_listens_to_itself_is_an_end():
    def build(b2, clock):
        a, b = lif(b2, clock, 5, "a"), lif(b2, clock, 5, "b")
        s = b2.Synapses(a, b, on_pre="g += 0.1", clock=clock, namespace={}, name="s")
        own = b2.Synapses(b, b, on_pre="h += 0.1", clock=clock, namespace={}, name="own")
        s.connect()
        own.connect(p=0.5)
        return a, b, s, own

    assert term_of(model_of(build)().build()).outputs == ("b!spike",)


def test_a_reindexing_that_stands_alone_gives_what_was():
    x = Array((T, N))
    again = Reindex(0, T, (T,), offset=-2, label="t-2")
    late = Broadcast(Read("t-2", (Array(),), (Array(),)), (x,), (x,), (again,))
    data = np.random.default_rng(1).normal(size=(7, 4))
    (y,) = evaluate(late, [data])
    assert np.array_equal(y[2:], data[:-2]) and not y[:2].any()


def test_rows_are_put_where_no_wire_crosses():
    names = list("abcdef")
    first = [Row([n], [n + "1"]) for n in names]
    second = [Row([n + "1", m + "1"], [n + "2"], turns=True) for n, m in ("fe", "ba", "dc")]
    rows = Rows([first, second], list(reversed(names)), ["b2", "f2", "d2"])
    rows.improve()
    live = rows.left
    for takes, gives in [
        *(([s for r in c for s in r.takes], [s for r in c for s in r.gives]) for c in rows.columns),
        (rows.right, []),
    ]:
        assert live == takes
        live = gives


def test_what_is_fed_back_is_in_one_order_at_both_ends():
    column = [Row(["back a"], ["a"]), Row(["back b"], ["b"]), Row(["x"], ["y"])]
    rows = Rows([[column[1], column[2], column[0]]], ["back a", "back b", "x"], ["a", "b", "y"], 2)
    rows.improve()
    assert [s.removeprefix("back ") for s in rows.left[:2]] == rows.right[:2]
    assert set(rows.left) == {"back a", "back b", "x"} and set(rows.right) == set("aby")


def test_the_same_network_gives_the_same_bytes():
    first, second = (circuit(model_of(learning)()).to_svg(85, notation="ncd") for _ in range(2))
    assert first == second


def test_glyphs_of_one_column_do_not_overlap(learnt):
    for whole in (False, True):
        made = columns(learnt.term, whole)
        for line in lines(made, 480.0):
            heights(line, made)
            for column in (made[k] for k in line.columns):
                spans = []
                for cell in column.cells:
                    ys = [w.y for b in (*cell.takes, *cell.gives) for w in b.wires]
                    if isinstance(cell.term, Broadcast) and not cell.passes and ys:
                        spans.append((min(ys), max(ys)))
                assert all(a[1] + 8 < b[0] for a, b in pairwise(spans)), spans


def test_steep_wires_get_the_room_that_a_line_leaves(learnt):
    made = columns(learnt.term)
    (line,) = lines(made, 2000.0)
    heights(line, made)
    before = line.width
    spread(line, made, before + 15.0, False)
    assert before < line.width <= before + 15.0 + 1e-6
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(line.op))


def words(term, width):
    drawn = scene(term, width)
    return drawn, [i for g in drawn.groups for i in g.items if isinstance(i, Words)]


def test_a_loop_that_is_folded_says_so(learnt):
    for width, folded in ((1000, False), (60, True)):
        message = [w.text for w in words(learnt.term, width)[1]]
        assert ("goes on in the next line" in message) is folded


def test_axes_of_variables_are_explained(learnt):
    message = [w.text for w in words(learnt.term, 174)[1]]
    assert {"= 2: a: x, y", "= 2: what is added to a's g, up"} <= set(message)


def test_the_key_has_no_more_columns_than_fit():
    one = Array((N,))
    maps = [
        apply(Linear(f"W_{{{k}}}", (one,), (one,), title="from one to " * 2, weight="W"), (T,))
        for k in range(12)
    ]
    drawn, message = words(Par(tuple(maps)), 85)
    assert max(w.x + text.width(w.text, w.size) for w in message) < drawn.width
