"""Whether we issued an invoice ourselves: the words are the same, the seller is our own company.

The parties are judged without knowing who we are, so that the wish to be the buyer is not taken for proof. Names of
the parties and the places of our ids are the witnesses. One that says that we are the seller makes it an
``invoice_issued``. Where witnesses contradict each other, a weak one stands alone, or we are named on neither side,
the confidence falls below every threshold and a person decides: the type decides in which table the document ends.
(That we are nowhere on it is for `pipeline.check.company` to say.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from rapidfuzz import fuzz

from extractors.candidates.base import make
from extractors.invoice.parties import BUYER, SELLER, Parties
from extractors.page.labels import find_labels
from extractors.page.layout import lay_out
from extractors.page.text import fold, squeeze
from models.document_types import Kind, document_types
from models.records import Classification, Reading
from pipeline.check.facts import Ours

RECEIVED, ISSUED = "invoice", "invoice_issued"
DOUBT = 0.5
"""The confidence where it is not clear on which side we are."""
_SURE = 0.6  # so much must a witness weigh that stands alone
_PLACE = 0.5  # what the place of an id weighs
_ALIKE = 88.0  # percent of rapidfuzz's partial ratio
_SHORTEST = 5  # signs; a shorter id stands in any number
_FIELDS = {"name", "vat_id", "tax_number"}


def sided(
    reading: Reading, classification: Classification, our_names: Iterable[str] = (), our_ids: Iterable[str] = ()
) -> Classification:
    """An invoice as what we received or issued; any other type, and all where nobody says who we are, as it is."""
    ours = Ours(tuple(our_names), tuple(our_ids))
    if classification.type != RECEIVED or not ours:
        return classification
    doubtful = replace(classification, confidence=min(classification.confidence, DOUBT))
    witnesses = list(_in_xml(reading, ours) if reading.einvoice else _on_page(reading, ours))
    roles = {role for role, _ in witnesses}
    if not roles:
        return doubtful if _named(reading, ours) else classification
    if SELLER not in roles:
        return classification
    sure = BUYER not in roles and (len(witnesses) > 1 or witnesses[0][1] >= _SURE)
    return replace(classification if sure else doubtful, type=ISSUED)


def _in_xml(reading: Reading, ours: Ours) -> Iterator[tuple[str, float]]:
    assert reading.einvoice is not None
    for field in reading.einvoice.fields:
        role, _, part = field.name.partition("_")
        if role in (SELLER, BUYER) and part in _FIELDS and ours.is_us(field.value):
            yield role, 1.0


def _ids(reading: Reading, ours: Ours) -> set[str]:
    """Our ids that stand somewhere on the pages, without blanks and the country's letters."""
    text = "".join(squeeze(word.text) for page in reading.pages for word in page.words)
    ids = {squeeze(one).removeprefix("cz") for one in ours.ids}
    return {one for one in ids if len(one) >= _SHORTEST and one in text}


def _named(reading: Reading, ours: Ours) -> bool:
    """Whether we stand anywhere on the pages."""
    text = " ".join(fold(word.text) for page in reading.pages for word in page.words)
    return bool(_ids(reading, ours)) or any(
        fuzz.partial_ratio(fold(name), text) >= _ALIKE for name in ours.names if len(name.strip()) >= _SHORTEST
    )


def _on_page(reading: Reading, ours: Ours) -> Iterator[tuple[str, float]]:
    """On which side we stand, and how clear that is, by parties that have our name and places of our ids."""
    layout = lay_out(reading)
    parties = Parties(layout, find_labels(layout, document_types()[RECEIVED]))
    found = parties.decide()
    for role, party in found.items():
        if party.name and ours.is_us(party.name):
            yield role, party.clarity
    for one in sorted(_ids(reading, ours)):
        pattern = re.compile(r"\W{0,2}".join(map(re.escape, one)), re.IGNORECASE)
        for line in layout.lines:
            for match in pattern.finditer(line.text):
                candidate = make(Kind.VAT_ID, match[0], line, match.start(), match.end(), "ours")
                if owner := parties.owner(candidate, found):
                    yield owner, _PLACE
