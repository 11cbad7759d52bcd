"""How the pages look: one theme for the widgets, a few rules for the layout."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.themes import Theme

from panels.parts.frontend import takes_widgets_only
from workbench.plots.live import theme as plots

# Margins of a field: the label on its outline reaches some 9 px above it.
FIELD = (10, 0, 4, 0)

BROWSER = Path(__file__).with_name("browser")

_LIGHT, _DARK = plots.LIGHT, plots.DARK
FONT = "Roboto, Inter, 'Helvetica Neue', Arial, sans-serif"


# In a narrow window the bar of a model's page takes two lines (`browser/bar.css`): the title gives
# way, and as much room is left for it.
_NO_TITLE = {"@media (max-width: 1099px)": {"display": "none"}}
_TWO_LINES = {
    "@media (max-width: 999px)": {"minHeight": "104px !important", "alignItems": "flex-start"}
}


def _bar(surface: str, line: str, ink: str, full: bool) -> dict:
    """The bar at the top: a quiet surface, so that the plots carry the colour."""
    return {
        "styleOverrides": {
            "root": {
                "backgroundColor": f"{surface} !important",
                "backgroundImage": "none",
                "color": f"{ink} !important",
                "boxShadow": "none",
                "borderBottom": f"1px solid {line}",
                "& .title": {
                    "color": f"{ink} !important",
                    "fontSize": "1.02rem !important",
                    "fontWeight": "700 !important",
                    "whiteSpace": "nowrap",
                    **(_NO_TITLE if full else {}),
                },
            }
        }
    }


def _scheme(primary: str, page: str, t: plots.Theme, full: bool) -> dict:
    return {
        "palette": {
            "primary": {"main": primary},
            "background": {"default": page, "paper": t.surface},
            "text": {"primary": t.text, "secondary": t.muted},
            "divider": t.grid,
        },
        "typography": {"fontFamily": FONT, "fontSize": 13, "button": {"textTransform": "none"}},
        "shape": {"borderRadius": 6},
        # Below 1000 px the parameter column folds away.
        "breakpoints": {"values": {"xs": 0, "sm": 1000, "md": 1200, "lg": 1500, "xl": 1800}},
        "mixins": {"toolbar": {"minHeight": 56}},
        "components": {
            "MuiAppBar": _bar(t.surface, t.grid, t.text, full),
            "MuiToolbar": {
                "styleOverrides": {
                    "root": {
                        "minHeight": "56px !important",
                        "padding": "0 12px",
                        **(_TWO_LINES if full else {}),
                    }
                }
            },
            # In a narrow window the column lies over the page, and may be wider than both.
            "MuiDrawer": {"styleOverrides": {"paper": {"maxWidth": "100vw"}}},
            "MuiTab": {
                "styleOverrides": {
                    "root": {
                        "textTransform": "none",
                        "minHeight": "40px",
                        # All six are within a window as narrow as a phone.
                        "@media (max-width: 599px)": {"minWidth": 0, "padding": "10px 8px"},
                    }
                }
            },
            # What a button explains must not lie between the pointer and the next button.
            "MuiTooltip": {
                "defaultProps": {
                    "disableInteractive": True,
                    "slotProps": {"popper": {"placement": "bottom"}},
                },
                # Else it would be as narrow as the button that it stands in.
                "styleOverrides": {"tooltip": {"width": "max-content"}},
            },
            "MuiTabs": {"styleOverrides": {"root": {"minHeight": "40px"}}},
            # As high as a select, beside which it often stands.
            "MuiOutlinedInput": {
                "styleOverrides": {
                    "root": {"&.MuiInputBase-sizeSmall > input": {"padding": "6px 14px"}}
                }
            },
        },
    }


LINE = "1px solid color-mix(in srgb, var(--panel-on-background-color) 15%, transparent)"
PAGE = {"light": "#F5F6F8", "dark": "#14171B"}


def _theme(full: bool) -> dict[str, Any]:
    """The theme of a page, both schemes; ``full`` where the bar holds more than a title."""
    return {
        "light": _scheme("#1F5FA8", PAGE["light"], _LIGHT, full),
        "dark": _scheme("#79B4F2", PAGE["dark"], _DARK, full),
    }


THEME, TITLE_THEME = _theme(full=True), _theme(full=False)

# A grid whose rows fill the window two at a time; three columns where there is room for them.


_OURS = ("Axis", "BaseColorBar", "Figure", "Grid", "Legend", "Plot", "Title")


def setup(notebook: bool = False) -> None:
    """Extensions and settings of every page; called before its first widget is made."""
    if notebook:
        # Inline: a notebook without access to the networks of content delivery works as well.
        widgets = {"comms": "ipywidgets"} if takes_widgets_only() else {}
        pn.extension(inline=True, loading_spinner="arc", **widgets)
    else:
        pn.extension(notifications=True, reconnect=True, loading_spinner="arc")
    pn.config.respect_explicit_sizing = True
    if pn.state.curdoc is not None:
        # The plots have inks and sizes of their own. Page would replace them in the browser, but
        # for the kinds of models that the document's theme names.
        pn.state.curdoc.theme = Theme(json={"attrs": {kind: {} for kind in _OURS}})


@lru_cache(maxsize=64)
def css(name: str) -> str:
    """The style sheet ``browser/<name>.css``."""
    return (BROWSER / f"{name}.css").read_text(encoding="utf-8")


# Panel lets nothing be higher than what it stands in: the parts of a long page would overlap, and
# what is to stay at the top of it would leave with the first screen.
AS_HIGH = {"max-height": "none"}

# What each Page is told of its parts.
OF_PAGE = {
    # Without it widgets in the header would not keep their own colours.
    ".MuiAppBar-root": {"bgcolor": "primary.contrastText", "color": "primary.main"},
    ".main": {"bgcolor": "background.default"},
    ".MuiLinearProgress-root": {"display": "none"},  # there although no busy_indicator is asked for
}


def in_a_row(*parts: Any, **options: Any) -> pn.Row:
    """A row whose parts are centred on one line."""
    for part in parts:
        part.align = "center"
    return pn.Row(*parts, **options)
