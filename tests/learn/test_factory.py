"""The factory: same seed, same bytes; the truth is on the page and ties out; check digits hold."""

from __future__ import annotations

import io
import re
from decimal import Decimal

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image
from stdnum import iban
from stdnum.cz import dic
from stdnum.de import vat as de_vat
from stdnum.fr import tva
from stdnum.gb import vat as gb_vat

from extractors.normalise import normalise
from models.document_types import document_types
from models.errors import MissingTool
from pipeline.learn.factory import (
    HELD_OUT_LAYOUTS,
    LANGUAGES,
    LAYOUTS,
    OTHER_KINDS,
    RECEIPT_COUNTRIES,
    TRADE_KINDS,
    fonts,
    make_invoice,
    make_other,
    make_receipt,
    spoil,
)
from pipeline.learn.factory.style import make_style
from pipeline.learn.factory.trade import make_trade, seeded

ALL_LAYOUTS = [(layout, language) for layout in (*LAYOUTS, *HELD_OUT_LAYOUTS) for language in LANGUAGES]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def page_text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_invoice(3, "invoice", "cs", "framed"),
        lambda: make_receipt(3, "my"),
        lambda: make_other(3, "contract", "de"),
    ],
)
def test_same_seed_same_bytes(make):
    assert make().pdf == make().pdf


def test_other_seed_other_document():
    assert make_invoice(1, "invoice", "cs", "framed").fields != make_invoice(2, "invoice", "cs", "framed").fields


@pytest.mark.parametrize(("layout", "language"), ALL_LAYOUTS)
def test_truth_stands_on_the_page(layout, language):
    made = make_invoice(11, "invoice", language, layout)
    text = squeezed(page_text(made.pdf))
    for name in ("invoice_number", "seller_name", "buyer_name", "iban", "bic", "order_number", "variable_symbol"):
        if name in made.fields:
            assert squeezed(made.fields[name]) in text, name
    digits = re.sub(r"[.,]", "", text)
    for name in ("net_total", "tax_total", "gross_total", "amount_due"):
        if name in made.fields:
            assert made.fields[name].replace(".", "") in digits, name
    for row in made.line_items:
        assert squeezed(row["description"]) in text
        assert row["net_amount"].replace(".", "") in digits


@pytest.mark.parametrize(("layout", "language"), ALL_LAYOUTS)
def test_every_word_stands_inside_its_page(layout, language):
    made = make_invoice(f"inside-{layout}", "invoice", language, layout)
    for page in made.reading.pages:
        for word in page.words:
            x0, y0, x1, y1 = word.box
            assert x0 >= 0 and y0 >= 0 and x1 <= page.width + 1 and y1 <= page.height, word


def test_the_reading_agrees_with_the_pdf():
    made = make_invoice(4, "invoice", "de", "window")
    assert sorted(page_text(made.pdf).split()) == sorted(made.reading.text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_sums_tie_out(language):
    for seed in range(30):
        trade = make_trade(seeded(seed), "invoice", language)
        assert sum(line.net for line in trade.lines) == trade.net_total
        assert abs(trade.rounding) <= Decimal("0.5")
        assert trade.amount_due == trade.net_total + trade.tax_total + trade.rounding - trade.prepaid
        for tax in trade.taxes:
            assert abs(tax.base * Decimal(tax.rate) / 100 - tax.tax) <= Decimal("0.005")


@pytest.mark.parametrize(("language", "valid"), [("cs", dic), ("de", de_vat), ("en", gb_vat), ("fr", tva)])
def test_check_digits(language, valid):
    for seed in range(30):
        trade = make_trade(seeded(seed), "invoice", language)
        assert valid.is_valid(trade.seller.vat_id)
        assert iban.is_valid(trade.account.iban)


def test_czech_rates_are_those_since_2024():
    trade = make_trade(seeded(1), "invoice", "cs", 60)
    assert {line.rate for line in trade.lines} == {"21", "12"}
    assert trade.issue_date.year >= 2024


def test_many_lines_make_many_pages():
    made = make_invoice(1, "invoice", "de", "stacked", 90)
    assert len(made.reading.pages) >= 3
    assert len(made.line_items) == 90
    assert "Seite" in made.reading.text or "Blatt" in made.reading.text


def test_look_alikes_have_no_type():
    types = {kind: make_invoice(1, kind, "en").type for kind in TRADE_KINDS}
    assert {kind for kind, name in types.items() if name == "other"} == {"quote", "reminder", "confirmation"}
    assert types["order"] == "purchase_order"


@pytest.mark.parametrize("kind", ["order", "delivery_note", "invoice_issued", "credit_note"])
@pytest.mark.parametrize(("layout", "language"), ALL_LAYOUTS)
def test_fields_are_those_of_the_type(kind, layout, language):
    made = make_invoice(f"type-{layout}", kind, language, layout)
    spec = document_types()[made.type]
    required = {name for name, field in spec.fields.items() if field.required}
    assert required <= set(made.fields) <= set(spec.fields)
    for name, value in made.fields.items():
        assert normalise(spec.fields[name].kind, value) == value, name
    assert set(made.boxes) == set(made.fields) - {"currency"}


def test_whoever_sends_an_order_buys():
    made = make_invoice(3, "order", "de", "window")
    assert made.boxes["buyer_name"][1][1] < made.boxes["seller_name"][1][1], "the letterhead is the buyer's"


def test_an_issued_invoice_names_us_as_the_seller():
    made = make_invoice(3, "invoice_issued", "cs")
    assert made.ours is not None and made.ours.name == made.fields["seller_name"]
    received = make_invoice(3, "invoice", "cs")
    assert received.ours is not None and received.ours.name == received.fields["buyer_name"]


@pytest.mark.parametrize("country", RECEIPT_COUNTRIES)
def test_receipts_are_narrow_and_true(country):
    for seed in range(10):
        made = make_receipt(seed, country)
        page = made.reading.pages[0]
        text = squeezed(made.reading.text)
        assert page.width < 240
        assert squeezed(made.fields["company"]).casefold() in text.casefold()
        assert made.fields["total"].replace(".", "") in re.sub(r"[.,]", "", text)


@pytest.mark.parametrize("kind", OTHER_KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_others_leave_no_blanks_unfilled(kind, language):
    assert not re.search(r"[{}]", make_other(5, kind, language).reading.text)


def test_amounts_are_written_in_the_senders_way():
    style = make_style(seeded(1), "de", "invoice")
    thousands, decimal = style.thousands, style.decimal
    assert style.amount(Decimal("-1234.5")) == f"-1{thousands}234{decimal}50"
    assert style.quantity(Decimal("2.00")) == "2"


def test_a_missing_font_says_what_to_install(monkeypatch):
    monkeypatch.setattr(fonts, "_FOLDERS", ())
    fonts.face.cache_clear()
    with pytest.raises(MissingTool, match="apt-get install"):
        fonts.face("serif")
    fonts.face.cache_clear()


# -- spoiling ---------------------------------------------------------------------------------------


def clean_page():
    return spoil.render(make_invoice(1, "invoice", "cs", "framed").pdf, 75)[0]


def test_spoiling_depends_on_the_seed_only():
    state = spoil.Scan(dpi=75, skew=1.0, noise=6, uneven=20, specks=10, blur=0.5)
    page = clean_page()
    first, again = (spoil.scan(page, state, np.random.default_rng(5)) for _ in range(2))
    other = spoil.scan(page, state, np.random.default_rng(6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_turning_is_clockwise():
    page = clean_page()
    turned = spoil.scan(page, spoil.Scan(turn=90, noise=0), np.random.default_rng(0))
    assert turned.shape == page.shape[::-1]
    flat = spoil.scan(page, spoil.Scan(noise=0), np.random.default_rng(0))
    assert np.array_equal(turned[:, -1], flat[0])  # the top edge is now the right edge


def test_a_scan_is_greyer_than_its_page():
    page = clean_page()
    spoilt = spoil.scan(page, spoil.Scan(noise=5, uneven=30), np.random.default_rng(1))
    assert spoilt.mean() < page.mean() - 5


def test_image_pdf_has_pictures_and_no_text():
    pdf = spoil.image_pdf([clean_page(), clean_page()], dpi=75)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 2
        assert abs(float(document.pages[0].mediabox[2]) - 595) < 2
    assert not page_text(pdf).strip()


def test_tiff_holds_every_page():
    image = Image.open(io.BytesIO(spoil.tiff([clean_page()] * 3, 75)))
    assert image.n_frames == 3
    assert image.mode == "1"
