"""The marriage of an e-invoice with what was found on its pages: the XML says what, the page shows where.

The confidences are priors, not measured: of the 15 hybrids of the development set every visible value of the XML
was right. They are to be replaced by calibrated ones when there are enough hybrids with corrections.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from extractors.einvoice.onpage import PageIndex
from models.document_types import Kind, document_types
from models.records import EInvoice, Extraction, Field, LineItem, Reading, Source, Witness

AGREED = 0.99
"""XML and page say the same."""
UNSEEN = 0.95
"""The XML says it and the pages, though readable, don't show it."""
CONTRADICTED = 0.60
"""The page shows another value for it, and that of the XML nowhere."""
_SURE = 0.5  # a value of the page counts against the XML from here
_PLAIN = 0.9  # so sure is a day of the page that it counts even if that of the XML stands elsewhere
_COMPARED = {Kind.IDENTIFIER, Kind.DATE, Kind.AMOUNT, Kind.IBAN, Kind.VAT_ID, Kind.CURRENCY}
_TOTALS = {"net_total", "gross_total", "amount_due"}
_NOT_IN_XML = {"variable_symbol"}  # EN 16931 has no term for it
_VOUCHED = 0.7  # so sure must a value be that only the page has
_SILENCE = 0.95  # the XML could have said it and did not
_ODD = 0.8  # an amount that the XML does not have: its totals are complete without it


def same(kind: Kind, one: str, other: str) -> bool:
    """Whether two values in normal form are the same as far as print can tell."""
    if kind is Kind.AMOUNT:
        try:
            return abs(Decimal(one)) == abs(Decimal(other))  # credit notes are printed with or without the sign
        except InvalidOperation:
            return False
    return "".join(filter(str.isalnum, one.casefold())) == "".join(filter(str.isalnum, other.casefold()))


def _merge_field(field: Field, kind: Kind, page_field: Field | None, index: PageIndex) -> Field:
    if page_field is not None and same(kind, field.value, page_field.value):
        witnesses = tuple(dict.fromkeys((*field.witnesses, *page_field.witnesses)))
        return replace(
            field,
            raw=page_field.raw or field.raw,
            confidence=AGREED,
            page=page_field.page,
            box=page_field.box,
            witnesses=witnesses,
        )
    place = index.find(kind, field.value)
    if place is not None and kind is Kind.DATE and page_field is not None and page_field.confidence >= _PLAIN:
        return replace(field, confidence=CONTRADICTED)  # the day of something else
    if place is not None:
        return replace(field, raw=place.raw, confidence=AGREED, page=place.page, box=place.box)
    if page_field is not None and page_field.confidence >= _SURE and kind in _COMPARED:
        return replace(field, confidence=CONTRADICTED)
    return replace(field, confidence=UNSEEN)


def _merge_line(item: LineItem, index: PageIndex) -> LineItem:
    place = index.find_text(item.description) if item.description else None
    return item if place is None else replace(item, page=place.page, box=place.box, confidence=AGREED)


def _only_on_page(field: Field, kind: Kind | None, known: list[Field]) -> Field | None:
    """A value that only the page has, as it is kept: it must be the page's own, and something must vouch for it."""
    if field.name in _NOT_IN_XML:
        return field
    vouched = {Witness.LABEL, Witness.CHECK_DIGIT, Witness.SUM} & set(field.witnesses)
    if not vouched or field.confidence < _VOUCHED:
        return None
    if kind is Kind.AMOUNT:
        familiar = any(same(kind, field.value, other.value) for other in known if other.name in _TOTALS)
        return replace(field, confidence=field.confidence * (_SILENCE if familiar else _ODD))
    if any(field.value == other.value for other in known):
        return None  # the page's one number, taken for another's
    return replace(field, confidence=field.confidence * _SILENCE)


def merge(extraction: Extraction, einvoice: EInvoice, reading: Reading) -> Extraction:
    """The values of ``einvoice``, each with its place on the page, and those that only the page has.

    The XML's value always wins. Its confidence is `AGREED` where the page shows it, `UNSEEN` where not,
    `CONTRADICTED` where the page shows another; without pages it stays. A value that only the page has is
    kept if a witness vouches for it, with less confidence, because the XML could have told it too. Line items
    come from the XML if it has any.
    """
    if not any(page.words for page in reading.pages):
        return Extraction(einvoice.fields, einvoice.line_items or extraction.line_items)
    index = PageIndex(reading)
    specs = document_types()[einvoice.document_type].fields
    from_page = {field.name: field for field in extraction.fields if field.source is not Source.XML}
    fields = [
        _merge_field(field, specs[field.name].kind, from_page.pop(field.name, None), index)
        for field in einvoice.fields
        if field.name in specs
    ]
    known = list(fields)
    for field in from_page.values():
        kept = _only_on_page(field, specs[field.name].kind if field.name in specs else None, known)
        if kept is not None:
            fields.append(kept)
    order = list(specs)
    fields.sort(key=lambda field: order.index(field.name) if field.name in order else len(order))
    lines = tuple(_merge_line(item, index) for item in einvoice.line_items) or extraction.line_items
    return Extraction(tuple(fields), lines)
