"""Small readings made by hand: lines of text at given places, words split at blanks, all text invented here."""

from __future__ import annotations

from models.records import Page, Reading, Source, Word

LETTER = 5.0
HEIGHT = 10.0


def words(
    x: float, y: float, text: str, *, letter: float = LETTER, height: float = HEIGHT, confidence: float = 1.0
) -> list[Word]:
    """The words of ``text`` from x to the right on the line whose top is y; a blank is half a letter wide."""
    found = []
    for part in text.split(" "):
        width = letter * len(part)
        if part:
            found.append(Word(part, (x, y, x + width, y + height), confidence))
        x += width + letter * 0.5
    return found


def reading(
    *pages: list[tuple[float, float, str]], source: Source = Source.TEXT, width: float = 595, height: float = 842
) -> Reading:
    """A reading of pages given as (x, y, text) lines."""
    made = []
    for number, rows in enumerate(pages, 1):
        found = [word for x, y, text in rows for word in words(x, y, text)]
        made.append(Page(number, width, height, source, tuple(found)))
    return Reading("application/pdf", tuple(made))


CZECH_INVOICE = [
    (45, 40, "FAKTURA - DAŇOVÝ DOKLAD č. 2024001234"),
    (45, 80, "DODAVATEL:"),
    (330, 80, "ODBĚRATEL:"),
    (45, 95, "Modrá Vrána s.r.o."),
    (330, 95, "Dílna U Lípy a.s."),
    (45, 107, "Dlouhá 12"),
    (330, 107, "Krátká 3"),
    (45, 119, "602 00 Brno"),
    (330, 119, "110 00 Praha 1"),
    (45, 135, "IČO: 25568736"),
    (330, 135, "IČO: 60194383"),
    (45, 147, "DIČ: CZ25568736"),
    (330, 147, "DIČ: CZ60194383"),
    (45, 175, "Datum vystavení:"),
    (180, 175, "5. 3. 2024"),
    (45, 187, "Datum splatnosti:"),
    (180, 187, "19. 3. 2024"),
    (45, 199, "DUZP:"),
    (180, 199, "1. 3. 2024"),
    (330, 175, "Číslo účtu: 19-2000145399/0800"),
    (330, 187, "Variabilní symbol: 2024001234"),
    (45, 240, "Popis"),
    (260, 240, "Množství"),
    (320, 240, "MJ"),
    (360, 240, "Cena za MJ"),
    (430, 240, "DPH %"),
    (490, 240, "Bez DPH"),
    (45, 256, "Oprava čerpadla"),
    (280, 256, "2"),
    (320, 256, "hod"),
    (370, 256, "1 000,00"),
    (440, 256, "21"),
    (490, 256, "2 000,00"),
    (45, 272, "Těsnění"),
    (280, 272, "4"),
    (320, 272, "ks"),
    (385, 272, "50,00"),
    (440, 272, "21"),
    (500, 272, "200,00"),
    (45, 284, "gumové, sada"),
    (330, 320, "Celkem bez DPH:"),
    (480, 320, "2 200,00 Kč"),
    (330, 334, "DPH 21 %:"),
    (490, 334, "462,00 Kč"),
    (330, 348, "Celkem s DPH:"),
    (480, 348, "2 662,00 Kč"),
    (330, 362, "Zaplaceno zálohou:"),
    (480, 362, "1 000,00 Kč"),
    (330, 376, "K úhradě:"),
    (480, 376, "1 662,00 Kč"),
]

GERMAN_LETTER = [
    (60, 130, "Nordlicht GmbH · Hafenstr. 7 · 20457 Hamburg"),
    (60, 150, "Firma"),
    (60, 162, "Bergblick AG"),
    (60, 174, "Herr Beispiel"),
    (60, 186, "Talweg 9"),
    (60, 198, "80331 München"),
    (60, 260, "Rechnung Nr. R-5512 vom 14.02.2024"),
    (60, 300, "Nettobetrag"),
    (480, 300, "1.000,00 EUR"),
    (60, 314, "zzgl. 19 % MwSt."),
    (480, 314, "190,00 EUR"),
    (60, 328, "Rechnungsbetrag"),
    (480, 328, "1.190,00 EUR"),
    (60, 380, "Zahlbar bis 28.02.2024"),
    (60, 780, "Steuernummer: 22/123/45678"),
    (300, 780, "USt-IdNr.: DE136695976"),
    (60, 794, "IBAN: DE89 3704 0044 0532 0130 00"),
    (300, 794, "BIC: COBADEFFXXX"),
]

RECEIPT = [
    (80, 20, "GREEN LEAF STATIONERY"),
    (80, 34, "SDN. BHD. (123456-X)"),
    (60, 48, "NO 5, JALAN BUNGA 2,"),
    (60, 62, "TAMAN MAWAR, 43000 KAJANG,"),
    (60, 76, "SELANGOR"),
    (60, 90, "TEL: 03-1234567"),
    (60, 110, "TAX INVOICE"),
    (20, 130, "Date : 12/05/201814:33:10"),
    (20, 150, "PENCIL BOX"),
    (240, 150, "31.47"),
    (20, 170, "SUB TOTAL"),
    (240, 170, "31.47"),
    (20, 184, "ROUNDING ADJ"),
    (240, 184, "-0.02"),
    (20, 198, "TOTAL RM"),
    (240, 198, "31.45"),
    (20, 212, "CASH"),
    (240, 212, "50.00"),
    (20, 226, "CHANGE"),
    (240, 226, "18.55"),
]
