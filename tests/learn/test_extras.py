"""What only some senders have: sums stay right, codes say what is printed and can be read from the picture."""

from __future__ import annotations

from decimal import Decimal

import pytest
import zxingcpp
from PIL import Image

from extractors.codes import codes_of, read_code
from pipeline.learn.factory import HELD_OUT_LAYOUTS, LANGUAGES, LAYOUTS, Made, make_invoice, spoil
from pipeline.learn.factory.extras import enrich
from pipeline.learn.factory.trade import make_trade, seeded


def rich(language: str) -> list[Made]:
    return [make_invoice(f"rich{seed}", "invoice", language) for seed in range(40)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sums_tie_out_with_extras(language):
    seen = set()
    for seed in range(150):
        trade = enrich(seeded("extras", seed), make_trade(seeded(seed), "invoice", language))
        assert sum(tax.base for tax in trade.taxes) == trade.net_total
        assert trade.amount_due == trade.net_total + trade.tax_total + trade.rounding - trade.prepaid
        for line in trade.lines:
            full = line.quantity * line.unit_price * (100 - Decimal(line.discount or 0)) / 100
            assert abs(full - line.net) <= Decimal("0.005")
            seen |= {"discount"} if line.discount else set()
            seen |= {"details"} if line.details else set()
        for tax in trade.taxes:
            assert abs(tax.base * Decimal(tax.rate) / 100 - tax.tax) <= Decimal("0.005")
        seen |= {trade.regime, "reduction" if trade.lines[-1].net < 0 else ""}
    assert seen >= {"discount", "details", "reduction", "reverse", "exempt", "third rate"}


@pytest.mark.parametrize("language", ["cs", "de", "fr"])
def test_codes_say_what_is_printed(language):
    with_code = [made for made in rich(language) if made.reading.pages[-1].codes]
    assert with_code, "none of 40"
    for made in with_code:
        (found,) = codes_of(made.reading)
        assert found.code is not None and found.code.trusted
        for name, value in found.code.values():
            if name in made.fields and name != "seller_name":
                assert made.fields[name] == value, name
            else:
                assert name not in ("iban", "bic", "amount_due", "due_date", "variable_symbol", "currency")


def test_a_code_can_be_read_from_the_picture():
    made = next(made for made in rich("de") if made.reading.pages[-1].codes)
    picture = Image.fromarray(spoil.render(made.pdf, 200)[-1])
    (found,) = zxingcpp.read_barcodes(picture)
    code = read_code(found.text)
    assert code is not None and dict(code.values())["iban"] == made.fields["iban"]


def test_plain_ones_have_no_extras():
    for seed in range(40):
        made = make_invoice(f"rich{seed}", "invoice", "cs", rich=False)
        assert not made.reading.pages[-1].codes


@pytest.mark.parametrize("layout", HELD_OUT_LAYOUTS)
def test_held_out_layouts_are_drawn_when_asked_for_only(layout):
    assert make_invoice(1, "invoice", "de", layout).layout == layout
    assert {make_invoice(seed, "invoice", "de").layout for seed in range(60)} <= set(LAYOUTS)
