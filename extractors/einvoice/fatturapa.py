"""FatturaPA 1.1 and 1.2 (formats FPA12 and FPR12), the e-invoice of Italy (Agenzia delle Entrate, "fatture/v1.2").

The simplified invoice (FSM10) has another root and is not read. A file may hold several invoices of one sender.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element

from extractors.einvoice import values
from extractors.einvoice.values import Builder, money
from extractors.einvoice.xml import every, first, text
from models.messages import say

_ROOT = "FatturaElettronica"
_CREDIT_NOTES = {"TD04", "TD08"}
_ADVANCE = "TP03"  # condition of payment: an advance
_CENT = Decimal("0.01")
_EURO = Decimal(1)
"""The national gateway lets rows and bases of a rate differ by one euro (its check 00422)."""
_GENERAL = "DatiGenerali/DatiGeneraliDocumento"


def is_fatturapa(root: Element) -> bool:
    """Whether ``root`` is one, whatever its namespace."""
    return root.tag == _ROOT and first(root, "FatturaElettronicaBody") is not None


def read_fatturapa(root: Element) -> tuple[Builder, str]:
    """The values of the first invoice in the file, and its document type."""
    builder = Builder()
    bodies = list(every(root, "FatturaElettronicaBody"))
    body = bodies[0]
    if len(bodies) > 1:
        builder.doubt(
            "einvoice-several", say("The FatturaPA file holds {count} invoices; the first was read.", count=len(bodies))
        )
    general = first(body, _GENERAL)
    builder.add("invoice_number", text(general, "Numero"))
    builder.add("issue_date", text(general, "Data"), values.date(text(general, "Data")))
    delivered = text(body, "DatiGenerali/DatiTrasporto/DataOraConsegna", "DatiGenerali/DatiDDT/DataDDT")
    builder.add("delivery_date", delivered, values.date(delivered))
    header = first(root, "FatturaElettronicaHeader")
    _party(builder, None if header is None else first(header, "CedentePrestatore"), "seller")
    _party(builder, None if header is None else first(header, "CessionarioCommittente"), "buyer")
    builder.add("order_number", text(body, "DatiGenerali/DatiOrdineAcquisto/IdDocumento"))
    builder.add("currency", text(general, "Divisa").upper())
    _totals(builder, body)
    _payment(builder, body)
    for line in every(body, "DatiBeniServizi/DettaglioLinee"):
        _line(builder, line)
    _check(builder, body, header)
    negative = builder.value("gross_total").startswith("-")
    return builder, "credit_note" if negative or text(general, "TipoDocumento") in _CREDIT_NOTES else "invoice"


def _party(builder: Builder, party: Element | None, side: str) -> None:
    person = None if party is None else first(party, "DatiAnagrafici")
    names = (text(person, "Anagrafica/Nome"), text(person, "Anagrafica/Cognome"))
    builder.add(f"{side}_name", text(person, "Anagrafica/Denominazione") or " ".join(filter(None, names)))
    vat_id = text(person, "IdFiscaleIVA/IdPaese") + text(person, "IdFiscaleIVA/IdCodice")
    builder.add(f"{side}_vat_id", vat_id, values.compact(vat_id))
    if side == "buyer":
        return
    builder.add("seller_tax_number", text(person, "CodiceFiscale"))
    postal = None if party is None else first(party, "Sede")
    if postal is not None:
        street = f"{text(postal, 'Indirizzo')} {text(postal, 'NumeroCivico')}".strip()
        builder.add("seller_address", values.address((street,), text(postal, "CAP"), text(postal, "Comune")))


def _rates(body: Element) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Rate in percent, base and tax of each row of the summary."""
    rows = every(body, "DatiBeniServizi/DatiRiepilogo")
    tags = ("AliquotaIVA", "ImponibileImporto", "Imposta")
    return [(money(text(row, tags[0])), money(text(row, tags[1])), money(text(row, tags[2]))) for row in rows]


def _totals(builder: Builder, body: Element) -> None:
    """The document's total may be missing: then bases, taxes and rounding make it."""
    rows = _rates(body)
    if not rows:
        return
    net, tax = sum((row[1] for row in rows), Decimal(0)), sum((row[2] for row in rows), Decimal(0))
    builder.add("net_total", values.amount(str(net)))
    builder.add("tax_total", values.amount(str(tax)))
    raw = text(body, f"{_GENERAL}/ImportoTotaleDocumento")
    computed = str(net + tax + money(text(body, f"{_GENERAL}/Arrotondamento")))
    builder.add("gross_total", raw or values.amount(computed), values.amount(raw or computed))


def _payment(builder: Builder, body: Element) -> None:
    """Instalments are added up; the first one's date is the one by which to begin to pay."""
    rows = [
        row
        for one in every(body, "DatiPagamento")
        if text(one, "CondizioniPagamento") != _ADVANCE
        for row in every(one, "DettaglioPagamento")
    ]
    amounts = [text(row, "ImportoPagamento") for row in rows]
    if rows and all(map(values.number, amounts)):
        total = values.amount(str(sum(map(money, amounts), Decimal(0))))
        builder.add("amount_due", amounts[0] if len(rows) == 1 else total, total)
    dates = sorted(filter(None, (values.date(text(row, "DataScadenzaPagamento")) for row in rows)))
    builder.add("due_date", dates[0] if dates else "")
    for row in rows:
        if iban := values.iban(text(row, "IBAN")):
            builder.add("iban", text(row, "IBAN"), iban)
            builder.add("bic", text(row, "BIC"), values.compact(text(row, "BIC")))
            break


def _line(builder: Builder, line: Element) -> None:
    builder.add_line(
        description=text(line, "Descrizione"),
        quantity=text(line, "Quantita"),
        unit=text(line, "UnitaMisura"),
        price=text(line, "PrezzoUnitario"),
        net=text(line, "PrezzoTotale"),
        rate=text(line, "AliquotaIVA"),
    )


# -- strict checks ----------------------------------------------------------------------------------


def _check(builder: Builder, body: Element, header: Element | None) -> None:
    needed = {
        "Numero": text(body, f"{_GENERAL}/Numero"),
        "Data": text(body, f"{_GENERAL}/Data"),
        "Divisa": text(body, f"{_GENERAL}/Divisa"),
        "TipoDocumento": text(body, f"{_GENERAL}/TipoDocumento"),
        "CedentePrestatore": text(header, "CedentePrestatore/DatiAnagrafici/IdFiscaleIVA/IdCodice"),
        "DettaglioLinee": first(body, "DatiBeniServizi/DettaglioLinee") is not None,
        "DatiRiepilogo": bool(_rates(body)),
    }
    missing = [name for name, found in needed.items() if not found]
    if missing:
        builder.doubt(
            "einvoice-incomplete",
            say("The FatturaPA lacks what its standard demands: {missing}.", missing=", ".join(missing)),
        )
    for message, *names in _contradictions(body):
        builder.doubt("einvoice-sums", say("The FatturaPA contradicts itself: {message}.", message=message), *names)


def _contradictions(body: Element) -> Iterator[tuple[str, ...]]:
    rows = _rates(body)
    if any(abs(base * rate / 100 - tax) > _CENT for rate, base, tax in rows):
        yield say("a tax is not its rate of its base"), "tax_total"
    net, tax = sum((row[1] for row in rows), Decimal(0)), sum((row[2] for row in rows), Decimal(0))
    raw = text(body, f"{_GENERAL}/ImportoTotaleDocumento")
    known = net + tax + money(text(body, f"{_GENERAL}/Arrotondamento"))
    stamp = money(text(body, f"{_GENERAL}/DatiBollo/ImportoBollo"))
    if rows and values.number(raw) and min(abs(money(raw) - known), abs(money(raw) - known - stamp)) > _CENT:
        yield say("net and tax do not make gross"), "net_total", "tax_total", "gross_total"
    lines = sum(
        (money(text(line, "PrezzoTotale")) for line in every(body, "DatiBeniServizi/DettaglioLinee")), Decimal(0)
    )
    funds = every(body, f"{_GENERAL}/DatiCassaPrevidenziale")
    others = sum((money(text(fund, "ImportoContributoCassa")) for fund in funds), Decimal(0))
    if rows and abs(lines + others - net) > _EURO * len(rows):
        yield say("the rows do not make the net total"), "net_total", "line_items"
