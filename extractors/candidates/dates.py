"""Dates of a document."""

from __future__ import annotations

import datetime as dt
import re
from itertools import combinations

from extractors.candidates.base import Candidate, make
from extractors.page.layout import Layout
from extractors.values.dates import day_or_month, find_dates, is_month_first
from models.document_types import Kind

_TERM = re.compile(r"(?i)(?<!\d)(\d{1,3})\s?(?:days?|jours?|tage?n?|dn[íiůy]+|giorni|gg|d[íi]as|nap|dagen)\b")
_AMERICA = re.compile(r"(?i)sales tax|US\$|\bUSD\b|\bEIN\b|(?-i:, (?:[A-Z]{2}) \d{5}(?:-\d{4})?\b)")
_ELSEWHERE = re.compile(r"(?i)€|£|\b(?:EUR|GBP|CZK|PLN|CHF|HUF)\b|Kč|\b(?:TVA|MwSt|USt|DPH|VAT|IVA)\b")


_ENGLISH = re.compile(r"(?i)\b(?:invoice|due date|credit note|credit memo)\b")
_BRITISH = re.compile(r"£|\b(?:GBP|GB ?\d{3}|Ltd|PLC|United Kingdom|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b")


def is_order_known(layout: Layout) -> bool:
    """Whether it is plain in which order slashed dates are written.

    Nearly everywhere the day comes first; a paper in English that is not British may have it either way.
    """
    text = "\n".join(line.text for line in layout.lines)
    if any(max(first, second) > 12 for first, second, _ in day_or_month(text)) or month_first(layout):
        return True
    return not _ENGLISH.search(text) or bool(_BRITISH.search(text))


def month_first(layout: Layout) -> bool:
    """Whether slashed dates of the document have the month first; decided once for all of them.

    By a date that can't be read otherwise (on a scan, where digits are misread, by two of them where nothing else is
    American); by payment terms (from 11/03 to 12/03 are the "30 days" of the page); by an American address, tax or
    currency where no date must have its day first.
    """
    text = "\n".join(line.text for line in layout.lines)
    american, elsewhere = bool(_AMERICA.search(text)), bool(_ELSEWHERE.search(text))
    pairs = list(dict.fromkeys(day_or_month(text)))
    must = sum(second > 12 >= first for first, second, _ in pairs)
    if is_month_first(text):
        return american or not elsewhere or not layout.ocr or must > 1
    if any(first > 12 for first, _, _ in pairs):
        return False
    terms = {int(match[1]) for match in _TERM.finditer(text)} - {0, 1}
    apart = [_days_apart(one, other) for one, other in combinations(pairs, 2)]
    if any(months in terms for _, months in apart) and not any(days in terms for days, _ in apart):
        return True
    return american and not elsewhere


def _days_apart(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int]:
    """Days between two slashed dates that are possible in both orders: the day first, and the month first."""
    try:
        day = dt.date(one[2], one[1], one[0]) - dt.date(other[2], other[1], other[0])
        month = dt.date(one[2], one[0], one[1]) - dt.date(other[2], other[0], other[1])
    except ValueError:
        return 0, 0
    return abs(day.days), abs(month.days)


def date_candidates(layout: Layout) -> list[Candidate]:
    """Every date, in reading order (see `month_first`)."""
    american = month_first(layout)
    return [
        make(Kind.DATE, date.isoformat(), line, start, end, "date")
        for line in layout.lines
        for start, end, date in find_dates(line.text, month_first=american)
        if 1950 < date.year < 2100
    ]
