"""UBL 2.1 Invoice and CreditNote: XRechnung, Peppol BIS Billing 3.0 (EN 16931-3-2).

The numbers ``BT-…`` are the business terms of EN 16931-1.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from extractors.einvoice import values
from extractors.einvoice.values import Builder
from extractors.einvoice.xml import every, first, text

_NAMESPACES = tuple(f"urn:oasis:names:specification:ubl:schema:xsd:{name}-2" for name in ("Invoice", "CreditNote"))
_VAT_SCHEMES = {"VAT", "VA"}


def is_ubl(root: Element) -> bool:
    """Whether ``root`` is one; ISDOC and ebInterface have an ``Invoice`` too, in namespaces of their own."""
    return root.tag in ("Invoice", "CreditNote") and root.get("xmlns", "") in _NAMESPACES


def _tax_ids(party: Element | None) -> tuple[str, str]:
    vat_id = other = ""
    for scheme in () if party is None else every(party, "PartyTaxScheme"):
        number = text(scheme, "CompanyID")
        if text(scheme, "TaxScheme/ID").upper() in _VAT_SCHEMES:
            vat_id = vat_id or number
        else:
            other = other or number
    return vat_id, other


def _parties(builder: Builder, root: Element) -> None:
    seller, buyer = first(root, "AccountingSupplierParty/Party"), first(root, "AccountingCustomerParty/Party")
    names = ("PartyLegalEntity/RegistrationName", "PartyName/Name")  # BT-27, 28 and BT-44, 45
    builder.add("seller_name", text(seller, *names))
    vat_id, tax_number = _tax_ids(seller)
    builder.add("seller_vat_id", vat_id, values.compact(vat_id))  # BT-31
    builder.add("seller_tax_number", tax_number or text(seller, "PartyLegalEntity/CompanyID"))  # BT-32, 30
    postal = None if seller is None else first(seller, "PostalAddress")
    if postal is not None:  # BG-5
        lines = (text(postal, "StreetName"), text(postal, "AdditionalStreetName"), text(postal, "AddressLine/Line"))
        builder.add("seller_address", values.address(lines, text(postal, "PostalZone"), text(postal, "CityName")))
    builder.add("buyer_name", text(buyer, *names))
    vat_id, _ = _tax_ids(buyer)
    builder.add("buyer_vat_id", vat_id, values.compact(vat_id))  # BT-48
    builder.add("buyer_reference", text(root, "BuyerReference"))  # BT-10
    order = text(root, "OrderReference/ID")  # BT-13
    if order != "NA" or not text(root, "OrderReference/SalesOrderID"):  # UBL wants an ID even where there is none
        builder.add("order_number", order)


def _payment(builder: Builder, root: Element) -> None:
    for account in every(root, "PaymentMeans/PayeeFinancialAccount"):
        raw = text(account, "ID")
        if values.iban(raw):  # the first account is the one to pay to; BT-84, 86
            builder.add("iban", raw, values.iban(raw))
            branch = "FinancialInstitutionBranch"
            bic = text(account, f"{branch}/ID", f"{branch}/FinancialInstitution/ID")
            builder.add("bic", bic, values.compact(bic))
            break
    builder.add("payment_terms", " ".join(filter(None, map(text, every(root, "PaymentTerms/Note")))))  # BT-20
    due = text(root, "DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate")
    builder.add("due_date", due, values.date(due))  # BT-9


def _totals(builder: Builder, root: Element) -> None:
    currency = text(root, "DocumentCurrencyCode").upper()
    builder.add("currency", currency)  # BT-5
    totals = first(root, "LegalMonetaryTotal")
    taxes = [one for one in every(root, "TaxTotal/TaxAmount") if one.get("currencyID", currency) == currency]
    tax = text(taxes[0]) if taxes else ""
    builder.add("tax_total", tax, values.amount(tax))  # BT-110, not the one in the accounting currency (BT-111)
    for name, tags in (
        ("net_total", ("TaxExclusiveAmount", "LineExtensionAmount")),  # BT-109, 106
        ("gross_total", ("TaxInclusiveAmount",)),  # BT-112
        ("amount_due", ("PayableAmount",)),  # BT-115
    ):
        raw = text(totals, *tags)
        builder.add(name, raw, values.amount(raw))


def _line(builder: Builder, line: Element) -> None:
    quantity = first(line, "InvoicedQuantity|CreditedQuantity")
    builder.add_line(
        description=text(line, "Item/Name", "Item/Description"),  # BT-153
        quantity=text(quantity),  # BT-129
        unit="" if quantity is None else quantity.get("unitCode", ""),  # BT-130
        price=text(line, "Price/PriceAmount"),  # BT-146
        per=text(line, "Price/BaseQuantity"),  # BT-149
        net=text(line, "LineExtensionAmount"),  # BT-131
        rate=text(line, "Item/ClassifiedTaxCategory/Percent"),  # BT-152
    )


def read_ubl(root: Element) -> tuple[Builder, str]:
    """The values of a UBL invoice or credit note, and its document type."""
    builder = Builder()
    builder.add("invoice_number", text(root, "ID"))  # BT-1
    issued = text(root, "IssueDate")
    builder.add("issue_date", issued, values.date(issued))  # BT-2
    _parties(builder, root)
    delivered = text(root, "Delivery/ActualDeliveryDate", "TaxPointDate")  # BT-72, 7
    builder.add("delivery_date", delivered, values.date(delivered))
    _totals(builder, root)
    _payment(builder, root)
    country = "AccountingSupplierParty/Party/PostalAddress/Country/IdentificationCode"
    if text(root, country) in values.SYMBOL_COUNTRIES:
        builder.add("variable_symbol", values.symbol(text(root, "PaymentMeans/PaymentID")))  # BT-83
    for line in every(root, "InvoiceLine|CreditNoteLine"):
        _line(builder, line)
    kind = "credit_note" if root.tag == "CreditNote" else builder.document_type(text(root, "InvoiceTypeCode"))
    return builder, kind
