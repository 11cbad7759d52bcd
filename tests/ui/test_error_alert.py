"""Sentences in which names of files and runs stand: shown as the text that they are."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from panels.widgets.error_alert import ErrorAlert

pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")
PANELS = Path(__file__).resolve().parents[2] / "panels"
TEXTS = [
    "Unknown model: '<img src=x onerror=document.title=1>'. Allowed: cuba.",
    "<script>document.title=1</script>",
    "[here](javascript:document.title=1) ![x](http://elsewhere.example/x.png)",
    "&lt;img src=x onerror=document.title=1&gt; &amp;lt;b&amp;gt;",
    "*a* _b_ `c` **d** ~~e~~ 1 \\<b\\> \\\\ w_e = 1.62 mV",
    "# no heading",
    "- no list",
    "    no code",
    "http://elsewhere.example and <http://elsewhere.example>",
    "| a | b |\n|---|---|\n| c | d |",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_said_is_shown_as_it_is(text):
    alert = ErrorAlert()
    assert not alert.visible
    alert.say(text)
    assert (alert.visible, alert.said) == (True, text)
    sent = html.unescape(alert._process_param_change({"object": alert.object})["object"])
    paragraph = re.fullmatch(r"<p>(.*)</p>\s*", sent, re.S)
    assert "<" not in paragraph[1]  # no other element
    assert html.unescape(paragraph[1]) == " ".join(text.split())
    alert.say("")
    assert not alert.visible


def test_no_part_of_a_page_has_an_alert_of_another_kind():
    """They are Markdown, and with it HTML."""
    for file in PANELS.rglob("*.py"):
        if file.name != "error_alert.py":
            assert not re.search(r"\bpmui\.(Alert|Typography|StaticText)\(", file.read_text()), file
