"""Named points where the fault tests stop, kill or delay a worker. In a real run they do nothing.

A test's runner script sets `observer` before it starts; nothing in the environment or the settings can. The names:
``claimed``, ``durable``, ``vaulted``, ``before_commit``, ``after_commit``, ``removed`` (intake),
``during_child_ocr``, ``read``, ``before_commit``, ``after_commit`` (processing), ``quarantine_move`` (a copy or
node goes into quarantine), ``after_review_save``; ``vaulted``, ``before_commit``, ``after_commit`` of pages
that a person puts elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

observer: Callable[[str], None] | None = None
"""What is told each name as the work passes it; None outside of tests."""


def checkpoint(name: str) -> None:
    """Tell the observer, if there is one, that the work has come to ``name``."""
    if observer is not None:
        observer(name)
