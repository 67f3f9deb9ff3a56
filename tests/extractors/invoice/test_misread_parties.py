"""Headings over parties that were misread, and names of which only the legal form was read."""

from __future__ import annotations

import pytest

from extractors import extract
from models.document_types import document_types
from models.records import Source
from tests.extractors.readings import reading


def party(heading: str, name: str) -> str | None:
    page = [(45, 40, "Faktura č. 2024001"), (330, 80, heading), (330, 92, name), (330, 104, "Krátká 3"),
            (330, 116, "110 00 Praha 1"), (45, 200, "Celkem k úhradě: 2 420,00 Kč")]  # fmt: skip
    found = extract(reading(page, source=Source.TESSERACT), document_types()["invoice"]).fields
    return next((field.value for field in found if field.name == "buyer_name"), None)


@pytest.mark.parametrize("heading", ["Odběratel", "Odběrotel", "Odběratcl:"])
def test_a_misread_heading_is_no_part_of_the_name_below(heading: str) -> None:
    assert party(heading, "Dílna U Lípy a.s.") == "Dílna U Lípy a.s."


@pytest.mark.parametrize("name", ["s.r.o.", "spol. s r.o.", "GmbH"])
def test_a_legal_form_alone_is_no_name(name: str) -> None:
    assert party("Odběratel", name) is None
