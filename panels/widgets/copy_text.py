"""A text to be copied: what it is, the text itself, and a button that takes it."""

from __future__ import annotations

from pathlib import Path

import param
from panel.custom import JSComponent

from ..theme import css


class CopyText(JSComponent):
    """Text that a click copies; it can also be marked and copied by hand.

    label   : what it is, which is also said by the button: "Copy link"
    address : the text is the end of an address, such as a query; the whole address is copied
    rows    : lines that are shown, at least;  prose: it is read, not run
    """

    label = param.String(default="text")
    text = param.String(default="")
    address = param.Boolean(default=False)
    rows = param.Integer(default=1)
    prose = param.Boolean(default=False)

    _esm = Path(__file__).with_name("copy_text.js")
    _stylesheets = [css("copy_text")]
