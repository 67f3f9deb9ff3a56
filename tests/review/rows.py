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

from models.document_types import document_types
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


def add_locked(store: Store, data: bytes, name: str = "locked.pdf", **more: object) -> int:
    """Add the file ``data`` as a PDF that lies in quarantine for its password; returns its id."""
    with store.transaction() as session:
        document = DocumentRow(
            sha256=put_in_vault(store, data),
            name=name,
            media_type="application/pdf",
            size=len(data),
            state=State.QUARANTINED,
            version=2,
            quarantine_code="password",
            quarantine_message="The PDF is locked with a password.",
            reasons=[],
            findings=[],
            received_at=clock.now(),
            changed_at=clock.now(),
            **more,
        )
        session.add(document)
        session.flush()
        return document.id


FORMS: dict[str, dict[str, tuple[str, str]]] = {
    "purchase_order": {
        "order_number": ("OBJ-2026-17", "OBJ-2026-17"),
        "issue_date": ("2026-11-03", "3. 11. 2026"),
        "delivery_date": ("2026-11-17", "17. 11. 2026"),
        "buyer_name": ("Obec Horní Dolní", "Obec Horní Dolní"),
        "seller_name": ("Papír a tisk s.r.o.", "Papír a tisk s.r.o."),
        "seller_vat_id": ("CZ25568736", "CZ25568736"),
        "currency": ("CZK", "Kč"),
        "net_total": ("1020.25", "1 020,25"),
    },
    "delivery_note": {
        "delivery_note_number": ("DL 551", "DL 551"),
        "order_number": ("OBJ-2026-17", "OBJ-2026-17"),
        "issue_date": ("2026-11-03", "3. 11. 2026"),
        "seller_name": ("Papír a tisk s.r.o.", "Papír a tisk s.r.o."),
        "delivery_address": ("Školní 3, 373 01 Ves", "Školní 3, 373 01 Ves"),
        "packages": ("2", "2"),
        "gross_weight": ("26.5", "26,5 kg"),
    },
    "payroll_request": {
        "employee_name": ("Alena Nová", "Alena Nová"),
        "personal_number": ("00417", "00417"),
        "department": ("Sklad", "Sklad"),
        "period": ("11/2026", "11/2026"),
        "request_kind": ("záloha na mzdu", "záloha na mzdu"),
        "amount": ("5000.00", "5 000 Kč"),
        "currency": ("CZK", "Kč"),
        "iban": ("CZ6508000000192000145399", "19-2000145399/0800"),
        "request_date": ("2026-11-03", "3. 11. 2026"),
        "approver_name": ("Karel Horák", "Karel Horák"),
    },
    "timesheet": {
        "employee_name": ("Alena Nová", "Alena Nová"),
        "personal_number": ("00417", "00417"),
        "project": ("Přestavba skladu", "Přestavba skladu"),
        "period_from": ("2026-10-01", "1. 10. 2026"),
        "period_to": ("2026-10-31", "31. 10. 2026"),
        "total_hours": ("168.5", "168,5 h"),
        "overtime_hours": ("8", "8 h"),
        "approver_name": ("Karel Horák", "Karel Horák"),
    },
    "card_application": {
        "applicant_name": ("Alena Nová", "Alena Nová"),
        "birth_date": ("1971-03-19", "19. 3. 1971"),
        "birth_number": ("710319/2745", "710319/2745"),
        "address": ("Školní 3, 373 01 Ves", "Školní 3, 373 01 Ves"),
        "phone": ("+420601123456", "+420 601 123 456"),
        "email": ("someone@example.org", "someone@example.org"),
        "employer": ("Papír a tisk s.r.o.", "Papír a tisk s.r.o."),
        "net_income": ("42000.00", "42 000 Kč"),
        "requested_limit": ("50000.00", "50 000 Kč"),
        "currency": ("CZK", "Kč"),
        "card_type": ("Standard", "Standard"),
        "signed_date": ("2026-11-03", "3. 11. 2026"),
    },
    "identity_document": {
        "document_kind": ("passport", "P"),
        "document_number": ("L898902C3", "L898902C3"),
        "surname": ("Erikssón", "Erikssón"),
        "given_names": ("Anna Maria", "Anna Maria"),
        "nationality": ("UTO", "UTO"),
        "birth_date": ("1974-08-12", "12. 8. 1974"),
        "sex": ("F", "F"),
        "expiry_date": ("2031-04-15", "15. 4. 2031"),
        "issuing_state": ("UTO", "UTO"),
    },
    "bank_statement": {
        "iban": ("CZ6508000000192000145399", "CZ65 0800 0000 1920 0014 5399"),
        "bank_name": ("Banka, a.s.", "Banka, a.s."),
        "holder_name": ("Papír a tisk s.r.o.", "Papír a tisk s.r.o."),
        "statement_number": ("10/2026", "10/2026"),
        "period_from": ("2026-10-01", "1. 10. 2026"),
        "period_to": ("2026-10-31", "31. 10. 2026"),
        "opening_balance": ("-150.00", "-150,00"),
        "total_credits": ("1000.10", "1 000,10"),
        "total_debits": ("250.05", "-250,05"),
        "closing_balance": ("600.05", "600,05"),
        "currency": ("CZK", "Kč"),
    },
}
"""A document of each type that is no invoice: field to (normal form, as printed)."""


def add_form(
    store: Store,
    kind: str,
    *,
    wrong: dict[str, str] | None = None,
    doubts: dict[str, float] | None = None,
    lines: tuple[tuple[str | None, ...], ...] = (),
    reasons: tuple[str, ...] = ("The document type is doubtful",),
) -> int:
    """Add a document of `FORMS`: labels on the left, values on the right, ``lines`` under them; returns its id."""
    title, fields, values = document_types()[kind].title["cs"], document_types()[kind].fields, FORMS[kind]
    paper, boxes = Drawing(), {}
    paper.text(50, 70, title.upper(), 18, "Helvetica-Bold")
    for row, (name, (_, printed)) in enumerate(values.items()):
        paper.text(50, 110 + 22 * row, fields[name].title["cs"], 9)
        boxes[name] = paper.text(220, 110 + 22 * row, printed)
    line_boxes = []
    for row, cells in enumerate(lines):
        y = 600 + 18 * row
        for x, cell in zip(COLUMNS, cells, strict=True):
            paper.text(x, y, cell or "", 9)
        line_boxes.append([55, y - 8, 540, y + 3])
    pdf = paper.save()
    with store.transaction() as session:
        document = DocumentRow(
            sha256=put_in_vault(store, pdf),
            name=f"{kind}.pdf",
            media_type="application/pdf",
            size=len(pdf),
            state=State.REVIEW,
            version=3,
            type=kind,
            type_confidence=0.71,
            route="review",
            reasons=list(reasons),
            findings=[],
            received_at=clock.now(),
            changed_at=clock.now(),
        )
        session.add(document)
        session.flush()
        packed = zlib.compress(json.dumps(paper.pages[0]).encode())
        session.add(PageRow(document_id=document.id, number=1, words=packed, **PAGE))
        for name, (value, raw) in values.items():
            session.add(
                FieldRow(
                    document_id=document.id,
                    name=name,
                    value=(wrong or {}).get(name, value),
                    raw=raw,
                    confidence=(doubts or {}).get(name, 0.97),
                    page=1,
                    box=boxes[name],
                    source="text",
                    witnesses=["label"],
                )
            )
        for position, cells in enumerate(lines):
            columns = dict(zip(LINE_ITEM_COLUMNS, cells, strict=True))
            where = {"page": 1, "box": line_boxes[position]}
            session.add(
                LineItemRow(document_id=document.id, position=position, cells=columns, confidence=0.95, **where)
            )
        return document.id
