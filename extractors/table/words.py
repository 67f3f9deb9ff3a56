"""The words that head the columns of line item tables, and the column that a text names."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz, process

from extractors.page.text import squeeze

COLUMN_WORDS: dict[str, tuple[str, ...]] = {
    "position": (
        "Poz.", "Pos", "Pos.", "Position", "č.", "#", "No", "Nr.", "Nr", "ř.", "p.č.", "poř.", "Line", "Lfd. Nr.",
        "No Ligne", "poř. č.", "#",
        "L.p.", "Lp.", "Ssz.", "Riga", "Por.", "Por. č.", "Línea", "Sorszám",
    ),
    "description": (
        "Product / Service", "Předmět plnění", "Positionsbeschreibung", "Waren / Leistung", "Ware",
        "Artikel / Leistung", "Leistung / Artikel", "Items", "Goods",
        "Beschreibung", "Bezeichnung", "Artikelbeschreibung", "Artikelbezeichnung", "Artikel", "Leistung", "Produkt",
        "Description", "Item", "Product", "Details",
        "popis", "označení dodávky", "název", "položka", "předmět", "text", "označení", "název položky",
        "popis položky", "popis plnění", "Désignation",
        "Libellé", "Material/Beschreibung", "Position Material/Beschreibung", "Item description", "Service",
        "Particulars", "předmět fakturace", "zboží",
        "Leistungsbeschreibung", "Produktbeschreibung", "Position Beschreibung", "fakturujeme vám",
        "Bezeichnung der Leistung", "název zboží", "Pos Beschreibung",
        "Goods / services", "description of goods", "Warenbezeichnung", "služba", "Označení položky", "zboží / služba",
        "Nazwa towaru lub usługi", "Nazwa towaru / usługi", "Nazwa", "Towar/usługa", "Towar lub usługa", "Opis",
        "Nazwa usługi", "názov položky", "názov", "názov tovaru", "označenie dodávky", "označenie", "Descrizione",
        "Descrizione dei beni e servizi", "Descrizione articolo", "Descripción", "Concepto", "Artículo",
        "Descripción del artículo", "Megnevezés", "Termék / szolgáltatás", "Termék megnevezése", "Termék", "Leírás",
        "A termék vagy szolgáltatás megnevezése",
    ),
    "date": (
        "Datum", "Date", "Data", "Fecha", "Dátum", "Tag", "Day", "Jour", "Leistungstag", "Leistungsdatum", "Dzień",
    ),
    "article": (
        "Č. zboží", "Kat. číslo", "kat. č.", "číslo zboží", "Item no.", "Product no", "Stock code", "Part no",
        "Part number", "Bestell-Nr.", "Code article", "Kód zboží", "Réf.",
        "Art-Nr", "Art.Nr.", "Artikelnummer", "Art.-Nr.", "Artikelnr.", "Artikel-Nr.", "SKU", "code", "kód",
        "katalogové číslo", "Référence", "Unsere Art.Nr.",
        "Art-Nr-Kunde", "product code", "item code", "EAN", "obj. číslo",
        "Indeks", "PKWiU", "Kod", "Kod towaru", "Codice", "Cod. art.", "Cod.", "Codice articolo", "Código", "Ref.",
        "Referencia", "Cikkszám", "Item #", "Item number", "Part #", "katalógové číslo",
    ),
    "quantity": (
        "Menge", "Anzahl", "Quantity", "Qty", "Qty.", "množství", "počet", "poč.", "Quantité", "Qté", "mn.", "Anz.",
        "Menge/Einheit", "počet ks", "Units", "hours", "Std.", "množ.", "Hours/Qty", "Qty/Hours", "Stückzahl",
        "počet jednotek", "Menge / ME", "Qty Hours", "No. of units", "Stück", "poč. ks", "množství MJ",
        "Ilość", "množstvo", "Quantità", "Q.tà", "Qta", "Q.ta", "Cantidad", "Cant.", "Uds.", "Unidades", "Mennyiség",
        "Menny.", "Hours", "Hodiny", "hod.", "Stunden", "Heures", "Ore", "Horas", "Godziny", "Óra", "Nights",
        "Qty shipped", "Shipped", "Days", "Anzahl Stunden", "Anz. Std.",
    ),
    "unit": (
        "Einheit", "ME", "Mengeneinheit", "Unit", "MJ", "M.j.", "jednotka", "Unité", "Base Unit", "Meng.-einheit",
        "jedn.", "měrná jednotka", "Ein.", "UoM", "Per", "U.",
        "Unit of measure", "EH", "UOM", "jednotky", "Maßeinheit", "Einh.",
        "J.m.", "Jm", "J.M", "Miara", "jedn. miary", "jednostka", "merná jednotka", "U.M.", "UM", "Unità", "Ud.",
        "Unidad", "M.e.", "Me.", "Egység", "Mennyiségi egység", "U/M",
    ),
    "unit_price": (
        "EP netto", "Cena/MJ", "Jedn. cena", "Preis je Einheit", "Unit price GBP", "cena za m.j.", "Stückpr.",
        "E.-Preis", "Netto-Preis", "Preis in EUR", "cena za 1 MJ",
        "Einzelpreis", "Preis", "E-Preis", "EP", "Stückpreis", "Nettopreis", "Preis/Einheit", "Einzelpreis netto",
        "Preis pro Einheit", "Unit price", "Price", "Rate",
        "Unit cost", "cena za MJ", "cena/MJ", "jednotková cena", "J.cena", "cena za jednotku", "cena/jedn.",
        "cena za kus", "jedn. cena", "cena MJ", "Prix unitaire",
        "Prix unitaire HT", "PU HT", "Prix Unitaire Net", "Preis/ Einheit", "Einzelpreis (€)", "Einzelpreis EUR",
        "Einzel", "Net price", "Unit price (net)",
        "cena za MJ bez DPH", "jednotková cena bez DPH", "cena za j.", "cena bez DPH/MJ", "J. cena bez DPH",
        "Einheitspreis", "E-Preis netto", "P.U.", "cena/ks", "cena",
        "Unit price excl. VAT", "Preis netto", "Stückpreis netto", "Unit net", "Einzelpreis in EUR", "cena jedn.",
        "Cena netto", "Cena jedn. netto", "Cena jednostkowa", "Cena jedn.", "Cena jednostkowa netto",
        "cena bez DPH za MJ", "Prezzo", "Prezzo unitario", "Prezzo unit.", "Pr. unit.", "Precio", "Precio unitario",
        "Precio ud.", "Precio unit.", "P. unit.", "Egységár", "Nettó egységár", "Egységár (nettó)", "Price each",
        "Each", "Unit rate", "Hourly rate", "Stundensatz", "Tarif", "Tarifa", "Taux horaire",
    ),
    "net_amount": (
        "Betrag", "Gesamt", "Gesamtpreis", "Summe", "Nettobetrag", "Gesamtbetrag", "Entgelt", "Positionsbetrag",
        "Positionsbetrag ohne USt.", "Gesamt netto", "Netto",
        "Gesamtpreis netto", "Betrag netto", "G-Preis", "GP", "Wert", "Amount", "Total", "Sub Total", "Subtotal",
        "Line total", "Net amount", "Total net", "Net", "Price w/o Tax",
        "cena celkem", "celkem", "bez DPH", "celkem bez DPH", "základ", "cena bez DPH", "základ DPH", "částka",
        "částka bez DPH", "základ daně", "cena celkem bez DPH",
        "Prix HT", "Montant HT", "Montant", "Total HT", "Montant H.T ligne", "Gesamtpreis (€)", "Gesamt EUR",
        "Netto-Betrag", "celkem Kč", "Net total", "Nettosumme",
        "Amount excl. VAT", "Gesamtpreis EUR", "Netto EUR", "Gesamt €", "Betrag EUR", "Betrag in EUR",
        "Amount (net)", "Line net", "Gesamt (netto)", "Gesamtnetto",
        "Wartość netto", "Kwota netto", "Wartość", "suma bez DPH", "spolu", "spolu bez DPH", "spolu bez dane", "celkom",
        "celkom bez DPH", "základ dane", "Importo", "Imponibile", "Importo netto", "Totale", "Totale riga", "Importe",
        "Importe neto", "Base", "Base imponible", "Nettó érték", "Nettó ár", "Nettó", "Nettó összeg", "Érték",
        "Ext. price", "Extended", "Extended price", "Ext. amount", "Extension", "Line amount",
    ),
    "tax_rate": (
        "USt.", "USt", "MwSt.", "MwSt", "USt. %", "USt.-Satz", "MwSt.-Satz", "Steuer", "Steuersatz", "VAT", "VAT %",
        "VAT rate", "Tax", "Tax rate", "Tax %", "% DPH", "DPH %",
        "sazba DPH", "sazba", "Taux TVA", "Taux TVA Ligne", "TVA", "MwSt. %", "MwSt %", "USt %", "DPH", "DPH sazba",
        "sazba %", "USt.%", "%", "TVA %", "St.-Satz", "Taux",
        "Stawka VAT", "VAT (%)", "Stawka", "sadzba DPH", "sadzba", "Aliquota", "% IVA", "IVA %", "IVA", "Aliquota IVA",
        "Tipo IVA", "ÁFA %", "ÁFA kulcs", "ÁFA", "Áfakulcs", "ÁFA-kulcs", "Tax code",
    ),
    "tax_amount": (
        "VAT amount", "MwSt.-Betrag", "USt.-Betrag", "Steuerbetrag", "částka DPH", "DPH Kč", "výše DPH", "daň",
        "Montant TVA", "Tax amount",
        "Kwota VAT", "VAT kwota", "Wartość VAT", "Podatek", "suma DPH", "výška DPH", "Importo IVA", "Imposta",
        "Cuota IVA", "Cuota", "Importe IVA", "ÁFA érték", "ÁFA összeg", "ÁFA összege", "VAT amt", "Tax amt", "DPH v Kč",
        "DPH celkem", "Kwota podatku",
    ),
    "gross_amount": (
        "Brutto", "Bruttobetrag", "Gesamt brutto", "celkem s DPH", "cena s DPH", "Total incl. VAT", "Gross",
        "Gross amount", "Total TTC", "Montant TTC", "vč. DPH", "s DPH",
        "cena celkem s DPH", "Amount incl. VAT", "Gesamtpreis brutto", "Betrag brutto", "Bruttopreis",
        "částka s DPH", "celkem vč. DPH", "Total gross", "TTC",
        "Wartość brutto", "Kwota brutto", "Cena brutto", "spolu s DPH", "suma s DPH", "celkom s DPH", "Totale ivato",
        "Importo lordo", "Totale IVA incl.", "Total con IVA", "Importe con IVA", "Importe total", "Bruttó érték",
        "Bruttó", "Bruttó ár", "Bruttó összeg", "celkem včetně DPH",
    ),
    "discount": (
        "Rabatt", "sleva", "Discount", "Disc.", "Rem.", "Remise", "% slevy", "Remise Ligne", "Rabatt %", "sleva %",
        "Disc %",
        "Rabat", "Rabat %", "zľava", "zľava %", "Sconto", "Sconto %", "Sc. %", "Dto.", "Dto. %", "Descuento", "% Dto.",
        "Kedvezmény", "Engedmény %", "Kedv. %", "Engedmény",
    ),
}  # fmt: skip
_ROLE = {squeeze(word): role for role, words in COLUMN_WORDS.items() for word in words}
_ROLE["#"] = "position"
_LONG = tuple(key for key in _ROLE if len(key) >= 6)
_MIDDLING = tuple(key for key in _ROLE if 4 <= len(key) < 6)
_CURRENCY = re.compile(r"(?i)\(?\b(?:EUR|CZK|USD|GBP|Kč|CHF|PLN|HUF|zł|Ft)\b\)?|[€£$]")


@lru_cache(maxsize=8192)
def role_of(text: str) -> str | None:
    """The column that ``text`` heads, a currency in it left out; a misread letter of a long word is forgiven."""
    key = squeeze(text)
    if key in _ROLE:
        return _ROLE[key]
    short = squeeze(_CURRENCY.sub("", text))
    if short and short != key and short in _ROLE:
        return _ROLE[short]
    if len(key) < 6 or any(c.isdigit() for c in key):
        return None
    alike = process.extractOne(key, _LONG, scorer=fuzz.ratio, score_cutoff=86.0)
    return _ROLE[alike[0]] if alike else None


@lru_cache(maxsize=8192)
def likely_role_of(text: str) -> str | None:
    """`role_of`, more forgiving: for words that stand in a line which is known to be a head."""
    if exact := role_of(text):
        return exact
    key = squeeze(text)
    if len(key) < 4:
        return None
    alike = process.extractOne(key, _LONG, scorer=fuzz.ratio, score_cutoff=76.0) if len(key) >= 5 else None
    alike = alike or process.extractOne(key, _MIDDLING, scorer=fuzz.ratio, score_cutoff=74.0)
    return _ROLE[alike[0]] if alike else None
