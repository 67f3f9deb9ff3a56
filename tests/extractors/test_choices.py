"""Other values for a field: nothing of a wrong kind is offered."""

from __future__ import annotations

import pytest

from extractors.choices import fits
from models.document_types import Kind


@pytest.mark.parametrize(
    "text", ["Papír a tisk s.r.o.", "Kovo 2000 a.s.", "3M Česko", "Anna Malá", "Zemní práce Novák"]
)
def test_names_are_offered_for_a_name(text):
    assert fits(Kind.PARTY, text)


@pytest.mark.parametrize(
    "text",
    [
        "3. 11. 2026",
        "2026-11-03",
        "CZ65 0800 0000 1920 0014 5399",
        "GIBACZPX",
        "CZ25568736",
        "info@example.org",
        "+420 601 123 456",
        "1 234,50",
        "Dodavatel:",
    ],
)
def test_what_is_no_name_is_not(text):
    assert not fits(Kind.PARTY, text)
    assert fits(Kind.TEXT, text), "of a text anything may be"


def test_addresses_and_numbers():
    assert fits(Kind.ADDRESS, "Nádražní 12, 370 01 Město")
    assert not fits(Kind.ADDRESS, "3. 11. 2026")
    assert fits(Kind.IDENTIFIER, "FV-2026/17")
    assert not fits(Kind.IDENTIFIER, "Faktura")
    assert not fits(Kind.IDENTIFIER, "3. 11. 2026")
