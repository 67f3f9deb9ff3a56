"""Does the page show the invoice that the XML tells?

A hybrid that shows one invoice to people and another to machines is an error of the sender's program at best and a
fraud at worst; either way a person decides. Contradiction is an error, mere absence a warning: some senders print
their number in another form, and some do not print the account at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractors.einvoice.merge import CONTRADICTED
from extractors.einvoice.onpage import PageIndex
from models.document_types import Kind
from models.records import Extraction, Finding, Source
from pipeline.check.facts import Facts, error, warning

_READABLE = 40
"""Pages with fewer letters and digits than this show no invoice that could be compared."""


def xml_against_page(facts: Facts, extraction: Extraction) -> Iterator[Finding]:
    """Invoice number, issue date, gross total and account of the XML stand on the pages, if those can be read."""
    reading, einvoice = facts.reading, facts.einvoice
    if reading is None or einvoice is None or not reading.pages:
        return
    index = PageIndex(reading)
    if index.signs < _READABLE:
        yield warning("xml-unchecked", "The pages can't be read, so the e-invoice in the file could not be compared.")
        return
    xml = {field.name: field.value for field in einvoice.fields}
    reported: set[str] = set()

    gross = xml.get("gross_total")
    if gross and index.amounts and index.find(Kind.AMOUNT, gross) is None:
        reported.add("gross_total")
        yield error("xml-mismatch", f"The e-invoice's gross total {gross} stands nowhere on the page.", "gross_total")
    iban = xml.get("iban")
    # an account that is printed with wrong check digits is known by its label only
    printed = bool(index.ibans) or index.find_text("IBAN") is not None
    if iban and printed and iban not in index.ibans and index.find(Kind.IBAN, iban) is None:
        reported.add("iban")
        yield error("xml-mismatch", f"The page shows another account than the e-invoice's IBAN {iban}.", "iban")
    # a total of the XML that the page lacks and a number or day that it lacks are another invoice
    contradicts = error if reported else warning
    code = "xml-mismatch" if reported else "xml-not-on-page"
    for name, kind, shown in (
        ("invoice_number", Kind.IDENTIFIER, True),
        ("issue_date", Kind.DATE, bool(index.dates)),
    ):
        value = xml.get(name)
        if value and shown and index.find(kind, value) is None:
            reported.add(name)
            yield contradicts(code, f"{facts.title(name)} {value} of the e-invoice stands nowhere on the page.", name)
    for field in extraction.fields:
        if field.source is Source.XML and field.confidence <= CONTRADICTED and field.name not in reported:
            message = f"The page seems to show another {facts.title(field.name).lower()} than the e-invoice."
            yield warning("xml-mismatch", message, field.name)
