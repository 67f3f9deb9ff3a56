"""The documents of ``data/samples``: everyday ones in three languages, and the sad cases.

``documents/`` holds what a scanning station would drop; ``truth.jsonl`` beside it holds one row a file:
what the factory knows to stand on it, and ``outcome``, what the pipeline must make of it (``read``,
``duplicate``, or the reason for quarantine).
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pikepdf

from pipeline.learn import SAMPLES_SEED
from pipeline.learn.factory import einvoice, spoil
from pipeline.learn.factory.forms import make_form
from pipeline.learn.factory.invoices import draft, render
from pipeline.learn.factory.invoices import make_invoice as make_any_invoice
from pipeline.learn.factory.others import make_other
from pipeline.learn.factory.receipts import make_receipt
from pipeline.learn.factory.records import Made, Trade

#: the password of the locked sample
PASSWORD = "podatelna"  # noqa: S105 - a sample's, printed in its documentation

_Writer = Callable[[Made, np.random.Generator], bytes]


def make_invoice(seed: int | str, kind: str, language: str, layout: str, lines: int) -> Made:
    """An everyday invoice, without what only some senders have."""
    return make_any_invoice(seed, kind, language, layout, lines, rich=False)


def _as_is(made: Made, _chance: np.random.Generator) -> bytes:
    return made.pdf


def _scanned(state: spoil.Scan, kind: str, quality: int = 45) -> _Writer:
    """A writer that scans every page with the scanner in ``state`` and stores it as ``pdf``, ``jpeg`` or ``png``."""

    def write(made: Made, chance: np.random.Generator) -> bytes:
        pages = [spoil.scan(page, state, chance) for page in spoil.render(made.pdf, state.dpi)]
        if kind == "pdf":
            return spoil.image_pdf(pages, state.dpi, quality)
        return spoil.jpeg(pages[0], quality, state.dpi) if kind == "jpeg" else spoil.png(pages[0], state.dpi)

    return write


def _fax(made: Made, chance: np.random.Generator) -> bytes:
    state = spoil.Scan(dpi=200, skew=0.4, noise=9, blur=0.6, specks=25)
    return spoil.tiff([spoil.scan(page, state, chance) for page in spoil.render(made.pdf, 200)])


def _photographed(made: Made, chance: np.random.Generator) -> bytes:
    return spoil.jpeg(spoil.photo(spoil.render(made.pdf, 300)[0], chance), 72, 300)


def _locked(made: Made, _chance: np.random.Generator) -> bytes:
    out = io.BytesIO()
    # The old RC4 cipher on purpose: it needs no random salt, so the sample is the same every time it is made.
    lock = pikepdf.Encryption(owner=PASSWORD, user=PASSWORD, R=3, aes=False, metadata=False)
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        document.save(out, encryption=lock, static_id=True)
    return out.getvalue()


def _hybrid(made: Made, trade: Trade) -> bytes:
    return einvoice.hybrid(made.pdf, einvoice.cii(trade))


def _xml_truth(made: Made, trade: Trade) -> Made:
    """The truth of a bare e-invoice: the printed values with the units as codes."""
    units = [einvoice.unit_code(line.unit) for line in trade.lines]
    items = [{**row, "unit": unit} for row, unit in zip(made.line_items, units, strict=True)]
    return replace(made, layout="ubl", line_items=items)


def _whole(seed: int, language: str) -> tuple[Made, Trade]:
    """An invoice that prints every field, and its content."""
    for attempt in range(1000):
        name, trade, layout, style = draft(f"{seed}-{attempt}", "invoice", language, "window")
        made = render(name, trade, layout, style)
        rows_whole = all(len(row) == 6 for row in made.line_items)
        if rows_whole and {"order_number", "iban", "bic", "due_date", "payment_terms"} <= set(made.fields):
            return made, trade
    raise AssertionError("one in about twenty styles prints these fields")


def write_samples(folder: Path, seed: int = SAMPLES_SEED) -> list[Path]:
    """Write ``documents/`` and ``truth.jsonl`` into ``folder``, replacing what is there.

    The same seed gives the same bytes with the same versions of the libraries and fonts.

    Returns:
        The paths of the documents, in order of their names.

    Raises:
        MissingTool: a font is not installed.
    """
    documents = folder / "documents"
    if documents.exists():
        shutil.rmtree(documents)
    documents.mkdir(parents=True)
    rows: list[dict[str, object]] = []

    def put(file: str, data: bytes, made: Made | None, outcome: str = "read") -> None:
        (documents / file).write_bytes(data)
        row = made.truth(file) if made and outcome in ("read", "duplicate") else {"id": file, "file": file}
        rows.append({**row, "outcome": outcome})

    for place, (file, make, write) in enumerate(_DOCUMENTS):
        made = make(seed)
        put(file, write(made, np.random.default_rng([seed, place])), made)
    made, trade = _whole(seed, "de")
    put("rechnung-factur-x.pdf", _hybrid(made, trade), made)
    made, trade = _whole(seed + 1, "de")
    put("rechnung-xrechnung-ubl.xml", einvoice.ubl(trade), _xml_truth(made, trade))

    first = make_invoice(seed, "invoice", "cs", "framed", 4)
    put("faktura-kopie.pdf", first.pdf, first, "duplicate")
    cut = make_invoice(seed + 5, "invoice", "en", "strip", 5).pdf
    put("invoice-cut-off.pdf", cut[: len(cut) * 6 // 10], None, "incomplete")
    secret = make_other(seed, "payroll", "cs")
    put("vyplatni-paska-heslo.pdf", _locked(secret, np.random.default_rng(seed)), None, "password")
    note = "Dobrý den,\n\nfakturu posílám zítra, skener nefunguje.\n\nHezký den\n"
    put("poznamka.pdf", note.encode(), None, "type")

    rows.sort(key=lambda row: str(row["file"]))
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sorted(documents.iterdir())


def _positive_credit(seed: int) -> Made:
    """A credit note with the amounts written as positive numbers, as most senders do."""
    for attempt in range(100):
        made = make_invoice(f"{seed}-{attempt}", "credit_note", "cs", "framed", 3)
        if Decimal(made.fields["gross_total"]) > 0:
            return made
    raise AssertionError("half of the credit notes are positive")


def _with_code(seed: int) -> Made:
    """A Czech invoice with a QR Platba."""
    for attempt in range(200):
        made = make_any_invoice(f"{seed}-{attempt}", "invoice", "cs", "framed", 3)
        if made.reading.pages[-1].codes:
            return made
    raise AssertionError("one in about ten has a code")


_OFFICE = spoil.Scan(dpi=150, skew=0.7, noise=5, uneven=12, blur=0.5)
_WORN = spoil.Scan(dpi=150, turn=90, skew=-1.1, noise=8, uneven=35, specks=60, blur=0.6)
_UPSIDE = spoil.Scan(dpi=150, turn=180, skew=0.5, noise=7, uneven=20, blur=0.5, ink=55)
_SHARP = spoil.Scan(dpi=200, skew=0.6, noise=4, uneven=10, blur=0.4, ink=40)
_FLATBED = spoil.Scan(dpi=200, skew=-1.8, noise=6, uneven=25, blur=0.6, ink=70)

_DOCUMENTS: tuple[tuple[str, Callable[[int], Made], _Writer], ...] = (
    ("faktura.pdf", lambda seed: make_invoice(seed, "invoice", "cs", "framed", 4), _as_is),
    ("faktura-sluzby.pdf", lambda seed: make_invoice(seed + 1, "invoice", "cs", "banner", 3), _as_is),
    ("faktura-tiskarna.pdf", lambda seed: make_invoice(seed + 2, "invoice", "cs", "ledger", 6), _as_is),
    ("rechnung-lieferung.pdf", lambda seed: make_invoice(seed + 3, "invoice", "de", "window", 5), _as_is),
    ("rechnung-viele-positionen.pdf", lambda seed: make_invoice(seed + 4, "invoice", "de", "stacked", 58), _as_is),
    ("invoice-services.pdf", lambda seed: make_invoice(seed + 6, "invoice", "en", "sidebar", 4), _as_is),
    ("invoice-supplies.pdf", lambda seed: make_invoice(seed + 7, "invoice", "en", "strip", 7), _as_is),
    ("faktura-sken.pdf", lambda seed: make_invoice(seed + 8, "invoice", "cs", "framed", 5), _scanned(_OFFICE, "pdf")),
    ("rechnung-gedreht.pdf", lambda seed: make_invoice(seed + 9, "invoice", "de", "banner", 4), _scanned(_WORN, "pdf")),
    ("invoice-upside-down.jpg", lambda seed: make_invoice(seed + 10, "invoice", "en", "stacked", 4),
     _scanned(_UPSIDE, "jpeg")),
    ("faktura-archiv.tiff", lambda seed: make_invoice(seed + 11, "invoice", "cs", "strip", 64), _fax),
    ("dobropis.pdf", _positive_credit, _as_is),
    ("uctenka-foto.jpg", lambda seed: make_receipt(seed, "cz", "columns"), _photographed),
    ("kassenbon-scan.png", lambda seed: make_receipt(seed + 1, "de", "two-lines"), _scanned(_FLATBED, "png")),
    ("objednavka.pdf", lambda seed: make_invoice(seed + 12, "order", "cs", "framed", 5), _as_is),
    ("lieferschein-scan.pdf", lambda seed: make_invoice(seed + 13, "delivery_note", "de", "stacked", 4),
     _scanned(_OFFICE, "pdf")),
    ("faktura-qr-platba.pdf", _with_code, _as_is),
    ("zadost-o-zalohu.pdf", lambda seed: make_form(seed + 12, "payroll_request", "cs", "grid"), _as_is),
    ("vykaz-prace.pdf", lambda seed: make_form(seed + 1, "timesheet", "cs", "beside"), _as_is),
    ("timesheet-scan.pdf", lambda seed: make_form(seed + 7, "timesheet", "en", "columns"), _scanned(_OFFICE, "pdf")),
    ("kreditkartenantrag.pdf", lambda seed: make_form(seed + 6, "card_application", "de", "comb"), _as_is),
    ("cestovni-pas.jpg", lambda seed: make_form(seed + 4, "identity_document", "cs", "passport-copy"),
     _scanned(_SHARP, "jpeg", 40)),
    ("vypis-z-uctu.pdf", lambda seed: make_form(seed + 2, "bank_statement", "cs", "columns"), _as_is),
    ("bank-statement.pdf", lambda seed: make_form(seed + 6, "bank_statement", "en", "above"), _as_is),
    ("dopis.pdf", lambda seed: make_other(seed, "letter", "cs"), _as_is),
)  # fmt: skip
