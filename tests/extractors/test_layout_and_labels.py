"""Lines, segments and labels."""

from __future__ import annotations

import time

import pytest

from extractors import extract
from extractors.candidates.standard import standard_candidates
from extractors.page.labels import find_labels
from extractors.page.layout import COLUMN, lay_out
from extractors.page.relations import Governors
from models.document_types import Kind, document_types
from models.records import Page, Reading, Source, Word
from tests.extractors.readings import CZECH_INVOICE, reading

INVOICE = document_types()["invoice"]


def test_columns_are_parted_and_words_joined() -> None:
    layout = lay_out(reading([(50, 100, "Datum vystavení:"), (300, 101, "5. 3. 2024")]))
    assert [line.text for line in layout.lines] == [f"Datum vystavení:{COLUMN}5. 3. 2024"]
    assert [s.text for s in layout.lines[0].segments] == ["Datum vystavení:", "5. 3. 2024"]


def test_a_colon_parts_label_and_value_and_shares_the_box() -> None:
    page = Page(
        1,
        595,
        842,
        Source.TEXT,
        (
            Word("IČO:25568736", (50, 100, 110, 110)),
            Word("https://a.example", (50, 120, 110, 130)),
            Word("12:30", (50, 140, 80, 150)),
        ),
    )
    lines = lay_out(Reading("application/pdf", (page,))).lines
    assert [[t.text for t in line.tokens] for line in lines] == [["IČO:", "25568736"], ["https://a.example"], ["12:30"]]
    assert lines[0].tokens[1].box == (70, 100, 110, 110)


def test_labels_in_spite_of_blanks_accents_and_case() -> None:
    layout = lay_out(
        reading(
            [(50, 100, "Ver käufer:"), (50, 130, "DATUM VYSTAVENI 5. 3. 2024"), (50, 160, "Rechnungssumme ohne USt.")]
        )
    )
    hits = find_labels(layout, INVOICE).hits
    assert [sorted(hit.names) for hit in hits] == [["seller_name"], ["issue_date"], ["net_total"]]


def test_a_company_form_is_no_constant_symbol() -> None:
    layout = lay_out(reading([(50, 100, "Novák a spol. k.s."), (50, 130, "KS: 0308")]))
    assert [hit.line.number for hit in find_labels(layout, INVOICE).named("x:other_number")] == [1]


def test_the_nearest_label_governs() -> None:
    layout = lay_out(reading([(50, 100, "Bestellnummer: B-1 Rechnungsnummer: R-1")]))
    labels = find_labels(layout, INVOICE)
    assert [sorted(h.names)[0] for h in labels.hits] == ["order_number", "invoice_number"]


def test_identifiers_and_their_check_digits() -> None:
    layout = lay_out(
        reading(
            [
                (50, 100, "DIČ CZ25568736 UID DE 123 456 789"),
                (50, 120, "IBAN CZ65 0800 0000 1920 0014 5399 SWIFT GIBACZPX"),
                (50, 140, "Účet 19-2000145399/0800"),
            ]
        )
    )
    found = [(c.kind, c.value, c.valid) for c in standard_candidates(layout) if c.kind is not Kind.TAX_NUMBER]
    assert found == [
        (Kind.VAT_ID, "CZ25568736", True),
        (Kind.VAT_ID, "DE123456789", False),
        (Kind.IBAN, "CZ6508000000192000145399", True),
        (Kind.BIC, "GIBACZPX", None),
        (Kind.IBAN, "CZ6508000000192000145399", True),
    ]
    governors = Governors(find_labels(layout, INVOICE))
    account = next(c for c in standard_candidates(layout) if c.rule == "czech_account")
    relation = governors.best(account, "iban")
    assert relation is not None
    assert relation.position == "inline"


def test_a_page_is_fast() -> None:
    rows = [
        *CZECH_INVOICE,
        *[(45, 420 + 8 * i, "Obchodní podmínky platí beze změny a jsou k nahlédnutí v sídle firmy") for i in range(50)],
    ]
    page = reading(rows)
    extract(page, INVOICE)
    start = time.process_time()
    for _ in range(5):
        extract(page, INVOICE)
    assert (
        time.process_time() - start
    ) / 5 < 0.12  # seconds of CPU; measured 0.01, the limit leaves room for slow machines


@pytest.mark.parametrize("tangent", [0.02, -0.015])
def test_a_slanted_scan_is_read_line_by_line_and_boxes_lie_on_the_page(tangent: float) -> None:
    straight = reading(CZECH_INVOICE).pages[0]
    slanted = tuple(
        Word(w.text, (w.box[0], w.box[1] + tangent * w.box[0], w.box[2], w.box[3] + tangent * w.box[0]))
        for w in straight.words
    )
    one = extract(reading(CZECH_INVOICE), INVOICE)
    other = extract(Reading("image/png", (Page(1, 595, 842, Source.TESSERACT, slanted),)), INVOICE)
    assert {f.name: f.value for f in other.fields} == {f.name: f.value for f in one.fields}
    gross = next(f for f in other.fields if f.name == "gross_total")
    word = next(w for w in slanted if w.text == "662,00")
    assert gross.box is not None
    assert abs(gross.box[1] - word.box[1]) < 2
