"""From the QR code on a real page to the decision: the whole way, on invoices of the factory."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from models.records import Source, Understanding, Witness
from models.settings import Settings
from pipeline.learn.factory.invoices import draft, render
from pipeline.stages import understand

DRAFT = draft(11, "invoice", "cs", "window", 4)
TRADE = DRAFT[1]
SIDE = 70.0


def code(**other: str) -> str:
    values = {
        "ACC": TRADE.account.iban,
        "AM": f"{TRADE.amount_due:.2f}",
        "CC": TRADE.currency,
        "DT": f"{TRADE.due_date:%Y%m%d}",
        "X-VS": TRADE.variable_symbol,
        **other,
    }
    return "SPD*1.0*" + "*".join(f"{key}:{value}" for key, value in values.items())


def stamped(pdf: bytes, text: str) -> bytes:
    """``pdf`` with a code of 25 mm in the lower left corner."""
    widget = QrCodeWidget(text, barLevel="M", barWidth=SIDE, barHeight=SIDE)
    drawing = Drawing(SIDE, SIDE)
    drawing.add(widget)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(15, 15, SIDE, SIDE, stroke=0, fill=1)
    renderPDF.draw(drawing, canvas, 15, 15)
    canvas.save()
    with pikepdf.open(io.BytesIO(pdf)) as document, pikepdf.open(io.BytesIO(out.getvalue())) as stamp:
        document.pages[0].add_overlay(stamp.pages[0])
        done = io.BytesIO()
        document.save(done)
    return done.getvalue()


def understood(folder: Path, text: str) -> Understanding:
    path = folder / "faktura.pdf"
    path.write_bytes(stamped(render(*DRAFT).pdf, text))
    return understand(path, "application/pdf", Settings())


def test_a_code_that_agrees(tmp_path: Path) -> None:
    result = understood(tmp_path, code())
    assert [one.format for one in result.reading.pages[0].codes] == ["QRCode"]
    fields = {field.name: field for field in result.extraction.fields}
    assert Decimal(fields["amount_due"].value) == TRADE.amount_due
    for name in ("iban", "amount_due", "due_date", "variable_symbol"):
        assert Witness.CODE in fields[name].witnesses, name
        assert fields[name].source in (Source.TEXT, Source.CODE)
    assert not [one for one in result.findings if one.code.startswith("code")]


@pytest.mark.parametrize(
    ("key", "value", "field"), [("ACC", "CZ5855000000001265098001", "iban"), ("AM", "77777.77", "amount_due")]
)
def test_a_code_that_pays_somebody_else_or_something_else(tmp_path: Path, key: str, value: str, field: str) -> None:
    result = understood(tmp_path, code(**{key: value}))
    (found,) = [one for one in result.findings if one.code == "code-mismatch"]
    assert (found.severity, found.fields) == ("error", (field,))
    assert result.decision.route == "review"
    assert any(value in reason for reason in result.decision.reasons)
