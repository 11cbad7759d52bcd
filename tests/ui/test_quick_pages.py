"""What a page is made of, made at less cost: the same as Bokeh and Panel make."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import bokeh.plotting
import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
import pytest
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.property.wrappers import PropertyValueContainer
from bokeh.document import Document
from bokeh.model import Model, util
from bokeh.models import Column, ColumnDataSource, CustomJS, Div, Row, Span
from panel.custom import JSComponent, ReactiveESM
from panel.io import resources
from panel.io.state import set_curdoc
from panel.reactive import Syncable
from panel.util import classproperty
from panel_material_ui.base import MaterialComponent
from param import parameterized

from panels.bokeh_internals import defaults, references, widgets
from panels.widgets.card_heading import CardHeading

from .conftest import logged

pytestmark = [
    pytest.mark.usefixtures("nothing_left_out"),
    pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning"),
]


def plain(monkeypatch, owner: object, name: str) -> None:
    """Bokeh's or Panel's own way until the test ends, also where a server was here before."""
    now = getattr(owner, name)
    monkeypatch.setattr(owner, name, getattr(now, "__wrapped__", now))


@pytest.fixture
def remembered(monkeypatch):
    """Bokeh's own way, until it is called; and Bokeh's or the app's as before in the end."""
    for name in ("_get_default", "has_unstable_default"):
        plain(monkeypatch, PropertyDescriptor, name)
    return defaults.found_once


def values_of_new_models() -> dict[str, dict[str, object]]:
    """The values of all properties that a new model of each kind has; of models the kind."""
    found: dict[str, dict[str, object]] = {}
    for name, kind in sorted(Model.model_class_reverse_map.items()):
        try:
            model = kind()
            values = model.properties_with_values()
        except (TypeError, ValueError, RuntimeError, Warning):  # not without arguments, or old
            continue
        found[name] = {
            k: v if type(v) in defaults.PLAIN or isinstance(v, list | dict) else type(v)
            for k, v in values.items()
            if k != "id"
        }
        for k, v in values.items():  # models in them are made anew
            if isinstance(v, list) and any(isinstance(each, Model) for each in v):
                found[name][k] = [type(each) for each in v]
    return found


def test_defaults_are_those_that_bokeh_finds(remembered):
    plain = values_of_new_models()
    assert len(plain) > 300
    remembered()
    remembered()  # a second server
    for _ in range(2):  # the second time all that can be is remembered
        assert values_of_new_models() == plain


def test_a_default_that_can_be_changed_belongs_to_one_model(remembered):
    remembered()
    first, second = (Div() for _ in range(2))
    told = []
    second.on_change("tags", lambda attr, old, new: told.append((old, new)))
    first.tags.append("a")
    assert isinstance(second.tags, PropertyValueContainer)
    second.tags.append("b")
    assert (first.tags, second.tags, Div().tags) == (["a"], ["b"], [])
    assert told == [([], ["b"])]


def test_a_theme_is_before_a_remembered_default(remembered):
    remembered()
    plain = Div().visible
    themed = Div()
    themed.apply_theme({"visible": not plain})
    assert themed.visible is not plain
    assert Div().visible is plain
    themed.unapply_theme()
    assert themed.visible is plain


def test_defaults_are_found_in_bokeh_s_way_where_it_is_other(remembered, renamed, caplog):
    before = PropertyDescriptor._get_default
    renamed("defaults")
    remembered()
    assert PropertyDescriptor._get_default is before
    (message,) = logged(caplog)
    assert "(defaults: renamed_get_default is not there)" in message


FILES = ((ReactiveESM, "_bundle_path"), (MaterialComponent, "_bundle_css"))


class Written(JSComponent):
    """A widget of a user's own script, perhaps in TypeScript."""

    _esm = "export function render({ model }: { model: any }) {}"


QUICK = (
    ("values", Syncable, "_init_params"),
    ("children", ReactiveESM, "_get_children"),
    ("selecting", ReactiveESM, "select"),
    ("subpaths", resources, "_is_subpath"),
    ("parameters", parameterized, "_instantiate_param_obj"),
    ("same-values", param.Parameter, "__setattr__"),
)


@pytest.fixture
def quick(monkeypatch):
    """Panel's own way of making widgets, until it is called."""
    for _, owner, name in QUICK:
        plain(monkeypatch, owner, name)
    plain(monkeypatch, JSComponent, "_get_properties")
    for owner, name in FILES:
        found = vars(owner)[name].f
        found = classproperty(getattr(found, "__wrapped__", found))
        monkeypatch.setattr(owner, name, found)
    return widgets.made_quickly


def kinds_of_widgets() -> list[type]:
    found, left = set(), [Syncable]
    while left:
        for kind in left.pop().__subclasses__():
            if kind not in found:
                found.add(kind)
                left.append(kind)
    ours = (
        kind for kind in found
        if kind.__module__.startswith(("panel_material_ui", "panels"))
        and "chat" not in kind.__module__  # which say what time it is
    )  # fmt: skip
    return sorted(ours, key=lambda kind: (kind.__module__, kind.__name__))


def slots(kind: type) -> dict[str, dict[str, object]]:
    """All that the parameters of a widget's own know, by parameter and slot."""
    widget = kind()
    found = {}
    for name in set(widget.param) - {"name"}:
        own = widget.param[name]
        found[name] = {slot: getattr(own, slot) for slot in own._all_slots_}
        found[name] |= {"owner": own.owner is widget, "watchers": list(own.watchers)}
        if "callable" in found[name]:  # a method of the widget
            found[name]["callable"] = getattr(own.callable, "__func__", own.callable)
    return found


def of_all_kinds(find) -> dict[str, object]:
    found = {}
    for kind in kinds_of_widgets():
        with contextlib.suppress(Exception):  # not without arguments
            found[f"{kind.__module__}.{kind.__name__}"] = find(kind)
    return found


def models_of(kind: type) -> str:
    """The models of a widget, as the browser gets them."""
    document = Document()
    with set_curdoc(document):
        kind().server_doc(document)
        sent = document.to_json(deferred=False)["roots"]
    return re.sub(r"(?<=[A-Za-z])\d{4,}|\d{9,}|[0-9a-f-]{36}", "", repr(sent))  # names, objects


@pytest.mark.parametrize("find", [slots, models_of])
def test_widgets_are_those_that_panel_makes(quick, find, monkeypatch):
    monkeypatch.setenv("WORKBENCH_WITHOUT", "modules")  # which are sent otherwise, see below
    before = of_all_kinds(find)
    quick()
    quick()  # a second server
    after = of_all_kinds(find)
    assert len(before.keys() & after.keys()) > 80
    assert before.keys() <= after.keys()
    for name, expected in before.items():
        assert after[name] == expected, name


def test_a_parameter_that_is_changed_is_one_widget_s_own(quick):
    quick()
    first, second = (pmui.Select(options=["a"]) for _ in range(2))
    sizes = list(pmui.Select.param.size.objects)
    first.param.size.label = "other"
    first.param.size.objects.append("huge")
    assert first.param.size.objects == [*sizes, "huge"]
    for others in (second.param.size, pmui.Select.param.size):
        assert (list(others.objects), others.label) == (sizes, "Size")


def test_whoever_watches_a_slot_hears_each_time(quick):
    quick()
    widget, heard = pmui.Button(), []
    widget.param.watch(
        lambda event: heard.append(event.new), "disabled", what="constant", onlychanged=False
    )
    for value in (True, True, False):
        widget.param.disabled.constant = value
    assert heard == [True, True, False]


@pytest.mark.parametrize(("name", "owner", "target"), QUICK)
def test_widgets_are_made_in_panel_s_way_where_it_is_other(
    quick, renamed, caplog, name, owner, target
):
    before = getattr(owner, target)
    renamed(name)
    quick()
    assert getattr(owner, target) is before
    (message,) = logged(caplog)
    assert f"({name}: renamed_{target.removeprefix('_')} is not there)" in message


def test_widgets_are_found_within_others(quick):
    button, text, card = pmui.Button(), pn.pane.HTML("a"), pmui.Column()
    card.append(pn.Row(button, pmui.Card(text, header=pn.pane.Str("b"))))
    for kind in (None, pn.pane.HTML, pmui.Button, lambda each: each is text):
        before = card.select(kind)
        assert before
        quick()
        assert card.select(kind) == before


@pytest.mark.parametrize(("owner", "name"), FILES)
def test_the_files_of_a_widget_are_looked_for_once(quick, owner, name):
    kinds = [kind for kind in kinds_of_widgets() if issubclass(kind, owner)]
    assert len(kinds) > 50
    before = {kind: getattr(kind, name) for kind in kinds}
    quick()
    quick()  # a second server
    assert {kind: getattr(kind, name) for kind in kinds} == before
    found = vars(owner)[name].f
    missed = found.cache_info().misses
    assert missed > 0
    assert {kind: getattr(kind, name) for kind in kinds} == before
    assert found.cache_info().misses == missed


def test_files_are_looked_for_in_panel_s_way_where_it_is_other(quick, renamed, caplog):
    before = [vars(owner)[name] for owner, name in FILES]
    renamed("bundles")
    quick()
    assert [vars(owner)[name] for owner, name in FILES] == before
    (message,) = logged(caplog)
    assert "(bundles: renamed_bundle_path is not there)" in message


def test_our_own_modules_are_bundles(quick):
    quick()
    made = CardHeading(title="a"), CardHeading(title="b"), Written()
    first, second, other = (each.get_root(Document()) for each in made)
    assert first.bundle == second.bundle
    assert first.bundle.startswith("panels.widgets.card_heading.CardHeading-")
    assert first.esm == second.esm == Path(CardHeading._esm).read_text()
    assert other.bundle is None


def test_modules_are_sent_in_panel_s_way_where_it_is_other(quick, renamed, caplog):
    before = JSComponent._get_properties
    renamed("modules")
    quick()
    assert JSComponent._get_properties is before
    (message,) = logged(caplog)
    assert "(modules: renamed_get_properties is not there)" in message


VISITED = ("visit_immediate_value_references", "visit_value_and_its_immediate_references")


@pytest.fixture
def looked_for(monkeypatch):
    """Bokeh's own way of looking for models, until it is called."""
    for name in VISITED:
        plain(monkeypatch, util, name)
    return references.looked_for_quickly


def a_page() -> Model:
    plot = bokeh.plotting.figure(tools="pan,hover", tooltips=[("a", "@a")])
    source = ColumnDataSource({"a": [1, 2], "b": np.arange(2), "more": [Div(), [Div()]]})
    plot.line("a", "b", source=source, legend_label="a")
    plot.add_layout(Span(location=1))
    plot.x_range.js_on_change("start", CustomJS(args={"one": Div(), "two": {"in": Div()}}))
    themed = Div(text="themed", tags=[Div(), {"a": (Div(), 1)}])
    themed.apply_theme({"visible": False})
    return Column(plot, Row(themed, pmui.Button(label="a").get_root()), stylesheets=["a"])


def test_the_models_that_are_found_are_those_that_bokeh_finds(looked_for, remembered):
    page = a_page()
    before = page.references()
    assert len(before) > 40
    direct = {each: set(models_in(each)) for each in before}
    remembered()
    looked_for()
    looked_for()  # a second server
    for _ in range(2):  # the second time defaults are known
        assert page.references() == before
        assert {each: set(models_in(each)) for each in before} == direct
    added = Div()
    page.children[1].children[0].tags.append(added)
    assert page.references() == before | {added}


def models_in(value: Model) -> list[Model]:
    found: list[Model] = []
    util.visit_immediate_value_references(value, found.append)
    return found


def test_models_are_looked_for_in_bokeh_s_way_where_it_is_other(looked_for, renamed, caplog):
    before = [getattr(util, name) for name in VISITED]
    renamed("references")
    looked_for()
    assert [getattr(util, name) for name in VISITED] == before
    (message,) = logged(caplog)
    assert "(references: renamed_visit_immediate_value_references is not there)" in message
