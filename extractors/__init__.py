"""From words to typed fields. Pure: no files, no database, no clock.

A document goes through these rooms: words to lines, segments and labels (`page`), values of every kind (`candidates`,
by the grammars of `values`), how probable each is (`scoring`), and one joint decision (`invoice` with the rows of
`table`; `receipt`; `other`). What is data already is only mapped (`einvoice`, `codes`, `mrz` by `identity`).
"""

from __future__ import annotations

from collections.abc import Iterable

from extractors.form import extract_form
from extractors.identity import IDENTITY, with_zone
from extractors.invoice.fields import MODEL as INVOICE_MODEL
from extractors.invoice.fields import InvoiceFields
from extractors.normalise import normalise
from extractors.other import extract_other
from extractors.page.labels import label_index
from extractors.receipt.fields import extract_receipt
from extractors.scoring import Trace, model
from models.document_types import UNKNOWN, DocumentType, document_types
from models.records import Extraction, Reading

INVOICE, RECEIPT = "invoice", "receipt"
__all__ = ["extract", "normalise", "warm"]


def warm() -> None:
    """Load models and vocabularies now, so that children forked later have them.

    Raises:
        MissingTool: a model's files are not there.
    """
    for kind in document_types().values():
        label_index(kind)
    model.warm()


def is_expert(kind: DocumentType) -> bool:
    """Whether the type is read by code made for it: invoices, what extends them, and receipts."""
    return (kind.extends or kind.name) in (INVOICE, RECEIPT)


def extract(
    reading: Reading,
    kind: DocumentType,
    *,
    our_names: Iterable[str] = (),
    our_ids: Iterable[str] = (),
    trace: Trace | None = None,
) -> Extraction:
    """The fields and line items of ``reading`` as a document of type ``kind``.

    Args:
        reading: the words and codes of the pages, and the e-invoice if there is one, whose values win.
        kind: the document type; its YAML file names the fields and their labels.
        our_names: our own company names: a party called so is on our side (``our_side`` of the type, the buyer's).
        our_ids: our own VAT and company ids: they are our side's.
        trace: is told what was tried for every field; it changes nothing.

    Returns:
        Fields in the order of the type's file; a field that is not likely enough is left out.
    """
    if kind.name == UNKNOWN:
        return extract_other(reading, kind)
    if not is_expert(kind):
        extraction = extract_form(reading, kind, our_names=our_names, our_ids=our_ids, trace=trace)
    elif kind.name == RECEIPT:
        extraction = extract_receipt(reading, kind, trace=trace)
    else:
        expert = InvoiceFields(reading, kind, our_names, our_ids, model=model.load(INVOICE_MODEL), trace=trace)
        extraction = expert.run()
    if reading.einvoice is not None:
        from extractors.einvoice import merge

        extraction = merge(extraction, reading.einvoice, reading)
    if any(page.codes for page in reading.pages):
        from extractors.codes.merge import merge_codes

        extraction = merge_codes(extraction, reading, kind)
    return with_zone(extraction, reading, kind) if kind.name == IDENTITY else extraction
