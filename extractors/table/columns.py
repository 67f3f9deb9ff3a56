"""Heads of line item tables: which words name which column, and where the columns stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from extractors.page.layout import COLUMN, WIDE, Layout, Line, overlap, union
from extractors.page.text import squeeze
from models.records import Box

COLUMN_WORDS: dict[str, tuple[str, ...]] = {
    "position": (
        "Poz.", "Pos", "Pos.", "Position", "č.", "#", "No", "Nr.", "Nr", "ř.", "p.č.", "poř.", "Line", "Lfd. Nr.",
        "No Ligne", "poř. č.", "#",
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
    ),
    "article": (
        "Č. zboží", "Kat. číslo", "kat. č.", "číslo zboží", "Item no.", "Product no", "Stock code", "Part no",
        "Part number", "Bestell-Nr.", "Kód zboží", "Réf.",
        "Art-Nr", "Art.Nr.", "Artikelnummer", "Art.-Nr.", "Artikelnr.", "Artikel-Nr.", "SKU", "code", "kód",
        "katalogové číslo", "Référence", "Unsere Art.Nr.",
        "Art-Nr-Kunde", "product code", "item code", "EAN", "obj. číslo",
    ),
    "quantity": (
        "Menge", "Anzahl", "Quantity", "Qty", "Qty.", "množství", "počet", "poč.", "Quantité", "Qté", "mn.", "Anz.",
        "Menge/Einheit", "počet ks", "Units", "hours", "Std.", "množ.", "Hours/Qty", "Qty/Hours", "Stückzahl",
        "počet jednotek", "Menge / ME", "Qty Hours", "No. of units", "Stück", "poč. ks", "množství MJ",
    ),
    "unit": (
        "Einheit", "ME", "Mengeneinheit", "Unit", "MJ", "M.j.", "jednotka", "Unité", "Base Unit", "Meng.-einheit",
        "jedn.", "měrná jednotka", "Ein.", "UoM", "EH", "UOM", "jednotky", "Maßeinheit", "Einh.",
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
        "Einheitspreis", "E-Preis netto", "cena/ks", "cena",
        "Unit price excl. VAT", "Preis netto", "Stückpreis netto", "Unit net", "Einzelpreis in EUR", "cena jedn.",
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
    ),
    "tax_rate": (
        "USt.", "USt", "MwSt.", "MwSt", "USt. %", "USt.-Satz", "MwSt.-Satz", "Steuer", "Steuersatz", "VAT", "VAT %",
        "VAT rate", "Tax", "Tax rate", "Tax %", "% DPH", "DPH %",
        "sazba DPH", "sazba", "Taux TVA", "Taux TVA Ligne", "TVA", "MwSt. %", "MwSt %", "USt %", "DPH", "DPH sazba",
        "sazba %", "USt.%", "%", "TVA %", "St.-Satz",
    ),
    "tax_amount": (
        "VAT amount", "MwSt.-Betrag", "USt.-Betrag", "Steuerbetrag", "částka DPH", "DPH Kč", "výše DPH", "daň",
        "Montant TVA", "Tax amount",
    ),
    "gross_amount": (
        "Brutto", "Bruttobetrag", "Gesamt brutto", "celkem s DPH", "cena s DPH", "Total incl. VAT", "Gross",
        "Gross amount", "Total TTC", "Montant TTC", "vč. DPH", "s DPH",
        "cena celkem s DPH", "Amount incl. VAT", "Gesamtpreis brutto", "Betrag brutto", "Bruttopreis",
        "částka s DPH", "celkem vč. DPH", "Total gross",
    ),
    "discount": (
        "Rabatt", "sleva", "Discount", "Disc.", "Rem.", "Remise", "% slevy", "Remise Ligne", "Rabatt %", "sleva %",
        "Disc %",
    ),
}  # fmt: skip
_ROLE = {squeeze(word): role for role, words in COLUMN_WORDS.items() for word in words}
_ROLE["#"] = "position"
_LONG = tuple(key for key in _ROLE if len(key) >= 6)
NUMERIC = ("position", "quantity", "unit_price", "net_amount", "tax_rate", "tax_amount", "gross_amount", "discount")


@dataclass(frozen=True)
class Head:
    """One column: its role and the box of its head."""

    role: str
    box: Box


@dataclass(frozen=True)
class TableHead:
    """The head of a table: the first and last line it takes, and its columns from left to right."""

    first: int
    last: int
    page: int
    columns: tuple[Head, ...]

    def has(self, *roles: str) -> bool:
        """Whether any of ``roles`` has a column."""
        return any(c.role in roles for c in self.columns)


@dataclass(frozen=True)
class _Piece:
    text: str
    box: Box
    role: str | None


@lru_cache(maxsize=8192)
def role_of(text: str) -> str | None:
    """The column that ``text`` heads, a currency in it left out; a misread letter of a long word is forgiven."""
    key = squeeze(text)
    if key in _ROLE:
        return _ROLE[key]
    short = squeeze(re.sub(r"(?i)\(?\b(?:EUR|CZK|USD|GBP|Kč|CHF)\b\)?|[€£$]", "", text))
    if short and short != key and short in _ROLE:
        return _ROLE[short]
    if len(key) < 6 or any(c.isdigit() for c in key):
        return None
    alike = process.extractOne(key, _LONG, scorer=fuzz.ratio, score_cutoff=86.0)
    return _ROLE[alike[0]] if alike else None


def _pieces(line: Line) -> list[_Piece]:
    """The line's words as known column heads and, between them, unknown runs."""
    found: list[_Piece] = []
    tokens, index = line.tokens, 0
    while index < len(tokens):
        match = None
        for last in range(min(len(tokens), index + 5), index, -1):
            start, end = line.starts[index], line.starts[last - 1] + len(tokens[last - 1].text)
            text = line.text[start:end]
            if COLUMN in text or (WIDE in text and last - index > 1):
                continue
            role = role_of(text)
            if role:
                match = (_Piece(text, union(t.box for t in tokens[index:last]), role), last)
                break
        if match:
            found.append(match[0])
            index = match[1]
        else:
            token = tokens[index]
            before = found[-1] if found else None
            glued = index > 0 and line.text[line.starts[index] - 1] != COLUMN
            if before and before.role is None and glued:
                found[-1] = _Piece(f"{before.text} {token.text}", union((before.box, token.box)), None)
            else:
                found.append(_Piece(token.text, token.box, None))
            index += 1
    return found


def _cluster(rows: list[list[_Piece]]) -> Iterable[list[_Piece]]:
    """Pieces of several lines that stand over one another."""
    columns: list[list[_Piece]] = []
    for row in rows:
        for piece in row:
            home = next(
                (
                    c
                    for c in columns
                    if any(overlap(p.box, piece.box) > 0.3 for p in c) and not any(p in row for p in c)
                ),
                None,
            )
            if home is None:
                columns.append([piece])
            else:
                home.append(piece)
    return columns


def _head(column: list[_Piece]) -> Head | None:
    box = union(p.box for p in column)
    for size in range(len(column), 1, -1):
        for first in range(len(column) - size + 1):
            role = role_of("".join(p.text for p in column[first : first + size]))
            if role:
                return Head(role, box)
    roles = [p.role for p in column if p.role]
    return Head(roles[0], union(p.box for p in column if p.role)) if roles else None


def find_heads(layout: Layout) -> list[TableHead]:
    """Every head of a line item table: a line that names at least a description (or quantity) and an amount."""
    heads: list[TableHead] = []
    for line in layout.lines:
        if heads and line.number <= heads[-1].last:
            continue
        own = {p.role for p in _pieces(line) if p.role}
        if (
            len(own) < 2
            or not own & {"description", "quantity", "unit_price", "net_amount"}
            or re.search(r"\d[.,]\d\d(?!\d)", line.text)
        ):
            continue
        zone = [
            other for other in layout.lines[max(0, line.number - 3) : line.number + 5]
            if other.page == line.page and not re.search(r"\d[.,]\d\d(?!\d)|\d{3,}", other.text)
            and -2.7 * line.height < other.middle - line.middle < 4.2 * line.height
        ]  # fmt: skip
        zone = _connected(zone, line)
        columns = [h for h in (_head(c) for c in _cluster([_pieces(z) for z in zone])) if h]
        columns.sort(key=lambda h: h.box[0])
        roles = [h.role for h in columns]
        amounts = {"net_amount", "gross_amount", "unit_price"} & set(roles)
        if len(set(roles)) >= 3 and amounts and {"description", "article", "quantity"} & set(roles):
            heads.append(TableHead(zone[0].number, zone[-1].number, line.page, tuple(columns)))
    return heads


def _connected(zone: list[Line], line: Line) -> list[Line]:
    """The lines of ``zone`` that follow one another closely up and down from ``line`` and hold mostly column words."""
    kept = [line]
    for side in (-1, 1):
        current = line
        for other in sorted((z for z in zone if (z.number - line.number) * side > 0), key=lambda z: z.number * side):
            pieces = _pieces(other)
            fits = sum(1 for p in pieces if p.role) * 2 >= len(pieces) or all(len(p.text.split()) <= 2 for p in pieces)
            if abs(other.middle - current.middle) > 1.7 * line.height or not fits:
                break
            kept.append(other)
            current = other
    return sorted(kept, key=lambda z: z.number)
