"""Second readings: what they change, and what they don't."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.document_types import Kind, document_types
from models.records import Extraction, Field, Page, Reading, Source, Witness
from models.settings import Engine, Settings
from pipeline.learn.factory import spoil
from pipeline.learn.factory.invoices import make_invoice
from pipeline.reading import read
from pipeline.reading.ocr.second import DIFFERS, Second, Verdict, applied, judge, second_readings
from pipeline.tools.seen import LineText

INVOICE = document_types()["invoice"]


def _field(name: str, value: str, raw: str, *witnesses: Witness, confidence: float = 0.9) -> Field:
    return Field(name, value, raw, confidence, 1, (10.0, 10.0, 60.0, 20.0), Source.TESSERACT, witnesses)


@pytest.mark.parametrize(
    ("text", "confidence", "verdict", "value"),
    [
        ("178,77", 0.95, Verdict.SAME, "178.77"),
        ("USt 178,77 EUR", 0.95, Verdict.SAME, "178.77"),  # the neighbours got into the crop
        ("178.77", 0.3, Verdict.SAME, "178.77"),  # chance does not read five digits alike
        ("118,77", 0.95, Verdict.OTHER, "118.77"),
        ("118,77", 0.3, Verdict.SILENT, None),
        ("Summe", 0.95, Verdict.SILENT, None),
        ("", 0.0, Verdict.SILENT, None),
        ("20", 0.95, Verdict.SILENT, None),  # another text, no other reading of this one
    ],
)
def test_a_second_reading_is_judged_by_value(text: str, confidence: float, verdict: Verdict, value: str | None) -> None:
    second = judge(_field("tax_total", "178.77", "178,77"), Kind.AMOUNT, LineText(text, confidence))
    assert (second.verdict, second.value) == (verdict, value)


def test_agreement_makes_surer_and_is_a_witness() -> None:
    before = Extraction((_field("tax_total", "178.77", "178,77", Witness.LABEL, confidence=0.8),))
    after, findings = applied(
        before, INVOICE, {"tax_total": Second(Verdict.SAME, "178,77", "178.77")}, {"tax_total": 0.9}
    )
    assert after.fields[0].confidence == pytest.approx(0.8 / 0.9, abs=1e-4)
    assert after.fields[0].witnesses == (Witness.LABEL, Witness.SECOND_READING)
    assert not findings


def test_agreement_says_nothing_of_another_fields_value() -> None:
    before = Extraction((_field("tax_total", "178.77", "178,77", Witness.LABEL, confidence=0.5),))
    found = {"tax_total": Second(Verdict.SAME, "178,77", "178.77")}
    for chance, sure in ((1.0, 0.5), (0.99, 0.505), (0.1, 0.875)):
        after, _ = applied(before, INVOICE, found, {"tax_total": chance})
        assert after.fields[0].confidence == pytest.approx(sure, abs=1e-3)


def test_contradiction_names_both_readings_and_sends_to_a_person() -> None:
    before = Extraction((_field("tax_total", "178.77", "178,77", Witness.LABEL),))
    after, findings = applied(before, INVOICE, {"tax_total": Second(Verdict.OTHER, "118,77", "118.77")}, {})
    assert after.value("tax_total") == "178.77"
    assert after.fields[0].confidence == DIFFERS < Settings().field_threshold
    assert "178,77" in findings[0].message and "118,77" in findings[0].message
    assert findings[0].fields == ("tax_total",)


def test_sums_that_tie_out_are_stronger_than_a_contradiction() -> None:
    before = Extraction((_field("tax_total", "178.77", "178,77", Witness.SUM),))
    after, findings = applied(before, INVOICE, {"tax_total": Second(Verdict.OTHER, "118,77", "118.77")}, {})
    assert after.fields == before.fields
    assert [finding.code for finding in findings] == ["readings-differ"]


def test_the_reading_that_makes_the_totals_tie_out_is_taken() -> None:
    before = Extraction(
        (
            _field("net_total", "955.44", "955,44"),
            _field("tax_total", "118.77", "118,77"),
            _field("gross_total", "1134.21", "1134,21"),
        )
    )
    found = {
        "net_total": Second(Verdict.SAME, "955,44", "955.44"),
        "tax_total": Second(Verdict.OTHER, "178,77", "178.77"),
    }
    after, findings = applied(before, INVOICE, found, {})
    assert after.value("tax_total") == "178.77"
    assert "taken" in findings[0].message


def test_the_reading_with_the_right_check_digits_is_taken() -> None:
    before = Extraction((_field("iban", "DE10370400440090822929", "DE10 3704 0044 0090 8229 29"),))
    found = {"iban": Second(Verdict.OTHER, "DE10 3704 0044 0090 8229 20", "DE10370400440090822920")}
    after, _ = applied(before, INVOICE, found, {})
    assert after.value("iban") == "DE10370400440090822920"


def test_fields_of_a_scan_are_read_by_the_other_engine(tmp_path: Path) -> None:
    made = make_invoice("second", "invoice", "en", "stacked", 3)
    path = tmp_path / "scan.pdf"
    path.write_bytes(spoil.image_pdf(spoil.render(made.pdf, 200), 200, 70))
    reading = read(path, "application/pdf", Settings(), lambda _page: None)
    word = next(w for w in reading.pages[0].words if w.text == made.fields["invoice_number"])
    source = reading.pages[0].source
    right = Field("invoice_number", word.text, word.text, 0.8, 1, word.box, source)
    lying = Field("order_number", "9" + word.text[1:], "9" + word.text[1:], 0.8, 1, word.box, source)
    before = Extraction((right, lying))
    after, findings = second_readings(path, "application/pdf", reading, INVOICE, before, settings=Settings())
    assert Witness.SECOND_READING in after.fields[0].witnesses
    assert after.fields[1].confidence <= DIFFERS
    assert [finding.fields for finding in findings] == [("order_number",)]


def test_fields_of_a_text_layer_are_not_read_again(tmp_path: Path) -> None:
    reading = Reading("application/pdf", (Page(1, 595, 842, Source.TEXT),))
    before = Extraction((Field("tax_total", "1.00", "1,00", 0.9, 1, (1, 1, 9, 9), Source.TEXT),))
    missing = tmp_path / "not-there.pdf"
    after, findings = second_readings(missing, "application/pdf", reading, INVOICE, before, settings=Settings())
    assert after == before and not findings


def test_who_chose_tesseract_alone_is_spared_the_dear_engine(tmp_path: Path) -> None:
    reading = Reading("application/pdf", (Page(1, 595, 842, Source.TESSERACT),))
    before = Extraction((Field("tax_total", "1.00", "1,00", 0.9, 1, (1, 1, 9, 9), Source.TESSERACT),))
    missing, alone = tmp_path / "not-there.pdf", Settings(engine=Engine.TESSERACT)
    assert second_readings(missing, "application/pdf", reading, INVOICE, before, settings=alone) == (before, ())
    with pytest.raises(FileNotFoundError):
        second_readings(missing, "application/pdf", reading, INVOICE, before, settings=Settings())
