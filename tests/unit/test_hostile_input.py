"""What comes from outside works or is refused in one short sentence, soon, and does nothing else.

Each test tries texts and files that Hypothesis makes up, and damages of real ones: `FEW` of them by
default, `MANY` with ``-m slow``.
"""

from __future__ import annotations

import gzip
import json
import resource
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from hostile import MOST_MB, json_values, megabytes, texts, tried
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_links import packed
from toys import Toy
from typer.testing import CliRunner

from workbench.catalogue import Catalogue
from workbench.cli import app
from workbench.cli.parse import operation, option_values, pairs, written_out
from workbench.data.idx import read_idx
from workbench.errors import WorkbenchError
from workbench.formats.parameters import read_parameters
from workbench.formats.spikes import read_spikes
from workbench.links import read_link
from workbench.links.python import python_of
from workbench.links.text import PAGE, address_of
from workbench.model import registry
from workbench.model.model import Model
from workbench.store import open_run
from workbench.store.metadata import text as as_shown
from workbench.sweeps.design import range_of

FEW, FEW_FILES, MANY = 60, 12, 1200  # eleven laws: 13,200 cases

QUIET = settings(
    deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def memory(kept, tmp_path_factory):
    """What all of it together keeps of memory, beside the packages that are imported for it."""
    used(kept)
    table = tmp_path_factory.mktemp("table") / "a.csv"
    table.write_text("t_ms,neuron\n1,0\n")
    read_spikes(table)
    registry.entries()
    for words in LINES:
        CliRunner().invoke(app, [*words, "--help"])
    # What needs far more is refused by the system, before it takes the memory of all programs.
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    enough = int(megabytes("VmData") + 20 * MOST_MB) * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (enough, limits[1]))
    # Not the pages of files, such as libraries, of which as many count as happened to be read.
    before = megabytes("RssAnon")
    yield
    grown = megabytes("RssAnon") - before
    resource.setrlimit(resource.RLIMIT_DATA, limits)
    assert grown < MOST_MB, f"{grown:.0f} MB"


# -- texts ---------------------------------------------------------------------------------------


def a_parameter_is_read_or_refused(name, text):
    model = registry.model_class(name)
    for parameter in (*list(model.parameters())[:4], text[:40] or "x"):
        tried(lambda p=parameter: model(**{p: text}))
        tried(lambda p=parameter: range_of(model, p, text))


def words_of_the_command_line_are_read_or_refused(name, text):
    model = registry.load(name)
    for verb in ("learn", "inject", "set", ""):
        for line in (text, f"{verb} {text}", f"{verb} cue=0 content={text} at={text}"):
            tried(lambda line=line: operation(model, line))
    tried(lambda: pairs([text], "a=1"))
    tried(lambda: written_out([text, f"--{text}"]))
    tried(lambda: option_values({"n": (5, ""), "x": ([0.5], "")}, [f"n={text}", f"x={text}"], "it"))


def an_address_is_read_or_refused(name, key, text, strange):
    for address in (
        text, f"/{name}?{text}", f"/{name}?{key}={text}",
        f"/{name}?t=10&{key}={quote(text, errors='surrogatepass')}",
        f"/{name}?t=10&done={packed(json.dumps(strange))}",
    ):  # fmt: skip
        link = tried(lambda address=address: read_link(address))
        if link is not None:
            compile(python_of(link), "link", "exec")  # it is Python, whatever the address held
            again = address_of(link)
            assert address_of(read_link(again)) == again


LINES = (
    ["describe"], ["describe", "cuba", "--parameter"], ["run", "cuba", "--duration"],
    ["run", "cuba", "--duration", "1", "--set"], ["run", "cuba", "--duration", "1", "--seed"],
    ["run", "cuba", "--duration", "1", "--do"], ["run", "cuba", "--duration", "1", "--record"],
    ["sweep", "cuba", "--vary"], ["sweep", "cuba", "--workers"], ["figure"], ["replay"],
    ["export"], ["runs", "show"], ["runs", "rm"], ["runs", "list", "--tag"], ["measure"],
    ["circuit", "cuba", "--notation"], ["serve", "--port"], ["serve", "--address", "::", "--login"],
    ["users"], ["reproduce", "cuba"], ["check"], ["open"], ["new"], [],
)  # fmt: skip


def a_line_of_the_shell_is_refused_or_helps(monkeypatch, words, text):
    def accepted(*_args, **_options):
        raise WorkbenchError("What is asked for can be done: it would be simulated, or served.")

    for long in ("cli.serve.serve_apps", "sweeps.sweep"):
        monkeypatch.setattr(f"workbench.{long}", accepted)
    for simulates in ("start", "run"):
        monkeypatch.setattr(Model, simulates, accepted)
    monkeypatch.setattr("workbench.cli.check.CHECKS", ())  # of all models, if the text is "--"
    result = CliRunner().invoke(app, [*words, text])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2)
    if text != "--debug":  # which asks for it
        assert "Traceback" not in result.output


# -- files ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A catalogue of one run; tests damage copies of it."""
    folder = tmp_path_factory.mktemp("kept")
    run = Toy().run(duration_ms=20, seed=1, engine="numpy", record={"cells.v": "1 ms"})
    Catalogue(folder).keep(run, "one", tags=["a"], notes="b")
    return folder


def used(folder: Path) -> None:
    """All that a page or a command asks of a run."""
    tried(lambda: Catalogue(folder).entries(), folder)
    tried(lambda: Catalogue(folder).thumbnail("one"), folder)

    def read():
        run = open_run(folder / "one.zarr")
        run.spikes("cells")
        return [samples[:] for samples in (s.values for s in run.recordings.values())]

    tried(read, folder)


def damaged(kept, tmp_path, name, change):
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    found = folder / "one.zarr" / name
    found.write_bytes(change(found.read_bytes()))
    used(folder)


def with_value(content: bytes, path: list[int], value) -> bytes:
    """JSON with one of its values, found by ``path``, replaced."""
    data = here = json.loads(content)
    for k in path:
        keys = sorted(here) if isinstance(here, dict) else range(len(here))
        if not keys:
            break
        key = list(keys)[k % len(keys)]
        if isinstance(here[key], dict | list) and here[key] and k % 3:
            here = here[key]
            continue
        here[key] = value
        break
    return json.dumps(data).encode("utf-8", "surrogatepass")


def cut_or_changed(content: bytes, at: float, byte: int, cut: bool) -> bytes:
    k = int(at * max(0, len(content) - 1))
    return content[:k] if cut else content[:k] + bytes([byte]) + content[k + 1 :]


def files_of(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


paths = st.lists(st.integers(0, 40), min_size=1, max_size=4)


def a_damaged_json_file_is_read_or_refused(kept, tmp_path, which, path, value):
    names = [n for n in files_of(kept / "one.zarr") if n.endswith(".json")]
    names += ["run.json"] * len(names)  # which says most, and is as likely as the others together
    damaged(kept, tmp_path, names[which % len(names)], lambda c: with_value(c, path, value))


def a_damaged_file_is_read_or_refused(kept, tmp_path, which, at, byte, cut):
    names = files_of(kept / "one.zarr")
    name = names[which % len(names)]
    damaged(kept, tmp_path, name, lambda c: cut_or_changed(c, at, byte, cut))


def a_label_is_kept_or_refused(kept, tmp_path, name, tags, notes):
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    catalogue = Catalogue(folder)
    before = catalogue.entry("one")
    entry = tried(lambda: catalogue.label("one", tags, notes), folder)
    now = catalogue.entry("one")
    if entry is None:
        assert (now.tags, now.notes) == (before.tags, before.notes)
    else:
        assert set(now.tags) == {tag.strip() for tag in tags}
        assert now.notes == as_shown(notes.strip())
    tried(lambda: catalogue.tag("one", add=tags, remove=[name]), folder)
    tried(lambda: catalogue.entry(name), folder)
    place = tried(lambda: catalogue.place("toy", name), folder)
    assert place is None or place.parent == folder


def an_index_of_other_bytes_is_made_anew(kept, tmp_path, content):
    folder = tmp_path / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
    for index in folder.glob("*.sqlite*"):
        index.write_bytes(content)
    used(folder)
    assert [e.id for e in Catalogue(folder).entries()] == ["one"]


def tables_are_read_or_refused(tmp_path, content):
    for name in ("a.csv", "a.txt", "a.json"):
        (tmp_path / name).write_bytes(content)
        read = read_parameters if name.endswith("json") else read_spikes
        tried(lambda read=read, name=name: read(tmp_path / name), tmp_path)


def images_are_read_or_refused(tmp_path, header, content, packed):
    data = bytes(header) + content
    path = tmp_path / "a-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(data) if packed else data)
    tried(lambda: read_idx(path), tmp_path)


def weights_are_read_or_refused(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    tried(lambda: registry.model_class("elm-neuron").from_checkpoint(path), tmp_path)


# -- the tests -----------------------------------------------------------------------------------

models = st.sampled_from(["cuba", "hippocampal-cam", "elm-neuron", "ssn"])
numbers = st.integers(0, 120)
LAWS = {
    a_parameter_is_read_or_refused: {"name": models, "text": texts},
    words_of_the_command_line_are_read_or_refused: {"name": models, "text": texts},
    a_line_of_the_shell_is_refused_or_helps: {"words": st.sampled_from(LINES), "text": texts},
    an_address_is_read_or_refused: {
        "name": models,
        "key": st.sampled_from([*PAGE, "w_e", "value.w_e", "show.raster", "show.traces"]),
        "text": texts, "strange": json_values(),
    },
    a_label_is_kept_or_refused: {
        "name": texts, "tags": st.lists(texts, max_size=3), "notes": texts,
    },
    a_damaged_json_file_is_read_or_refused: {
        "which": numbers, "path": paths, "value": json_values(),
    },
    a_damaged_file_is_read_or_refused: {
        "which": numbers, "at": st.floats(0, 1), "byte": st.integers(0, 255), "cut": st.booleans(),
    },
    an_index_of_other_bytes_is_made_anew: {"content": st.binary(max_size=200)},
    tables_are_read_or_refused: {
        "content": st.one_of(
            st.binary(max_size=200),
            st.builds(
                lambda head, rows: "\n".join([head, *rows]).encode("utf-8", "surrogatepass"),
                st.sampled_from(["t_ms,neuron", "t_s\tneuron", "t,i,population", '{"tau_m": ']),
                st.lists(texts, max_size=4),
            ),
        ),
    },
    images_are_read_or_refused: {
        "header": st.lists(
            st.sampled_from([0, 1, 3, 8, 9, 14, 255, 127]), min_size=4, max_size=16
        ),
        "content": st.binary(max_size=64),
        "packed": st.booleans(),
    },
    weights_are_read_or_refused: {
        "content": st.one_of(
            st.binary(max_size=100), st.binary(max_size=60).map(lambda b: b"PK\x03\x04" + b)
        ),
        "name": st.sampled_from(["a.npz", "a.pt"]),
    },
}  # fmt: skip


def hold(law, setting, kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path / "runs"))
    places = {"kept": kept, "tmp_path": tmp_path, "monkeypatch": monkeypatch}
    needed = {
        k: v for k, v in places.items() if k in law.__code__.co_varnames[: law.__code__.co_argcount]
    }

    @setting
    @given(**LAWS[law])
    def holds(**made):
        law(**needed, **made)

    holds()


# Values of a saved run that once ended in another error, a long one, or all memory taken.
POPULATION = ("info", "populations", 1)
FOUND = [
    ("weight_source_cells/zarr.json", ("shape", 0), 3 * 10**9),
    ("run.json", ("workbench_run",), 1e308),
    ("run.json", ("n_spikes",), 1e308),
    ("run.json", ("recorded", "cells.v", "rows"), 1e308),
    ("run.json", (*POPULATION, "name"), ["cells"]),
    ("run.json", (*POPULATION, "name"), 3),
    ("run.json", (*POPULATION, "name"), "x" * 5000),
    ("run.json", (*POPULATION, "size"), 3 * 10**7),
    ("run.json", (*POPULATION, "offset"), 3 * 10**9),
    ("run.json", ("info", "dt_ms"), 1e308),
    ("run.json", ("duration_ms",), 10**400),
    ("run.json", ("parameters", "tau"), 10**400),
]


@pytest.mark.parametrize(("file", "keys", "value"), FOUND)
def test_what_was_found_stays_mended(kept, tmp_path, file, keys, value):
    def change(content):
        here = data = json.loads(content)
        for key in keys[:-1]:
            here = here[key]
        assert here[keys[-1]] is not None  # it is there
        here[keys[-1]] = value
        return json.dumps(data).encode()

    damaged(kept, tmp_path, file, change)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_some_cases(law, kept, tmp_path, monkeypatch):
    few = FEW_FILES if "kept" in law.__code__.co_varnames else FEW
    hold(law, settings(QUIET, max_examples=few), kept, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_many_cases(law, kept, tmp_path, monkeypatch):
    many = settings(QUIET, max_examples=MANY, derandomize=False)
    hold(law, many, kept, tmp_path, monkeypatch)
