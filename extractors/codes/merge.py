"""The marriage of the codes on the pages with what was read there: a code is data, but anybody can print one.

A code that says what the page says vouches for it; one that says more fills in what is missing; one that says
something else is a matter for a person (`pipeline.check.codes`), be it a misread page or a code stuck over another.
The confidences are priors, those of the e-invoice (`extractors.einvoice.merge`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.codes import FoundCode, codes_of
from extractors.einvoice.merge import AGREED, CONTRADICTED, UNSEEN, same
from extractors.einvoice.onpage import PageIndex, Place
from extractors.values.identifiers import is_valid_iban
from models.document_types import DocumentType, Kind
from models.records import Extraction, Field, Reading, Source, Witness

PAYMENT = ("iban", "bic", "amount_due", "currency", "due_date", "variable_symbol")
"""What every standard says of the payment itself."""
INVOICE = (
    "invoice_number", "issue_date", "delivery_date", "seller_vat_id", "seller_tax_number", "buyer_vat_id",
    "order_number", "net_total", "tax_total", "gross_total",
)  # fmt: skip
"""What a QR Faktura or the billing information of a Swiss QR-bill says of the invoice."""
_INVOICE_STANDARDS = ("sid", "spd+sid", "swiss")
_HINTS = ("seller_name", "seller_address", "buyer_name", "invoice_number")
"""What vouches for the page or fills it, and contradicts nothing: a payee is often called otherwise than the seller."""
_HINT = 0.75
_DOUBTED = 0.8  # a value of the page less sure than this gives way to a code's that also stands on the page
_SHORTEST_MENTION = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What the codes say of one field, all of them the same, and the first that says it."""

    value: str
    by: FoundCode


def said_by(codes: Sequence[FoundCode], kind: DocumentType) -> tuple[dict[str, Said], tuple[str, ...]]:
    """What trusted codes say of the fields of ``kind``, and the fields of which two codes say two things."""
    said: dict[str, Said] = {}
    differing: list[str] = []
    for one in codes:
        if one.code is None or not one.code.trusted:
            continue
        names = PAYMENT + (INVOICE if one.code.standard in _INVOICE_STANDARDS else ())
        for name, value in one.code.values():
            if name not in names or name not in kind.fields:
                continue
            if name in said and not alike(kind.fields[name].kind, said[name].value, value):
                differing.append(name)
            said.setdefault(name, Said(value, one))
    return {name: one for name, one in said.items() if name not in differing}, tuple(dict.fromkeys(differing))


def alike(kind: Kind, one: str, other: str) -> bool:
    """Whether two values in normal form are the same; a BIC of eight signs is that of the head office (``XXX``)."""
    if kind is Kind.BIC:
        return one.removesuffix("XXX") == other.removesuffix("XXX")
    if kind is Kind.VAT_ID and one.startswith("CHE"):
        return one[:12] == other[:12]
    return same(kind, one, other)


def place_of(kind: Kind, value: str, index: PageIndex) -> Place | None:
    """Where a code's value stands in print; a Czech or Slovak account may stand there in its domestic form."""
    place = index.find(kind, value)
    if place is None and kind is Kind.IBAN and re.fullmatch(r"(CZ|SK)\d{22}", value):
        place = index.find_text(f"{value[14:].lstrip('0')}{value[4:8]}")
    return place


def merge_codes(extraction: Extraction, reading: Reading, kind: DocumentType) -> Extraction:
    """The values of the pages with what the codes on them add and vouch for; an e-invoice's values stay.

    For kinds with an account to pay to; pure.
    """
    codes = codes_of(reading) if "iban" in kind.fields else ()
    if not codes:
        return extraction
    index = PageIndex(reading)
    fields = {field.name: field for field in extraction.fields}
    said, _ = said_by(codes, kind)
    for name, one in said.items():
        fields[name] = _merged(name, kind.fields[name].kind, fields.get(name), one, index)
    for name, one in _hints(codes, kind):
        known = fields.get(name)
        if known is None:
            fields[name] = _new(name, one, None, _HINT)
        elif alike(kind.fields[name].kind, known.value, one.value):
            fields[name] = _vouched(known, known.confidence)
    number = fields.get("invoice_number")
    if number is not None and any(_mentions(one, number.value) for one in codes):
        fields["invoice_number"] = _vouched(number, number.confidence)
    order = list(kind.fields)
    return replace(extraction, fields=tuple(sorted(fields.values(), key=lambda field: order.index(field.name))))


def _merged(name: str, kind: Kind, known: Field | None, said: Said, index: PageIndex) -> Field:
    place = place_of(kind, said.value, index)
    if known is None:
        return _new(name, said, place, UNSEEN if place is None else AGREED)
    if alike(kind, known.value, said.value):
        return _vouched(known, max(AGREED, known.confidence))
    if known.source in (Source.XML, Source.REVIEWER):
        return replace(known, confidence=min(known.confidence, CONTRADICTED))
    if kind is Kind.IBAN and known.source.is_ocr and not is_valid_iban(known.value):
        return replace(_vouched(known, AGREED), value=said.value)  # the engine misread it
    if place is not None and known.confidence < _DOUBTED:
        return _new(name, said, place, UNSEEN)
    if known.source.is_ocr and known.confidence < _DOUBTED:
        return _new(name, said, place, CONTRADICTED)
    return replace(known, confidence=min(known.confidence, CONTRADICTED))


def _new(name: str, said: Said, place: Place | None, confidence: float) -> Field:
    if place is None:
        place = Place(said.by.page, said.by.box, "")
    return Field(
        name, said.value, place.raw, confidence, place.page, place.box, source=Source.CODE, witnesses=(Witness.CODE,)
    )


def _vouched(field: Field, confidence: float) -> Field:
    return replace(field.vouched(Witness.CODE), confidence=confidence)


def _hints(codes: Sequence[FoundCode], kind: DocumentType) -> Iterator[tuple[str, Said]]:
    for one in codes:
        if one.code is None or not one.code.trusted:
            continue
        for name, value in one.code.values():
            number = name == "invoice_number" and one.code.standard in _INVOICE_STANDARDS
            if name in _HINTS and name in kind.fields and not number:
                yield name, Said(value, one)


def _mentions(found: FoundCode, number: str) -> bool:
    """Whether the text for the payee holds the invoice number as the page has it."""
    if found.code is None or not found.code.trusted:
        return False
    needle = _signs(number)
    texts = (found.code.message, found.code.reference)
    return len(needle) >= _SHORTEST_MENTION and any(needle in _signs(text) for text in texts)


def _signs(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
