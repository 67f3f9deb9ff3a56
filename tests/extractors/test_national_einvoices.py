"""ISDOC and FatturaPA: what the factory writes is read back whole, and what contradicts itself is named."""

from __future__ import annotations

import contextlib
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.einvoice import Examined, examine
from pipeline.learn.factory.invoices import draft
from pipeline.learn.factory.national import fatturapa, isdoc
from pipeline.learn.factory.records import Trade


def trade(kind: str = "invoice", seed: int = 3, language: str = "cs") -> Trade:
    return draft(seed, kind, language, "window", 4)[1]


def read(data: bytes) -> Examined:
    found = examine(data, "faktura")
    assert found is not None
    return found


def values(data: bytes) -> dict[str, str]:
    return {field.name: field.value for field in read(data).einvoice.fields}


def codes(data: bytes) -> set[str]:
    return {one.code for one in read(data).findings}


def expected(one: Trade, sign: int = 1) -> dict[str, str]:
    return {
        "invoice_number": one.number,
        "issue_date": one.issue_date.isoformat(),
        "delivery_date": one.delivery_date.isoformat(),
        "due_date": one.due_date.isoformat(),
        "seller_name": one.seller.name,
        "seller_vat_id": one.seller.vat_id,
        "seller_tax_number": one.seller.tax_number,
        "seller_address": one.seller.address,
        "buyer_name": one.buyer.name,
        "buyer_vat_id": one.buyer.vat_id,
        "order_number": one.order_number,
        "currency": one.currency,
        "net_total": f"{sign * one.net_total:.2f}",
        "tax_total": f"{sign * one.tax_total:.2f}",
        "gross_total": f"{sign * one.gross_total:.2f}",
        "amount_due": f"{sign * one.amount_due:.2f}",
        "iban": one.account.iban,
        "bic": one.account.bic,
        "variable_symbol": one.variable_symbol,
    }


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_isdoc_is_read_back_whole(kind: str, seed: int) -> None:
    one = trade(kind, seed)
    found = read(isdoc(one))
    assert values(isdoc(one)) == expected(one)
    assert found.findings == ()
    assert (found.einvoice.syntax, found.einvoice.document_type) == ("isdoc", kind)
    rows = [(item.description, item.unit, item.net_amount, item.tax_rate) for item in found.einvoice.line_items]
    assert rows == [(row.description, row.unit, f"{row.net:.2f}", row.rate) for row in one.lines]
    assert [Decimal(item.quantity or 0) for item in found.einvoice.line_items] == [row.quantity for row in one.lines]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_fatturapa_is_read_back_whole(kind: str, seed: int) -> None:
    one = trade(kind, seed, "de")
    sign = -1 if one.gross_total < 0 else 1
    found = read(fatturapa(one))
    want = expected(one, sign)
    del want["variable_symbol"]
    want["gross_total"] = f"{sign * (one.gross_total + one.rounding):.2f}"
    assert values(fatturapa(one)) == want
    assert found.findings == ()
    assert (found.einvoice.syntax, found.einvoice.document_type) == ("fatturapa", kind)
    assert [item.net_amount for item in found.einvoice.line_items] == [f"{sign * row.net:.2f}" for row in one.lines]


# -- ISDOC ------------------------------------------------------------------------------------------


def changed(old: str, new: str, one: Trade | None = None) -> bytes:
    data = isdoc(one or trade())
    found = re.sub(old.encode(), new.encode(), data, count=1, flags=re.DOTALL)
    assert found != data
    return found


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (r"(<TaxInclusiveAmount>)([\d.]+)(</TaxInclusiveAmount>\s*<AlreadyClaimedTaxEx)", r"\g<1>9\2\3", "gross_total"),
        (r"<PayableAmount>", "<PayableAmount>9", "amount_due"),
        (r"<PaidDepositsAmount>\d", "<PaidDepositsAmount>77", "amount_due"),
        (r"<LineExtensionAmount>", "<LineExtensionAmount>9", "net_total"),
        (r"<TaxableAmount>", "<TaxableAmount>9", "tax_total"),
        (r"<TaxAmount>([\d.]+)</TaxAmount>(\s*</TaxTotal>)", r"<TaxAmount>1.00</TaxAmount>\2", "net_total"),
        (r"<VATApplicable>true", "<VATApplicable>false", "tax_total"),
        (r"<CurrRate>", "<ForeignCurrencyCode>USD</ForeignCurrencyCode><CurrRate>", "currency"),
        (r"(<TaxInclusiveAmount>[\d.]+</TaxInclusiveAmount>\s*)(<AlreadyClaimedTaxEx)",
         r"\1<TaxInclusiveAmountCurr>5</TaxInclusiveAmountCurr>\2", "currency"),
    ],
)  # fmt: skip
def test_an_isdoc_that_contradicts_itself(old: str, new: str, field: str) -> None:
    found = read(changed(old, new)).findings
    assert {one.code for one in found} == {"einvoice-sums"}
    assert field in {name for one in found for name in one.fields}
    assert all(one.severity == "warning" for one in found)


@pytest.mark.parametrize(
    "tag", ["ID", "IssueDate", "LocalCurrencyCode", "PayableAmount", "TaxExclusiveAmount", "DocumentType"]
)
def test_an_isdoc_that_lacks_what_it_needs(tag: str) -> None:
    found = [one for one in read(changed(f"<{tag}>.*?</{tag}>", "")).findings if one.code == "einvoice-incomplete"]
    assert len(found) == 1 and tag in found[0].message


def test_types_of_isdoc() -> None:
    assert read(changed("<DocumentType>1", "<DocumentType>7")).findings == ()
    assert codes(changed("<DocumentType>1", "<DocumentType>4")) == {"einvoice-type"}
    assert codes(changed("<DocumentType>1", "<DocumentType>5")) == {"einvoice-type"}
    assert codes(changed("<DocumentType>1", "<DocumentType>2")) == {"einvoice-incomplete"}, "of which invoice?"
    assert read(changed("<DocumentType>1", "<DocumentType>6")).einvoice.document_type == "credit_note"


def test_the_foreign_currency_is_the_one_to_pay() -> None:
    data = isdoc(trade()).decode()
    tags = r"<((?:Tax|Difference|AlreadyClaimed|Payable|PaidDeposits|LineExtension)\w*)>(-?\d+(?:\.\d+)?)</\1>"
    data = re.sub(tags, lambda m: f"<{m[1]}>{Decimal(m[2]) * 25}</{m[1]}><{m[1]}Curr>{m[2]}</{m[1]}Curr>", data)
    data = data.replace("<CurrRate>", "<ForeignCurrencyCode>EUR</ForeignCurrencyCode><CurrRate>")
    one = trade()
    assert values(data.encode()) == {**expected(one), "currency": "EUR"}
    assert codes(data.encode()) == set()
    prices = [Decimal(item.unit_price or 0) for item in read(data.encode()).einvoice.line_items]
    assert all(abs(price - row.unit_price) < Decimal("0.01") for price, row in zip(prices, one.lines, strict=True))


def test_isdoc_as_it_is_met() -> None:
    one = trade()
    assert values(changed("<IBAN>.*?</IBAN>", "", one))["iban"] == one.account.iban, "from number and bank code"
    old = isdoc(one).replace(b"namespace/2013", b"namespace/invoice").replace(b"6.0.2", b"5.2.3")
    assert values(old) == expected(one)
    prefixed = isdoc(one).replace(b"<", b"<isdoc:").replace(b"<isdoc:/", b"</isdoc:").replace(b"<isdoc:?", b"<?")
    assert values(prefixed.replace(b"xmlns=", b"xmlns:isdoc=")) == expected(one)
    same = changed("<CurrRate>", "<ForeignCurrencyCode>CZK</ForeignCurrencyCode><CurrRate>")
    assert codes(same) <= {"einvoice-sums"} and values(same)["currency"] == one.currency
    assert read(changed("<TaxScheme>VAT</TaxScheme>", "")).einvoice.document_type == "invoice"


def test_supplements_are_told() -> None:
    found = read(isdoc(trade(), {"#ef=smlouva.pdf": b"%PDF"})).supplements
    assert [(one.name, one.method.rpartition("#")[2]) for one in found] == [("smlouva.pdf", "sha1")]


# -- FatturaPA --------------------------------------------------------------------------------------


def fattura(old: str, new: str) -> bytes:
    data = fatturapa(trade(language="de"))
    found = re.sub(old.encode(), new.encode(), data, count=1, flags=re.DOTALL)
    assert found != data
    return found


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<ImportoTotaleDocumento>", "<ImportoTotaleDocumento>9", "gross_total"),
        ("<Imposta>", "<Imposta>9", "tax_total"),
        ("<PrezzoTotale>", "<PrezzoTotale>9", "net_total"),
    ],
)
def test_a_fatturapa_that_contradicts_itself(old: str, new: str, field: str) -> None:
    found = read(fattura(old, new)).findings
    assert {one.code for one in found} == {"einvoice-sums"}
    assert field in {name for one in found for name in one.fields}


@pytest.mark.parametrize("tag", ["Numero", "Data", "Divisa", "TipoDocumento"])
def test_a_fatturapa_that_lacks_what_it_needs(tag: str) -> None:
    found = [one for one in read(fattura(f"<{tag}>.*?</{tag}>", "")).findings if one.code == "einvoice-incomplete"]
    assert len(found) == 1 and tag in found[0].message


def test_fatturapa_as_it_is_met() -> None:
    one = trade(language="de")
    whole = f"{one.gross_total + one.rounding:.2f}"
    assert values(fattura("<ImportoTotaleDocumento>.*?</ImportoTotaleDocumento>", ""))["gross_total"] == whole
    person = fattura("<Denominazione>.*?</Denominazione>", "<Nome>Anna</Nome><Cognome>Bianchi</Cognome>")
    assert values(person)["seller_name"] == "Anna Bianchi"
    half = f"{one.amount_due / 2:.2f}"
    instalments = fattura(
        "<DettaglioPagamento>.*?</DettaglioPagamento>",
        f"<DettaglioPagamento><DataScadenzaPagamento>2030-02-01</DataScadenzaPagamento><ImportoPagamento>{half}"
        "</ImportoPagamento></DettaglioPagamento><DettaglioPagamento><DataScadenzaPagamento>2030-01-01"
        f"</DataScadenzaPagamento><ImportoPagamento>{half}</ImportoPagamento></DettaglioPagamento>",
    )
    assert (values(instalments)["amount_due"], values(instalments)["due_date"]) == (
        f"{2 * Decimal(half):.2f}",
        "2030-01-01",
    )
    several = fattura("(<FatturaElettronicaBody>.*</FatturaElettronicaBody>)", r"\1\1")
    assert codes(several) == {"einvoice-several"}
    assert values(fattura("v1.2", "v1.1")) == values(fatturapa(one))


# -- chance -----------------------------------------------------------------------------------------

CZECH, ITALIAN = isdoc(trade()), fatturapa(trade(language="de"))


@settings(max_examples=150)
@given(st.sampled_from([CZECH, ITALIAN]), st.data())
def test_any_text_in_an_element_is_read_or_refused(data: bytes, chance: st.DataObject) -> None:
    places = [match.start(1) for match in re.finditer(rb">([^<\s][^<]*)<", data)]
    place = chance.draw(st.sampled_from(places))
    text = chance.draw(st.text(alphabet="0123456789+-.,eE \u0663NaInfX", max_size=45))
    end = data.index(b"<", place)
    with contextlib.suppress(ValueError):
        for field in read(data[:place] + text.encode() + data[end:]).einvoice.fields:
            assert field.value
