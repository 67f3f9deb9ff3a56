"""What a person sees of a line in the head of a receipt, as numbers: from them a line's role is learned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import nan
from statistics import median

from extractors.page.addresses import read_town
from extractors.page.layout import Layout, Line
from extractors.page.text import fold, squeeze
from extractors.page.vocabulary import COUNTRIES
from extractors.receipt.spelling import legal_form, repaired
from extractors.receipt.words import is_place, is_trade
from extractors.values.dates import find_dates

MOST_LINES = 26
"""Company and address stand on the first lines; so many are looked at."""
_NEIGHBOURS = (-2, -1, 1, 2)

LEGAL = re.compile(
    r"(?i)(?:\b|(?<=\w))(sdn\.?,? ?bh?[nd]d?\.?|s/?b|bhd\.?|[s5][/7|][b8d0]|gmbh(?: & co\.? ?kg)?|s\.? ?r\.? ?o\.?|"
    r"sarl)\W*$|"
    r"\b(enterprise|ent\.|trading|ltd\.?|limited|plt|llp|inc\.?|ohg|e\.? ?k\.?|kg|ag|a\.? ?s\.?|v\.o\.s\.|"
    r"spol\.|co\.?|company|s\.a\.|plc)\W*$"
)
REGISTRATION = re.compile(
    r"(?i)^\W*(?:(?:co|company|comp|reg|registration|roc|rob|biz|business|ssm)?\.? ?(?:reg|no|id|"
    r"number)?\.? ?(?:no)?\.?\s*[:.]?\s*)?\(?\s*[A-Z]{0,3}\d{4,12}\s*-?\s*[A-Z0-9]{0,3}\s*\)?\W*$"
)
_REGISTERED = re.compile(r"(?i)^\W*\(?(?:co|company|reg|roc|gst|gst id|sst)\b.*\d{4,}")
REGISTRATION_TAIL = re.compile(
    r"(?i)\s*\d{5,9} ?- ?[A-Z]\s*(?:\([A-Z0-9 ]+\))?\s*$|"
    r"\s*[\[(]?\s*(?:co\.?\s*(?:reg)?\.?\s*(?:no)?\.?\s*:?\s*|reg\.? ?no\.?:? ?|"
    r"no\.? ?:? ?)?[A-Z]{0,2}\d{5,9}\s*[-–]?\s*[A-Z]\s*[)\]]?\s*$|\s*\([^()]*\d{4,}[^()]*\)\s*$|"
    r"\s*[\[(]\s*[A-Z]{0,3}\d{5,12}\s*[-·. ]*\s*[A-Z]?\s*[)\]]\s*$"
)
_HOUSE = re.compile(
    r"(?i)^\W*(no\.?\s?[:.]?\s?\w*\d|lot\b|block\b|blk\b|unit\b|suite\b|level\b|plot\b|pt\b|km\b|aras\b|"
    r"(?:ground|1st|2nd|3rd|gr?\.?) floor|[a-z]{0,2}-?\d+[\w/&-]*\s*[,.]|\d+[-/]?\w?\s+[^\W\d_])"
)
_STREET = re.compile(
    r"(?i)\b(jalan|jln|jl\.|lorong|persiaran|lebuh|leb?uhraya|taman|tmn|bandar|kampung|kg\.|kawasan|seksyen|section|"
    r"wisma|menara|kompleks|bangunan|mukim|batu|street|st\.|road|rd\.?|avenue|lane|plaza|mall|cent(?:re|er)|floor|"
    r"square|str\.|ulice|ul\.|nam\.|namesti|tr\.|trida|platz|weg|allee|gasse|nabrezi)(?=\W|\d|$)|stra(?:ss|ß)e\b"
)
_POSTCODE = re.compile(r"(?<![\w-])(?:\d{5}|\d{3} \d{2}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?![\w-])")
_STATE = re.compile(
    r"(?i)\b(selangor|johor|kuala ?lumpur|k\.? ?lumpur|w\.? ?p\.?|wilayah|penang|p(?:ulau|\.)? ?pinang|perak|perlis|"
    r"melaka|malacca|sabah|sarawak|kedah|kelantan|terengganu|pahang|negeri|n\.sembilan|labuan|putrajaya|malaysia|"
    r"singapore|darul|d\.e)\b"
)
_PHONE = re.compile(
    r"(?i)\b(tel\w*|fax|phone|hp|h/p|mobile?|mob|hotline|careline|whatsapp|mobil)\b|\+\d{2}|\b0\d{1,2} ?- ?\d{6,8}"
)
_TAX = re.compile(r"(?i)\b(gst|sst|vat|tva|dic|dič|ico?|ičo?|ust|steuer|st\.-?nr|tax (?:id|reg|no))\b")
_TITLE = re.compile(
    r"(?i)tax ?invo|invo[il1]ce|\breceipt|\bresit|cash ?(?:sa[il1]e|bil)|\bbill\b|uctenka|doklad|paragon|beleg|"
    r"quittung|rechnung|\bkassenbon|guest check|simplified|credit sales|delivery order|ticket|slip\b"
)
_FACT = re.compile(
    r"(?i)\b(cashier|date|table|order|counter|operator|member|pos|trans|staff|sales ?person|doc\.? no|document|s/?no|"
    r"time|datum|kasse|pokladn|obsluh|bediener|pax|server|terminal|till|bon|customer|bill to|terms|page|ref)\b"
)
_HOURS = re.compile(r"(?i)business hours?|open|welcome|thank|selamat|vitej|willkommen|operated|owned|branch|provozovna")
_WEB = re.compile(r"(?i)@|www|https?|\.com|e-?mail|\.my\b|website|facebook")
_MONEY = re.compile(r"\d[.,]\d\d(?!\d)\s*\w?\W*$")
_CONTINUES = re.compile(r"(?i)^\W*(?:co\b|sdn|s/?b\b|bhd|&|and\b|und\b|a\b|ent\b|gmbh|s\.? ?r\.? ?o)|^\(")
_OWNED = re.compile(
    r"(?i)^\W*(?:owned by|own by|operated by|managed by|dimiliki oleh|provozovatel|inhaber|business name)\s*:?\s*"
)

FEATURES: dict[str, str] = {
    "number": "how many lines stand above",
    "from_top": "distance from the first line in median line heights",
    "height": "height against the median of the head's lines",
    "width": "width against the widest line of the head",
    "centred": "distance of its middle from the head's middle, against the widest line",
    "left": "distance of its left end from the head's left end, against the widest line",
    "gap": "white above it in median line heights",
    "gap_below": "white below it in median line heights",
    "letters": "how many letters",
    "digits": "how many digits",
    "share_digits": "share of digits among letters and digits",
    "words": "how many words",
    "commas": "how many commas",
    "ends_comma": "1 if it ends with a comma",
    "capitals": "share of capitals among the letters",
    "brackets": "1 if it stands in brackets",
    "bracketed_number": "1 if brackets with a registration number end it",
    "colon": "1 if it has a colon",
    "legal": "1 if a legal form ends it",
    "own_words": "how many of its words are neither a legal form nor general words of trades",
    "continues": "1 if it begins as the second line of a name does: with a legal form, a word of trades, and, (M)",
    "open": "brackets opened and not closed on it; less than 0 where more are closed",
    "legal_later": "how many lines further down the next legal form stands; missing where there is none",
    "legal_before": "1 if a line above ends with a legal form",
    "registration": "1 if it is a registration or tax number",
    "house": "1 if it begins as an address does: a number, lot, floor",
    "street": "1 if it has a word of streets or buildings",
    "postcode": "1 if it has a postal code",
    "postcode_later": "how many lines further down the next postal code stands; missing where there is none",
    "postcode_before": "how many lines further up the last postal code stands; missing where there is none",
    "state": "1 if it has a state or country",
    "town": "1 if it is a postal code and a town",
    "places": "share of its words that are words of places",
    "trades": "share of its words that are words of shops and companies",
    "phone": "1 if it has a telephone",
    "tax": "1 if it has a tax number's label",
    "title": "1 if it has what receipts call themselves",
    "fact": "1 if it has a label of the sale (cashier, date, table, ...)",
    "greeting": "1 if it has a greeting, opening hours, an owner",
    "web": "1 if it has a web or e-mail address",
    "money": "1 if an amount ends it",
    "date": "1 if it has a date",
    "rule": "1 if it is a rule of signs",
    "phone_before": "1 if a line above has a telephone or tax number",
    "sale_before": "1 if a title, date, label of the sale or amount stands above",
    "repeated": "on how many other lines, or in the shop's web address, its letters occur again",
    "same_as_next": "how much of its letters the next line has at its start",
    "confidence": "mean confidence of its words",
}
"""Features of one line; those of the two lines above and below follow with the suffixes -2 to +2."""
_OF_NEIGHBOURS = (
    "letters", "share_digits", "ends_comma", "legal", "own_words", "continues", "open", "registration", "house",
    "street", "postcode", "state", "places", "trades", "phone", "tax", "title", "fact", "height", "bracketed_number",
    "web", "date", "money", "greeting", "gap",
)  # fmt: skip
NAMES = (*FEATURES, *(f"{name}{at:+d}" for at in _NEIGHBOURS for name in _OF_NEIGHBOURS))
"""The columns of the model, in order."""


def text_of(line: Line, text: str | None = None) -> str:
    """The line, or ``text`` for it, with single blanks; an ``I`` before small letters is a misread ``l`` (``JIn``)."""
    text = line.text if text is None else text
    return re.sub(r"(?<=[^\W\d_])I(?=[a-z])", "l", re.sub(r"\s+", " ", text).strip())


def name_of(text: str) -> str:
    """A company's line without its registration number and the words before an owner's name."""
    return _OWNED.sub("", REGISTRATION_TAIL.sub("", text))


def is_registration(text: str) -> bool:
    """Whether a line is a company's number and nothing else."""
    return bool(REGISTRATION.match(text) or _REGISTERED.match(text))


def head_lines(layout: Layout) -> list[Line]:
    """The first lines of the first page."""
    first = layout.lines[0].page
    return [line for line in layout.lines if line.page == first][:MOST_LINES]


def _has(pattern: re.Pattern[str], text: str) -> float:
    return float(bool(pattern.search(text)))


def _own(line: Line, text: str) -> dict[str, float]:
    """What a line's text alone says; general words count as put right."""
    place = fold(repaired(line, "address"))
    trade = text_of(line, repaired(line, "company"))
    folded = fold(text)
    letters, digits = sum(c.isalpha() for c in text), sum(c.isdigit() for c in text)
    words = re.findall(r"[^\W\d_]{2,}", fold(trade))
    places = re.findall(r"[^\W\d_]{2,}", place)
    name = name_of(text)
    legal = legal_form(name_of(trade))
    return {
        "letters": letters,
        "digits": digits,
        "share_digits": digits / max(1, letters + digits),
        "words": len(words),
        "commas": text.count(","),
        "ends_comma": float(text.endswith((",", ";"))),
        "capitals": sum(c.isupper() for c in text) / max(1, letters),
        "brackets": float(bool(re.fullmatch(r"\W*[(\[].*[)\]]\W*", text))),
        "bracketed_number": float(name != text and len(name) > 3),
        "colon": float(":" in text),
        "legal": _has(LEGAL, legal),
        "own_words": sum(not is_trade(word) for word in re.findall(r"[^\W\d_]{2,}", fold(LEGAL.sub("", legal)))),
        "continues": float(bool(_CONTINUES.match(text)) or bool(words and is_trade(words[0]))),
        "open": text.count("(") - text.count(")"),
        "registration": float(is_registration(text)),
        "house": _has(_HOUSE, text),
        "street": _has(_STREET, place),
        "postcode": _has(_POSTCODE, text),
        "state": float(bool(_STATE.search(place)) or place in COUNTRIES),
        "town": float(read_town(text) is not None),
        "places": sum(map(is_place, places)) / max(1, len(places)),
        "trades": sum(map(is_trade, words)) / max(1, len(words)),
        "phone": _has(_PHONE, folded),
        "tax": _has(_TAX, folded),
        "title": _has(_TITLE, folded),
        "fact": _has(_FACT, folded),
        "greeting": _has(_HOURS, folded),
        "web": _has(_WEB, folded),
        "money": _has(_MONEY, text),
        "date": float(next(iter(find_dates(line.text)), None) is not None),
        "rule": float(not re.search(r"\w", text) or bool(re.search(r"[*=_-]{4,}", text))),
        "confidence": sum(t.confidence for t in line.tokens) / len(line.tokens),
    }


def _next(flags: Sequence[float], start: int, step: int) -> float:
    """How many lines on the next flagged one stands, from ``start`` on in steps of 1 or -1; NaN where there is none."""
    at = start + step
    while 0 <= at < len(flags):
        if flags[at]:
            return abs(at - start)
        at += step
    return nan


def line_features(layout: Layout, lines: Sequence[Line]) -> list[dict[str, float]]:
    """The features of `NAMES` for each of the head's ``lines``."""
    texts = [text_of(line) for line in lines]
    rows = [_own(line, text) for line, text in zip(lines, texts, strict=True)]
    high = max(1.0, median(line.height for line in lines))
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    wide = max(1.0, right - left)
    letters = [squeeze(name_of(text)) for text in texts]
    everything = [squeeze(line.text) for line in layout.lines]
    for at, (line, row) in enumerate(zip(lines, rows, strict=True)):
        above, below = lines[at - 1] if at else None, lines[at + 1] if at + 1 < len(lines) else None
        before = rows[:at]
        own = letters[at]
        row |= {
            "number": at,
            "from_top": (line.box[1] - lines[0].box[1]) / high,
            "height": line.height / high,
            "width": (line.box[2] - line.box[0]) / wide,
            "centred": abs(line.box[0] + line.box[2] - left - right) / 2 / wide,
            "left": (line.box[0] - left) / wide,
            "gap": (line.box[1] - above.box[3]) / high if above else nan,
            "gap_below": (below.box[1] - line.box[3]) / high if below else nan,
            "legal_later": _next([r["legal"] for r in rows], at, 1),
            "legal_before": float(any(r["legal"] for r in before)),
            "postcode_later": _next([r["postcode"] for r in rows], at, 1),
            "postcode_before": _next([r["postcode"] for r in rows], at, -1),
            "phone_before": float(any(r["phone"] or r["tax"] for r in before)),
            "sale_before": float(any(r["title"] or r["fact"] or r["date"] or r["money"] for r in before)),
            "repeated": sum(own in other for other in everything) - 1 if len(own) >= 5 else 0,
            "same_as_next": float(bool(own) and at + 1 < len(lines) and letters[at + 1].startswith(own[:6])),
        }
    for at, row in enumerate(rows):
        for step in _NEIGHBOURS:
            other = rows[at + step] if 0 <= at + step < len(rows) else None
            for name in _OF_NEIGHBOURS:
                row[f"{name}{step:+d}"] = other[name] if other else nan
    return rows
