"""Writing EN 16931 invoices: UN/CEFACT CII (the ``factur-x.xml`` of a hybrid PDF) and UBL 2.1.

Element order follows the schemas CrossIndustryInvoice D16B and UBL-Invoice-2.1; the business terms are those
of EN 16931-1. The hybrid PDF carries the XML as Factur-X 1.0 asks (associated file, relationship
"Alternative", XMP entries), but it does not claim to be PDF/A-3: it has no output intent.
"""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pikepdf

from pipeline.learn.factory.records import Line, Party, Trade

GUIDELINE = "urn:cen.eu:en16931:2017"
_UNITS = {
    "Stk": "C62", "Pack": "XPK", "Std": "HUR", "psch": "LS", "m": "MTR", "Sack": "XSA", "kg": "KGM", "Nacht": "DAY",
    "Tag": "DAY", "Jahr": "ANN", "Paar": "PR", "Monat": "MON", "t": "TNE", "each": "C62", "hour": "HUR", "day": "DAY",
    "ks": "C62", "hod": "HUR", "den": "DAY",
}  # fmt: skip
#: UN/ECE recommendation 20 and 21 codes of the units that the vocabularies use; C62 ("one") for the rest


def unit_code(unit: str) -> str:
    """The UN/ECE code of a printed unit."""
    return _UNITS.get(unit, "C62")


def _category(rate: str) -> str:
    return "Z" if Decimal(rate) == 0 else "S"


class Writer:
    """Builds a tree of namespaced elements: ``put(parent, "ram:ID", text, attribute=value)``."""

    def __init__(self, root: str, spaces: dict[str, str]) -> None:
        self.spaces = spaces
        for prefix, uri in spaces.items():
            ElementTree.register_namespace(prefix, uri)
        self.root = ElementTree.Element(self.name(root))

    def name(self, short: str) -> str:
        """``{namespace}name``; without a prefix, a name of the default namespace ``""`` or of none."""
        prefix, _, local = short.rpartition(":")
        space = self.spaces.get(prefix, "")
        return f"{{{space}}}{local}" if space else local

    def put(self, parent: ElementTree.Element, path: str, text: str = "", **attributes: str) -> ElementTree.Element:
        """Add the elements of a path (steps by ``/``) below ``parent``; text and attributes go to the last one."""
        for step in path.split("/"):
            parent = ElementTree.SubElement(parent, self.name(step))
        if text:
            parent.text = text
        for name, value in attributes.items():
            parent.set(name, value)
        return parent

    def bytes(self) -> bytes:
        """The document as indented UTF-8."""
        ElementTree.indent(self.root)
        body: bytes = ElementTree.tostring(self.root, encoding="utf-8", xml_declaration=True)
        return body


def money(value: Decimal) -> str:
    """An amount as XML writes it."""
    return f"{value:.2f}"


# -- CII --------------------------------------------------------------------------------------------

_CII = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}


def cii(trade: Trade) -> bytes:
    """The invoice or credit note as CII XML (EN 16931 profile)."""
    w = Writer("rsm:CrossIndustryInvoice", _CII)
    w.put(w.root, "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", GUIDELINE)
    head = w.put(w.root, "rsm:ExchangedDocument")
    w.put(head, "ram:ID", trade.number)
    w.put(head, "ram:TypeCode", "381" if trade.kind == "credit_note" else "380")
    _cii_date(w, head, "ram:IssueDateTime", trade.issue_date)
    deal = w.put(w.root, "rsm:SupplyChainTradeTransaction")
    for number, line in enumerate(trade.lines, 1):
        _cii_line(w, deal, number, line)
    agreement = w.put(deal, "ram:ApplicableHeaderTradeAgreement")
    w.put(agreement, "ram:BuyerReference", trade.buyer_reference)
    _cii_party(w, agreement, "ram:SellerTradeParty", trade.seller, seller=True)
    _cii_party(w, agreement, "ram:BuyerTradeParty", trade.buyer, seller=False)
    w.put(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", trade.order_number)
    delivery = w.put(deal, "ram:ApplicableHeaderTradeDelivery/ram:ActualDeliverySupplyChainEvent")
    _cii_date(w, delivery, "ram:OccurrenceDateTime", trade.delivery_date)
    _cii_settlement(w, deal, trade)
    return w.bytes()


def _cii_date(w: Writer, parent: ElementTree.Element, name: str, day: date) -> None:
    w.put(parent, f"{name}/udt:DateTimeString", f"{day:%Y%m%d}", format="102")


def _cii_line(w: Writer, deal: ElementTree.Element, number: int, line: Line) -> None:
    item = w.put(deal, "ram:IncludedSupplyChainTradeLineItem")
    w.put(item, "ram:AssociatedDocumentLineDocument/ram:LineID", str(number))
    product = w.put(item, "ram:SpecifiedTradeProduct")
    w.put(product, "ram:SellerAssignedID", line.code)
    w.put(product, "ram:Name", line.description)
    price = w.put(item, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount")
    price.text = money(line.unit_price)
    count = w.put(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity", f"{line.quantity:f}")
    count.set("unitCode", unit_code(line.unit))
    settlement = w.put(item, "ram:SpecifiedLineTradeSettlement")
    tax = w.put(settlement, "ram:ApplicableTradeTax")
    w.put(tax, "ram:TypeCode", "VAT")
    w.put(tax, "ram:CategoryCode", _category(line.rate))
    w.put(tax, "ram:RateApplicablePercent", line.rate)
    w.put(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount", money(line.net))


def _cii_party(w: Writer, parent: ElementTree.Element, name: str, party: Party, *, seller: bool) -> None:
    node = w.put(parent, name)
    w.put(node, "ram:Name", party.name)
    if party.country != "DE":
        w.put(node, "ram:SpecifiedLegalOrganization/ram:ID", party.tax_number)
    address = w.put(node, "ram:PostalTradeAddress")
    w.put(address, "ram:PostcodeCode", party.postcode)
    w.put(address, "ram:LineOne", party.street)
    w.put(address, "ram:CityName", party.city)
    w.put(address, "ram:CountryID", party.country)
    if seller and party.country == "DE":
        w.put(node, "ram:SpecifiedTaxRegistration/ram:ID", party.tax_number, schemeID="FC")
    w.put(node, "ram:SpecifiedTaxRegistration/ram:ID", party.vat_id, schemeID="VA")


def _cii_settlement(w: Writer, deal: ElementTree.Element, trade: Trade) -> None:
    node = w.put(deal, "ram:ApplicableHeaderTradeSettlement")
    w.put(node, "ram:PaymentReference", trade.variable_symbol if trade.language == "cs" else trade.number)
    w.put(node, "ram:InvoiceCurrencyCode", trade.currency)
    means = w.put(node, "ram:SpecifiedTradeSettlementPaymentMeans")
    w.put(means, "ram:TypeCode", "58" if trade.currency == "EUR" else "30")
    w.put(means, "ram:PayeePartyCreditorFinancialAccount/ram:IBANID", trade.account.iban)
    w.put(means, "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID", trade.account.bic)
    for tax in trade.taxes:
        row = w.put(node, "ram:ApplicableTradeTax")
        w.put(row, "ram:CalculatedAmount", money(tax.tax))
        w.put(row, "ram:TypeCode", "VAT")
        w.put(row, "ram:BasisAmount", money(tax.base))
        w.put(row, "ram:CategoryCode", _category(tax.rate))
        w.put(row, "ram:RateApplicablePercent", tax.rate)
    terms = w.put(node, "ram:SpecifiedTradePaymentTerms")
    w.put(terms, "ram:Description", trade.payment_terms)
    _cii_date(w, terms, "ram:DueDateDateTime", trade.due_date)
    total = w.put(node, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    w.put(total, "ram:LineTotalAmount", money(trade.net_total))
    w.put(total, "ram:TaxBasisTotalAmount", money(trade.net_total))
    w.put(total, "ram:TaxTotalAmount", money(trade.tax_total), currencyID=trade.currency)
    if trade.rounding:
        w.put(total, "ram:RoundingAmount", money(trade.rounding))
    w.put(total, "ram:GrandTotalAmount", money(trade.gross_total))
    w.put(total, "ram:TotalPrepaidAmount", money(trade.prepaid))
    w.put(total, "ram:DuePayableAmount", money(trade.amount_due))


# -- UBL --------------------------------------------------------------------------------------------

_UBL = {
    "": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def ubl(trade: Trade) -> bytes:
    """The invoice as UBL 2.1 XML (EN 16931)."""
    w = Writer("Invoice", _UBL)
    for name, text in (
        ("CustomizationID", GUIDELINE), ("ID", trade.number), ("IssueDate", trade.issue_date.isoformat()),
        ("DueDate", trade.due_date.isoformat()), ("InvoiceTypeCode", "380"), ("DocumentCurrencyCode", trade.currency),
        ("BuyerReference", trade.buyer_reference),
    ):  # fmt: skip
        w.put(w.root, f"cbc:{name}", text)
    w.put(w.root, "cac:OrderReference/cbc:ID", trade.order_number)
    _ubl_party(w, "cac:AccountingSupplierParty", trade.seller, seller=True)
    _ubl_party(w, "cac:AccountingCustomerParty", trade.buyer, seller=False)
    w.put(w.root, "cac:Delivery/cbc:ActualDeliveryDate", trade.delivery_date.isoformat())
    means = w.put(w.root, "cac:PaymentMeans")
    w.put(means, "cbc:PaymentMeansCode", "58" if trade.currency == "EUR" else "30")
    w.put(means, "cbc:PaymentID", trade.variable_symbol if trade.language == "cs" else trade.number)
    account = w.put(means, "cac:PayeeFinancialAccount")
    w.put(account, "cbc:ID", trade.account.iban)
    w.put(account, "cac:FinancialInstitutionBranch/cbc:ID", trade.account.bic)
    w.put(w.root, "cac:PaymentTerms/cbc:Note", trade.payment_terms)
    taxes = w.put(w.root, "cac:TaxTotal")
    w.put(taxes, "cbc:TaxAmount", money(trade.tax_total), currencyID=trade.currency)
    for tax in trade.taxes:
        row = w.put(taxes, "cac:TaxSubtotal")
        w.put(row, "cbc:TaxableAmount", money(tax.base), currencyID=trade.currency)
        w.put(row, "cbc:TaxAmount", money(tax.tax), currencyID=trade.currency)
        _ubl_category(w, row, "cac:TaxCategory", tax.rate)
    total = w.put(w.root, "cac:LegalMonetaryTotal")
    amounts = [
        ("LineExtensionAmount", trade.net_total), ("TaxExclusiveAmount", trade.net_total),
        ("TaxInclusiveAmount", trade.gross_total), ("PrepaidAmount", trade.prepaid),
        ("PayableRoundingAmount", trade.rounding), ("PayableAmount", trade.amount_due),
    ]  # fmt: skip
    for name, amount in amounts:
        w.put(total, f"cbc:{name}", money(amount), currencyID=trade.currency)
    for number, line in enumerate(trade.lines, 1):
        _ubl_line(w, number, line, trade.currency)
    return w.bytes()


def _ubl_category(w: Writer, parent: ElementTree.Element, name: str, rate: str) -> None:
    node = w.put(parent, name)
    w.put(node, "cbc:ID", _category(rate))
    w.put(node, "cbc:Percent", rate)
    w.put(node, "cac:TaxScheme/cbc:ID", "VAT")


def _ubl_party(w: Writer, name: str, party: Party, *, seller: bool) -> None:
    node = w.put(w.root, f"{name}/cac:Party")
    address = w.put(node, "cac:PostalAddress")
    w.put(address, "cbc:StreetName", party.street)
    w.put(address, "cbc:CityName", party.city)
    w.put(address, "cbc:PostalZone", party.postcode)
    w.put(address, "cac:Country/cbc:IdentificationCode", party.country)
    schemes = [(party.vat_id, "VAT")] + ([(party.tax_number, "FC")] if seller and party.country == "DE" else [])
    for number, scheme in schemes:
        tax = w.put(node, "cac:PartyTaxScheme")
        w.put(tax, "cbc:CompanyID", number)
        w.put(tax, "cac:TaxScheme/cbc:ID", scheme)
    legal = w.put(node, "cac:PartyLegalEntity")
    w.put(legal, "cbc:RegistrationName", party.name)
    if party.country != "DE":
        w.put(legal, "cbc:CompanyID", party.tax_number)


def _ubl_line(w: Writer, number: int, line: Line, currency: str) -> None:
    node = w.put(w.root, "cac:InvoiceLine")
    w.put(node, "cbc:ID", str(number))
    w.put(node, "cbc:InvoicedQuantity", f"{line.quantity:f}", unitCode=unit_code(line.unit))
    w.put(node, "cbc:LineExtensionAmount", money(line.net), currencyID=currency)
    item = w.put(node, "cac:Item")
    w.put(item, "cbc:Name", line.description)
    w.put(item, "cac:SellersItemIdentification/cbc:ID", line.code)
    _ubl_category(w, item, "cac:ClassifiedTaxCategory", line.rate)
    w.put(node, "cac:Price/cbc:PriceAmount", money(line.unit_price), currencyID=currency)


# -- the hybrid -------------------------------------------------------------------------------------

_FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"


def hybrid(pdf: bytes, xml: bytes) -> bytes:
    """``pdf`` with ``xml`` inside as ``factur-x.xml``."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        attachment = pikepdf.AttachedFileSpec(
            document,
            xml,
            filename="factur-x.xml",
            description="Factur-X invoice",
            mime_type="text/xml",
            relationship=pikepdf.Name.Alternative,
        )
        document.attachments["factur-x.xml"] = attachment
        document.Root.AF = pikepdf.Array([attachment.obj])
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            meta.register_xml_namespace(_FX[1:-1], "fx")
            meta[f"{_FX}DocumentType"] = "INVOICE"
            meta[f"{_FX}DocumentFileName"] = "factur-x.xml"
            meta[f"{_FX}Version"] = "1.0"
            meta[f"{_FX}ConformanceLevel"] = "EN 16931"
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()
