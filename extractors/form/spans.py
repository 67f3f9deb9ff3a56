"""Candidates that no grammar knows: words right of a label or below it, in one line or several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from extractors.candidates.base import Candidate
from extractors.form.claims import captioned, stands_alone
from extractors.form.phrases import is_firm
from extractors.form.prose import goes_on, is_running
from extractors.form.ticks import EMPTY, choices, crosses, is_marked
from extractors.normalise import normalise
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import COLUMN, Layout, Line, Segment, union
from extractors.page.text import clean
from extractors.page.vocabulary import LEGAL_FORMS
from extractors.values.dates import MONTHS
from models.document_types import Kind
from models.records import Box

_REACH = 2.6  # line heights below a label in which its value starts
_NEXT = 1.75  # line heights between the tops of the lines of one value
_SHIFT = 0.9  # line heights by which its lines may start apart
_OVER = 1.2  # line heights from a value down to the caption under it
_NAME = re.compile(
    r"(?:[A-ZÀ-Þ\u0100-\u017f][\w.'’&-]*)(?:[ \u2002](?:[A-ZÀ-Þ\u0100-\u017f&][\w.'’&-]*|von|van|de)){1,4}"
)
_EMPTY = re.compile(rf"\s?{EMPTY}")  # a box without a cross, as engines read it
_ENDS = (re.compile(r"[.;](?=\s|$)(?<!\b\w\.)"), re.compile(r",(?=\s)"), re.compile(r"\s\(|\u2002"), _EMPTY)
_COMPANY = re.compile(rf"[A-ZÀ-Þ\u0100-\u017f][\w.,'’& -]{{1,60}}?[ ,](?:{LEGAL_FORMS})(?!\w)")
_NUMBERED = re.compile(r"(?:#|№|n°|\b(?:č|Nr|No|číslo|Nummer|number|numéro)\b\.?)\s*([\w/.-]*\d[\w/-]*)", re.IGNORECASE)
_COPULA = re.compile(r"(?:is|are|ist|lautet|beträgt|sind|je|jsou|činí|zní|est|sont)\s+")
_FUNCTION = re.compile(  # words after which a sentence goes on behind a value
    r"\s(?:and|with|for|at|on|by|from|to|in|as|which|und|mit|für|auf|bei|von|vom|zum|zu|der|die|das|a|s|se|za|na|od|do|"
    r"ve|v|pro|kter\w+|et|avec|pour|à|du)\s"
)
_SAID = 110  # letters behind a label of a sentence in which its value ends
_STOPS = 6  # places where it may end
_STOP = re.compile(  # where a value may end within a sentence
    r"[.;](?=\s|$)(?<!\b\w\.)|,(?=\s|$)|\s(?=[(–])|[“”\"](?=[\s,.]|$)|\s(?=(?:and|with|for|at|on|by|from|to|in|as|which|of|und|"
    r"mit|für|auf|bei|von|vom|zum|zu|im|ab|über|a|s|se|za|na|od|do|ve|v|z|o|pro|kter\w+|kde|et|avec|pour|à|du|au|"
    r"le|sous)\s)"
)
_NAMELY = re.compile(  # what follows says what is meant
    r"(?:,\s|\b)(?:namely|that is|which is|nämlich|und zwar|d\. ?h\.|totiž|a to|kterým je|kterou je|jímž je|jíž je|"
    r"tj\.|à savoir|c'est-à-dire)\s"
)
_NEAR = 40  # letters behind a label in which such words stand, or a value of plain shape
_CAPITALS = re.compile(r"(?<!\w)[A-ZÀ-Þ\u0100-\u017f][\w&-]*(?: (?:[A-ZÀ-Þ\u0100-\u017f]|\d)[\w&-]*)*(?!\w)")
_MONTH = re.compile(
    rf"(?<![\w/.-])(?:\d{{1,2}}[/.-] ?|(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\w{{0,2}} )"
    r"(?:19|20)\d\d(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_WIDE = "\u2002\t"
_GAPS = _WIDE + " "
_DEBRIS = "□☐▢◻ \t\u2002:.-–—_…·|,;#*"
_WITHOUT_BLANKS = frozenset({Kind.IBAN, Kind.VAT_ID, Kind.PHONE, Kind.EMAIL, Kind.BIC})
BY_PLACE = frozenset({Kind.TEXT, Kind.PERSON, Kind.PARTY, Kind.ADDRESS, Kind.IDENTIFIER})
"""Kinds whose values may be any words beside a label."""
MOST_LINES = {Kind.IBAN: 2, Kind.ADDRESS: 4, Kind.TEXT: 4, Kind.PARTY: 2, Kind.PERSON: 2}
"""Lines that a value of a kind may have; 1 where the kind is not named."""
_LONGEST = 300


@dataclass(frozen=True)
class Span(Candidate):
    """A candidate made of ``lines`` lines below each other, the first of them ``line.text[start:end]``.

    ``more`` lines could follow it; ``choice`` is the label of which it is the ticked choice; it ends at ``stop`` in
    the line ``last``.
    """

    lines: int = 1
    more: int = 0
    choice: LabelHit | None = None
    last: Line | None = None
    stop: int = 0


@dataclass(frozen=True)
class Part:
    """A piece of one line."""

    line: Line
    start: int
    end: int

    @property
    def text(self) -> str:
        """What stands there, without the filling of a form around it."""
        return clean(re.sub(r"[_.…]{3,}", " ", self.line.text[self.start : self.end].replace(COLUMN, " ")))

    @property
    def box(self) -> Box:
        """In points, of the layout."""
        return self.line.box_of(self.start, self.end)


def _trimmed(line: Line, start: int, end: int) -> Part | None:
    """The part without punctuation at its front; None where nothing is left."""
    text = line.text
    while start < end and text[start] in _DEBRIS:
        start += 1
    while end > start and text[end - 1] in " \t\u2002_…|":
        end -= 1
    return Part(line, start, end) if any(c.isalnum() for c in text[start:end]) else None


def _stop(labels: Labels, line: Line, start: int) -> int:
    """Where the next label of the line starts, in a column of its own or with its colon."""
    for hit in labels.by_line.get(line.number, ()):
        if hit.start < start or not is_firm(hit):
            continue
        opens = hit.start == 0 or line.text[hit.start - 1] in (COLUMN, "\u2002")
        if opens or hit.text.endswith(":") or line.text[hit.end : hit.end + 1] == ":":
            return hit.start
    return len(line.text)


def _labelled(labels: Labels, segment: Segment) -> bool:
    """Whether a label starts ``segment``."""
    return any(hit.start == segment.start and is_firm(hit) for hit in labels.by_line.get(segment.line.number, ()))


def _may_be_value(labels: Labels, line: Line, start: int, end: int) -> bool:
    """Whether what starts with a label may be a value all the same: ``Cost centre 120`` as a department."""
    return all(
        hit.end < end - 1 and not hit.text.endswith(":") and line.text[hit.end : hit.end + 1] != ":"
        for hit in labels.by_line.get(line.number, ())
        if hit.start == start and is_firm(hit)
    )


def _first_parts(kind: Kind, hit: LabelHit, layout: Layout, labels: Labels) -> Iterator[Part]:
    """Where the value of a label may start: behind it, in the next column, under it."""
    line = hit.line
    stop = _stop(labels, line, hit.end)
    rest = line.text[hit.end : stop]
    cut = rest.find(COLUMN)
    inline = _trimmed(line, hit.end, hit.end + cut if cut >= 0 else stop)
    if inline:
        yield inline
    if stop < len(line.text) and line.text[stop - 1 : stop] != COLUMN:  # a word of the value may look like a label
        end = line.text.find(COLUMN, hit.end)
        whole = _trimmed(line, hit.end, len(line.text) if end < 0 else end)
        if whole and (inline is None or whole.end > inline.end):
            yield whole
    if cut >= 0:
        begin = hit.end + cut + 1
        after = line.text.find(COLUMN, begin, stop)
        across = _trimmed(line, begin, after if after >= 0 else stop)
        if across:
            yield across
            if after >= 0 and not inline and (wide := _trimmed(line, begin, stop)):
                yield wide
    if line.text[hit.end : stop].strip(_DEBRIS) == "" and stop < len(line.text) and line.text[stop - 1] == COLUMN:
        after = line.text.find(COLUMN, stop)
        last = len(line.text) if after < 0 else after
        if (kind is Kind.TEXT or _may_be_value(labels, line, stop, last)) and (own := _trimmed(line, stop, last)):
            yield own
    height = max(4.0, hit.box[3] - hit.box[1])
    for under in layout.below(hit.box, hit.page, _REACH * height)[:2]:
        labelled = _labelled(labels, under) and not _may_be_value(labels, under.line, under.start, under.end)
        if labelled and (kind is not Kind.TEXT or under.text.endswith(":")):
            break
        part = _trimmed(under.line, under.start, under.end)
        if part:
            yield part
            break
    if stands_alone(hit):
        over = [
            s
            for s in layout.segments(hit.page)
            if hit.box[1] - s.box[1] > 0 and hit.box[1] - s.box[3] < _OVER * height and captioned(hit, s.box)
        ]
        segment = max(over, key=lambda s: (round(s.box[1] / height), captioned(hit, s.box)), default=None)
        open_ = segment and (
            not _labelled(labels, segment) or _may_be_value(labels, segment.line, segment.start, segment.end)
        )
        if segment and open_ and (part := _trimmed(segment.line, segment.start, segment.end)):
            yield part


def _checked(part: Part) -> Iterator[Part]:
    """The words beside a cross that was set into a box: those behind it, and those before it."""
    line, found = part.line, crosses(part.line.text, part.start, part.end)
    if len(found) != 1:
        return
    cross = found[0]
    begin = cross.end()
    while begin < part.end and line.text[begin] in _GAPS:
        begin += 1
    end = min((place for gap in _WIDE if (place := line.text.find(gap, begin, part.end)) >= 0), default=part.end)
    if after := _trimmed(line, begin, end):
        yield after
    before = line.text[part.start : cross.start()].rstrip(_GAPS)
    cut = max(before.rfind(gap) for gap in _WIDE) + 1
    if first := _trimmed(line, part.start + cut, part.start + len(before)):
        yield first


def _ticked(hit: LabelHit, layout: Layout, labels: Labels, first: list[Part]) -> Iterator[Part]:
    """What is ticked beside a label, or in the lines of choices below it or above."""
    beside = [one for one in first if crosses(one.line.text, one.start, one.end)]
    if beside:
        yield from _checked(max(beside, key=lambda one: one.end - one.start))
        return
    starts = frozenset((one.line.number, one.start) for one in labels.hits if is_firm(one))
    parts = [Part(line, start, end) for line, start, end in choices(hit, layout, starts)]
    own = [one for one in parts if crosses(one.line.text, one.start, one.end)]
    if len(own) == 1:
        yield from _checked(own[0])


def _said(part: Part) -> Iterator[Part]:
    """What a sentence says of its subject, as in ``The reason is ...``."""
    match = _COPULA.match(part.line.text, part.start, part.end)
    if match and (rest := _trimmed(part.line, match.end(), part.end)):
        yield rest


def _cut(kind: Kind, part: Part) -> Iterator[Part]:
    """Shorter readings of a part that goes on after the value, as in a sentence."""
    text = part.line.text[part.start : part.end]
    if kind in (Kind.PERSON, Kind.PARTY) and (match := _NAME.search(text)):
        yield Part(part.line, part.start + match.start(), part.start + match.end())
    if kind is Kind.PARTY and (match := _COMPANY.search(text)):
        yield Part(part.line, part.start + match.start(), part.start + match.end())
    if kind is Kind.IDENTIFIER and (match := _NUMBERED.search(text)):
        yield Part(part.line, part.start + match.start(1), part.start + match.end(1))
    if (
        kind is Kind.TEXT
        and (match := _FUNCTION.search(text))
        and (short := _trimmed(part.line, part.start, part.start + match.start()))
    ):
        yield short
    for mark in _ENDS:
        end = mark.search(text)
        if end and (short := _trimmed(part.line, part.start, part.start + end.start())):
            yield short


def _flowing(kind: Kind, hit: LabelHit, layout: Layout) -> Iterator[list[Part]]:
    """What a sentence may say behind a label in it, over the end of the line too."""
    line = hit.line
    before = layout.lines[line.number - 1] if line.number else None
    if not (is_running(line) or (before and COLUMN not in line.text and goes_on(before, line))):
        return
    after = layout.lines[line.number + 1] if line.number + 1 < len(layout.lines) else None
    text = own = line.text[hit.end :]
    if after and COLUMN not in after.text and goes_on(line, after):
        text = f"{own} {after.text}"
    text = text[:_SAID]
    begin = len(own) - len(own.lstrip(_DEBRIS + "„“\"'"))
    if said := _COPULA.match(text, begin):
        begin = said.end()
    places = [(begin, found.start()) for found in islice(_STOP.finditer(text, begin + 1), _STOPS)]
    if (word := _NAMELY.search(text, begin, begin + _NEAR)) and (stop := _STOP.search(text, word.end() + 1)):
        places.append((word.end(), stop.start()))
    if kind is Kind.TEXT and not (hit.text.endswith(":") or own.startswith(":")):
        places += [match.span() for found in (_CAPITALS, _MONTH) if (match := found.search(text, begin, begin + _NEAR))]
    if kind in (Kind.PERSON, Kind.PARTY) and (name := _NAME.search(text, begin)):
        places.append(name.span())
    if kind is Kind.PARTY and (company := _COMPANY.search(text, begin)):
        places.append(company.span())
    if kind is Kind.IDENTIFIER and (number := re.search(r"(?<![\w/-])[\w/-]*\d[\w/-]*", text[begin:])):
        places.append((begin + number.start(), begin + number.end()))
    if kind is Kind.IBAN:  # an account that the end of the line parts
        blanks = (found.start() for found in re.finditer(r"\s|[.,](?=\s|$)|$", text) if found.start() > len(own))
        places = [(begin, end) for end in islice(blanks, 2 * _STOPS)]
    for start, end in places:
        parts = []
        if start < len(own):
            parts.append(_trimmed(line, hit.end + start, hit.end + min(end, len(own))))
        if end > len(own) + 1 and after:
            parts.append(_trimmed(after, max(0, start - len(own) - 1), end - len(own) - 1))
        whole = [part for part in parts if part]
        if whole:
            yield whole


def _preceding(kind: Kind, hit: LabelHit) -> Iterator[list[Part]]:
    """What stands right before a label in a sentence: ``your Gold Card credit card``, ``Hill Ltd, my employer``."""
    line = hit.line
    if not is_running(line):
        return
    before = line.text[: hit.start].rstrip(" ,–-„“\"'(")
    pattern = _COMPANY if kind is Kind.PARTY else _CAPITALS
    for match in pattern.finditer(before):
        if match.end() == len(before) and match.start():
            yield [Part(line, match.start(), match.end())]


def _going_on(part: Part, layout: Layout, labels: Labels, most: int) -> list[Part]:
    """``part`` and the lines below that go on at its left edge, down to a label or a gap."""
    parts = [part]
    while len(parts) < most:
        last = parts[-1]
        box = last.box
        height = max(4.0, box[3] - box[1])
        below = [
            s
            for s in layout.segments(last.line.page)
            if 0.4 * height < s.box[1] - box[1] < _NEXT * height and abs(s.box[0] - parts[0].box[0]) < _SHIFT * height
        ]
        if not below:
            break
        segment = min(below, key=lambda s: s.box[1])
        if _labelled(labels, segment):
            break
        after = _trimmed(segment.line, segment.start, segment.end)
        if after is None or re.match(r"^\s*[_.…]{3,}", segment.text):
            break
        parts.append(after)
    return parts


def _made(kind: Kind, parts: list[Part]) -> Span | None:
    block = kind is Kind.ADDRESS and (len(parts) == 1 or parts[1].box[0] > parts[0].box[0] - 2 * parts[0].line.height)
    if block:
        value = ", ".join(part.text.rstrip(",") for part in parts)
    else:  # a sentence goes on below its line's start, and has the commas that it needs
        ends = [part.line.text[part.start : part.end].rstrip()[-1:] for part in parts]
        commas = ["," if kind is Kind.ADDRESS and end == "," else "" for end in ends[:-1]]
        value = " ".join(f"{part.text}{comma}" for part, comma in zip(parts, [*commas, ""], strict=True))
    if not value or len(value) > _LONGEST:
        return None
    first = parts[0]
    confidence = min(part.line.confidence_of(part.start, part.end) for part in parts)
    raw = " ".join(part.text for part in parts)
    box = union(part.box for part in parts)
    return Span(
        kind, value, raw, first.line, first.start, first.end, box, confidence, "beside", lines=len(parts),
        last=parts[-1].line, stop=parts[-1].end,
    )  # fmt: skip


def _whole(kind: Kind, part: Part) -> bool:
    """Whether a part may be a value of the kind at all."""
    text = part.text
    if _EMPTY.search(text) or is_marked(text) or text.startswith("/ "):  # the label goes on in another language
        return False
    if kind is Kind.PERSON:
        return bool(re.search(r"[^\W\d_]{2,}", text)) and sum(c.isdigit() for c in text) <= 1 and len(text) <= 60
    if kind is Kind.PARTY:
        return bool(re.search(r"[^\W\d_]{2,}", text)) and len(text) <= 90
    if kind is Kind.ADDRESS:
        return bool(re.search(r"[^\W\d_]{2,}", text))
    if kind in (Kind.IDENTIFIER, Kind.TAX_NUMBER):
        return len(text) <= 30 and len(text.split()) <= 4
    return True


def spans(kind: Kind, hits: list[LabelHit], layout: Layout, labels: Labels) -> list[Span]:
    """The candidates of ``kind`` beside ``hits``, which are labels of one field; each place once.

    Words of kinds that have a grammar are read by it, so that what a form parts or wraps is found too.
    """
    found: dict[tuple[int, int, int, int, int], Span] = {}
    free = kind in BY_PLACE
    most = MOST_LINES.get(kind, 1)
    for hit in hits:
        first = list(_first_parts(kind, hit, layout, labels))
        ticked = list(_ticked(hit, layout, labels, first)) if kind is Kind.TEXT else []
        groups: list[tuple[Part | None, list[list[Part]]]] = []
        for part in (*ticked, *first):
            single = most == 1 or any(part is one for one in ticked)
            parts = [part] if single else _going_on(part, layout, labels, most)
            tried = [parts[:count] for count in range(1, len(parts) + 1)]
            if free:
                chosen = [*_checked(part), *_said(part)]
                tried += [[short] for one in (part, *chosen) for short in _cut(kind, one)]
                tried += [[one] for one in chosen]
            groups.append((part, tried))
        if free or kind is Kind.IBAN:
            groups.append((None, list(_flowing(kind, hit, layout))))
        if kind in (Kind.TEXT, Kind.PARTY):
            groups.append((None, list(_preceding(kind, hit))))
        for origin, tried in groups:
            longest = max((len(some) for some in tried if some[0] is origin), default=0)
            for some in tried:
                key = (some[0].line.number, some[0].start, some[0].end, len(some), some[-1].end)
                if key in found or not (free is False or _whole(kind, some[0])):
                    continue
                span = _made(kind, some)
                if span and free:
                    chosen_of = hit if any(one is origin for one in ticked) else None
                    span = replace(span, more=longest - len(some) if some[0] is origin else 0, choice=chosen_of)
                if span and not free:
                    value = normalise(kind, span.value)
                    if value is None and kind in _WITHOUT_BLANKS:
                        value = normalise(kind, span.value.replace(" ", ""))
                    span = replace(span, value=value) if value else None
                if span:
                    found[key] = span
    return list(found.values())
