"""Documents that wait for review, made by hand: a small real PDF in the vault and the rows that reading would leave."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zlib
from dataclasses import dataclass, field

from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from models.records import LINE_ITEM_COLUMNS
from models.states import State
from models.tables import DocumentRow, FieldRow, LineItemRow, PageRow
from pipeline.store import Store, clock

WIDTH, HEIGHT = 595.0, 842.0
PAGE = {"width": WIDTH, "height": HEIGHT, "turned": 0, "source": "text"}
COLUMNS = (55, 270, 320, 355, 425, 505)
LINES = (
    ("Kancelářský papír A4, 80 g", "10", "ks", "45.00", "450.00", "21"),
    ("Toner HP 26A", "1", "ks", "570.25", "570.25", "21"),
)


@dataclass
class Drawing:
    """A PDF in the making, with the words on each of its pages in points from the top left."""

    pages: list[list[list[object]]] = field(default_factory=lambda: [[]])

    def __post_init__(self):
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(WIDTH, HEIGHT), invariant=True)

    def text(self, x, y, text, size=10, font="Helvetica"):
        """Write a line whose baseline is ``y`` from the top; returns its box."""
        self.canvas.setFont(font, size)
        ascii_text = text.translate(str.maketrans("áříéčšžýěůúÁČŘŠŽÝÍÉ", "arieeszyeuuACRSZYIE"))
        self.canvas.drawString(x, HEIGHT - y, ascii_text)
        left = x
        for word in text.split(" "):
            width = stringWidth(word, font, size)
            self.pages[-1].append([word, left, y - size * 0.8, left + width, y + size * 0.2, 0.9])
            left += width + stringWidth(" ", font, size)
        return [x, y - size * 0.8, x + stringWidth(ascii_text, font, size), y + size * 0.2]

    def new_page(self):
        self.canvas.showPage()
        self.pages.append([])

    def save(self):
        self.canvas.save()
        return self.buffer.getvalue()


def invoice_values(number="2026-0042", gross="1234.50"):
    """The truth of the test invoice: field to (normal form, as printed)."""
    return {
        "invoice_number": (number, number),
        "issue_date": ("2026-11-03", "3. 11. 2026"),
        "due_date": ("2026-11-17", "17. 11. 2026"),
        "seller_name": ("Papír a tisk s.r.o.", "Papír a tisk s.r.o."),
        "seller_vat_id": ("CZ25568736", "CZ25568736"),
        "buyer_name": ("Obec Horní Dolní", "Obec Horní Dolní"),
        "currency": ("CZK", "Kč"),
        "net_total": ("1020.25", "1 020,25"),
        "tax_total": ("214.25", "214,25"),
        "gross_total": (gross, "1 234,50"),
        "iban": ("CZ6508000000192000145399", "CZ65 0800 0000 1920 0014 5399"),
        "variable_symbol": ("20260042", "20260042"),
    }


def draw_invoice(values, pages=1):
    """Draw the invoice; returns the PDF, its words by page and the boxes of the fields."""
    paper, boxes = Drawing(), {}
    paper.text(50, 70, "FAKTURA", 22, "Helvetica-Bold")
    boxes["invoice_number"] = paper.text(250, 70, values["invoice_number"][1], 16)
    paper.text(50, 110, "Dodavatel", 8)
    boxes["seller_name"] = paper.text(50, 125, values["seller_name"][1], 11, "Helvetica-Bold")
    paper.text(50, 140, "Nádražní 12, 370 01 Město")
    paper.text(50, 155, "DIČ")
    boxes["seller_vat_id"] = paper.text(75, 155, values["seller_vat_id"][1])
    paper.text(330, 110, "Odběratel", 8)
    boxes["buyer_name"] = paper.text(330, 125, values["buyer_name"][1], 11, "Helvetica-Bold")
    for y, label, name in (
        (200, "Datum vystavení", "issue_date"),
        (216, "Datum splatnosti", "due_date"),
        (232, "IBAN", "iban"),
        (248, "Variabilní symbol", "variable_symbol"),
    ):
        paper.text(50, y, label)
        boxes[name] = paper.text(160, y, values[name][1])
    paper.canvas.setFillColor(HexColor("#dfe7ea"))
    paper.canvas.rect(50, HEIGHT - 310, 495, 18, stroke=0, fill=1)
    paper.canvas.setFillColor(HexColor("#111111"))
    for x, head in zip(
        (55, 270, 320, 355, 425, 505), ("Popis", "Množství", "MJ", "Cena", "Celkem", "DPH"), strict=True
    ):
        paper.text(x, 305, head, 9, "Helvetica-Bold")
    line_boxes = []
    for row, cells in enumerate(LINES):
        y = 330 + 18 * row
        for x, cell in zip(COLUMNS, cells, strict=True):
            last = paper.text(x, y, cell.replace(".", ",") if x > 340 else cell, 9)
        line_boxes.append([55, y - 8, last[2], y + 3])
    for y, label, name in (
        (420, "Základ daně", "net_total"),
        (436, "DPH 21 %", "tax_total"),
        (458, "Celkem", "gross_total"),
    ):
        paper.text(340, y, label)
        boxes[name] = paper.text(455, y, values[name][1], 12 if name == "gross_total" else 10)
    boxes["currency"] = paper.text(515, 458, values["currency"][1], 12)
    for number in range(2, pages + 1):
        paper.new_page()
        paper.text(50, 70, f"Příloha, strana {number}", 14)
        paper.text(50, 110, "Podmínky dodání a reklamační řád")
    return paper.save(), paper.pages, boxes, line_boxes


def put_in_vault(store: Store, data: bytes) -> str:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        sha256, _ = store.vault.put(file.fileno())
    assert sha256 == hashlib.sha256(data).hexdigest()
    return sha256


def add_invoice(
    store: Store,
    number: str = "2026-0042",
    *,
    name: str = "",
    wrong: dict[str, str] | None = None,
    doubts: dict[str, float] | None = None,
    missing: tuple[str, ...] = (),
    findings: tuple[dict[str, object], ...] = (),
    reasons: tuple[str, ...] = ("Gross total is doubtful (61%)",),
    state: State = State.REVIEW,
    pages: int = 1,
) -> int:
    """Add an invoice. ``wrong`` are misread values, ``doubts`` confidences (the others are 0.97); returns its id."""
    values = invoice_values(number)
    pdf, words, boxes, line_boxes = draw_invoice(values, pages)
    sha256 = put_in_vault(store, pdf)
    doubts = {"gross_total": 0.61} if doubts is None else doubts
    with store.transaction() as session:
        document = DocumentRow(
            sha256=sha256,
            name=name or f"invoice-{number}.pdf",
            media_type="application/pdf",
            size=len(pdf),
            state=state,
            version=3,
            type="invoice",
            type_confidence=0.96,
            route="review",
            reasons=list(reasons),
            findings=list(findings),
            received_at=clock.now(),
            changed_at=clock.now(),
        )
        session.add(document)
        session.flush()
        for page_number, page_words in enumerate(words, start=1):
            packed = zlib.compress(json.dumps(page_words).encode())
            session.add(
                PageRow(
                    document_id=document.id,
                    number=page_number,
                    width=WIDTH,
                    height=HEIGHT,
                    turned=0,
                    source="text",
                    words=packed,
                )
            )
        for field_name, (value, raw) in values.items():
            if field_name in missing:
                continue
            session.add(
                FieldRow(
                    document_id=document.id,
                    name=field_name,
                    value=(wrong or {}).get(field_name, value),
                    raw=raw,
                    confidence=doubts.get(field_name, 0.97),
                    page=1,
                    box=boxes[field_name],
                    source="tesseract",
                    witnesses=["label"],
                )
            )
        for position, cells in enumerate(LINES):
            session.add(
                LineItemRow(
                    document_id=document.id,
                    position=position,
                    cells=dict(zip(LINE_ITEM_COLUMNS, cells, strict=True)),
                    confidence=0.9,
                    page=1,
                    box=line_boxes[position],
                )
            )
        return document.id
