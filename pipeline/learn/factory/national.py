"""Writing the national e-invoices: ISDOC 6.0.2 (alone, as ``.isdocx``, inside a PDF) and FatturaPA 1.2.

Element order follows the schemas isdoc-invoice-6.0.2.xsd and Schema_VFPR12; the amounts are those of the page.
"""

from __future__ import annotations

import base64
import hashlib
import io
import uuid
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from xml.etree import ElementTree

import pikepdf

from pipeline.learn.factory.einvoice import Writer, money
from pipeline.learn.factory.records import Line, Party, Trade

_ISDOC = {"": "http://isdoc.cz/namespace/2013"}
_MANIFEST = {"": "http://isdoc.cz/namespace/2013/manifest"}
_FATTURA = {"p": "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"}
_SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
Node = ElementTree.Element


# -- ISDOC ------------------------------------------------------------------------------------------


def isdoc(trade: Trade, supplements: Mapping[str, bytes] | None = None) -> bytes:
    """The invoice or credit note as ISDOC; its local currency is the one that it is in."""
    w = Writer("Invoice", _ISDOC)
    w.root.set("version", "6.0.2")
    credit = trade.kind == "credit_note"
    for name, text in (
        ("DocumentType", "2" if credit else "1"),
        ("ID", trade.number),
        ("UUID", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{trade.seller.vat_id}/{trade.number}")).upper()),
        ("IssueDate", trade.issue_date.isoformat()),
        ("TaxPointDate", trade.delivery_date.isoformat()),
        ("VATApplicable", "true"),
        ("ElectronicPossibilityAgreementReference", ""),
        ("LocalCurrencyCode", trade.currency),
        ("CurrRate", "1"),
        ("RefCurrRate", "1"),
    ):
        w.put(w.root, name, text)
    _isdoc_party(w, "AccountingSupplierParty", trade.seller)
    _isdoc_party(w, "AccountingCustomerParty", trade.buyer)
    order = w.put(w.root, "OrderReferences/OrderReference", id="O1")
    w.put(order, "SalesOrderID", trade.customer_number)
    w.put(order, "ExternalOrderID", trade.order_number)
    if credit:
        original = w.put(w.root, "OriginalDocumentReferences/OriginalDocumentReference", id="D1")
        w.put(original, "ID", trade.original_number)
    lines = w.put(w.root, "InvoiceLines")
    for number, line in enumerate(trade.lines, 1):
        _isdoc_line(w, lines, number, line)
    _isdoc_taxes(w, trade)
    _isdoc_totals(w, trade)
    _isdoc_payment(w, trade)
    listed = w.put(w.root, "SupplementsList") if supplements else w.root
    for name, data in (supplements or {}).items():
        one = w.put(listed, "Supplement")
        w.put(one, "Filename", name)
        w.put(one, "DigestMethod", Algorithm=_SHA1)
        digest = hashlib.sha1(data, usedforsecurity=False).digest()
        w.put(one, "DigestValue", base64.b64encode(digest).decode())
    return w.bytes()


def _isdoc_party(w: Writer, name: str, party: Party) -> None:
    node = w.put(w.root, f"{name}/Party")
    w.put(node, "PartyIdentification/ID", party.tax_number)
    w.put(node, "PartyName/Name", party.name)
    postal = w.put(node, "PostalAddress")
    street, _, house = party.street.rpartition(" ")
    parts = (street, house) if any(c.isdigit() for c in house) and street else (party.street, "")
    w.put(postal, "StreetName", parts[0])
    w.put(postal, "BuildingNumber", parts[1])
    w.put(postal, "CityName", party.city)
    w.put(postal, "PostalZone", party.postcode)
    w.put(postal, "Country/IdentificationCode", party.country)
    scheme = w.put(node, "PartyTaxScheme")
    w.put(scheme, "CompanyID", party.vat_id)
    w.put(scheme, "TaxScheme", "VAT")


def _isdoc_line(w: Writer, parent: Node, number: int, line: Line) -> None:
    node = w.put(parent, "InvoiceLine")
    tax = (line.net * Decimal(line.rate) / 100).quantize(Decimal("0.01"))
    w.put(node, "ID", str(number))
    w.put(node, "InvoicedQuantity", f"{line.quantity:f}", unitCode=line.unit)
    w.put(node, "LineExtensionAmount", money(line.net))
    w.put(node, "LineExtensionAmountTaxInclusive", money(line.net + tax))
    w.put(node, "LineExtensionTaxAmount", money(tax))
    w.put(node, "UnitPrice", money(line.unit_price))
    w.put(node, "UnitPriceTaxInclusive", money(line.unit_price * (100 + Decimal(line.rate)) / 100))
    category = w.put(node, "ClassifiedTaxCategory")
    w.put(category, "Percent", line.rate)
    w.put(category, "VATCalculationMethod", "0")
    item = w.put(node, "Item")
    w.put(item, "Description", line.description)
    w.put(item, "SellersItemIdentification/ID", line.code)


def _isdoc_taxes(w: Writer, trade: Trade) -> None:
    node = w.put(w.root, "TaxTotal")
    for tax in trade.taxes:
        row = w.put(node, "TaxSubTotal")
        parts = (("TaxableAmount", tax.base), ("TaxAmount", tax.tax), ("TaxInclusiveAmount", tax.base + tax.tax))
        for name, amount in parts:
            w.put(row, name, money(amount))
        for name, _ in parts:
            w.put(row, f"AlreadyClaimed{name}", "0")
        for name, amount in parts:
            w.put(row, f"Difference{name}", money(amount))
        w.put(row, "TaxCategory/Percent", tax.rate)
    w.put(node, "TaxAmount", money(trade.tax_total))


def _isdoc_totals(w: Writer, trade: Trade) -> None:
    node = w.put(w.root, "LegalMonetaryTotal")
    for name, amount in (
        ("TaxExclusiveAmount", trade.net_total),
        ("TaxInclusiveAmount", trade.gross_total),
        ("AlreadyClaimedTaxExclusiveAmount", Decimal(0)),
        ("AlreadyClaimedTaxInclusiveAmount", Decimal(0)),
        ("DifferenceTaxExclusiveAmount", trade.net_total),
        ("DifferenceTaxInclusiveAmount", trade.gross_total),
        ("PayableRoundingAmount", trade.rounding),
        ("PaidDepositsAmount", trade.prepaid),
        ("PayableAmount", trade.amount_due),
    ):
        w.put(node, name, money(amount))


def _isdoc_payment(w: Writer, trade: Trade) -> None:
    payment = w.put(w.root, "PaymentMeans/Payment")
    w.put(payment, "PaidAmount", money(trade.amount_due))
    w.put(payment, "PaymentMeansCode", "42")
    details = w.put(payment, "Details")
    number, _, bank = trade.account.local.partition("/")
    for name, text in (
        ("PaymentDueDate", trade.due_date.isoformat()),
        ("ID", number),
        ("BankCode", bank),
        ("Name", trade.account.bank),
        ("IBAN", trade.account.iban),
        ("BIC", trade.account.bic),
        ("VariableSymbol", trade.variable_symbol),
        ("ConstantSymbol", ""),
        ("SpecificSymbol", ""),
    ):
        w.put(details, name, text)


def isdocx(trade: Trade, supplements: Mapping[str, bytes]) -> bytes:
    """The invoice and the files that belong to it in one archive; the same input, the same bytes."""
    manifest = Writer("manifest", _MANIFEST)
    manifest.put(manifest.root, "maindocument", filename="faktura.isdoc")
    files = {"manifest.xml": manifest.bytes(), "faktura.isdoc": isdoc(trade, supplements), **supplements}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY_OF_ZIP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def isdoc_pdf(pdf: bytes, xml: bytes) -> bytes:
    """``pdf`` with ``xml`` inside as ``invoice.isdoc``, associated as its data."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        attachment = pikepdf.AttachedFileSpec(
            document, xml, filename="invoice.isdoc", mime_type="text/xml", relationship=pikepdf.Name.Alternative
        )
        document.attachments["invoice.isdoc"] = attachment
        document.Root.AF = pikepdf.Array([attachment.obj])
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


# -- FatturaPA --------------------------------------------------------------------------------------


def fatturapa(trade: Trade) -> bytes:
    """The invoice or credit note as FatturaPA between companies (FPR12); a credit note's amounts are positive."""
    w = Writer("p:FatturaElettronica", _FATTURA)
    w.root.set("versione", "FPR12")
    header = w.put(w.root, "FatturaElettronicaHeader")
    sending = w.put(header, "DatiTrasmissione")
    w.put(sending, "IdTrasmittente/IdPaese", trade.seller.country)
    w.put(sending, "ProgressivoInvio", "00001")
    w.put(sending, "FormatoTrasmissione", "FPR12")
    w.put(sending, "CodiceDestinatario", "0000000")
    _fattura_party(w, header, "CedentePrestatore", trade.seller)
    _fattura_party(w, header, "CessionarioCommittente", trade.buyer)
    body = w.put(w.root, "FatturaElettronicaBody")
    sign = -1 if trade.gross_total < 0 else 1
    general = w.put(body, "DatiGenerali")
    head = w.put(general, "DatiGeneraliDocumento")
    for name, text in (
        ("TipoDocumento", "TD04" if trade.kind == "credit_note" else "TD01"),
        ("Divisa", trade.currency),
        ("Data", trade.issue_date.isoformat()),
        ("Numero", trade.number),
        ("ImportoTotaleDocumento", money(sign * (trade.gross_total + trade.rounding))),
        ("Arrotondamento", money(sign * trade.rounding)),
    ):
        w.put(head, name, text)
    w.put(general, "DatiOrdineAcquisto/IdDocumento", trade.order_number)
    w.put(general, "DatiTrasporto/DataOraConsegna", f"{trade.delivery_date.isoformat()}T12:00:00")
    goods = w.put(body, "DatiBeniServizi")
    for number, line in enumerate(trade.lines, 1):
        _fattura_line(w, goods, number, line, sign)
    for tax in trade.taxes:
        row = w.put(goods, "DatiRiepilogo")
        w.put(row, "AliquotaIVA", f"{Decimal(tax.rate):.2f}")
        w.put(row, "ImponibileImporto", money(sign * tax.base))
        w.put(row, "Imposta", money(sign * tax.tax))
    payment = w.put(body, "DatiPagamento")
    w.put(payment, "CondizioniPagamento", "TP02")
    details = w.put(payment, "DettaglioPagamento")
    w.put(details, "ModalitaPagamento", "MP05")
    w.put(details, "DataScadenzaPagamento", trade.due_date.isoformat())
    w.put(details, "ImportoPagamento", money(sign * trade.amount_due))
    w.put(details, "IBAN", trade.account.iban)
    w.put(details, "BIC", trade.account.bic)
    return w.bytes()


def _fattura_party(w: Writer, header: Node, name: str, party: Party) -> None:
    node = w.put(header, name)
    person = w.put(node, "DatiAnagrafici")
    number = w.put(person, "IdFiscaleIVA")
    w.put(number, "IdPaese", party.vat_id[:2])
    w.put(number, "IdCodice", party.vat_id[2:])
    w.put(person, "CodiceFiscale", party.tax_number)
    w.put(person, "Anagrafica/Denominazione", party.name)
    place = w.put(node, "Sede")
    w.put(place, "Indirizzo", party.street)
    w.put(place, "CAP", party.postcode)
    w.put(place, "Comune", party.city)
    w.put(place, "Nazione", party.country)


def _fattura_line(w: Writer, goods: Node, number: int, line: Line, sign: int) -> None:
    node = w.put(goods, "DettaglioLinee")
    w.put(node, "NumeroLinea", str(number))
    w.put(node, "Descrizione", line.description)
    w.put(node, "Quantita", f"{sign * line.quantity:.2f}")
    w.put(node, "UnitaMisura", line.unit)
    w.put(node, "PrezzoUnitario", money(line.unit_price))
    w.put(node, "PrezzoTotale", money(sign * line.net))
    w.put(node, "AliquotaIVA", f"{Decimal(line.rate):.2f}")
