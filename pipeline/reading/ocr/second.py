"""The fields that decide, read a second time by the other engine where OCR read them the first time.

On scanned documents with known truth, amounts that both engines read alike were right 528 times of 528; of those read
differently one in twenty-five was wrong. So a value that the other engine confirms is surer, and one that it
contradicts goes to a person, unless something stronger than reading (a check digit, sums that tie out) vouches
for it. Where only the second reading makes the checks come out, it is taken.

It runs when probabilities were measured (`extractors.extract`). A field may be wrong because its words were misread, or
because it is another field's value; an agreement takes away the first doubt alone, by its words' own chances.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from rapidfuzz import fuzz

from extractors import normalise
from models.document_types import DocumentType, Kind
from models.messages import say
from models.records import Box, Extraction, Field, Finding, Page, Reading, Severity, Source, Witness
from models.settings import Engine, Settings
from pipeline.reading.known import Memory, NoMemory, once
from pipeline.reading.pages import draw
from pipeline.tools.engines import ENGINES
from pipeline.tools.seen import LineText

Pixels = NDArray[np.uint8]

DECIDING = frozenset({
    Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT, Kind.IBAN, Kind.BIC, Kind.DATE, Kind.DIGITS, Kind.VAT_ID, Kind.TAX_NUMBER,
    Kind.IDENTIFIER,
})  # fmt: skip
AGREED = 0.25
"""At least so much of the doubt is left when both engines read alike."""
DIFFERS = 0.55
"""At most so sure is a value that the other engine reads otherwise: below every threshold."""
_DPI = 240
_SURE = 0.7
_SIMILAR = 55.0  # percent: what is less alike is another text, not another reading
_AIR = (0.25, 0.25)  # of the box's height: around the crop, sideways and above and below
_MOST_TOKENS = 8
_OTHER = {Source.TESSERACT: Source.RAPIDOCR, Source.RAPIDOCR: Source.TESSERACT}
_STRONGER = {Witness.CHECK_DIGIT, Witness.SUM, Witness.XML, Witness.REVIEWER}
_CHECKED = {Kind.IBAN, Kind.VAT_ID}
_LINES = TypeAdapter(dict[str, LineText])
_TOTALS = ("net_total", "tax_total", "gross_total")


class Verdict(StrEnum):
    """What the second reading says of a value."""

    SAME = "same"
    OTHER = "other"
    SILENT = "silent"  # it is unsure, or read something that is no such value


@dataclass(frozen=True, slots=True)
class Second:
    """A second reading: its verdict, its text and the value in it, None where there is none."""

    verdict: Verdict
    text: str
    value: str | None = None


def second_readings(
    path: Path,
    media_type: str,
    reading: Reading,
    kind: DocumentType,
    extraction: Extraction,
    *,
    settings: Settings,
    memory: Memory | None = None,
) -> tuple[Extraction, tuple[Finding, ...]]:
    """Read amounts, accounts, numbers and dates that OCR found once more, with the engine that did not read them.

    Pages are drawn again one at a time, and only those that hold such fields; it costs 10 ms a field with Tesseract,
    60 with RapidOCR, which the setting ``engine = "tesseract"`` switches off. What ``memory`` knows is not read again.
    Idempotent; runs in the cage.

    Returns:
        The extraction with changed confidences, `Witness.SECOND_READING` where both agree, and a finding
        (``readings-differ``, info: the confidence keeps the document from loading) where they don't.

    Raises:
        UnreadableDocument: see `pipeline.reading.read`.
        MissingTool: an engine is not installed.
    """
    pages = {page.number: page for page in reading.pages}
    wanted: dict[int, list[Field]] = defaultdict(list)
    for field in extraction.fields:
        if is_wanted(field, kind) and field.page in pages and _may_read(settings, field.source):
            wanted[field.page].append(field)
    if not wanted:
        return extraction, ()
    about = [[field.name, field.source, number, field.box] for number in sorted(wanted) for field in wanted[number]]
    seen = once(
        memory or NoMemory(), "second", about, _LINES, lambda: _lines(path, media_type, reading, wanted, settings)
    )
    fields = {field.name: field for one in wanted.values() for field in one}
    found = {name: judge(fields[name], kind.fields[name].kind, line) for name, line in seen.items() if name in fields}
    chances = {name: _read_right(field, pages[field.page]) for name, field in fields.items() if field.page in pages}
    return applied(extraction, kind, found, chances)


def _lines(
    path: Path,
    media_type: str,
    reading: Reading,
    wanted: Mapping[int, Sequence[Field]],
    settings: Settings,
) -> dict[str, LineText]:
    """What the other engine reads at each field."""
    seen: dict[str, LineText] = {}
    pages = {page.number: page for page in reading.pages}
    for number in sorted(wanted):
        page = pages[number]
        picture = draw(path, media_type, number, turned=page.turned, dpi=_DPI, limits=settings.limits)
        scale = picture.shape[1] / page.width
        for field in wanted[number]:
            assert field.box is not None
            seen[field.name] = ENGINES[_OTHER[field.source]].line(
                crop(picture, field.box, scale), settings.languages[:1]
            )
    return seen


def _may_read(settings: Settings, first: Source | None) -> bool:
    """Whether the other engine may be used: who chose Tesseract alone does without the dear one here as well."""
    return not (settings.engine is Engine.TESSERACT and first is Source.TESSERACT)


def is_wanted(field: Field, kind: DocumentType) -> bool:
    """Whether a field decides and was read by OCR alone."""
    spec = kind.fields.get(field.name)
    return (
        spec is not None
        and spec.kind in DECIDING
        and field.source in _OTHER
        and field.page is not None
        and field.box is not None
        and not {Witness.XML, Witness.REVIEWER} & set(field.witnesses)
    )


def crop(picture: Pixels, box: Box, scale: float) -> Pixels:
    """The part of a page's picture around ``box`` (times ``scale``: pixels), with a little air."""
    x0, y0, x1, y1 = (side * scale for side in box)
    across, down = _AIR[0] * (y1 - y0), _AIR[1] * (y1 - y0)
    top, bottom, left, right = round(y0 - down), round(y1 + down), round(x0 - across), round(x1 + across)
    return picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]


def judge(field: Field, kind: Kind, seen: LineText) -> Second:
    """Compare a field with what the other engine read in its place."""
    tokens = seen.text.split()[:_MOST_TOKENS]
    runs = [" ".join(tokens[i:j]) for i in range(len(tokens)) for j in range(i + 1, len(tokens) + 1)]
    own = _essence(field.raw)
    if any(_essence(run) == own for run in runs if own):
        return Second(Verdict.SAME, seen.text, field.value)
    values = [(run, value) for run in runs if (value := normalise(kind, run)) is not None]
    if any(value == field.value for _, value in values):
        return Second(Verdict.SAME, seen.text, field.value)
    if not values or seen.confidence < _SURE:
        return Second(Verdict.SILENT, seen.text)
    likeness, value = max((fuzz.ratio(_essence(run), own), value) for run, value in values)
    if likeness < _SIMILAR:
        return Second(Verdict.SILENT, seen.text)
    return Second(Verdict.OTHER, seen.text, value)


def _essence(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _read_right(field: Field, page: Page) -> float:
    """The chance that the words of a field were read right: the product of theirs."""
    if field.box is None:
        return 1.0
    x0, y0, x1, y1 = field.box
    inside = (
        word.confidence
        for word in page.words
        if x0 <= (word.box[0] + word.box[2]) / 2 <= x1 and y0 <= (word.box[1] + word.box[3]) / 2 <= y1
    )
    return math.prod(inside)


def applied(
    extraction: Extraction, kind: DocumentType, found: Mapping[str, Second], chances: Mapping[str, float]
) -> tuple[Extraction, tuple[Finding, ...]]:
    """The extraction as the second readings leave it, and a finding for each that differs. Pure.

    ``chances`` are those that the words of a field were read right the first time; 1 where none is given.
    """
    others = {name: one for name, one in found.items() if one.verdict is Verdict.OTHER}
    taken = {name for name, one in others.items() if _is_proved(name, kind, extraction, one)}
    taken |= _tying(extraction, found)
    fields, findings = [], []
    for field in extraction.fields:
        second = found.get(field.name)
        if second is None or second.verdict is Verdict.SILENT:
            fields.append(field)
            continue
        if second.verdict is Verdict.SAME:
            sure = min(
                field.confidence / max(chances.get(field.name, 1.0), field.confidence),
                1 - (1 - field.confidence) * AGREED,
            )
            fields.append(replace(field.vouched(Witness.SECOND_READING), confidence=round(sure, 4)))
            continue
        if field.name in taken and second.value is not None:
            fields.append(replace(field, value=second.value, raw=f"{second.text} | {field.raw}"))
        elif _STRONGER & set(field.witnesses):
            fields.append(field)
        else:
            fields.append(replace(field, confidence=min(field.confidence, DIFFERS)))
        findings.append(_finding(field, kind, second, field.name in taken))
    return replace(extraction, fields=tuple(fields)), tuple(findings)


def _is_proved(name: str, kind: DocumentType, extraction: Extraction, second: Second) -> bool:
    """Whether the second value has right check digits and the first one has not."""
    spec = kind.fields[name]
    first = next(field for field in extraction.fields if field.name == name)
    if spec.kind not in _CHECKED or Witness.CHECK_DIGIT in first.witnesses or second.value is None:
        return False
    return normalise(spec.kind, first.value) is None and normalise(spec.kind, second.value) is not None


def _tying(extraction: Extraction, found: Mapping[str, Second]) -> set[str]:
    """The total whose second reading makes net and tax come to gross, where the first readings don't."""
    values = {name: _number(extraction.value(name)) for name in _TOTALS}
    if any(value is None for value in values.values()) or _ties(values.values()):
        return set()
    fits = [
        name
        for name in _TOTALS
        if (second := found.get(name)) is not None
        and second.verdict is Verdict.OTHER
        and _ties((values | {name: _number(second.value)}).values())
    ]
    return set(fits) if len(fits) == 1 else set()


def _ties(values: Iterable[Decimal | None]) -> bool:
    net, tax, gross = values
    return None not in (net, tax, gross) and net + tax == gross  # type: ignore[operator]


def _number(value: str | None) -> Decimal | None:
    try:
        return None if value is None else Decimal(value)
    except InvalidOperation:
        return None


def _finding(field: Field, kind: DocumentType, second: Second, taken: bool) -> Finding:
    title = kind.fields[field.name].title["en"]
    message = say(
        "{title}: one engine read {one}, the other {other}. {what}",
        title=title,
        one=repr(field.raw or field.value),
        other=repr(second.text),
        what=say("The second fits the checks and was taken.") if taken else say("The first was kept."),
    )
    return Finding("readings-differ", Severity.INFO, message, (field.name,))
