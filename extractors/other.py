"""Documents of unknown type: their text, all dates and all amounts."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.candidates.amounts import amount_candidates
from extractors.candidates.base import Candidate
from extractors.candidates.dates import date_candidates
from extractors.candidates.standard import standard_candidates
from extractors.page.layout import COLUMN, WIDE, Layout, lay_out
from models.document_types import DocumentType
from models.records import Extraction, Field, Reading, Source

TEXT_LIMIT = 4000
"""Characters of text that a document of unknown type keeps."""


def _joined(name: str, found: Sequence[Candidate], layout: Layout, sources: dict[int, Source]) -> Field | None:
    values = "; ".join(dict.fromkeys(one.value for one in found))
    if not values:
        return None
    first = found[0]
    reading = min(one.confidence for one in found)
    box = layout.on_page(first.box, first.page)
    return Field(name, values, first.raw, round(0.8 * reading, 4), first.page, box, sources[first.page])


def extract_other(reading: Reading, kind: DocumentType) -> Extraction:
    """The fields of the type ``other``: text (at most `TEXT_LIMIT` characters), dates and amounts in page order."""
    layout = lay_out(reading)
    if not layout.lines:
        return Extraction()
    sources = {page.number: page.source for page in reading.pages}
    text = "\n".join(line.text.replace(COLUMN, "  ").replace(WIDE, " ") for line in layout.lines)[:TEXT_LIMIT].strip()
    dates = date_candidates(layout)
    ids = standard_candidates(layout)
    amounts = [one for one in amount_candidates(layout, [*dates, *ids]) if one.decimals == 2 or one.currency]
    confidence = sum(t.confidence for line in layout.lines for t in line.tokens) / max(
        1, sum(len(line.tokens) for line in layout.lines)
    )
    first = layout.lines[0].page
    fields = [
        Field("text", text, text[:80], round(min(0.95, confidence), 4), first, None, sources[first]),
        _joined("dates", dates, layout, sources),
        _joined("amounts", amounts, layout, sources),
    ]
    return Extraction(tuple(f for f in fields if f and f.name in kind.fields and f.value))
