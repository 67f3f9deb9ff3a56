"""Reading documents that somebody waits for at the desk, at once and beside the requests, one after the other.

A worker elsewhere may take them first: whoever has the lease reads, the other leaves it alone. If the desk is killed
meanwhile, they wait like any received document.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from time import monotonic

from models.errors import PodatelnaError
from pipeline.process import new_owner, process_one
from pipeline.store import Store

_AGAIN_SECONDS = 30.0  # a page asks every second; what failed for our fault is not tried as often
_log = logging.getLogger(__name__)


class Reader:
    """One thread that lives as long as there is something to read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: list[int] = []
        self._failed: dict[int, float] = {}
        self._works = False

    def read(self, ids: Iterable[int]) -> None:
        """See to it that these are read; those that are waited for already don't come twice."""
        with self._lock:
            now = monotonic()
            for one in ids:
                if one not in self._waiting and now - self._failed.get(one, -_AGAIN_SECONDS) >= _AGAIN_SECONDS:
                    self._waiting.append(one)
            if self._waiting and not self._works:
                self._works = True
                threading.Thread(target=self._work, name="reader", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._works = False
                    return
                document_id = self._waiting[0]
            failed = True
            try:
                process_one(self._store, document_id, new_owner())
                failed = False
            except PodatelnaError as error:
                _log.warning("Document %d was not read: %s", document_id, error.code)
            except Exception:
                _log.exception("Document %d was not read", document_id)
            with self._lock:
                self._waiting.remove(document_id)
                if failed:
                    self._failed[document_id] = monotonic()
                else:
                    self._failed.pop(document_id, None)
