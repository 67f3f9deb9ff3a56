"""Identifiers without a standard (invoice, order and reference numbers, symbols): what stands beside their label."""

from __future__ import annotations

import re

from extractors.candidates.base import Candidate, make
from extractors.page.labels import TITLE, LabelHit, Labels
from extractors.page.layout import COLUMN, Layout, Line
from extractors.page.relations import slanting
from extractors.page.text import squeeze
from extractors.page.vocabulary import NUMBER_WORDS
from extractors.values.dates import find_dates
from models.document_types import Kind

_NUMBER = re.compile(r"(?<!\w)[A-Za-z0-9][A-Za-z0-9/_.\-–+]*[A-Za-z0-9](?![\w])|(?<!\w)\d(?!\w)")


def _is_number(text: str, kind: Kind, least: int = 1) -> bool:
    if kind is Kind.DIGITS:
        return bool(re.fullmatch(r"\d{1,10}", text))
    digits = sum(c.isdigit() for c in text)
    return (digits >= least and len(text) <= 30 and not re.fullmatch(r"\d{1,3}%?", text)) or (
        digits >= 1 and bool(re.search("[-/]", text))
    )


def numbers_in(line: Line, start: int, end: int, rule: str, kind: Kind = Kind.IDENTIFIER) -> list[Candidate]:
    """Tokens of ``line.text[start:end]`` that may be a document's number, left to right."""
    dates = [(a, b) for a, b, _ in find_dates(line.text)]
    found = []
    for match in _NUMBER.finditer(line.text, start, end):
        text = match[0]
        if not _is_number(text, kind) or any(match.start() < b and a < match.end() for a, b in dates):
            continue
        first = match.start()
        glued = re.match(r"(?i)(?:nr|no|č|c)\.(?=\w)", text)  # "Nr.471102"
        if glued:
            text, first = text[glued.end() :], first + glued.end()
        before = re.search(r"(?<![^\s:])([A-Z]{1,5})[ ]$", line.text[start:first])
        if before and text.isdigit() and squeeze(before[1]) not in NUMBER_WORDS and kind is Kind.IDENTIFIER:
            first = start + before.start(1)
            text = f"{before[1]} {text}"
        value = text if kind is Kind.IDENTIFIER else re.sub(r"\D", "", text)
        if value:
            found.append(make(kind, value, line, first, match.end(), rule))
    return found


def labelled_numbers(
    layout: Layout, labels: Labels, field: str, kind: Kind = Kind.IDENTIFIER
) -> list[tuple[Candidate, LabelHit]]:
    """Numbers right of or below a label of ``field``, with the label, nearest first for each label."""
    found: list[tuple[Candidate, LabelHit]] = []
    for hit in labels.named(field):
        line = hit.line
        stop = min(
            (
                other.start
                for other in labels.by_line[line.number]
                if other.start >= hit.end and not other.names & hit.names
            ),
            default=len(line.text),
        )
        right = numbers_in(line, hit.end, stop, "right", kind)
        # "Your reference: Giles" has its value, though it is no number
        spoken = not right and re.match(
            r":[ \u2002][^\W\d_]{2,}", line.text[hit.start : stop][len(hit.text.rstrip(":")) :]
        )
        below = [] if spoken else _below(layout, labels, hit, kind)
        across = right and COLUMN in line.text[hit.end : right[0].start] and not hit.text.endswith(":")
        aligned = (
            below
            and abs(below[0].box[0] - hit.box[0]) < 3
            and below[0].box[1] - hit.box[3] < 0.8 * (hit.box[3] - hit.box[1])
        )
        if not right or (across and aligned):  # a narrow column has its values under the labels
            found += [(one, hit) for one in below]
        else:
            found += [(one, hit) for one in right[:2]]
    return found


def _below(layout: Layout, labels: Labels, hit: LabelHit, kind: Kind) -> list[Candidate]:
    height = hit.box[3] - hit.box[1]
    for segment in layout.below(hit.box, hit.page, 2.6 * height):
        inside = [
            other
            for other in labels.by_line[segment.line.number]
            if segment.start <= other.start < segment.end and TITLE not in other.names
        ]
        if inside and not hit.names & inside[0].names:
            return []
        found = numbers_in(segment.line, segment.start, segment.end, "below", kind)
        if found:
            return found[:1]
    following = hit.line.number + 1
    edge = slanting(hit, layout.lines[following] if following < len(layout.lines) else None)
    if edge is not None and not labels_start(labels, edge.line, edge.start):
        return numbers_in(edge.line, edge.start, edge.end, "below", kind)[:1]
    return []


def labelled_words(labels: Labels, layout: Layout, field: str) -> list[tuple[Candidate, LabelHit]]:
    """The word right of or below a label of ``field``: a buyer's reference may be a person's name."""
    found = []
    for hit in labels.named(field):
        right = [s for s in hit.line.segments if s.end > hit.end]
        place = next((s for s in right if s.start >= hit.end), None)
        rest = (
            re.match(r"[\s:.]*([^\s:]+)$", hit.line.text[hit.end : right[0].end])
            if right and right[0].start < hit.end
            else None
        )
        if rest:
            found.append(
                (make(Kind.IDENTIFIER, rest[1], hit.line, hit.end + rest.start(1), hit.end + rest.end(1), "word"), hit)
            )
            continue
        below = [
            s for s in layout.below(hit.box, hit.page, 2 * (hit.box[3] - hit.box[1])) if abs(s.box[0] - hit.box[0]) < 3
        ]
        for segment in (place, *below[:1]):
            if segment is None or labels_start(labels, segment.line, segment.start) or len(segment.text.split()) > 2:
                continue
            if re.fullmatch(r"[^\W\d_][^\d:@]{2,30}", segment.text):
                found.append(
                    (make(Kind.IDENTIFIER, segment.text, segment.line, segment.start, segment.end, "word"), hit)
                )
                break
    return found


def labels_start(labels: Labels, line: Line, start: int) -> bool:
    """Whether a label starts at ``start`` of a line."""
    return any(h.start == start for h in labels.by_line.get(line.number, ()))


def title_numbers(labels: Labels) -> list[tuple[Candidate, LabelHit]]:
    """Numbers right behind the document's title (``Avoir AV-2017-0005``, ``FAKTURA - daňový doklad č. 2018001``)."""
    found: list[tuple[Candidate, LabelHit]] = []
    for hit in labels.named(TITLE):
        line = hit.line
        if line.number > 60:
            continue
        numbers = numbers_in(line, hit.end, len(line.text), "title")
        if not numbers:
            continue
        between = line.text[hit.end : numbers[0].start]
        between = re.sub(r"\(\d{3}\)", " ", between)  # the type code that some print: Handelsrechnung (380) Nr. 1
        words = [w for w in re.split(r"[\s:.,/()-]+", between.replace(COLUMN, " ")) if w]
        strange = [w for w in words if squeeze(w) not in NUMBER_WORDS and squeeze(w) not in _FILLERS]
        starts = any(s.start == hit.start for s in line.segments)
        year = re.fullmatch(r"(?:19|20)\d\d", numbers[0].value)
        if not strange or (len(strange) == 1 and starts and strange[0].isalpha() and not year):
            found.append((numbers[0], hit))
    return found


_FILLERS = frozenset(
    (
        "danovydoklad",
        "danovy",
        "doklad",
        "des",
        "der",
        "de",
        "du",
        "za",
        "fur",
        "of",
        "la",
        "uber",
        "zu",
        "zur",
        "for",
        "pour",
        "sur",
    )
)
"""Folded words between a title and its number that say nothing; one more word is allowed: Facture commerciale 7."""
