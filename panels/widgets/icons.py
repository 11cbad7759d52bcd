"""Icons as SVG, so that no icon font has to be loaded in notebooks or offline."""

from __future__ import annotations

_STROKES = {
    "pause": '<path d="M8 5v14M16 5v14" stroke-width="4"/>',
    "step": '<path d="M6 5l9 7-9 7z" fill="#000"/><path d="M19 5v14" stroke-width="3"/>',
    "reset": '<path d="M5 12a7.5 7.5 0 1 0 2.6-5.7"/><path d="M8.5 2.5v4.5H4" fill="none"/>',
    "undo": '<path d="M9 14L4 9l5-5"/><path d="M4 9h10.5a5.5 5.5 0 0 1 0 11H9"/>',
    "redo": '<path d="M15 14l5-5-5-5"/><path d="M20 9H9.5a5.5 5.5 0 0 0 0 11H15"/>',
    "stop": '<rect x="6" y="6" width="12" height="12" rx="1" fill="#000"/>',
    "run": '<path d="M7 4.5l12 7.5-12 7.5z" fill="#000"/>',
    "save": '<path d="M12 3v11M7 10l5 5 5-5M4 20h16"/>',
    "keep": '<path d="M4 4h16v5H4zM6 9v11h12V9M10 13h4"/>',
    "export": '<path d="M12 15V3M8 7l4-4 4 4M7 11H4v9h16v-9h-3"/>',
    "delete": '<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"/>',
    "expand": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "shrink": '<path d="M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5"/>',
    "keys": '<rect x="2.5" y="6" width="19" height="12" rx="2"/>'
    '<path d="M6 10h.5M10 10h.5M14 10h.5M18 10h.5M7 14h10"/>',
    "figure": '<rect x="3" y="4" width="18" height="16" rx="1.5"/>'
    '<path d="M3 12.5h18M12 12.5V20"/>',
    "learn": '<path d="M4 5h7a2 2 0 0 1 1 2v13a2 2 0 0 0-2-2H4zM20 5h-7a2 2 0 0 0-1 2v13'
    'a2 2 0 0 1 2-2h6z"/>',
    "ask": '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l6 6"/>',
    "cards": '<path d="M4 4h7v9H4zM15 4h5v5h-5zM15 13h5v7h-5zM4 17h7v3H4z"/>',
    "close": '<path d="M5 5l14 14M19 5L5 19"/>',
    "list": '<path d="M4 6h16M4 12h10M4 18h10M17 14l5 3.5-5 3.5z"/>',
}


def icon(name: str) -> str:
    """Return an SVG document for the ``icon`` parameter of widgets."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24" '
        'fill="none" stroke="#000" stroke-width="2" stroke-linecap="round" '
        f'stroke-linejoin="round">{_STROKES[name]}</svg>'
    )
