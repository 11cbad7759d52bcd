"""The frames of a session for code that awaits them, as that of a notebook does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .frames import Frame
    from .session import Session


async def frames_of(session: Session) -> AsyncIterator[Frame]:
    """Yield frames as they arrive, until the run is over or the session is parked."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # a loop that is closed waits for nothing
            loop.call_soon_threadsafe(news.set)

    session.listeners = (*session.listeners, wake)
    try:
        while True:
            news.clear()
            # Asked before the frames are taken: what came before the end is still to be had.
            last = session.status().over or session.parked
            for frame in session.frames():
                yield frame
            if last:
                return
            await news.wait()
    finally:
        session.listeners = tuple(each for each in session.listeners if each is not wake)
