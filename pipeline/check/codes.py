"""Do the payment codes on the pages say what the pages say?

A code that pays into another account than the one in print is a fraud or a mistake of the sender's program; either way
a person decides. What the page says in print and a code contradicts is an error for account, amount and invoice
number, and a warning elsewhere; that the page is silent is no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractors.codes import FoundCode, codes_of
from extractors.codes.merge import Said, alike, place_of, said_by
from extractors.einvoice.merge import CONTRADICTED
from extractors.einvoice.onpage import PageIndex
from models.document_types import Kind
from models.messages import listed, say
from models.records import Extraction, Finding, Severity, Source
from pipeline.check.facts import Facts, error, info, shown, warning

_GRAVE = {"iban", "amount_due", "invoice_number", "gross_total"}
_READABLE = 40
"""Pages with fewer letters and digits than this show nothing that could be compared."""


def codes_against_page(facts: Facts, extraction: Extraction) -> Iterator[Finding]:
    """What is wrong with the codes themselves, and where they contradict each other, the page or the e-invoice."""
    if facts.reading is None or "iban" not in facts.kind.fields:
        return
    codes = codes_of(facts.reading)
    if not codes:
        return
    yield from _of_themselves(facts, codes)
    said, differing = said_by(codes, facts.kind)
    if differing:
        titles = listed(say("{title:lower}", title=facts.title(name)) for name in differing)
        yield warning(
            "codes-differ", say("Two codes on the pages say two things: {titles}.", titles=titles), *differing
        )
    index = PageIndex(facts.reading)
    if index.signs < _READABLE:
        yield warning("code-unchecked", say("The pages can't be read, so the code on them could not be compared."))
        return
    fields = {field.name: field for field in extraction.fields}
    for name, one in said.items():
        kind, field = facts.kind.fields[name].kind, fields.get(name)
        contradicts = error if name in _GRAVE else warning
        if field is not None and not alike(kind, field.value, one.value):
            values = {"value": shown(kind, field.value), "title": facts.title(name), "said": shown(kind, one.value)}
            if field.source is Source.XML:
                message = say("The e-invoice says {value} ({title}), the code on it {said}.", **values)
            else:
                message = say("The page says {value} ({title}), the code on it {said}.", **values)
            yield contradicts("code-mismatch", message, name)
        elif _missing(name, kind, one, index):
            message = say(
                "The code on the page says {said} ({title}), and the page something else.",
                said=shown(kind, one.value),
                title=facts.title(name),
            )
            yield contradicts("code-mismatch", message, name)
        elif field is not None and field.source is Source.CODE and field.confidence <= CONTRADICTED:
            message = say("The page seems to show another {title:lower} than the code on it.", title=facts.title(name))
            yield warning("code-mismatch", message, name)


def _of_themselves(facts: Facts, codes: Sequence[FoundCode]) -> Iterator[Finding]:
    for one in codes:
        if one.code is None:
            yield info("code-unreadable", say("A payment code on page {page} can't be read.", page=one.page))
            continue
        for problem in one.code.problems:
            if problem.severity is not Severity.INFO:
                yield warning(
                    problem.code, problem.message, *(name for name in problem.fields if name in facts.kind.fields)
                )
        kind = one.code.document_type
        own = "invoice" if facts.kind.our_side else facts.kind.name  # received or issued, to the code it is one type
        if kind and own in ("invoice", "credit_note") and kind != own:
            yield warning("code-mismatch", say("The code on the page says that it is another type of document."))


def _missing(name: str, kind: Kind, said: Said, index: PageIndex) -> bool:
    """Whether the page shows such a value and nowhere the code's."""
    if name == "iban":
        return bool(index.ibans) and said.value not in index.ibans and place_of(kind, said.value, index) is None
    if name == "amount_due":
        return bool(index.amounts) and place_of(kind, said.value, index) is None
    return False
