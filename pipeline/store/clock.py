"""The one clock. Tests replace `now`; nothing else in the project asks the system for the date."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The current time, UTC, without a zone (as the tables keep it)."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def timestamp() -> float:
    """The current time in seconds since 1970, to compare with a file's times."""
    return now().replace(tzinfo=dt.UTC).timestamp()
