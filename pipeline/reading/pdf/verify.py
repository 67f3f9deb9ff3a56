"""The fields that decide, read once more from the drawn page before a document goes on without a person.

Threat: a text layer whose ToUnicode map turns a printed 100.00 into 900.00. The sample that is compared with the page
when it is read (`pipeline.reading.pdf.witness`) catches a map that lies throughout; here every amount, account and date
that came from a text layer is compared, so that a lie about a single one is found too. It costs 20 ms a
field, and only documents that no person would see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from models.document_types import DocumentType, Kind
from models.messages import say
from models.records import Extraction, Field, Finding, Page, Reading, Severity, Source, Witness
from models.settings import Limits
from pipeline.reading.known import Memory, NoMemory, once
from pipeline.reading.ocr import cleanup
from pipeline.reading.pdf.witness import essence, read_box
from pipeline.tools import pdfium

Pixels = NDArray[np.uint8]

_DECIDING = {Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT, Kind.IBAN, Kind.DATE, Kind.DIGITS}
_DPI = (200.0, 300.0)
_VERDICTS = TypeAdapter(dict[str, bool])


def verify(
    path: Path,
    reading: Reading,
    kind: DocumentType,
    extraction: Extraction,
    limits: Limits,
    *,
    memory: Memory | None = None,
) -> tuple[Extraction, tuple[Finding, ...]]:
    """Compare amounts, accounts and dates that text layers gave with the drawn pages of the PDF at ``path``.

    Returns the extraction with `Witness.SECOND_READING` where the page was read the same, and a finding for each field
    that it was not. What ``memory`` knows is not compared again. Idempotent; runs in the cage.

    Raises:
        UnreadableDocument: see `pipeline.reading.read`.
    """
    pages = {page.number: page for page in reading.pages if page.source is Source.TEXT}
    wanted: dict[int, list[Field]] = defaultdict(list)
    for field in extraction.fields:
        spec = kind.fields.get(field.name)
        if spec is None or spec.kind not in _DECIDING or field.source is not Source.TEXT:
            continue
        if field.page in pages and field.box is not None and _letters(field):
            wanted[field.page].append(field)
    if not wanted:
        return extraction, ()
    about = [[field.name, field.value, field.raw, field.page, field.box] for one in wanted.values() for field in one]
    verdicts = once(memory or NoMemory(), "verify", about, _VERDICTS, lambda: _verdicts(path, pages, wanted, limits))
    fields = tuple(
        field.vouched(Witness.SECOND_READING) if verdicts.get(field.name) else field for field in extraction.fields
    )
    findings = tuple(_finding(field, kind) for field in extraction.fields if verdicts.get(field.name) is False)
    return replace(extraction, fields=fields), findings


def _verdicts(
    path: Path, pages: Mapping[int, Page], wanted: Mapping[int, Sequence[Field]], limits: Limits
) -> dict[str, bool]:
    verdicts: dict[str, bool] = {}
    with pdfium.open_pdf(path, limits) as document:
        for number in sorted(wanted):
            with pdfium.open_page(document, number, limits) as page:
                pictures = [cleanup.turn(pdfium.render(page, dpi, limits)[0], pages[number].turned) for dpi in _DPI]
            verdicts.update((field.name, _same(field, pages[number], pictures)) for field in wanted[number])
    return verdicts


def _same(field: Field, page: Page, pictures: Iterable[Pixels]) -> bool:
    """Whether a picture of the page, at one resolution or the next, is read as the field says."""
    assert field.box is not None
    wanted = _letters(field)
    for picture in pictures:
        seen = read_box(picture, field.box, picture.shape[1] / page.width)
        if seen is not None and essence(seen, letters=_has_letters(field)) == wanted:
            return True
    return False


def _letters(field: Field) -> str:
    """What must be read the same: digits, and letters where the value has some (accounts, names of months)."""
    return essence(field.raw, letters=_has_letters(field))


def _has_letters(field: Field) -> bool:
    return any(char.isalpha() for char in field.value)


def _finding(field: Field, kind: DocumentType) -> Finding:
    message = say(
        "The page does not clearly show what its text layer says for {field}.",
        field=kind.fields[field.name].title["en"],
    )
    return Finding("text-layer-differs", Severity.WARNING, message, (field.name,))
