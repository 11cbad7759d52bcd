"""The page of saved runs: browse, look at one, lay two over one another, tag, delete.

Shows what is stored and nothing else: plots are drawn by other processes, and no run is
simulated or executed.
"""

from __future__ import annotations

import asyncio
import html
from typing import Any

import panel as pn
import panel_material_ui as pmui

from panels.access.quota import room
from panels.access.visitor import in_words, served_to_others, visitor
from panels.bokeh_internals.busy import never_busy
from panels.parts import run_plots as run_plots
from panels.parts.export_dialog import ExportDialog
from panels.runs_page import details as run_details
from panels.runs_page.list import RunList, row_of
from panels.theme import AS_HIGH, LINE, OF_PAGE, TITLE_THEME, css, setup
from panels.widgets.background_job import BackgroundJob, place, waited, writing
from panels.widgets.error_alert import ErrorAlert
from panels.widgets.fold import fold
from panels.widgets.icons import icon
from panels.widgets.narrow import NarrowWindow
from workbench.catalogue import Catalogue, RunEntry
from workbench.disk_errors import megabytes
from workbench.errors import ParameterError, UnknownName, WorkbenchError
from workbench.links import link_of_run
from workbench.links.python import python_of
from workbench.links.text import address_of
from workbench.model import registry
from workbench.plots.in_words import counted
from workbench.store import open_run

LOOK_EVERY_MS = 3000
MOST_ROWS = 100  # listed at once; the choice of model and tag brings the others
KEPT_DRAWINGS = 8
SETTLE_S = 0.3  # whoever chooses two has chosen one before, and need not wait for its plots
ALL = "all"
OWN, SHARED = "mine", "shared by all"
LOOKING = "Looking through the saved runs …"
SHARE = "Share a copy with all"


class RunsPage:
    """The page for one browser session.

    catalogue : the visitor's own runs
    shared    : those that all may see, where people log in
    """

    def __init__(self, catalogue: Catalogue | None = None, shared: Catalogue | None = None):
        self.own, self.shared = catalogue or Catalogue(), shared
        self.catalogue = self.own
        self.entries: dict[str, RunEntry] = {}
        self._thumbnails: dict[tuple[Any, ...], bytes] = {}
        self._drawn: dict[tuple[Any, ...], str] = {}
        self._job: BackgroundJob | None = None
        self._looked = 0  # times that the catalogue was read at once, as after a change
        self._turn = 0  # what is drawn for an earlier choice is not shown any more
        self.window = NarrowWindow(width=0, height=0, margin=0)
        self.window.param.watch(self._on_narrow, "narrow")
        self._make_list()
        self._make_details()
        self._make_dialog()
        self.view = self._lay_out()

    # -- parts ---------------------------------------------------------------------------------

    def _make_list(self) -> None:
        small: dict[str, Any] = {"size": "small", "margin": 0, "sizing_mode": "stretch_width"}
        self.model = pmui.Select(label="Model", options=[ALL], value=ALL, **small)
        self.tag = pmui.Select(label="Tag", options=[ALL], value=ALL, **small)
        self.whose = pmui.Select(
            label="Whose runs", options=[OWN, SHARED], value=OWN, visible=self.shared is not None,
            css_classes=["wb-whose-runs"], **small,
        )  # fmt: skip
        self.whose.param.watch(self._on_whose, "value")
        self.list = RunList(sizing_mode="stretch_width", margin=(4, 12), css_classes=["wb-runs"])
        self.message = pn.pane.HTML(LOOKING, stylesheets=[css("text")], margin=(4, 14))
        for filter_ in (self.model, self.tag):
            filter_.param.watch(lambda _e: self._fill(), "value")
        self.list.param.watch(self._look_at_chosen, "chosen")
        self.list.param.watch(lambda _e: self._leave_list(), "done")

    def _make_details(self) -> None:
        html_options: dict[str, Any] = {
            "stylesheets": [css("text"), css("experiments")], "sizing_mode": "stretch_width",
            "styles": AS_HIGH,
        }  # fmt: skip
        self.details = pn.pane.HTML("", margin=0, css_classes=["wb-run-details"], **html_options)
        self.heading = pn.pane.HTML("", margin=0, **html_options)
        self.plots = pn.pane.HTML("", margin=(8, 0), css_classes=["wb-run-plots"], **html_options)
        self.tags = pmui.TextInput(
            label="Tags, with commas between them", size="small", width=320, margin=(8, 12, 4, 0),
            css_classes=["wb-run-tags"],
        )  # fmt: skip
        self.notes = pmui.TextAreaInput(
            label="Notes", size="small", rows=2, max_width=420, sizing_mode="stretch_width",
            margin=(8, 12, 4, 0), css_classes=["wb-run-notes"],
        )  # fmt: skip
        self.keep = pmui.Button(
            label="Save tags and notes", variant="outlined", size="small", margin=(12, 8, 4, 0),
            css_classes=["wb-run-label"],
        )  # fmt: skip
        self.delete = pmui.Button(
            label="Delete …", icon=icon("delete"), color="error", variant="text", size="small",
            margin=(12, 8, 4, 0), css_classes=["wb-run-delete"],
        )  # fmt: skip
        self.take = pmui.Button(
            label="Share or export …", icon=icon("export"), variant="outlined", size="small",
            margin=(12, 8, 4, 0), visible=False, css_classes=["wb-run-export"],
        )  # fmt: skip
        self.take.on_click(self._take)
        self.share = pmui.Button(
            label=SHARE, variant="outlined", size="small", margin=(12, 8, 4, 0),
            visible=self.shared is not None, css_classes=["wb-run-share"],
        )  # fmt: skip
        self.share.on_click(self._share)
        self.keep.on_click(lambda _e: self._label())
        self.delete.on_click(lambda _e: self._ask())
        self.labels = pn.FlexBox(
            self.tags, self.notes, self.keep, self.share, self.delete, visible=False
        )
        self.error_banner = ErrorAlert(margin=(4, 0))

    def _make_dialog(self) -> None:
        self.taking = ExportDialog(
            "", lambda: open_run(self._chosen().path),
            lambda: registry.load(self._chosen().model), lambda act: act(), lambda: self._texts,
        )  # fmt: skip
        self._texts = {"link": "", "python": ""}
        self.taking.build(self._texts)
        self.question = pn.pane.HTML("", stylesheets=[css("text")], margin=(0, 0, 12, 0))
        yes = pmui.Button(
            label="Delete for good", color="error", size="small", margin=(0, 8, 0, 0),
            css_classes=["wb-run-delete-yes"],
        )  # fmt: skip
        no = pmui.Button(label="Leave it", variant="text", size="small", margin=0)
        yes.on_click(lambda _e: self._delete())
        no.on_click(lambda _e: self.dialog.param.update(open=False))
        self.dialog = pmui.Dialog(
            pmui.Column(self.question, pn.Row(yes, no, margin=0), sizing_mode="stretch_width"),
            title="Delete this run?", title_variant="h6", close_on_click=True, width_option="xs",
        )  # fmt: skip

    def _lay_out(self) -> pmui.Page:
        card = {
            "background": "var(--panel-surface-color)", "padding": "14px 18px", "border": LINE,
            "border-radius": "8px", **AS_HIGH,
        }  # fmt: skip
        page = pmui.Page(
            title="Circuit workbench",
            header=[pn.pane.HTML("Saved runs", stylesheets=[css("text")], margin=(0, 12))],
            sidebar=[
                fold("Close the list", 56, self._leave_list),
                pn.Row(self.whose, margin=(14, 14, 0, 14), visible=self.whose.visible),
                pn.Row(self.model, pn.Spacer(width=10), self.tag, margin=(14, 14, 4, 14)),
                self.message,
                self.list,
            ],
            main=[
                pn.Column(
                    pn.Column(
                        self.error_banner, self.heading, self.take, self.labels, self.plots,
                        self.details,
                        sizing_mode="stretch_width", margin=(14, 14), styles=card,
                    ),
                    self.dialog, self.taking.view, self.window,
                    sizing_mode="stretch_width", margin=0, styles=AS_HIGH,
                )
            ],
            sidebar_width=440, sidebar_variant="auto", sidebar_resizable=False,
            theme_config=TITLE_THEME, busy_indicator=None,
            site_url="./", meta_title="Saved runs · Circuit workbench",
            sx=OF_PAGE,
        )  # fmt: skip
        never_busy(page)
        return page

    # -- the list ------------------------------------------------------------------------------

    def look(self) -> None:
        """Read the catalogue and show it. The first time it draws the missing thumbnails."""
        self._looked += 1
        self._show(*self._read())

    async def look_again(self) -> None:
        """The same without waiting: other pages are answered meanwhile."""
        before = self._looked
        found = await asyncio.get_running_loop().run_in_executor(None, self._read)
        if self._looked == before:  # else what was read is older than what is shown
            self._show(*found)

    def _read(self) -> tuple[list[RunEntry], dict[tuple[Any, ...], bytes]]:
        catalogue = self.catalogue
        entries = catalogue.entries()
        shown = [e for e in entries[:MOST_ROWS] if e.outcome != "damaged"]
        new = catalogue.thumbnails([e for e in shown if _key(e) not in self._thumbnails])
        return entries, {
            _key(e): new[e.id] if e.id in new else self._thumbnails[_key(e)] for e in shown
        }

    def _show(self, entries: list[RunEntry], thumbnails: dict[tuple[Any, ...], bytes]) -> None:
        self.entries = {e.id: e for e in entries}
        self._thumbnails = thumbnails
        for filter_, found in (
            (self.model, {e.model for e in entries if e.model}),
            (self.tag, {t for e in entries for t in e.tags}),
        ):
            options = [ALL, *sorted(found)]
            if filter_.options != options:
                if filter_.value not in options:
                    filter_.value = ALL
                filter_.options = options
        self._fill()

    def _fill(self) -> None:
        fit = [
            e
            for e in self.entries.values()
            if self.model.value in (ALL, e.model) and (self.tag.value in (ALL, *e.tags))
        ]
        rows = [row_of(e, self._thumbnails.get(_key(e), b"")) for e in fit[:MOST_ROWS]]
        if rows != self.list.rows:
            self.list.rows = rows
        everything = counted(len(self.entries), "run")
        message = "No run is like that."
        if fit:
            message = (
                everything if len(fit) == len(self.entries) else f"{len(fit):,} of {everything}"
            )
        if len(fit) > MOST_ROWS:
            message = (
                f"The newest {MOST_ROWS} of {len(fit):,} runs; model and tag narrow them down."
            )
        if not self.entries:
            folder = html.escape(str(self.catalogue.folder))
            message = "No run was kept yet. The box in the bar of a model's page keeps one"
            if not served_to_others():
                message += (
                    ", and so does <code>workbench run MODEL --keep</code>. They lie in "
                    f"<code>{folder}</code>."
                )
            elif self.catalogue is self.shared:
                message = "Nobody shared a run yet."
            else:
                message += "."
        if self.message.object != message:
            self.message.object = message
        gone = [name for name in self.list.chosen if name not in self.entries]
        if gone:
            self.list.chosen = [name for name in self.list.chosen if name not in gone]
        if not self.list.chosen:
            self._describe([])

    async def _on_whose(self, _event: Any = None) -> None:
        self.catalogue = self.own if self.whose.value == OWN or not self.shared else self.shared
        self._looked += 1  # what is being read is of the others
        self.list.chosen = []
        self.entries, self.list.rows, self.message.object = {}, [], LOOKING
        await self.look_again()

    # -- what is chosen ------------------------------------------------------------------------

    def _leave_list(self) -> None:
        """Fold the list away where it lies over what was chosen in it."""
        if self.window.narrow:
            self.view.sidebar_open = False

    async def _on_narrow(self, event: Any) -> None:
        # Where nothing was chosen yet the list is what there is to see.
        self.view.sidebar_open = not event.new or not self.list.chosen
        await self._look_at_chosen()

    async def _look_at_chosen(self, _event: Any = None) -> None:
        self._turn += 1
        self.end()
        chosen = [self.entries[name] for name in self.list.chosen if name in self.entries]
        self._describe(chosen)
        if not chosen or any(e.outcome == "damaged" for e in chosen):
            self.plots.object = ""
            return
        turn, key = self._turn, (self._widest_mm, *(_key(e) for e in chosen))
        if key not in self._drawn:
            found = await self._stored(chosen)
            if not found:
                self.plots.object = "<p>Drawing …</p>"
                await asyncio.sleep(SETTLE_S)
                found = await self._draw(chosen, turn) if turn == self._turn else []
            if turn != self._turn:
                return
            self.plots.object = run_details.plots(found)
            if all(isinstance(drawn, bytes) for _, drawn in found):
                self._drawn[key] = self.plots.object
            while len(self._drawn) > KEPT_DRAWINGS:
                del self._drawn[next(iter(self._drawn))]
        else:
            self.plots.object = self._drawn[key]

    @property
    def _widest_mm(self) -> float:
        return run_plots.NARROW_MM if self.window.narrow else run_plots.WIDTH_MM

    async def _stored(self, chosen: list[RunEntry]) -> run_plots.Plots:
        """The plots of one run if they were drawn before, as they are for a wide window."""
        if len(chosen) > 1 or self.window.narrow:
            return []
        loop = asyncio.get_running_loop()
        try:
            known = await loop.run_in_executor(None, self.catalogue.plots, chosen[0].path.name)
        except WorkbenchError:  # it was deleted meanwhile
            return []
        return list(known.items())

    async def _draw(self, chosen: list[RunEntry], turn: int) -> run_plots.Plots:
        """The plots, drawn by another process, which ends when something else is chosen."""
        draw: Any = run_plots.of_two
        given = [*(str(e.path) for e in chosen), self._widest_mm]
        if len(chosen) == 1 and self.window.narrow:
            draw = run_plots.of_one
        elif len(chosen) == 1:
            draw, given = run_plots.stored, [str(self.catalogue.folder), chosen[0].path.name]
        async with place():
            if turn != self._turn:
                return []
            job = await waited(lambda: BackgroundJob(draw, *given, name="workbench-drawing"))
            self._job = job
            if turn != self._turn:
                self.end()
            await waited(job.over.wait)
        (kind, found, *_details) = job.poll()[-1]
        return found if kind == "done" else [("", found)]

    def end(self) -> None:
        """End what is being drawn; something else was chosen, or the page is gone."""
        job, self._job = self._job, None
        if job is not None:
            job.stop()

    def _describe(self, chosen: list[RunEntry]) -> None:
        self.error_banner.say("")
        self.share.label = SHARE
        self.labels.visible = len(chosen) == 1 and self.catalogue is self.own
        self.take.visible = len(chosen) == 1
        self.heading.object = run_details.heading(chosen)
        if len(chosen) == 1:
            self.tags.value = ", ".join(chosen[0].tags)
            self.notes.value = chosen[0].notes
            self.details.object = run_details.of_one(chosen[0])
        elif chosen:
            self.details.object = run_details.of_two(*chosen)
        else:
            self.details.object = self.plots.object = ""

    def _label(self) -> None:
        # In one's own runs, also while those of all are shown: hidden buttons can be pressed.
        self._try(lambda name: self.own.label(name, _parts(self.tags.value), self.notes.value))

    async def _share(self, _event: Any = None) -> None:
        shared, chosen = self.shared, self.list.chosen[:1]
        if shared is None or not chosen:
            return

        def copy() -> None:
            entry = self.own.entry(f"{chosen[0]}.zarr")
            run = entry.open()
            with room(shared, run, shared=True):
                shared.keep(run, entry.id, entry.tags, entry.notes)

        self.error_banner.say("")
        try:
            with writing(self.share):
                await waited(copy)  # a large run takes seconds, in which other pages are answered
        except WorkbenchError as error:
            self.error_banner.say(in_words(error))
            return
        await self.look_again()
        if self.list.chosen[:1] == chosen:
            self.share.label = "Shared"

    def _chosen(self) -> RunEntry:
        """The run that is looked at."""
        return self.entries[self.list.chosen[0]]

    async def _take(self, _event: Any = None) -> None:
        """The files and the link of the run that is looked at, as on a model's page."""
        self.error_banner.say("")
        entry = self._chosen()
        try:
            loop = asyncio.get_running_loop()
            self._texts = await loop.run_in_executor(None, _texts_of, entry)
        except WorkbenchError as error:
            self.error_banner.say(in_words(error))
            return
        self.taking.slug = entry.id
        self.taking.open()

    def _ask(self) -> None:
        entry = self._chosen()
        self.question.object = (
            f"<p><b>{html.escape(entry.id)}</b>, {megabytes(entry.size)}. "
            "There is no way to bring it back.</p>"
        )
        self.dialog.open = True

    def _delete(self) -> None:
        self.dialog.open = False
        self._try(self.own.remove)

    def _try(self, change: Any) -> None:
        """Change the chosen run, by its whole name; say so when it cannot be done."""
        if not self.list.chosen:
            return
        self.error_banner.say("")
        try:
            change(f"{self.list.chosen[0]}.zarr")
        except WorkbenchError as error:
            self.error_banner.say(in_words(error))
            return
        self.look()
        if len(self.list.chosen) == 1:
            self._describe([self.entries[self.list.chosen[0]]])


def _key(entry: RunEntry) -> tuple[Any, ...]:
    """The same as long as the run's data are."""
    return entry.id, entry.started, entry.spikes, entry.duration_ms


def _texts_of(entry: RunEntry) -> dict[str, str]:
    """What can be copied of a run, or why it cannot; raises StoreError for one that is gone."""
    run = open_run(entry.path)
    try:
        link = link_of_run(run)
        return {"link": address_of(link), "python": python_of(link)}
    except (UnknownName, ParameterError) as error:
        code = f"import workbench as wb\n\nrun = wb.open_run({entry.path.as_posix()!r})\n"
        why = " ".join(str(error).split())  # one line, as a comment is
        return {"link": "", "python": in_words(f"# No link: {why}\n{code}")}


def _parts(text: str) -> list[str]:
    return [t for t in (part.strip() for part in (text or "").split(",")) if t]


def app() -> Any:
    """The page, for one browser session."""
    setup()
    here = visitor()
    page = RunsPage(here.own(), here.shared() if here.shared else None)
    pn.state.on_session_destroyed(lambda _context: page.end())

    async def begin() -> None:
        # Runs that are new to the index are read and drawn: thousands take half a minute.
        await page.look_again()
        pn.state.add_periodic_callback(page.look_again, period=LOOK_EVERY_MS)

    pn.state.onload(begin)
    return page.view
