"""Dates of a document."""

from __future__ import annotations

from extractors.candidates.base import Candidate, make
from extractors.page.layout import Layout
from extractors.values.dates import find_dates, is_month_first
from models.document_types import Kind


def date_candidates(layout: Layout) -> list[Candidate]:
    """Every date, in reading order. Whether slashed dates have the month first is decided once for the document."""
    month_first = is_month_first("\n".join(line.text for line in layout.lines))
    return [
        make(Kind.DATE, date.isoformat(), line, start, end, "date")
        for line in layout.lines
        for start, end, date in find_dates(line.text, month_first=month_first)
        if 1950 < date.year < 2100
    ]
