"""UN/CEFACT Cross Industry Invoice: ZUGFeRD 1.0 and 2.x, Factur-X, XRechnung, and the drafts before 1.0.

Elements are found by their local names; the alternatives in a path are the names of CII D16B (EN 16931-3-3)
first, then those of ZUGFeRD 1.0. The numbers ``BT-…`` are the business terms of EN 16931-1.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from extractors.einvoice import values
from extractors.einvoice.values import Builder
from extractors.einvoice.xml import every, first, text

_TRANSACTION = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_SUM = (
    "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
    "|SpecifiedTradeSettlementLineMonetarySummation"
)
_PART = "ApplicableHeaderTrade{0}|ApplicableSupplyChainTrade{0}|SpecifiedLineTrade{0}|SpecifiedSupplyChainTrade{0}"
_GROUPS = {"GROUP", "INFORMATION"}  # Factur-X EXTENDED, BT-X-8: lines that only head or explain other lines


def is_cii(root: Element) -> bool:
    """Whether ``root`` is such an invoice, whatever its namespace."""
    return root.tag in ("CrossIndustryInvoice", "CrossIndustryDocument") or (
        root.tag == "Invoice" and first(root, _TRANSACTION) is not None
    )


def _part(node: Element, name: str) -> Element:
    found = first(node, _PART.format(name))
    return Element("none") if found is None else found


def _moment(node: Element, *paths: str) -> str:
    # D16B wraps the date in DateTimeString, ZUGFeRD 1.0 partly does not
    return text(node, *(f"{path}/DateTimeString|DateString|DateTime" for path in paths), *paths)


def _registration(party: Element | None, scheme: str) -> str:
    registrations = () if party is None else every(party, "SpecifiedTaxRegistration/ID")
    return next((text(one) for one in registrations if one.get("schemeID") == scheme and text(one)), "")


def _parties(builder: Builder, agreement: Element) -> None:
    seller, buyer = first(agreement, "SellerTradeParty"), first(agreement, "BuyerTradeParty")
    builder.add("seller_name", text(seller, "Name", "SpecifiedLegalOrganization/TradingBusinessName"))  # BT-27, 28
    vat_id = _registration(seller, "VA")
    builder.add("seller_vat_id", vat_id, values.compact(vat_id))  # BT-31
    tax_number = _registration(seller, "FC")
    builder.add("seller_tax_number", tax_number or text(seller, "SpecifiedLegalOrganization/ID"))  # BT-32, 30
    postal = None if seller is None else first(seller, "PostalTradeAddress")
    if postal is not None:  # BG-5
        lines = (text(postal, "LineOne"), text(postal, "LineTwo"), text(postal, "LineThree"))
        builder.add(
            "seller_address", values.address(lines, text(postal, "PostcodeCode|Postcode"), text(postal, "CityName"))
        )
    builder.add("buyer_name", text(buyer, "Name"))  # BT-44
    vat_id = _registration(buyer, "VA")
    builder.add("buyer_vat_id", vat_id, values.compact(vat_id))  # BT-48
    builder.add("buyer_reference", text(agreement, "BuyerReference"))  # BT-10
    order = "BuyerOrderReferencedDocument"
    builder.add("order_number", text(agreement, f"{order}/IssuerAssignedID", f"{order}/ID"))  # BT-13


def _payment(builder: Builder, settlement: Element) -> None:
    for means in every(settlement, "SpecifiedTradeSettlementPaymentMeans"):
        account = "PayeePartyCreditorFinancialAccount"
        raw = text(means, f"{account}/IBANID", f"{account}/ProprietaryID")
        if values.iban(raw):  # the first account is the one to pay to; BT-84, 86
            builder.add("iban", raw, values.iban(raw))
            bic = text(means, "PayeeSpecifiedCreditorFinancialInstitution/BICID")
            builder.add("bic", bic, values.compact(bic))
            break
    terms = list(every(settlement, "SpecifiedTradePaymentTerms"))
    builder.add("payment_terms", " ".join(found for one in terms if (found := text(one, "Description"))))  # BT-20
    due = next((found for one in terms if (found := _moment(one, "DueDateDateTime"))), "")
    builder.add("due_date", due, values.date(due))  # BT-9


def _totals(builder: Builder, settlement: Element) -> None:
    currency = text(settlement, "InvoiceCurrencyCode").upper()
    builder.add("currency", currency)  # BT-5
    totals = first(settlement, _SUM)
    if totals is None:
        return
    net = text(totals, "TaxBasisTotalAmount", "LineTotalAmount")
    builder.add("net_total", net, values.amount(net))  # BT-109, 106
    taxes = [one for one in every(totals, "TaxTotalAmount") if one.get("currencyID", currency) == currency]
    tax = text(taxes[0]) if taxes else ""
    builder.add("tax_total", tax, values.amount(tax))  # BT-110, not the one in the accounting currency (BT-111)
    for name, tag in (("gross_total", "GrandTotalAmount"), ("amount_due", "DuePayableAmount")):  # BT-112, 115
        builder.add(name, text(totals, tag), values.amount(text(totals, tag)))


def _line(builder: Builder, line: Element) -> None:
    if text(line, "AssociatedDocumentLineDocument/LineStatusReasonCode") in _GROUPS:
        return
    agreement, delivery, settlement = (_part(line, name) for name in ("Agreement", "Delivery", "Settlement"))
    quantity = first(delivery, "BilledQuantity")
    price = first(agreement, "NetPriceProductTradePrice")
    if price is None:
        price = first(agreement, "GrossPriceProductTradePrice")
    builder.add_line(
        description=text(line, "SpecifiedTradeProduct/Name", "SpecifiedTradeProduct/Description"),  # BT-153
        quantity=text(quantity),  # BT-129
        unit="" if quantity is None else quantity.get("unitCode", ""),  # BT-130
        price=text(price, "ChargeAmount"),  # BT-146
        per=text(price, "BasisQuantity"),  # BT-149
        net=text(settlement, f"{_SUM}/LineTotalAmount"),  # BT-131
        rate=text(settlement, "ApplicableTradeTax/RateApplicablePercent|ApplicablePercent"),  # BT-152
    )


def read_cii(root: Element) -> tuple[Builder, str]:
    """The values of a CII invoice, and its document type."""
    builder = Builder()
    header = first(root, "ExchangedDocument|HeaderExchangedDocument")
    transaction = first(root, _TRANSACTION)
    if transaction is None:
        transaction = Element("none")
    if header is not None:
        builder.add("invoice_number", text(header, "ID"))  # BT-1
        issued = _moment(header, "IssueDateTime")
        builder.add("issue_date", issued, values.date(issued))  # BT-2
    agreement, delivery, settlement = (_part(transaction, name) for name in ("Agreement", "Delivery", "Settlement"))
    _parties(builder, agreement)
    delivered = _moment(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime")  # BT-72
    delivered = delivered or _moment(settlement, "ApplicableTradeTax/TaxPointDate")  # BT-7
    builder.add("delivery_date", delivered, values.date(delivered))
    _totals(builder, settlement)
    _payment(builder, settlement)
    if text(agreement, "SellerTradeParty/PostalTradeAddress/CountryID") in values.SYMBOL_COUNTRIES:
        builder.add("variable_symbol", values.symbol(text(settlement, "PaymentReference")))  # BT-83
    for line in every(transaction, "IncludedSupplyChainTradeLineItem"):
        _line(builder, line)
    return builder, builder.document_type(text(header, "TypeCode"))
