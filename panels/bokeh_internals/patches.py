"""What is changed or used of Bokeh and Panel beyond their documented interfaces: the table.

Each patch names its target. Where the target is missing, or another than expected, the patch is
left out, the page does the same in Bokeh's own way, and one sentence in the log says so. The
environment variable ``WORKBENCH_WITHOUT`` leaves patches out by name, to find out what one does.

The patches of the page are functions ``quick_NAME`` in ``bokeh_patches.js``, which gets its targets
from here; those of Python stand in the module that is their ``home``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from workbench.settings import left_out

from . import versions

_log = logging.getLogger("workbench")

TRIED = ("Bokeh 3.9.2", "Bokeh 3.10.0", "Panel 1.9.4")
HOW = "benchmarks/patches.py"  # cuba, with and without it in turn, eight times 1.5 s each


@dataclass(frozen=True)
class Target:
    """What a patch of the page replaces in the browser.

    module     : of BokehJS; "" for a class of the browser itself
    owner      : the class; its prototype is changed
    methods    : name -> number of arguments
    properties : names that are read
    inside     : method -> what its source must speak of, where it is done otherwise
    """

    module: str
    owner: str
    methods: dict[str, int] = field(default_factory=dict)
    properties: tuple[str, ...] = ()
    inside: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Patch:
    """One patch.

    where  : "any page", also in notebooks; "own page", where all plots are ours; or "python"
    home   : the file with the code, beside this one
    target : in the browser a `Target`, in Python dotted names
    what   : what is done otherwise
    why    : what Bokeh or Panel does, and what is wrong with it
    gain   : what it was measured to save (mean and its standard error, of what a drawing costs in
             all), or what does not work without it
    how    : how the gain was measured
    test   : file of tests::function that leaves it out
    tried  : versions in which the target was seen to be as expected
    issue  : address of the upstream issue, "" when none is known
    """

    name: str
    where: Literal["any page", "own page", "python"]
    home: str
    target: Target | tuple[str, ...]
    what: str
    why: str
    gain: str
    how: str
    test: str
    tried: tuple[str, ...] = TRIED
    issue: str = ""


_IN_A_BROWSER = "tests/ui/test_patches.py::test_a_page_works_without_one_of_its_patches"
# Alone each of these saves too little to be told from the noise (10 pairs).
_TOGETHER = "16.7 +- 4.3 of 39 ms a drawing, eight of the page together"
_PAGE: dict[str, Any] = {"home": "bokeh_patches.js", "how": HOW, "test": _IN_A_BROWSER}

# With garbage looked for less often and drawings of circuits that are shared.
_AT_OPENING = "not measured apart; all eight 0.44 of 0.97 s of the web process a page"

PATCHES = (
    Patch(
        "sheets", "any page",
        target=Target("core/dom", "InlineStyleSheet", {"_update": 1}),
        what="leaves a style sheet alone that is replaced by the same text",
        why="the browser reads it anew and works out all styles below it",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "size", "any page",
        target=Target("models/plots/plot_canvas", "PlotView", properties=("base_font_size",)),
        what="remembers the size of 1em in a plot",
        why="Bokeh asks the browser for it several times a drawing, which makes it work out styles",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "variables", "own page",
        target=Target("", "CSSStyleDeclaration", {"getPropertyValue": 1}),
        what="answers that no style sheet sets a --bk- variable",
        why="Bokeh asks for dozens of them at every drawing, and our pages set none",
        gain="8.2 +- 3.9 of 45 ms a drawing", **_PAGE,
    ),
    Patch(
        "layers", "own page",
        target=Target(
            "models/plots/plot_canvas", "PlotView", {"_actual_paint": 0},
            ("computed_renderer_views",),
            {"_actual_paint": ("_invalidate_all", "_invalidated_painters")},
        ),
        what="leaves the upper canvas of a plot alone while it is empty and stays so",
        why="Bokeh clears both canvases of each plot at every drawing",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "boxes", "own page",
        target=Target(
            "models/renderers/glyph_renderer", "GlyphRendererView", {"update_position": 0},
            inside={"update_position": ("position", "bbox")},
        ),
        what="hides the empty box that each glyph has on the page",
        why="Bokeh moves it along with the plot's frame at every drawing",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "legend", "own page",
        target=Target(
            "models/annotations/legend", "LegendView",
            {"render": 0, "request_layout": 0, "_render_items": 0, "_paint_glyphs": 0,
             "update_position": 0},
            ("labels", "css_position", "is_visible"),
            {"_paint_glyphs": ("entries",), "_render_items": ("labels", "entries")},
        ),
        what="makes a legend anew only when what it says or where it stands has changed",
        why="Bokeh makes entries, samples and place anew whenever the data of a line change",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "axis", "own page",
        target=Target(
            "models/axes/axis", "AxisView", {"compute_labels": 1},
            ("extents", "tick_coords", "dimension"),
            {"compute_labels": ("_major_label_views",)},
        ),
        what="keeps the labels of an axis until its ticks or the axis itself change",
        why="Bokeh formats and measures them three times a drawing",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "colours", "own page",
        target=Target(
            "models/glyphs/image", "ImageView", {"_flat_img_to_buf8": 1},
            inside={"_flat_img_to_buf8": ("rgba_mapper",)},
        ),
        what="looks the colours of an image of bytes up in a table of 256",
        why="Bokeh computes the colour of each pixel",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "image", "own page",
        target=Target(
            "models/glyphs/image_base", "ImageBaseView", {"_set_image_data_from_buffer": 2},
            inside={"_set_image_data_from_buffer": ("image_data", "image_width", "image_height")},
        ),
        what="writes an image without reading its canvas first",
        why="Bokeh reads all pixels back from the canvas before it replaces them",
        gain=_TOGETHER, **_PAGE,
    ),
    Patch(
        "back", "own page", home="bokeh_patches.js",
        target=Target(
            "client/connection", "ClientConnection",
            {"_on_open": 2, "_repull_session_doc": 2, "_reconnect_delay": 0,
             "_schedule_reconnect": 1, "send": 1},
            inside={"_repull_session_doc": ("_pull_doc_json", "replace_with_json"),
                    "_on_message": ("_receiver",)},
        ),
        what="has a page whose connection was lost come back, however long that takes",
        why="Bokeh reads on in a message that was cut, loses the arrays of the document that the "
        "server sends anew, and gives up after half a minute",
        gain="without it a page whose connection was lost stands still for good",
        how="tests/ui/test_lost_connection.py", test=_IN_A_BROWSER,
    ),
    Patch(
        "names", "own page", home="bokeh_patches.js",
        target=Target("", "Element", {"setAttribute": 2}),
        what="gives elements that have a name a role where they have none",
        why="panel-material-ui names the mark of a tooltip and the edge of the side bar, and "
        "without a role a name is not read out",
        gain="without it axe-core finds names that nobody is told",
        how="tests/ui/test_accessible.py", test=_IN_A_BROWSER,
    ),
    Patch(
        "brought", "own page", home="bokeh_patches.js",
        target=Target(
            "document/document", "Document", {"_apply_json_patch": 1},
            inside={"_apply_json_patch": ("_new_models",)},
        ),
        what="knows of models that the server has sent that the server knows them",
        why="Bokeh writes all of such a model into the page's next message where its name would "
        "do, as a plot with its data at the first click on it",
        gain="without it the server logs now and then that a reference is already known",
        how="tests/ui/test_light.py", test=_IN_A_BROWSER,
    ),
    Patch(
        "one-message", "python", "batching.py",
        target=("Document.callbacks._held_events", "ServerSession._subscribed_connections",
                "ServerConnection._socket"),
        what="sends all changes of a drawing as one message, in the order they were made",
        why="Bokeh sends a message for each, and Panel's own after those of Bokeh",
        gain="75.5 +- 11.0 of 57 ms a drawing", how=HOW,
        test="tests/ui/test_patches.py::test_without_the_connections_changes_go_in_bokeh_s_way",
    ),
    Patch(
        "short-arrays", "python", "batching.py",
        target=("Serializer._encode_ndarray", "Serializer._encode_bytes"),
        what="writes arrays among the text of a message unless they are long",
        why="each array that is sent by itself travels as two messages of the socket",
        gain="0.3 +- 2.6 of 38 ms a drawing, within the noise", how=HOW,
        test="tests/ui/test_patches.py::test_arrays_are_sent_as_bokeh_does_without_its_encoders",
    ),
    Patch(
        "quiet-properties", "python", "batching.py",
        target=("JSComponent._models", "JSComponent._changing"),
        what="sets properties that only the page reads without Panel's watchers",
        why="Panel finds out at each change whether the page itself made it",
        gain="3.2 +- 1.2 of 11 ms of the web process a drawing", how=HOW,
        test="tests/ui/test_patches.py::test_properties_are_set_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "answers", "python", "heartbeat.py",
        target=("JSComponent._server_event",),
        what="takes the page's answers without Panel's handling of events",
        why="Panel locks the page and marks it busy and idle again for each of them",
        gain="9.4 +- 4.2 of 40 ms a drawing", how=HOW,
        test="tests/ui/test_patches.py::test_answers_come_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "clock", "python", "clock.py",
        target=("ServerSession.with_document_locked",),
        what="calls the drawing from a clock of Tornado's, with the document locked",
        why="Panel's marks the page busy and idle at every call and walks through all its models",
        gain="not measured apart", how=HOW,
        test="tests/ui/test_patches.py::test_panel_s_clock_draws_where_the_lock_is_elsewhere",
    ),
    Patch(
        "idle", "python", "busy.py",
        target=("Page.busy",),
        what="takes a page's busy sign off the list of what every callback sets",
        why="Panel sets it at every callback, walks through all models of the page, and keeps each "
        "page that was closed on the list",
        gain="without it a page that was closed is kept for good, some 5 MB",
        how="tests/ui/test_closed_pages.py",
        test="tests/ui/test_patches.py::test_a_page_without_a_busy_sign_is_left_alone",
    ),
    Patch(
        "busy-task", "python", "busy.py",
        target=("state._schedule_busy_cleanup",),
        what="begins Panel's look after its busy state before the first page",
        why="Panel begins it for the first page, whose context it keeps while the server runs",
        gain="without it the first page that is opened is kept for good",
        how="tests/ui/test_closed_pages.py",
        test="tests/ui/test_patches.py::test_the_busy_state_is_looked_after_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "closed-views", "python", "closing.py",
        target=("state._views",),
        what="takes the views of a page that was closed off Panel's list",
        why="Panel forgets the page itself, and keeps the view of its messages, which holds all",
        gain="without it a page that was closed is kept for good, some 5 MB",
        how="tests/ui/test_closed_pages.py",
        test="tests/ui/test_patches.py::test_closed_pages_are_forgotten_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "closed-garbage", "python", "closing.py",
        target=("document._garbage_collect",),
        what="looks for garbage once for all pages that are closed within 20 s",
        why="Panel does 5 s after each, and all other pages stand still meanwhile",
        gain="a ninth of what a page takes of the web process (one profile, 10 pages of cuba)",
        how="benchmarks/page.py",
        test="tests/ui/test_patches.py::test_garbage_is_looked_for_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "notebook-push", "python", "batching.py",
        target=("Page._models", "state._views"),
        what="sends all changes of a drawing to a notebook at once, as text",
        why="a notebook loses empty binary parts of a message, and all that follows with them",
        gain="without it plots in JupyterLab stop at the first empty array",
        how="tests/ui/test_jupyterlab.py",
        test="tests/ui/test_patches.py::test_a_notebook_is_drawn_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "notebook-thread", "python", "notebook_thread.py",
        target=("Renderable._on_msg",),
        what="takes what a notebook's browser sends on the thread that runs the cells",
        why="JupyterLab hands it over on a second thread, in the midst of a drawing's changes",
        gain="without it changes of a slider are lost now and then while the page is drawn",
        how="tests/ui/test_jupyterlab.py",
        test="tests/ui/test_patches.py::test_a_notebook_answers_where_its_door_is_elsewhere",
    ),
    Patch(
        "second-address", "python", "second_address.py",
        target=("Server._http",),
        what="serves at ::1 as well as at 127.0.0.1",
        why="Bokeh listens at one address or at all of them; a browser takes localhost for either",
        gain="without it http://localhost is not found by browsers that try ::1 alone",
        how="tests/ui/test_serving.py",
        test="tests/ui/test_patches.py::test_a_server_without_a_second_address_is_at_the_first",
    ),
    Patch(
        "six-origins", "python", "second_address.py",
        target=("Server._tornado",),
        what="lets pages that were asked for at an address of version 6 talk to the server",
        why="Bokeh takes such an address for a mistake where it is told who may talk to it",
        gain="without it a page at http://[::1]:5006 stays as it came",
        how="tests/ui/test_serving.py",
        test="tests/ui/test_patches.py::test_a_server_of_another_make_is_talked_to_by_name_alone",
    ),
    Patch(
        "leaving", "python", "leaving.py",
        target=("WSHandler.on_close", "ServerConnection._session"),
        what="gives up the session of a page that leaves only when it is still there",
        why="a server that ends gives up all sessions (since Bokeh 3.10) while pages still leave, "
        "and then finds none to give up",
        gain="without it the log of a server that ends shows an AssertionError now and then",
        how="tests/ui/test_serving.py",
        test="tests/ui/test_patches.py::test_pages_leave_in_bokeh_s_way_where_it_is_other",
        tried=("Bokeh 3.9.2", "Bokeh 3.10.2"),
    ),
    Patch(
        "lost", "python", "leaving.py",
        target=("WSHandler.on_close", "ServerSession.block_expiration"),
        what="keeps the session of a page whose connection was lost, and not of one that left",
        why="Bokeh makes no difference, so that a page that left would keep its simulation for "
        "long, or one whose connection was lost for seconds loses it",
        gain="without it a page whose connection was lost for 5 s begins anew",
        how="tests/ui/test_lost_connection.py",
        test="tests/ui/test_patches.py::test_lost_pages_are_treated_in_bokeh_s_way_where_it_is_other",
    ),
    Patch(
        "defaults", "python", "defaults.py",
        target=("PropertyDescriptor._get_default", "PropertyDescriptor.has_unstable_default"),
        what="remembers the default value of a property for all models of a class",
        why="Bokeh finds it out anew, with checks, whenever a property is read that was never set, "
        "which is done for each property of each model of a page that is opened",
        gain="0.4 of 2.1 s of the web process for each page that is opened",
        how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_defaults_are_found_in_bokeh_s_way_where_it_is_other",
    ),
    Patch(
        "values", "python", "widgets.py",
        target=("Syncable._init_params", "Syncable._synced_params"),
        what="lists the parameters that a widget shares with its model once for its first values",
        why="Panel makes the list anew for each parameter on it",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_widgets_are_made_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "children", "python", "widgets.py",
        target=("ReactiveESM._get_children", "ReactiveESM._get_child_model"),
        what="finds out once for a class which parameters of a widget hold other widgets",
        why="Panel looks at all parameters of each widget, which makes a copy of each",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_widgets_are_made_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "parameters", "python", "widgets.py",
        target=("parameterized._instantiate_param_obj", "parameterized._is_mutable_container"),
        what="copies the parameter of a class for a widget slot by slot",
        why="Param asks for the default of each slot, and of each value whether it can be changed; "
        "a page has some two thousand such copies",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_widgets_are_made_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "same-values", "python", "widgets.py",
        target=("Parameter.__setattr__",),
        what="does nothing where a slot of a parameter is set to the None, True or False it has",
        why="Panel sets some of each parameter again for each widget and each change, and Param "
        "looks up whom that concerns",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_widgets_are_made_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "selecting", "python", "widgets.py",
        target=("ReactiveESM.select",),
        what="finds out once for a class which parameters of a widget it looks into for others",
        why="Panel looks at all parameters of each widget, six times for each change of a layout",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_widgets_are_made_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "subpaths", "python", "widgets.py",
        target=("resources._is_subpath",),
        what="remembers which files lie in which folders",
        why="Panel works it out anew for each style sheet of each kind of widget, for each page",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_widgets_are_made_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "bundles", "python", "widgets.py",
        target=("ReactiveESM._bundle_path", "MaterialComponent._bundle_css"),
        what="looks for the files of a kind of widget once",
        why="Panel looks for them in several folders for each widget",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_files_are_looked_for_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "modules", "python", "widgets.py",
        target=("JSComponent._get_properties",),
        what="sends the JavaScript of our own widgets as a bundle, which it is",
        why="Panel translates it from TypeScript in the browser, anew for each widget",
        gain="80 ms of the browser for each page that is opened (a profile of 4 pages)",
        how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_modules_are_sent_in_panel_s_way_where_it_is_other",
    ),
    Patch(
        "references", "python", "references.py",
        target=("util.visit_immediate_value_references",
                "util.visit_value_and_its_immediate_references",
                "HasProps.properties_with_refs"),
        what="passes over values that refer to nothing as it looks for the models of a page",
        why="Bokeh reads each property of each model of a page, whenever one is added",
        gain=_AT_OPENING, how="benchmarks/page.py",
        test="tests/ui/test_quick_pages.py::test_models_are_looked_for_in_bokeh_s_way_where_it_is_other",
    ),
    Patch(
        "unpacking", "python", "unpacking.py",
        target=("Deserializer._decode_bytes", "Deserializer._decode_ndarray"),
        what="refuses a message whose packed bytes are longer than a message may be, or that has "
        "arrays of another kind than pages send",
        why="Bokeh unpacks what any page sends, a thousand times longer than it came, and makes "
        "arrays whose entries have any length",
        gain="without it a message of 0.8 MB takes 5.4 GB, and the web process for 50 s",
        how="tests/ui/test_hostile_pages.py",
        test="tests/ui/test_patches.py::test_bytes_are_unpacked_in_bokeh_s_way_where_it_is_other",
    ),
    Patch(
        "parts", "python", "unpacking.py",
        target=("Message.assemble_buffer",),
        what="refuses a message whose parts together are longer than a message may be",
        why="Bokeh waits for as many parts as a message says that it has, and keeps all of them",
        gain="without it a message of forty parts that says it has more takes 0.8 GB, as long as "
        "the page is open",
        how="tests/ui/test_hostile_pages.py",
        test="tests/ui/test_patches.py::test_parts_are_taken_in_bokeh_s_way_where_it_is_other",
    ),
    Patch(
        "tokens", "python", "unpacking.py",
        target=("token.zlib",),
        what="refuses a token that is longer, unpacked, than the head of a request can be",
        why="Bokeh unpacks the token of whoever asks, a thousand times longer than it came, before "
        "it looks whose it is",
        gain="without it a token of 56 kB takes 1.7 GB, and the web process for 17 s",
        how="tests/ui/test_access.py",
        test="tests/ui/test_patches.py::test_tokens_are_unpacked_in_bokeh_s_way_where_it_is_other",
    ),
    Patch(
        "own-sessions", "python", "own_sessions.py",
        target=("ApplicationContext.create_session_if_needed",),
        what="shows a page to nobody but the person who opened it",
        why="Bokeh lets whoever asks name the session that they want, in the address too",
        gain="without it somebody who sends another person a link sees that person's page, runs "
        "and all, and acts on it",
        how="tests/ui/test_access.py",
        test="tests/ui/test_patches.py::test_sessions_are_given_in_bokeh_s_way_where_it_is_other",
        tried=("Bokeh 3.9.2", "Bokeh 3.10.0"),
    ),
    Patch(
        "errors", "python", "error_words.py",
        target=("ServerConnection.error",),
        what="tells a page what was wrong with a message of its own, without the traceback",
        why="Bokeh sends the traceback along, and with it the folders of the server's code",
        gain="without it whoever opens a page can ask a server for these folders",
        how="tests/ui/test_patches.py",
        test="tests/ui/test_patches.py::test_errors_are_told_in_bokeh_s_way_where_it_is_other",
        tried=("Bokeh 3.9.2", "Bokeh 3.10.0"),
    ),
    Patch(
        "loop-clock", "python", "loop_clock.py",
        target=("IOLoop.time",),
        what="measures the times of a server's loop by a clock that nobody sets",
        why="Tornado's periodic calls wait for a date: where that is set back, they wait as long",
        gain="without it no page is drawn, or given up, for as long as the date was set back",
        how="tests/ui/test_patches.py",
        test="tests/ui/test_patches.py::test_pages_are_drawn_on_when_the_date_is_set_back",
        tried=("Bokeh 3.9.2", "Bokeh 3.10.0"),
    ),
)  # fmt: skip
BY_NAME = {patch.name: patch for patch in PATCHES}

_missing: dict[str, str] = {}  # patch of Python -> why it is left out
_reported: set[str] = set()


def for_page(own: bool) -> list[dict[str, Any]]:
    """The targets of the page's patches, as ``bokeh_patches.js`` reads them.

    own : all plots of the page are ours; otherwise it is a notebook's, where others have theirs
    """
    wanted = ("any page", "own page") if own else ("any page",)
    return [
        {"name": patch.name, **asdict(patch.target)}
        for patch in PATCHES
        if isinstance(patch.target, Target)
        and patch.where in wanted
        and patch.name not in left_out()
    ]


def on(name: str) -> bool:
    """Whether a patch of Python is used: it fits so far, and nobody has asked to leave it out."""
    return name not in _missing and name not in left_out()


def leave_out(name: str, why: str) -> None:
    """Do without this patch of Python from now on, and say so in one sentence."""
    if name not in _missing:
        _missing[name] = why
        report(
            f"Bokeh and Panel work in their own way where the app knows a better one "
            f"({name}: {why}). {versions.sentence(('bokeh', 'panel'))}."
        )


def fits(name: str, *owners: Any) -> bool:
    """Whether a patch of Python is used: its targets are there.

    owners : the objects or classes that have the patch's targets, in the order of the table
    """
    if not on(name):
        return False
    targets = BY_NAME[name].target
    assert isinstance(targets, tuple)
    for owner, target in zip(owners, targets, strict=False):
        attribute = target.rpartition(".")[2]
        if not hasattr(owner, attribute):
            leave_out(name, f"{attribute} is not there")
            return False
    return True


def attempt(name: str, patched: Callable[[], Any], plain: Callable[[], Any]) -> Any:
    """``patched()``; ``plain()`` where the patch is not used or fails as it does not fit."""
    if on(name):
        try:
            return patched()
        except (AttributeError, TypeError) as error:
            leave_out(name, f"{type(error).__name__}: {error}")
    return plain()


def report(sentence: str) -> None:
    """Log a sentence, from Python or from a page, unless it was logged before."""
    if sentence not in _reported:
        _reported.add(sentence)
        _log.warning("%s", sentence)
