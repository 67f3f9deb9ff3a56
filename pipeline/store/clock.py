"""The one clock. Tests replace `now`; nothing else in the project asks the system for the date."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The current time, UTC, without a zone (as the tables keep it)."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
