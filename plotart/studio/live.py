"""The pages that are open: each hears what changes, and sees the newest of the drawing that it watches.

A page that is slow misses drawings, never messages; one that can't keep up with those either is sent away, and takes
everything anew when it comes back. What waits for a page is bounded, so that no page can fill the memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

#: Pages that are served at once, and messages that wait for one of them.
MOST_PAGES, MOST_WAITING = 64, 500

#: Seconds that a page has to take a message.
PATIENCE = 20.0

#: Close codes: come back later; sent something that is no message.
_TRY_LATER, _NO_MESSAGE = 1013, 1003


class _Page:
    """A page's end of the line."""

    def __init__(self) -> None:
        self.watches: str | None = None
        self.texts: deque[str] = deque()
        self.frame: bytes | None = None
        self.news = asyncio.Event()

    @property
    def behind(self) -> bool:
        return len(self.texts) > MOST_WAITING


class Hub:
    """All open pages. `tell` and `show` can be called from any thread once `serve` has been called in the loop."""

    def __init__(self, on_watch: Callable[[frozenset[str]], None], newest: Callable[[str], bytes | None]) -> None:
        """`on_watch` is called with the versions that are watched when those change, `newest` gives the drawing that
        a page sees first."""
        self._on_watch, self._newest = on_watch, newest
        self._pages: set[_Page] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def pages(self) -> int:
        return len(self._pages)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Say something to all pages."""
        self._in_loop(self._tell, json.dumps(message, separators=(",", ":")))

    def show(self, version: str, frame: bytes) -> None:
        """Show a drawing to the pages that watch this version."""
        self._in_loop(self._show, version, frame)

    async def serve(self, socket: WebSocket) -> None:
        """One page, from its coming to its going."""
        self._loop = asyncio.get_running_loop()
        if len(self._pages) >= MOST_PAGES:
            await socket.close(_TRY_LATER, "too many pages are open")
            return
        await socket.accept()
        page = _Page()
        self._pages.add(page)
        tasks = [asyncio.create_task(self._speak(page, socket)), asyncio.create_task(self._listen(page, socket))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._pages.discard(page)
            self._watched()
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await asyncio.wait_for(socket.close(_TRY_LATER), 1.0)

    async def _speak(self, page: _Page, socket: WebSocket) -> None:
        while True:
            await page.news.wait()
            page.news.clear()
            while page.texts or page.frame is not None:
                if page.behind:
                    return
                if page.texts:
                    await asyncio.wait_for(socket.send_text(page.texts.popleft()), PATIENCE)
                elif page.frame is not None:
                    frame, page.frame = page.frame, None
                    await asyncio.wait_for(socket.send_bytes(frame), PATIENCE)

    async def _listen(self, page: _Page, socket: WebSocket) -> None:
        while True:
            try:
                said = json.loads(await socket.receive_text())
                watches = said["watch"]
            except (ValueError, KeyError, TypeError):
                await socket.close(_NO_MESSAGE)
                return
            except WebSocketDisconnect:
                return
            page.watches = watches if isinstance(watches, str) else None
            page.frame = self._newest(page.watches) if page.watches is not None else None
            page.news.set()
            self._watched()

    def _watched(self) -> None:
        self._on_watch(frozenset(page.watches for page in self._pages if page.watches is not None))

    def _tell(self, text: str) -> None:
        for page in self._pages:
            page.texts.append(text)
            page.news.set()

    def _show(self, version: str, frame: bytes) -> None:
        for page in self._pages:
            if page.watches == version:
                page.frame = frame
                page.news.set()

    def _in_loop(self, call: Callable[..., None], *values: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it closes just now
                self._loop.call_soon_threadsafe(call, *values)
