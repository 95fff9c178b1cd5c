"""Saves what the emulator holds while it runs: a killed one loses seconds, not everything.

MiniStack itself saves only when it is asked to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ministack import app as server
from ministack.core.persistence import save_all

INTERVAL_SECONDS = 2

Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


def save_while_running() -> None:
    """Puts the saving around the emulator's application."""
    server.app = _saving(server.app)


def _saving(inner: Asgi) -> Asgi:
    answered = asyncio.Event()

    async def save_after_requests() -> None:
        while True:
            await answered.wait()
            await asyncio.sleep(INTERVAL_SECONDS)
            answered.clear()
            save_all(server._build_persistence_save_dict())

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        saving = asyncio.create_task(save_after_requests()) if scope["type"] == "lifespan" else None
        try:
            await inner(scope, receive, send)
        finally:
            answered.set()
            if saving is not None:
                saving.cancel()

    return app
