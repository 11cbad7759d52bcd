"""The table of `benchmarks/engines.py`, and the networks that it compares, without simulating."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
LABELS = {"live": "workbench, live", "standalone": "Brian2 standalone"}


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import engines_table

    return engines_table


@pytest.fixture
def networks(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import networks

    return networks


def measured(tables, program, walls, *, simulated_s=2.0, spikes=44_000, network="cuba-4000"):
    share = 0.25 if program == "live" else 0.5  # of a processor
    stretches = [tables.Stretch(simulated_s, wall, share * wall, spikes) for wall in walls]
    return tables.Measured(network, program, 4000, stretches)


def test_ratios_are_paired_within_a_round(tables):
    base = measured(tables, "standalone", [1.0, 4.0, 2.0])
    found = measured(tables, "live", [0.25, 1.0, 1.0], simulated_s=1.0, spikes=22_000)
    assert tables.times_as_fast(found, base) == [2.0, 2.0, 1.0]
    assert tables.times_as_fast(found, base, "cpu_s") == [4.0, 4.0, 2.0]
    with pytest.raises(ValueError, match="shorter"):
        tables.times_as_fast(measured(tables, "live", [1.0]), base)


def test_a_rate_that_differs_is_marked(tables):
    base = measured(tables, "standalone", [1.0])
    near = measured(tables, "live", [0.5], spikes=44_000 * 1.09)
    far = measured(tables, "live", [0.5], spikes=44_000 * 0.89)
    assert base.rate_hz == pytest.approx(5.5)
    assert not tables.rate_differs(near, base)
    assert tables.rate_differs(far, base)
    assert "differs" not in tables.row(near, base, LABELS)
    assert "| 4.89, **differs by more than 10%** |" in tables.row(far, base, LABELS)


def test_the_table_says_what_was_measured_and_what_was_not(tables):
    absent = tables.Measured("cuba-4000", "nest", 4000, reason="not installed")
    rows = [
        measured(tables, "standalone", [1.0, 2.0, 4.0]), measured(tables, "live", [0.5, 0.5, 0.5]),
        absent, measured(tables, "live", [1.0], network="coba-4000"),
    ]  # fmt: skip
    lines = tables.table(rows, "standalone", LABELS, ["29 November 2026."]).splitlines()
    assert lines[0] == "29 November 2026."
    assert lines[1] == ""  # else Markdown takes the table for a paragraph
    assert "| times as fast as Brian2 standalone |" in lines[2]
    assert lines[4:] == [
        "| cuba-4000 | Brian2 standalone | 5.50 | 1 [0.5-2] |  | 0.5 [0.25-1] |  |",
        "| cuba-4000 | workbench, live | 5.50 | 0.25 [0.25-0.25] | 4 [2-8]"
        " | 0.0625 [0.0625-0.0625] | 8 [4-16] |",
        "| cuba-4000 | nest | not measured: not installed | | | | |",
        "| coba-4000 | workbench, live | 5.50 | 0.5 [0.5-0.5] |  | 0.125 [0.125-0.125] |  |",
    ]
    assert len({line.count("|") for line in lines[2:]}) == 1


def test_only_what_is_between_the_markers_is_replaced(tables):
    text = f"before\n{tables.BEGIN}\nold\n{tables.END}\nafter\n"
    once = tables.replaced(text, "new")
    assert once == f"before\n{tables.BEGIN}\nnew\n{tables.END}\nafter\n"
    assert tables.replaced(once, "new") == once


@pytest.mark.parametrize("text", ["", "{BEGIN} {BEGIN} {END}", "{END} {BEGIN}", "{BEGIN}"])
def test_a_file_without_both_markers_is_refused(tables, text):
    with pytest.raises(ValueError, match="the file needs the lines <!-- engines: begin -->"):
        tables.replaced(text.format(BEGIN=tables.BEGIN, END=tables.END), "new")


def test_the_documentation_has_the_markers(tables):
    text = (FOLDER.parent / "docs" / "speed.md").read_text()
    assert tables.replaced(text, "new").count("\nnew\n") == 1


def test_names_stand_for_networks(networks):
    for name in networks.NETWORKS:
        assert networks.network(name).n in (4000, 40000)
    assert networks.network("cuba-40000").p == 80 / 40000
    assert networks.network("cuba-delay-4000").delay_ms == 1.5
    learns = networks.network("stdp-4000")
    assert learns.kind == "cuba"
    # Gain and loss are equal at the weight of CUBA.
    assert learns.plasticity.largest - learns.cells.excitation == learns.cells.excitation


@pytest.mark.parametrize("name", ["cuba", "cuba-", "lif-4000", "cuba-many", "stdp4000"])
def test_a_name_that_is_none_is_refused(networks, name):
    with pytest.raises(ValueError) as refused:
        networks.network(name)
    assert str(refused.value) == (
        f"{name!r} is no network: give a kind (cuba, coba, cobahh, cuba-delay, stdp) and a size, "
        "as cuba-4000"
    )
