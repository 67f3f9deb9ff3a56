"""The head of a receipt: the company's name in one or several lines, and where its address begins and ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.page.addresses import read_town
from extractors.page.layout import Layout, Line
from extractors.page.text import clean, fold
from extractors.values.dates import find_dates

_LEGAL = re.compile(
    r"(?i)\b(sdn\.?,? ?bh?[nd]d?\.?|s/?b|bhd\.?|[s5][/7|][b8d]|"
    r"enterprise|ent\.|trading|ltd\.?|limited|plt|llp|inc\.?|gmbh|ohg|"
    r"e\.? ?k\.|kg|ag|s\.? ?r\.? ?o\.?|a\.? ?s\.?|v\.o\.s\.|"
    r"spol\.|co\.?|company|s\.a\.|sarl)\W*$"
)
_START = re.compile(
    r"(?i)^\W*(no\.?\s?[:.]?\s?[\w]*\d|lot\b|block\b|blk\b|unit\b|suite\b|level\b|l\d+[-/]|ground floor|"
    r"gr?\.? floor|[a-z]{0,2}-?\d+[\w/&-]*\s*[,.-]?\s*(?:&\s*\d+\w*\s*,?)?\s*"
    r"(?:\d+\w*,)?\s*(?:ground|first|jalan|jln|jl|lorong|persiaran|lebuh|street|st\b|road|rd|taman|off|block|"
    r"batu|[a-z])|jalan|jln|lorong|persiaran|lebuh|plot|pt\b|"
    r"wisma|menara|batu\b|km\b|kompleks|bangunan|aras|\d+[-/,]\s?\d*|g-?\d|b-?\d|f-?g?-?\d)"
)
_PLACE = re.compile(
    r"(?i)(?:\b(?:jalan|jln|taman|lorong|bandar|seksyen|persiaran|kawasan|lebuh|kampung))|\b(jl\.|tmn|section|"
    r"kg\.|street|road|avenue|plaza|mall|centre|center|"
    r"str\.|ulice|ul\.|nam\.|tr\.|trida|namesti|platz|weg|allee|gasse)\b|stra(?:ss|ß)e|\b\d{5}\b|\b\d{3} \d{2} [^\W\d]"
)
_STATES = re.compile(
    r"(?i)\b(selangor|johor|kuala lumpur|k\.? ?lumpur|w\.? ?p\.?|penang|p\.? ?pinang|perak|melaka|sabah|sarawak|"
    r"kedah|pahang|negeri|malaysia|wilayah|shah alam|petaling)\b"
)
_END = re.compile(
    r"(?i)\b(tel\w*|vat|vat reg|tva|siret|uid|st\.-?nr|fax|phone|hp|h/p|mobile|gst|sst|reg\.?|roc|company no|"
    r"co\.? ?(?:reg|no)|tax ?invoice|invoice|guest check|posted|prepay|receipt|bill|cashier|date|table|order|e-?mail|"
    r"website|simplified|dič|dic|ičo?|ico|ico:|ust|steuer|uctenka|účtenka|doklad|provozovna|kasse|bon|beleg|"
    r"welcome|customer|slip|counter|ticket|"
    r"thank|member|pos|resit|trans|operator|hotline|careline|whatsapp|business hours?|open|delivery order|"
    r"cash (?:sales|bill)|credit sales|doc\.? no|document|s/?no|time)\b|"
    r"@|www\.|https?|\*{3,}|={3,}|-{4,}|\.com"
)
_REGISTRATION = re.compile(
    r"(?i)^\W*(?:(?:co|company|comp|reg|registration|roc|rob|biz|business|ssm)?\.? ?(?:reg|no|id|"
    r"number)?\.? ?(?:no)?\.?\s*[:.]?\s*)?\(?\s*[A-Z]{0,3}\d{4,12}\s*-?\s*[A-Z0-9]{0,3}\s*\)?\W*$"
)
_REG_TAIL = re.compile(
    r"(?i)\s*\d{5,9} ?- ?[A-Z]\s*(?:\([A-Z0-9 ]+\))?\s*$|"
    r"\s*[\[(]?\s*(?:co\.?\s*(?:reg)?\.?\s*(?:no)?\.?\s*:?\s*|reg\.? ?no\.?:? ?|"
    r"no\.? ?:? ?)?[A-Z]{0,2}\d{5,9}\s*[-–]?\s*[A-Z]\s*[)\]]?\s*$|\s*\([^()]*\d{4,}[^()]*\)\s*$|"
    r"\s*[\[(]\s*[A-Z]{0,3}\d{5,12}\s*-?\s*[A-Z]?\s*[)\]]\s*$"
)
_INVOICE = re.compile(r"\binv\w{2,4}e\b|cash sa[il1]e")  # as engines misread it
_NAME_ENDS = re.compile(r"(?i)^\W*(co\b|\(m\)|sdn|&|and\b|enterprise|trading|holdings?\b|hardware|services?\b)")
_SDN = re.compile(r"\b[S5][/7|][BD8]$")  # "S/B" (Sendirian Berhad) as engines misread it
_OWNED = re.compile(r"(?i)^(?:owned by|own by|operated by|dimiliki oleh|provozovatel|inhaber)\s*:?\s*")


@dataclass
class ReceiptHead:
    """The company and the address with the lines that they stand on, and how clear each is, 0..1."""

    company: str = ""
    company_lines: list[Line] = field(default_factory=list)
    company_clarity: float = 0.0
    address: str = ""
    address_lines: list[Line] = field(default_factory=list)
    address_clarity: float = 0.0


def _text(line: Line) -> str:
    """The line with single blanks; an ``I`` before small letters is the ``l`` that engines take for it (``JIn``)."""
    return re.sub(r"(?<=[^\W\d_])I(?=[a-z])", "l", re.sub(r"\s+", " ", line.text).strip())


def _is_registration(text: str) -> bool:
    return bool(_REGISTRATION.match(text)) or bool(
        re.match(r"(?i)^\W*\(?(?:co|company|reg|roc|gst|gst id|sst)\b.*\d{4,}", text)
    )


def _has_date(line: Line) -> bool:
    return next(iter(find_dates(line.text)), None) is not None


def _is_end(line: Line) -> bool:
    text = _text(line)
    if _INVOICE.search(fold(text)):
        return True
    return bool(_END.search(fold(text))) or _has_date(line) or bool(re.search(r"\d[.,]\d\d(?!\d)\s*$", text))


def _starts_address(text: str) -> bool:
    name = _REG_TAIL.sub("", text)
    if _is_registration(text) or name != text or _LEGAL.search(name) or not re.search(r"[^\W\d_]{2}", text):
        return False
    return (
        bool(_START.match(text))
        or bool(_PLACE.search(fold(text)) and re.search(r"\d", text))
        or bool(re.match(r"(?i)^\W*(jalan|jln|taman)", text))
    )


def _address_start(lines: list[Line]) -> int | None:
    """The line on which the address begins: a street over a postal code and town, or words of an address."""
    for index, line in enumerate(lines[1:17], 1):
        text = _text(line)
        if (
            index + 1 < len(lines)
            and read_town(_text(lines[index + 1]))
            and re.search(r"\d", text)
            and not _is_end(line)
        ):
            return index
        if _starts_address(text) and not _has_date(line):
            return index
    return None


def _address(lines: list[Line], first: int) -> tuple[list[Line], bool]:
    """The lines of the address from ``first`` on, and whether a postal code or state closes it."""
    found: list[Line] = []
    closed = False
    for line in lines[first : first + 9]:
        text = _text(line)
        if found and _is_registration(text):
            continue
        if found and (_is_end(line) or line.box[1] - found[-1].box[3] > 2.2 * line.height):
            break
        if closed and not (_PLACE.search(fold(text)) or _STATES.search(text) or _continues(found[-1], text)):
            break
        if len(re.sub(r"[^\w]", "", text)) < 2:
            continue
        found.append(line)
        closed = closed or bool(re.search(r"\b\d{5}\b|\b\d{3} \d{2}\b", text) or _STATES.search(text))
    return found, closed


def _continues(before: Line, text: str) -> bool:
    """Whether the line before ends as one that goes on, or this one is all a place's name."""
    return _text(before).endswith((",", "-", "/")) or bool(
        re.fullmatch(r"(?:\d{3,5} ?- ?)?[A-Z][A-Z0-9 .,&'-]{3,30}", text)
    )


def _company(lines: list[Line], before: int) -> tuple[list[Line], float]:
    usable: list[Line] = []
    for line in lines[:before]:
        text = _text(line)
        letters = sum(c.isalpha() for c in text)
        if (
            letters < 3
            or _is_registration(text)
            or _has_date(line)
            or (_END.search(fold(text)) and not _LEGAL.search(_REG_TAIL.sub("", text)))
        ):
            if usable and _END.search(fold(text)) and not _is_registration(text):
                break
            continue
        usable.append(line)
    if not usable:
        return [], 0.0
    for index, line in enumerate(usable):
        name = _REG_TAIL.sub("", _text(line))
        if not _LEGAL.search(name):
            continue
        start = index
        while start and _is_continued(usable[start - 1], usable[start]):
            start -= 1
        return usable[start : index + 1], 0.85
    return usable[:1], 0.55


def _is_continued(before: Line, line: Line) -> bool:
    """Whether a company's name on ``line`` began on the line before: it is only the end of one."""
    name = _REG_TAIL.sub("", _text(line))
    words = re.findall(r"[^\W\d_]{2,}", _LEGAL.sub("", name))
    is_end = len(words) <= 1 or bool(_NAME_ENDS.match(name))
    return is_end and line.box[1] - before.box[3] < 1.5 * line.height


def read_head(layout: Layout) -> ReceiptHead:
    """Company and address of a receipt's first page."""
    lines = [line for line in layout.lines if line.page == layout.lines[0].page][:24]
    head = ReceiptHead()
    start = _address_start(lines)
    if start is not None and start <= 16:
        head.address_lines, closed = _address(lines, start)
        if head.address_lines:
            head.address = clean(" ".join(_text(line) for line in head.address_lines))
            head.address_clarity = 0.75 if closed else 0.4
    end = (
        start
        if start is not None and start <= 16
        else next((i for i, line in enumerate(lines) if i and _is_end(line)), min(3, len(lines)))
    )
    head.company_lines, head.company_clarity = _company(lines, end or len(lines))
    name = clean(" ".join(_REG_TAIL.sub("", _text(line)) for line in head.company_lines))
    head.company = _SDN.sub("S/B", _OWNED.sub("", name))
    return head
