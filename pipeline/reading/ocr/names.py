"""Names and addresses that OCR read, read again before they are believed: `again` looks, `believe` weighs.

What decides (amounts, accounts, days) is compared as a value (`pipeline.reading.ocr.second`); a name has no check
digits and no normal form, so here the words of the page themselves are put right, or become surer or less sure, and
the fields are extracted anew from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from models.document_types import DocumentType, Kind
from models.records import Box, Extraction, Page, Reading, Witness
from models.settings import Engine, Settings
from pipeline.reading.known import Memory, NoMemory, once
from pipeline.reading.ocr.again import DPI, Row, look_again, rows_in
from pipeline.reading.ocr.believe import believed
from pipeline.reading.ocr.languages import evidence, spoken
from pipeline.reading.pages import draw

KINDS = frozenset({Kind.PARTY, Kind.ADDRESS})
_ROWS = TypeAdapter(list[Row])
_MOST_ROWS = 16  # of a page: no two parties have more lines


def names_again(
    path: Path,
    media_type: str,
    reading: Reading,
    kind: DocumentType,
    extraction: Extraction,
    *,
    settings: Settings,
    memory: Memory | None = None,
) -> Reading:
    """The reading with the words of names and addresses that OCR read as several readings together make them likeliest.

    Pages that hold such fields are drawn again, one at a time; it costs 40 to 70 ms a line. What ``memory`` knows is
    not read again. The same reading where there is nothing to read, nothing changed, or Tesseract is to read alone.
    Runs in the cage.

    Raises:
        UnreadableDocument: see `pipeline.reading.read`.
        MissingTool: an engine is not installed.
    """
    wanted: dict[int, list[Box]] = defaultdict(list)
    for field in extraction.fields:
        spec = kind.fields.get(field.name)
        sure = {Witness.XML, Witness.REVIEWER} & set(field.witnesses)
        if spec and spec.kind in KINDS and field.source.is_ocr and field.box and field.page and not sure:
            wanted[field.page].append(field.box)
    if not wanted or settings.engine is Engine.TESSERACT:
        return reading
    codes, memory = _languages(reading, settings), memory or NoMemory()
    pages = []
    for page in reading.pages:
        rows = rows_in(page, wanted[page.number])[:_MOST_ROWS] if page.number in wanted and page.source.is_ocr else []
        look: Callable[[], list[Row]] = partial(_look, path, media_type, page, rows, settings, codes=codes)
        looked = once(memory, "names", [page.number, rows], _ROWS, look) if rows else []
        pages.append(believed(page, looked) if looked else page)
    if all(new is old for new, old in zip(pages, reading.pages, strict=True)):
        return reading
    return replace(reading, pages=tuple(pages))


def _look(path: Path, media_type: str, page: Page, rows: Sequence[tuple[int, ...]], settings: Settings,
          *, codes: tuple[str, ...]) -> list[Row]:  # fmt: skip
    picture = draw(path, media_type, page.number, turned=page.turned, dpi=DPI, limits=settings.limits)
    return look_again(picture, page, rows, codes)


def _languages(reading: Reading, settings: Settings) -> tuple[str, ...]:
    """In which languages Tesseract reads: the document's own, all that are allowed where it does not tell."""
    own = spoken(evidence(reading.text, settings.languages), settings.languages)
    return settings.languages if own is None else (own,)
