"""Who looks at a page, which saved runs are theirs, and what is said to them.

On one's own machine nobody logs in, and there is one catalogue. Where people log in each has a
catalogue of their own, beside the shared one, which all may read. Where others than the person at
this machine come in, no message names a folder of it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import panel as pn
from tornado.web import decode_signed_value

from panels.access.login import COOKIE, DAYS, read_cookie
from workbench.accounts import checked_name
from workbench.catalogue import Catalogue
from workbench.errors import message
from workbench.paths import cache_folder, live_folder, runs_folder

_in_use = _to_others = False

# A part of a path, up to a space or what closes a quotation; an absolute path has two at least.
_PART = r"/[^\s/:;,'\"<>|`]+"


def use_accounts(on: bool, to_others: bool | None = None) -> None:
    """Say whether people log in; the server does, before it answers.

    to_others : others than who is at this machine come in; None: where people log in they do
    """
    global _in_use, _to_others
    _in_use, _to_others = on, on if to_others is None else to_others


def accounts_in_use() -> bool:
    return _in_use


def served_to_others() -> bool:
    """Whether pages are for people whom files and folders of this machine are no business of."""
    return _to_others


@dataclass(frozen=True)
class Visitor:
    """``name`` is "" where nobody logs in; ``shared`` is None there."""

    name: str
    own: Callable[[], Catalogue]
    shared: Callable[[], Catalogue] | None


def visitor() -> Visitor:
    """Who looks at the page that is being made; asked for in its document.

    raises : ParameterError when somebody is logged in whose name cannot be a folder's
    """
    if not accounts_in_use():
        return Visitor("", Catalogue, None)
    # Not `pn.state.user`, which is "guest" for a browser that says so.
    name = checked_name(name_in(pn.state.cookies) or "")
    return Visitor(name, lambda: Catalogue(runs_folder() / "users" / name), Catalogue)


def name_in(cookies: Mapping[str, str]) -> str | None:
    """Who is logged in with these cookies; None for nobody, and where nobody logs in."""
    if not accounts_in_use():
        return None
    cookie = decode_signed_value(
        pn.config.cookie_secret, COOKIE, cookies.get(COOKIE, ""), max_age_days=DAYS
    )
    return None if cookie is None else read_cookie(cookie)[0]


def in_words(error: BaseException | str) -> str:
    """The text of an error, as it may be shown in a browser."""
    text = error if isinstance(error, str) else message(error)
    if not _to_others:
        return text
    folders = (runs_folder(), live_folder(), cache_folder(), Path(tempfile.gettempdir()))
    known = [*folders, Path.home(), Path(__file__).parents[2]]
    # Their names may hold what ends a path elsewhere, as a space does.
    above = {str(f) for folder in known for f in (folder, *folder.parents) if len(f.parts) > 2}
    names = "|".join(re.escape(name) for name in sorted(above, key=len, reverse=True))
    paths = rf"(?:{names})(?![\w-]|\.\w)(?:{_PART})*/?|(?:{_PART}){{2,}}/?"
    return re.sub(paths, lambda found: _shortened(found.group(), known), text)


def _shortened(name: str, known: Iterable[Path]) -> str:
    path = Path(name)
    local = any(path.is_relative_to(f) or f.is_relative_to(path) for f in known) or path.exists()
    return path.name if local else name
