"""What a machine might make of a document, without reading one."""

from __future__ import annotations

from models.records import (
    Classification,
    Decision,
    Extraction,
    Field,
    Finding,
    LineItem,
    Page,
    Reading,
    Route,
    Source,
    Understanding,
    Witness,
    Word,
)

INVOICE = {
    "invoice_number": "2026-0042",
    "seller_name": "Example s.r.o.",
    "issue_date": "2026-01-31",
    "currency": "CZK",
    "gross_total": "121.00",
}
LINES = (
    LineItem("Paper", "10", "ks", "10.00", "100.00", "21", page=1, box=(1, 2, 3, 4), confidence=0.9),
    LineItem("Rounding", None, None, None, "0.00", None),
)


def understanding(
    values: dict[str, str] | None = None,
    *,
    kind: str = "invoice",
    route: Route = Route.AUTO,
    lines: tuple[LineItem, ...] = LINES,
    findings: tuple[Finding, ...] = (),
    words: tuple[str, ...] = ("Faktura", "č.", "2026-0042"),
) -> Understanding:
    page = Page(1, 595.0, 842.0, Source.TEXT, tuple(Word(text, (1.0, 2.0, 3.0, 4.5), 0.9) for text in words), 90)
    fields = tuple(
        Field(name, value, f"raw {value}", 0.97, 1, (1.0, 2.0, 3.0, 4.0), Source.TEXT, (Witness.LABEL, Witness.SUM))
        for name, value in (INVOICE if values is None else values).items()
    )
    reasons = () if route == Route.AUTO else ("A person should look.",)
    return Understanding(
        Reading("application/pdf", (page,)),
        Classification(kind, 0.98),
        Extraction(fields, lines),
        findings,
        Decision(route, reasons),
        0.5,
    )
