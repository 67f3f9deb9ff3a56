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
from models.messages import say
from models.records import Extraction, Finding, Source
from pipeline.check.facts import Facts, error, shown, warning

_READABLE = 40
"""Pages with fewer letters and digits than this show no invoice that could be compared."""


def xml_against_page(facts: Facts, extraction: Extraction) -> Iterator[Finding]:
    """Number, day, total, account and parties of the XML stand on the pages, if those can be read."""
    reading, einvoice = facts.reading, facts.einvoice
    if reading is None or einvoice is None or not reading.pages:
        return
    index = PageIndex(reading)
    if index.signs < _READABLE:
        yield warning(
            "xml-unchecked", say("The pages can't be read, so the e-invoice in the file could not be compared.")
        )
        return
    xml = {field.name: field.value for field in einvoice.fields}
    reported: set[str] = set()

    gross = xml.get("gross_total")
    if gross and index.amounts and index.find(Kind.AMOUNT, gross) is None:
        reported.add("gross_total")
        yield error(
            "xml-mismatch",
            say("The e-invoice's gross total {gross} stands nowhere on the page.", gross=shown(Kind.AMOUNT, gross)),
            "gross_total",
        )
    iban = xml.get("iban")
    if iban and not index.has_account(iban):
        if index.shows_iban():
            reported.add("iban")
            message = say("The page shows another account than the e-invoice's IBAN {iban}.", iban=iban)
            yield error("xml-mismatch", message, "iban")
        else:  # whoever pays by the page could not pay there
            message = say("The e-invoice's account {iban} stands nowhere on the page.", iban=iban)
            yield warning("xml-not-on-page", message, "iban")
    # a total of the XML that the page lacks and a number or day that it lacks are another invoice
    contradicts = error if reported else warning
    code = "xml-mismatch" if reported else "xml-not-on-page"
    for name, kind, dated in (
        ("invoice_number", Kind.IDENTIFIER, True),
        ("issue_date", Kind.DATE, bool(index.dates)),
    ):
        value = xml.get(name)
        if value and dated and index.find(kind, value) is None:
            reported.add(name)
            yield contradicts(
                code,
                say(
                    "{title} {value} of the e-invoice stands nowhere on the page.",
                    title=facts.title(name),
                    value=shown(kind, value),
                ),
                name,
            )
    for name in ("seller_name", "buyer_name"):
        value = xml.get(name)
        if value and not index.shows_name(value):
            reported.add(name)
            message = say("The page does not name {name}, as the e-invoice does.", name=value)
            yield warning("xml-not-on-page", message, name)
    for field in extraction.fields:
        if field.source is Source.XML and field.confidence <= CONTRADICTED and field.name not in reported:
            message = say(
                "The page seems to show another {title:lower} than the e-invoice.", title=facts.title(field.name)
            )
            yield warning("xml-mismatch", message, field.name)
