"""ISDOC 6.0 to 6.0.2 and the older 5, the Czech national e-invoice (Ministry of the Interior, 2022-03-23, isdoc.cz).

Each amount stands there in the local currency and, where ``ForeignCurrencyCode`` is, again in that one with ``Curr`` at
the end of its name; the invoice is in the foreign one then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from extractors.einvoice import values
from extractors.einvoice.values import Builder, money
from extractors.einvoice.xml import every, first, text
from extractors.values.identifiers import parse_czech_account
from models.messages import say

_NAMESPACE = "http://isdoc.cz/namespace/"
_CREDIT_NOTES, _CORRECTIONS = {"2", "6"}, {"2", "3", "6"}
_TYPES = {"1", "2", "3", "4", "5", "6", "7"}
_PROFORMA, _ADVANCE = "4", "5"
_CENTS = Decimal("0.05")  # what rounding may part sums of several rates
_CENT = Decimal("0.01")
_NEEDED = (
    "ID", "IssueDate", "LocalCurrencyCode", "AccountingSupplierParty/Party/PartyName/Name",
    "LegalMonetaryTotal/TaxExclusiveAmount", "LegalMonetaryTotal/TaxInclusiveAmount",
    "LegalMonetaryTotal/PayableAmount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Supplement:
    """A file that belongs to an invoice: its name in the container, and its digest (base64) by ``method`` (a URI).

    ``preview`` says that it shows the invoice itself.
    """

    name: str
    method: str
    digest: str
    preview: bool = False


def is_isdoc(root: Element) -> bool:
    """Whether ``root`` is an ISDOC invoice of any version; a ``CommonDocument`` is none, it has nothing to pay."""
    return root.tag == "Invoice" and root.get("xmlns", "").startswith(_NAMESPACE)


def supplements(root: Element) -> tuple[Supplement, ...]:
    """The files that the invoice names as its own."""
    found = every(root, "SupplementsList/Supplement")
    return tuple(
        Supplement(
            name.removeprefix("#ef="),
            method.get("Algorithm", "") if method is not None else "",
            digest,
            one.get("preview", "").lower() in ("true", "1"),
        )
        for one in found
        if (name := text(one, "Filename"))
        for method, digest in ((first(one, "DigestMethod"), text(one, "DigestValue").replace(" ", "")),)
    )


def _foreign(root: Element) -> bool:
    """Whether the amounts are those in the foreign currency: it must be another one, and they must be there."""
    foreign = text(root, "ForeignCurrencyCode")
    other = bool(foreign) and foreign != text(root, "LocalCurrencyCode")
    return other and bool(text(root, "LegalMonetaryTotal/TaxInclusiveAmountCurr"))


class _Amounts:
    """Finds amounts in the currency of the invoice."""

    def __init__(self, root: Element) -> None:
        self.suffix = "Curr" if _foreign(root) else ""

    def raw(self, node: Element | None, path: str) -> str:
        return text(node, path + self.suffix)

    def value(self, node: Element | None, path: str) -> Decimal:
        return money(self.raw(node, path))

    def has(self, node: Element | None, path: str) -> bool:
        return bool(values.number(self.raw(node, path)))


def read_isdoc(root: Element) -> tuple[Builder, str]:
    """The values of an ISDOC invoice, and its document type."""
    builder, amounts = Builder(), _Amounts(root)
    builder.add("invoice_number", text(root, "ID"))
    for name, tag in (("issue_date", "IssueDate"), ("delivery_date", "TaxPointDate")):
        builder.add(name, text(root, tag), values.date(text(root, tag)))
    _party(builder, first(root, "AccountingSupplierParty/Party"), "seller")
    _party(builder, first(root, "AccountingCustomerParty/Party"), "buyer")
    order = "OrderReferences/OrderReference"  # 6.0; version 5 has one without the collection
    ours = (f"{order}/ExternalOrderID", "OrderReference/ExternalOrderID")
    builder.add("order_number", text(root, *ours, f"{order}/SalesOrderID", "OrderReference/SalesOrderID"))
    builder.add("currency", text(root, "ForeignCurrencyCode" if amounts.suffix else "LocalCurrencyCode").upper())
    _totals(builder, root, amounts)
    _payment(builder, root)
    for line in every(root, "InvoiceLines/InvoiceLine"):
        _line(builder, line, amounts)
    _check(builder, root, amounts)
    kind = text(root, "DocumentType")
    negative = builder.value("gross_total").startswith("-")
    return builder, "credit_note" if kind in _CREDIT_NOTES or negative else "invoice"


def _party(builder: Builder, party: Element | None, side: str) -> None:
    builder.add(f"{side}_name", text(party, "PartyName/Name"))
    schemes = () if party is None else every(party, "PartyTaxScheme")
    numbers = [(text(one, "TaxScheme").upper(), text(one, "CompanyID")) for one in schemes]
    vat_id = next((number for scheme, number in numbers if scheme in ("VAT", "") and number), "")
    vat_id = vat_id or next((number for _, number in numbers if number[:2].isalpha()), "")
    builder.add(f"{side}_vat_id", vat_id, values.compact(vat_id))
    if side == "buyer":
        return
    number = text(party, "PartyIdentification/ID")
    padded = number.zfill(8) if number.isdigit() and len(number) in (6, 7) else number
    builder.add("seller_tax_number", number, padded)
    postal = None if party is None else first(party, "PostalAddress")
    if postal is not None:
        street = f"{text(postal, 'StreetName')} {text(postal, 'BuildingNumber')}".strip()
        builder.add("seller_address", values.address((street,), text(postal, "PostalZone"), text(postal, "CityName")))


def _totals(builder: Builder, root: Element, amounts: _Amounts) -> None:
    totals = first(root, "LegalMonetaryTotal")
    for name, node, tag in (
        ("net_total", totals, "TaxExclusiveAmount"),
        ("tax_total", root, "TaxTotal/TaxAmount"),
        ("gross_total", totals, "TaxInclusiveAmount"),
        ("amount_due", totals, "PayableAmount"),
    ):
        raw = amounts.raw(node, tag)
        builder.add(name, raw, values.amount(raw))


def _payment(builder: Builder, root: Element) -> None:
    """The first payment with an account, else the first; an account without its IBAN is a Czech one."""
    details = list(every(root, "PaymentMeans/Payment/Details"))
    accounts = [(one, _iban(one)) for one in details]
    chosen, (raw, iban) = next(((one, found) for one, found in accounts if found[1]), (None, ("", "")))
    chosen = chosen if chosen is not None else details[0] if details else None
    builder.add("iban", raw, iban)
    bic = text(chosen, "BIC")
    if iban:
        builder.add("bic", bic, values.compact(bic))
    due = text(chosen, "PaymentDueDate")
    builder.add("due_date", due, values.date(due))
    builder.add("variable_symbol", values.symbol(text(chosen, "VariableSymbol")))


def _iban(details: Element) -> tuple[str, str]:
    """What is written, and the IBAN that it is."""
    raw = text(details, "IBAN")
    if values.iban(raw):
        return raw, values.iban(raw)
    number, bank = text(details, "ID"), text(details, "BankCode")
    written = number if "/" in number else f"{number}/{bank}"
    return written, (parse_czech_account(written) or "") if number else ""


def _line(builder: Builder, line: Element, amounts: _Amounts) -> None:
    quantity = first(line, "InvoicedQuantity")
    net, price = amounts.raw(line, "LineExtensionAmount"), text(line, "UnitPrice")
    if amounts.suffix:  # the price of one unit stands there in the local currency only
        price = _price(net, text(quantity))
    builder.add_line(
        description=text(line, "Item/Description", "Note"),
        quantity=text(quantity),
        unit="" if quantity is None else quantity.get("unitCode", ""),
        price=price,
        net=net,
        rate=text(line, "ClassifiedTaxCategory/Percent"),
    )


def _price(net: str, quantity: str) -> str:
    try:
        return str((money(net) / money(quantity)).quantize(Decimal("0.000001")))
    except (InvalidOperation, ZeroDivisionError):
        return ""


# -- strict checks ----------------------------------------------------------------------------------


def _check(builder: Builder, root: Element, amounts: _Amounts) -> None:
    missing = [path.rpartition("/")[2] for path in _NEEDED if not text(root, path)]
    kind = text(root, "DocumentType")
    if kind not in _TYPES:
        missing.append("DocumentType")
    if missing:
        builder.doubt(
            "einvoice-incomplete",
            say("The ISDOC lacks what its standard demands: {missing}.", missing=", ".join(missing)),
        )
    if kind == _PROFORMA:
        builder.doubt(
            "einvoice-type", say("The ISDOC is a request for an advance (zálohová faktura), no tax document.")
        )
    if kind == _ADVANCE:
        builder.doubt("einvoice-type", say("The ISDOC confirms an advance that was paid; there is nothing to pay."))
    if kind in _CORRECTIONS and first(root, "OriginalDocumentReferences/OriginalDocumentReference") is None:
        builder.doubt("einvoice-incomplete", say("The ISDOC corrects an invoice and does not say which."))
    for message, *names in _contradictions(root, amounts):
        builder.doubt("einvoice-sums", say("The ISDOC contradicts itself: {message}.", message=message), *names)


def _contradictions(root: Element, amounts: _Amounts) -> Iterator[tuple[str, ...]]:
    totals, taxes = first(root, "LegalMonetaryTotal"), first(root, "TaxTotal")
    foreign = text(root, "ForeignCurrencyCode")
    if foreign and foreign != text(root, "LocalCurrencyCode") and not amounts.suffix:
        yield say("a foreign currency without amounts in it"), "currency"
    if not foreign and text(totals, "TaxInclusiveAmountCurr"):
        yield say("amounts in a foreign currency that it does not name"), "currency"
    net, tax = amounts.value(totals, "TaxExclusiveAmount"), amounts.value(taxes, "TaxAmount")
    gross, due = amounts.value(totals, "TaxInclusiveAmount"), amounts.value(totals, "PayableAmount")
    if abs(net + tax - gross) > _CENTS:
        yield say("net and tax do not make gross"), "net_total", "tax_total", "gross_total"
    yield from _rates(taxes, amounts, net, tax)
    claimed = amounts.value(totals, "AlreadyClaimedTaxInclusiveAmount")
    rest = amounts.value(totals, "DifferenceTaxInclusiveAmount")
    if amounts.has(totals, "DifferenceTaxInclusiveAmount") and abs(gross - claimed - rest) > _CENTS:
        yield say("total, advances and what remains do not agree"), "gross_total", "amount_due"
    rounding, paid = (amounts.value(totals, tag) for tag in ("PayableRoundingAmount", "PaidDepositsAmount"))
    if abs(gross - claimed + rounding - paid - due) > _CENTS:
        yield say("total, advances and rounding do not make the amount due"), "amount_due"
    lines = list(every(root, "InvoiceLines/InvoiceLine"))
    total = sum((amounts.value(line, "LineExtensionAmount") for line in lines), Decimal(0))
    if lines and abs(total - net) > _CENTS + _CENT * len(lines):
        yield say("the rows do not make the net total"), "net_total", "line_items"
    taxed = any(money(text(line, "ClassifiedTaxCategory/Percent")) for line in lines)
    if text(root, "VATApplicable").lower() in ("false", "0") and taxed and tax:
        yield say("tax where it says that none applies"), "tax_total"


def _rates(taxes: Element | None, amounts: _Amounts, net: Decimal, tax: Decimal) -> Iterator[tuple[str, ...]]:
    rows = [] if taxes is None else list(every(taxes, "TaxSubTotal"))
    found = [tuple(amounts.value(row, f"Tax{part}Amount") for part in ("able", "", "Inclusive")) for row in rows]
    if any(abs(base + part - whole) > _CENT for base, part, whole in found):
        yield say("base and tax of a rate do not make its gross"), "tax_total"
    if found and abs(sum((row[1] for row in found), Decimal(0)) - tax) > _CENTS:
        yield say("the taxes of the rates do not make the tax total"), "tax_total"
    if found and abs(sum((row[0] for row in found), Decimal(0)) - net) > _CENTS:
        yield say("the bases of the rates do not make the net total"), "net_total"
