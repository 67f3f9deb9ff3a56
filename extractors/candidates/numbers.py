"""Identifiers without a standard (invoice, order and reference numbers, symbols): what stands beside their label."""

from __future__ import annotations

import re

from extractors.candidates.base import Candidate, make
from extractors.labels import TITLE, LabelHit, Labels
from extractors.layout import COLUMN, Layout, Line
from extractors.text import squeeze
from extractors.values.dates import find_dates
from extractors.vocabulary import NUMBER_WORDS
from models.document_types import Kind

_NUMBER = re.compile(r"(?<!\w)[A-Za-z0-9][A-Za-z0-9/_.\-–+]*[A-Za-z0-9](?![\w])|(?<!\w)\d(?!\w)")
_SPACED = re.compile(r"[A-Z]{1,6} ?[-/]? ?\d[\d/.-]*(?!\w)|\d{1,4} ?[-/] ?\d[\d/-]*(?!\w)")


def _is_number(text: str, least: int = 1) -> bool:
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
        if not _is_number(text) or any(match.start() < b and a < match.end() for a, b in dates):
            continue
        first = match.start()
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
        found += [(one, hit) for one in right[:2]]
        if not right:
            found += [(one, hit) for one in _below(layout, labels, hit, kind)]
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
    return []


def title_numbers(layout: Layout, labels: Labels) -> list[tuple[Candidate, LabelHit]]:
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
        if all(
            squeeze(w) in NUMBER_WORDS or squeeze(w) in ("danovydoklad", "danovy", "doklad", "des", "der")
            for w in words
        ):
            found.append((numbers[0], hit))
    return found
