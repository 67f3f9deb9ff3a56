"""The demo's only own parts: putting the samples into the drop folder, each once, and telling how far it is."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from models.states import State
from models.tables import DocumentRow
from pipeline.store import Store


def copy_samples(store: Store, samples: Path) -> int:
    """Drop the samples whose bytes the store does not know yet, each whole from the first moment (by rename)."""
    with store.reading() as session:
        known = set(session.scalars(select(DocumentRow.sha256)))
    count = 0
    for sample in sorted(path for path in samples.iterdir() if path.is_file()):
        data = sample.read_bytes()
        if hashlib.sha256(data).hexdigest() in known:
            continue
        temporary = store.settings.inbox / f".{sample.name}.part"
        temporary.write_bytes(data)
        temporary.replace(store.settings.inbox / sample.name)
        count += 1
    return count


@contextmanager
def watched(store: Store, told: Callable[[int, int], None], every: float) -> Iterator[None]:
    """While the block runs, tell every so many seconds how many documents are read, and of how many."""

    def unread() -> int:
        with store.reading() as session:
            query = select(func.count()).select_from(DocumentRow).where(DocumentRow.state == State.RECEIVED)
            return session.scalar(query) or 0

    total, over = unread(), threading.Event()

    def look() -> None:
        while not over.wait(every):
            told(total - unread(), total)

    watcher = threading.Thread(target=look, name="watched", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
