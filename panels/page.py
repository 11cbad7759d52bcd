"""The explorer's page: a bar, a column of parameters, and the tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from workbench.model import registry

from .bokeh_internals.busy import never_busy
from .parts.save_dialog import LAYOUT
from .parts.watchdog import head
from .tabs.about import AboutTab
from .theme import AS_HIGH, OF_PAGE, THEME, css, in_a_row
from .widgets.fold import fold
from .widgets.icons import icon
from .widgets.named_select import named_select

if TYPE_CHECKING:
    from panels.model_page import Explorer

WAITING = "wb-waiting"  # of a tab that is not filled yet

# Model -> its address, when several apps are served together; filled by ``panels.serving``.
addresses: dict[str, str] = {}


def lay_out(explorer: Explorer) -> tuple[pmui.Page, pmui.Tabs, list[str]]:
    """Put the parts of an `Explorer` in their places; returns the page, its tabs, their names."""
    save = pmui.IconButton(
        icon=icon("save"), size="small", description="Save all plots as one figure",
        css_classes=["wb-save-layout"], color="default", margin=0,
    )  # fmt: skip
    save.on_click(lambda _e: explorer.saving.plot(LAYOUT, "all plots"))
    keys = pmui.IconButton(
        icon=icon("keys"), size="small", description="Keys (?)", css_classes=["wb-keys"],
        color="default", margin=0,
    )  # fmt: skip
    keys.on_click(lambda _e: explorer.place(explorer.keys.toggle))
    purpose = pn.pane.HTML(
        f"<h2 style='font-weight:400;white-space:normal'>{explorer.model_class.purpose}</h2>",
        stylesheets=[css("heading")], margin=(8, 14, 0, 14), sizing_mode="stretch_width",
        css_classes=["wb-purpose"],
    )  # fmt: skip
    # A lesson says itself what there is to see.
    opening = explorer.lesson.view or [
        pn.Row(
            purpose, *explorer.lesson.buttons, explorer.shown.button, margin=0,
            sizing_mode="stretch_width", stylesheets=[css("opening")],
        )
    ]  # fmt: skip
    live = pn.Column(
        explorer.own_layout.view, explorer.plots.view, sizing_mode="stretch_width",
        margin=(10, 0, 0, 0),
    )  # fmt: skip
    # The other tabs are filled when they are first looked at: the page opens sooner.
    later: dict[str, Callable[[], Any]] = {
        **explorer.script.tabs,
        "Sweep": explorer.sweep.build,
        "Compare": explorer.comparing.build,
        "Figure": explorer.figure.build,
        "About": AboutTab(explorer).build,
    }
    if explorer.model_class.experiments:
        later = {"Experiments": explorer.experiments.build, **later}
    names = ["Live", *later]
    boxes = {
        name: pn.Column(
            sizing_mode="stretch_width", margin=0, css_classes=[WAITING],
            stylesheets=[css("waiting")],
        )
        for name in later
    }  # fmt: skip
    tabs = pmui.Tabs(
        ("Live", live), *boxes.items(), sizing_mode="stretch_width", margin=0,
        css_classes=["wb-tabs"],
    )  # fmt: skip

    def fill(event: Any) -> None:
        name = names[event.new]
        if name in later and not len(boxes[name]):
            boxes[name][:] = [later[name]()]
            boxes[name].css_classes = []
            explorer.later(explorer.claim)

    tabs.param.watch(fill, "active")
    top = pn.Column(
        explorer.strip.view, explorer.timeline.view, explorer.shown.view, explorer.visit_runs.view,
        explorer.error_banner.view, explorer.address.view, explorer.watchdog.view,
        sizing_mode="stretch_width", margin=0,
        styles={"position": "sticky", "top": "0", "z-index": "20",
                "background": "var(--panel-background-color)"},
    )  # fmt: skip
    main = pn.Column(
        top, *opening,
        tabs, explorer.heartbeat, explorer.saving.view, explorer.taking.view,
        explorer.keys.view,
        sizing_mode="stretch_width", margin=0,
        styles={
            "background": "var(--panel-background-color)", "min-height": "100%",
            "flex-shrink": "0", **AS_HIGH,
        },
    )  # fmt: skip
    close = fold(
        "Close the parameters", 104, lambda: explorer.later(lambda: explorer.commands.key("narrow"))
    )
    sidebar = [close, explorer.simulation.view, explorer.parameters]
    if explorer.controls:
        title = pn.pane.HTML(
            "<h2 style='font-size:11px;letter-spacing:.07em;text-transform:uppercase;"
            "opacity:.68'>Controls</h2>",
            stylesheets=[css("heading")], margin=(4, 12),
        )  # fmt: skip
        sidebar += [
            title,
            pn.Column(*explorer.controls, sizing_mode="stretch_width", margin=(0, 12, 16, 12)),
        ]
    page = pmui.Page(
        title="" if explorer.notebook else "Circuit workbench",
        header=[
            in_a_row(
                *_picker(explorer), *explorer.transport.parts, pn.HSpacer(),
                explorer.own_layout.button, keys, explorer.keeping.button,
                explorer.taking.button, save,
                sizing_mode="stretch_width", margin=(0, 0, 0, 20), stylesheets=[css("bar")],
            )
        ],
        sidebar=sidebar, main=[main], sidebar_width=300, sidebar_variant="auto",
        theme_config=THEME, busy_indicator=None, site_url="./" if addresses else "#",
        sx={
            **OF_PAGE,
            # Without it the row of buttons is never narrower than its widest line.
            ".MuiAppBar-root .MuiToolbar-root > .MuiBox-root": {"minWidth": 0},
            ".MuiAppBar-root .MuiIconButton-edgeStart": {"mr": {"xs": 0.5, "sm": 2}},
        },
        template=head(), meta_title=f"{explorer.model_class.title} · Circuit workbench",
        **({"height": 880, "sizing_mode": "stretch_width"} if explorer.notebook else {}),
    )  # fmt: skip
    never_busy(page)
    return page, tabs, names


def _picker(explorer: Explorer) -> list[Any]:
    """Which model; going to another one is going to its address."""
    if not explorer.pick:
        return []
    options = {cls.title: slug for slug, cls in registry.models().items()}
    picker = named_select(
        "Model", options=options, value=explorer.slug, min_width=90, margin=(0, 10, 0, 0),
        sizing_mode="stretch_width",
        css_classes=["wb-model"], variant="outlined",
    )  # fmt: skip
    picker.param.watch(lambda e: explorer.go_to(e.new), "value")
    return [picker]
