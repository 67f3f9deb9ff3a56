"""Dates as people write them in Czech, Slovak, Polish, German, French, English and their neighbours' languages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from extractors.page.text import digits_only, fold

_NAMES = {
    1: "januar january janvier jan leden ledna janner janv januara styczen stycznia gennaio enero januari janeiro",
    2: "februar february fevrier feb unor unora fevr feber februara luty lutego febbraio febrero februari fevereiro",
    3: "marz maerz march mars mar mrz brezen brezna marec marca marzec marzo marcius maart marco",
    4: "april avril apr avr duben dubna aprila kwiecien kwietnia aprile abril aprilis abr",
    5: "mai may kveten kvetna maj maja maggio mayo majus mei maio",
    6: "juni june juin jun cerven cervna juna czerwiec czerwca giugno junio junius junho",
    7: "juli july juillet jul juil cervenec cervence jula lipiec lipca luglio julio julius julho",
    8: "august aout aug srpen srpna augusta sierpien sierpnia agosto augusztus augustus ago",
    9: "september septembre sep sept zari septembra wrzesien wrzesnia settembre septiembre setiembre szeptember "
    "setembro",
    10: "oktober october octobre okt oct rijen rijna oktobra pazdziernik pazdziernika ottobre octubre outubro",
    11: "november novembre nov listopad listopadu novembra listopada noviembre novembro",
    12: "dezember december decembre dez dec prosinec prosince decembra grudzien grudnia dicembre diciembre dezembro "
    "dic",
}
MONTHS = {name: number for number, names in _NAMES.items() for name in names.split()}

_B = r"[ \u2002\u00a0]?"  # one blank at most: a wider gap parts two columns
_YEAR = r"(?P<y>(?:19|20)\d\d|\d\d)"
_WORD = r"(?P<b>[^\W\d_]{3,12})"
_FORMS = (
    ("iso", re.compile(rf"(?<![\d.])(?P<y>(?:19|20)\d\d){_B}[-./]{_B}(?P<m>\d\d?){_B}[-./]{_B}(?P<d>\d\d?)(?!\d)")),
    (
        "day",
        re.compile(rf"(?<![\d.,/-])(?P<d>\d\d?){_B}(?P<s>[./-]){_B}(?P<m>\d\d?){_B}(?P=s){_B}{_YEAR}(?!\d|[.,/-]\d)"),
    ),
    ("glued", re.compile(r"(?<![\d.,/-])(?P<d>\d\d)(?P<s>[./-])(?P<m>\d\d)(?P=s)(?P<y>(?:19|20)\d\d)(?=\d\d:\d\d)")),
    (
        "month",
        re.compile(
            rf"(?<!\d)(?P<d>\d\d?)(?:\.|st|nd|rd|th|"
            rf"er)?[ \u2002\u00a0./-]?(?:de )?{_WORD}\.?,?[ \u2002\u00a0./'-]{{0,2}}(?:del? )?{_YEAR}(?!\d)"
        ),
    ),
    (
        "english",
        re.compile(
            rf"(?<!\w){_WORD}\.?{_B}(?P<d>\d\d?)(?:st|nd|rd|th)?(?:,?[ \u2002'/-]{{1,2}}|,|(?=20\d\d)){_YEAR}(?![\d.,])"
        ),
    ),
    (
        "hungarian",
        re.compile(rf"(?<!\d)(?P<y>(?:19|20)\d\d)\.?{_B}{_WORD}\.?{_B}(?P<d>\d\d?)(?!\d)"),
    ),
)
_COMPACT = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)")


def _date(year: str, month: int, day: int) -> dt.date | None:
    full = int(year)
    if full < 100:
        full += 2000 if full < 70 else 1900
    try:
        return dt.date(full, month, day)
    except ValueError:
        return None


def _read(form: str, match: re.Match[str], month_first: bool) -> dt.date | None:
    year, day = match["y"], int(match["d"])
    if form in ("month", "english", "hungarian"):
        month = MONTHS.get(fold(match["b"]))
        return _date(year, month, day) if month else None
    number = int(match["m"])
    if form == "iso":
        return _date(year, number, day)
    dotted = match["s"] == "."
    if month_first and not dotted:
        return _date(year, day, number) or _date(year, number, day)
    return _date(year, number, day) or (None if dotted else _date(year, day, number))


def find_dates(text: str, *, month_first: bool = False) -> Iterator[tuple[int, int, dt.date]]:
    """Yield ``(start, end, date)`` of every date in ``text``, left to right and without overlaps.

    Args:
        text: one line of a page; letters that look like digits are read as digits within numbers.
        month_first: whether ``03/04/2018`` is the fourth of March; dotted dates always have the day first.
    """
    plain = re.sub(r"[^\s]+", lambda m: digits_only(m[0]), text)
    taken: list[tuple[int, int, dt.date]] = []
    for form, pattern in _FORMS:
        for match in pattern.finditer(plain if form in ("iso", "day", "glued") else text):
            date = _read(form, match, month_first)
            if date and not any(match.start() < end and start < match.end() for start, end, _ in taken):
                taken.append((match.start(), match.end(), date))
    yield from sorted(taken)


def day_or_month(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the first two numbers and the year of every date in ``text`` that is written with slashes or dashes."""
    for match in _FORMS[1][1].finditer(text):
        first, second, year = int(match["d"]), int(match["m"]), int(match["y"])
        if match["s"] != "." and 1 <= min(first, second) <= 12 and max(first, second) <= 31:
            yield first, second, year if year > 99 else 2000 + year


def is_month_first(text: str) -> bool:
    """Whether the slashed dates of a document are written month first: some can't be day first, and none must be."""
    found = list(day_or_month(text))
    return any(b > 12 >= a for a, b, _ in found) and not any(a > 12 for a, _, _ in found)


def parse_date(text: str) -> dt.date | None:
    """The date that ``text`` is, or None where it is none or holds anything else."""
    text = " ".join(text.split()).strip(" ,;")
    for start, end, date in find_dates(text):
        if (start == 0 and not text[end:].strip(" .")) or re.fullmatch(r"[T ][\d:.+Z-]+", text[end:]):
            return date
    match = _COMPACT.fullmatch(text)
    return _date(match["y"], int(match["m"]), int(match["d"])) if match else None
