"""Structured logs: one event a line on standard error, JSON unless a person watches. They hold no document content.

What may be logged: ids, counts, codes, states, seconds, sizes. What may not: words of a document, field values,
file names (they often name people), tokens.
"""

from __future__ import annotations

import logging
import os
import sys

import structlog


def set_up_logs(level: str = "WARNING") -> None:
    """Send our logs to standard error; ``PODATELNA_LOG`` is ``json`` or ``text``, else the terminal decides."""
    form = os.environ.get("PODATELNA_LOG") or ("text" if sys.stderr.isatty() else "json")
    renderer = structlog.dev.ConsoleRenderer() if form == "text" else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
