"""When to look into the drop folder: at every change, and again as soon as what changed may have become quiet."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import watchfiles

from models.settings import Settings


def watch(settings: Settings, stop: threading.Event) -> Iterator[None]:
    """Yield whenever the inbox should be scanned, until ``stop`` is set.

    A change alone is not enough: a file becomes ready by *not* changing for ``settle_seconds``, so we also look
    at that pace. One look at an empty folder costs a few system calls.
    """
    pause = max(500, int(settings.settle_seconds * 1000))
    yield None
    for _ in watchfiles.watch(
        settings.inbox, stop_event=stop, rust_timeout=pause, yield_on_timeout=True, raise_interrupt=False
    ):
        if stop.is_set():
            return
        yield None
