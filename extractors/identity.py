"""Identity documents: what their machine-readable zone says, married with what stands in print above it.

The zone is read first, because check digits vouch for it; print adds what the zone has not (the day of issue, accents
of names) and witnesses. Where the two differ the zone's value stays and its confidence falls, so that a person looks.
The confidences are priors, not measured: nobody gives away the passports that would take.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extractors.mrz import Mrz, find_mrz
from extractors.page.layout import Layout, Line, lay_out
from extractors.page.text import fold, squeeze
from extractors.values.persons import parse_birth_number
from models.document_types import DocumentType
from models.records import Box, Extraction, Field, Reading, Source, Witness

IDENTITY = "identity_document"
"""The document type that this is about."""
CONTRADICTED = 0.55
"""The confidence of a field that print and zone say differently."""
AGREED = 0.99
"""Zone and print say the same."""
_CHECKED = 0.97  # its check digit holds
_REPAIRED = 0.80  # it holds after one sign was exchanged
_BROKEN = 0.40  # it does not
_UNCHECKED = {True: 0.85, False: 0.96}  # what no check digit covers, by whether an engine read it
_SURE = 0.5  # a value in print counts against the zone from here

_ZONE = {
    "document_number": "number",
    "surname": "surname",
    "given_names": "given_names",
    "nationality": "nationality",
    "birth_date": "birth_date",
    "sex": "sex",
    "expiry_date": "expiry_date",
    "issuing_state": "issuer",
    "personal_number": "optional",
}
"""Our fields and the zone's parts."""
_COMPARED = {"document_number", "surname", "given_names", "birth_date", "expiry_date", "personal_number"}
"""Parts that print has in the same form; it writes out countries and sex as its language does."""
_UNSEEN = {"G", "L"}
"""Letters that no check digit tells from 6 and 1; in a number that an engine read, print has to say so too."""
_MISREAD_FILLERS = re.compile(r"(?: [CEKLSX]{1,2})+$")
_NAMES = {"surname", "given_names"}
_WRITTEN_OUT = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa"), ("ß", "ss"), ("æ", "ae"), ("þ", "th"))
"""Letters that ICAO Doc 9303, part 3, section 6 lets an issuer write out."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A machine-readable zone on a page, and the lines that it stands in."""

    mrz: Mrz
    lines: tuple[Line, ...]


def find_zone(layout: Layout) -> Zone | None:
    """The zone of a document that has one; of several the one with the most check digits that hold."""
    found = find_mrz([line.text for line in layout.lines])
    if found is None:
        return None
    lines = layout.lines[found.start : found.start + len(found.lines)]
    return Zone(found, lines) if len({line.page for line in lines}) == 1 else None


def zone_of(reading: Reading) -> Mrz | None:
    """The zone among the lines of ``reading``; None where there is none."""
    zone = find_zone(lay_out(reading))
    return zone.mrz if zone else None


def with_zone(printed: Extraction, reading: Reading, kind: DocumentType) -> Extraction:
    """``printed``, as labels led to it, with all that the zone says; the zone counts where they differ. Pure."""
    layout = lay_out(reading)
    zone = find_zone(layout)
    if zone is None:
        return printed
    sources = {page.number: page.source for page in reading.pages}
    fields = {field.name: field for field in printed.fields}
    for field in _fields(zone, layout, sources):
        if field.name in kind.fields:
            fields[field.name] = _married(field, fields.get(field.name))
    order = list(kind.fields)
    return replace(printed, fields=tuple(sorted(fields.values(), key=lambda field: order.index(field.name))))


def _fields(zone: Zone, layout: Layout, sources: dict[int, Source]) -> Iterator[Field]:
    mrz, page = zone.mrz, zone.lines[0].page
    holds = {check.name: check.holds for check in mrz.checks}
    doubted = {name for problem in mrz.problems for name in problem.fields}

    def make(name: str, part: str, value: str) -> Field:
        line, first, end = _place(mrz, part, value)
        row, size = zone.lines[line], len(mrz.lines[0])
        box = layout.on_page(_share(row.box, first, end, size), page)
        raw = mrz.lines[line][first:end]
        if part in holds:
            sure = _BROKEN if not holds[part] else _REPAIRED if part in doubted else _CHECKED
            if part == "number" and sources[page].is_ocr and _UNSEEN & set(value):
                sure = min(sure, _REPAIRED)
        else:
            sure = _BROKEN if part in doubted else _UNCHECKED[sources[page].is_ocr]
        witnesses = (Witness.CHECK_DIGIT,) if holds.get(part) else ()
        return Field(name, value, raw, sure, page, box, sources[page], witnesses)

    yield make("document_kind", "document_code", _kind_of(mrz))
    for name, part in _ZONE.items():
        value = getattr(mrz, part)
        if value:
            yield make(name, part, _personal(value) if name == "personal_number" else value)


def _place(mrz: Mrz, part: str, value: str) -> tuple[int, int, int]:
    """The line of a part, its first sign and the one past its last; names share their part of the line."""
    line, first, end = mrz.places[part]
    if part in ("surname", "given_names"):
        before = re.match(r"[^<]+(?:<[^<]+)*<<+", mrz.lines[line][first:end])
        first += before.end() if before and part == "given_names" else 0
        end = min(end, first + len(value))
    return line, first, end


def _kind_of(mrz: Mrz) -> str:
    code = mrz.document_code
    if code.startswith("P"):
        return "passport"
    if code.startswith("V"):
        return "visa"
    return "residence permit" if code in ("AR", "IR") else "identity card"


def _personal(value: str) -> str:
    """Optional data; a birth number gets its slash back."""
    number = parse_birth_number(value)
    return f"{number.digits[:6]}/{number.digits[6:]}" if number else value


def _share(box: Box, first: int, end: int, size: int) -> Box:
    """The part of a line's box in which its signs ``first`` to ``end`` stand: a zone's signs are equally wide."""
    width = (box[2] - box[0]) / size
    return (box[0] + first * width, box[1], box[0] + end * width, box[3])


def _married(field: Field, printed: Field | None) -> Field:
    if printed is None or field.name not in _COMPARED:
        return field
    if same_name(field.value, printed.value):
        # print is what people look at, and has the accents and small letters of names
        value = printed.value if field.name in _NAMES else field.value
        field = replace(field, value=value, raw=printed.raw, page=printed.page, box=printed.box)
        witnessed = field.vouched(Witness.REPEATED)
        for witness in printed.witnesses:
            witnessed = witnessed.vouched(witness)
        refuted = field.confidence <= _BROKEN and field.name not in _NAMES  # both misread, or the zone was forged
        return replace(witnessed, confidence=_REPAIRED if refuted else AGREED)
    if printed.confidence >= _SURE:
        return replace(field, confidence=min(field.confidence, CONTRADICTED))
    return field


def same_name(zone: str, printed: str) -> bool:
    """Whether a value of the zone is one in print: without accents or with letters written out, whatever parts words.

    The zone cuts long names off, so one of 15 letters or more may go on in print. One or two letters that stand alone
    at its end and that print has not are misread fillers.
    """
    written = printed.casefold()
    for letter, out in _WRITTEN_OUT:
        written = written.replace(letter, out)
    one, bare = squeeze(zone), squeeze(_MISREAD_FILLERS.sub("", zone))
    return any(
        other in (one, bare) or (len(one) >= 15 and other.startswith(one))
        for other in (squeeze(printed), squeeze(fold(written)))
    )
