"""The day of sale: the right one among the dates of a receipt, glued to a time or with misread separators as it may be.

Every date is a candidate; what is looked at is in `FEATURES`, how it weighs is learned.
"""

from __future__ import annotations

import re
from collections import Counter
from math import nan

from extractors.candidates.base import Candidate, make
from extractors.candidates.dates import date_candidates
from extractors.normalise import normalise
from extractors.page.labels import Labels
from extractors.page.layout import Layout, Line
from extractors.page.text import fold
from models.document_types import Kind

_TIME = re.compile(r"(?<!\d)[0-2]?\d ?[:.] ?[0-5]\d(?: ?[:.] ?[0-5]\d)?(?!\d)|\b[AP]M\b")
_OTHER = re.compile(r"(?i)valid|expir|until|before|member|due|warranty|return|platn|gultig|bis\b|deliver|v\d\.\d")
_WORD = re.compile(r"(?i)\bda[tl]|datum|\bdne\b|\bdt\b")
_NUMBER = re.compile(r"(?i)\bno\b|inv|bill|receipt|doc|doklad|bon\b|uctenk|slip|trans")
_LOOSE = re.compile(r"(?<!\d)([0-3]\d)(?:[^\w]{0,2})([01]\d)(?:[^\w]{0,2})(20[0-4]\d|[0-4]\d)(?!\d)")
_PHONE = re.compile(r"\b(?:tel\w*|fax|phone|hp|mobil\w*)\b")
_STAY = re.compile(r"\d\s*(?:-|to|–|bis|do)\s*\d\d?[/.]", re.IGNORECASE)

FEATURES: dict[str, str] = {
    "label": "1 if a label of the date stands before it on its line",
    "word": "1 if a word like date stands before it on its line",
    "word_above": "1 if the line above ends with such a word or is one",
    "other": "1 if its line speaks of another date (valid until, due, member since)",
    "number": "1 if its line speaks of a document's number",
    "phone": "1 if its line has a telephone",
    "time": "1 if a time of day stands behind it",
    "time_before": "1 if a time of day stands before it on its line",
    "time_near": "1 if a time of day stands on the line above or below",
    "span": "1 if its line has a period of two dates or times",
    "loose": "1 if its separators were misread or lost",
    "month_name": "1 if its month is a word",
    "count": "how often the same day occurs",
    "days": "how many different days there are",
    "rank": "how many dates stand before it",
    "latest": "1 if no other day is later",
    "apart": "days to the nearest other day; missing where there is none",
    "place": "lines above it against all lines",
    "lines": "lines above it",
    "at_start": "1 if its line begins with it",
    "letters": "letters on its line",
    "confidence": "how sure the reader was of it",
}
"""Features of a date."""
NAMES = tuple(FEATURES)


def _loose(layout: Layout, clear: list[Candidate]) -> list[Candidate]:
    """Dates with misread or lost separators on lines that have no clear one, beside a time or a label."""
    taken = {one.line.number for one in clear}
    found = []
    for line in layout.lines:
        said = any(pattern.search(line.text) for pattern in (_TIME, _WORD, _NUMBER))
        if line.number in taken or not said:
            continue
        for match in _LOOSE.finditer(line.text):
            value = normalise(Kind.DATE, "/".join(match.groups()))
            if value and "1990" < value < "2100":
                found.append(make(Kind.DATE, value, line, match.start(), match.end(), "loose_date"))
    return found


def days(layout: Layout) -> list[Candidate]:
    """All dates, the clear ones and those with lost separators, in reading order."""
    clear = date_candidates(layout)
    return sorted(clear + _loose(layout, clear), key=lambda one: (one.line.number, one.start))


def _ordinal(value: str) -> int:
    year, month, day = value.split("-")
    return int(year) * 365 + int(month) * 30 + int(day)  # near enough for a distance


def _text(layout: Layout, line: Line, step: int) -> str:
    number = line.number + step
    same = 0 <= number < len(layout.lines) and layout.lines[number].page == line.page
    return layout.lines[number].text if same else ""


def day_features(layout: Layout, labels: Labels, dates: list[Candidate]) -> list[dict[str, float]]:
    """The features of each of ``dates``."""
    counts = Counter(one.value for one in dates)
    latest = max(counts, default="")
    last_line = max(1, layout.lines[-1].number) if layout.lines else 1
    rows = []
    for rank, one in enumerate(dates):
        line = one.line
        before, after = line.text[: one.start], line.text[one.end :]
        hits = [h for h in labels.by_line.get(line.number, ()) if h.end <= one.start and "date" in h.names]
        above = _text(layout, line, -1)
        others = [abs(_ordinal(one.value) - _ordinal(value)) for value in counts if value != one.value]
        rows.append(
            {
                "label": float(bool(hits)),
                "word": float(bool(_WORD.search(fold(before)))),
                "word_above": float(bool(_WORD.search(fold(above)))),
                "other": float(bool(_OTHER.search(fold(line.text)))),
                "number": float(bool(_NUMBER.search(fold(before)))),
                "phone": float(bool(_PHONE.search(fold(line.text)))),
                "time": float(bool(_TIME.search(after))),
                "time_before": float(bool(_TIME.search(before))),
                "time_near": float(bool(_TIME.search(above + " " + _text(layout, line, 1)))),
                "span": float(bool(_STAY.search(after))),
                "loose": float(one.rule == "loose_date"),
                "month_name": float(any(c.isalpha() for c in one.raw)),
                "count": counts[one.value],
                "days": len(counts),
                "rank": rank,
                "latest": float(one.value == latest),
                "apart": min(others) if others else nan,
                "place": line.number / last_line,
                "lines": line.number,
                "at_start": float(not re.search(r"\w", before)),
                "letters": sum(map(str.isalpha, line.text)),
                "confidence": one.confidence,
            }
        )
    return rows
