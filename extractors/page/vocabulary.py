"""Words of business paper that are no field of ours but stand beside values: they keep a value from the wrong label."""

from __future__ import annotations

OTHER_LABELS: dict[str, tuple[str, ...]] = {
    "number": (
        "Nummer", "number", "číslo", "numéro", "référence", "reference", "Beleg", "doklad", "numer",
    ),
    "period": (
        "Leistungszeitraum", "Abrechnungszeitraum", "Rechnungszeitraum", "Lieferzeitraum", "Zeitraum", "billing period",
        "invoice period", "service period", "period", "zúčtovací období", "fakturované období", "fakturační období",
        "za období", "období", "période", "période de facturation", "période facturée", "okres rozliczeniowy",
    ),
    "customer_number": (
        "zákaznické číslo", "číslo zákazníka", "customer number", "customer no", "customer ID", "account no",
        "client no", "Kundennummer",
        "Kunden-Nr.", "Kundennr.", "Kunden Nummer", "Kd-Nr.", "Lieferantennummer", "numéro client", "code client",
        "n° client", "Debitorennummer",
        "Mitgliedsnummer", "Globale Nummer", "zákazník č.", "č. zákazníka", "odběratel č.", "customer #",
        "client number",
        "Kunde Nr.", "numéro de client", "client n°", "réf. client", "n° de compte client", "Vertragsnummer",
        "smlouva č.", "číslo smlouvy",
        "contract no", "Vertrags-Nr.",
    ),
    "delivery_note": (
        "dodací list", "číslo dodacího listu", "dodací list č.", "delivery note", "delivery note no", "Lieferschein",
        "Lieferscheinnummer",
        "Lieferschein-Nr.", "Lieferscheinnr.", "bon de livraison", "Lieferscheinnr./-datum", "packing slip",
    ),
    "other_date": (
        "datum objednávky", "order date", "Bestelldatum", "Auftragsdatum", "date de commande", "datum tisku",
        "print date", "Druckdatum",
        "Skonto bis",
        "datum dodacího listu", "Lieferscheindatum",
        "Bestellung vom", "datum přijetí", "statement date", "Version", "Rückerstattung",
    ),
    "other_number": (
        "telefon", "tel.", "tel", "mobil", "fax", "telefax", "phone", "GLN", "GTIN", "SIRET", "BLZ", "Kontonr.",
        "Konto", "Konto-Nr.", "sort code",
        "konstantní symbol", "specifický symbol", "KS", "SS", "PSČ", "HRB", "Handelsreg.", "Handelsregister",
        "Amtsgericht", "e-mail", "email", "www",
        "web", "internet", "Mandatsreferenz", "Gläubiger-ID", "Gläubiger-Identifikationsnummer", "zakázka č.",
        "číslo zakázky", "project", "projekt",
        "Projektnummer", "page", "strana", "Seite", "APE", "RCS", "R.C.S.", "zapsaná v OR", "spisová značka",
        "Art-Nr", "Artikelnummer", "DUNS",
        "kód banky", "bank code", "creditor reference", "Referenz", "Zeichen", "Anwendungsempfehlung",
        "Gläubiger ID bei Lastschrift",
    ),
    "contact": (
        "kontakt", "contact", "Ansprechpartner", "Bearbeiter", "vyřizuje", "vystavil", "issued by", "Sachbearbeiter",
        "Geschäftsführer",
        "Geschäftsf.", "handled by", "Contact commercial", "sales contact", "prepared by", "Kontaktperson",
    ),
    "delivery_party": (
        "adresa dodání", "dodací adresa", "místo dodání", "konečný příjemce", "příjemce", "recipient", "Empfänger",
        "ship to", "deliver to", "delivery address",
        "shipping address", "Lieferadresse", "Lieferanschrift", "Warenempfänger", "Abweichender Warenempfänger",
        "adresse de livraison",
        "lieu livraison", "Abweichender Zahlungsempfänger", "Zahlungsempfänger",
        "Steuerbevollmächtigter des Verkäufers", "Rechnungsadressat", "payee", "consignee", "korespondenční adresa",
        "Steuervertreter",
        "Steuerlicher Vertreter des Verkäufers", "Abweichender Rechnungsempfänger", "provozovna",
        "shipping information",
    ),
    "bank": ("banka", "bank", "Bankname", "banque", "název banky", "Geldinstitut", "bank name", "Kontoinhaber"),
    "payment_method": (
        "způsob platby", "forma úhrady", "payment method", "Zahlungsart", "Zahlungsweise", "mode de paiement",
        "Zahlungstyp",
    ),
    "tax_rate": (
        "sazba DPH", "sazba", "VAT rate", "tax rate", "Steuersatz", "MwSt.-Satz", "USt.-Satz", "taux de TVA",
        "USt. %", "MwSt. %",
    ),
    "tax_base": (
        "Steuerbasisbetrag", "Basisbetrag", "Steuerbasisbetrag USt.", "Bemessungsgrundlage", "VAT base", "Warenwert",
        "base montant HT",
        "Positionssumme", "Summe Positionen", "Summe der Positionen", "Gesamtbetrag der Positionen",
    ),
    "discount": (
        "sleva", "discount", "Rabatt", "Skonto", "remise", "Gesamtbetrag der Zuschläge",
        "Gesamtbetrag der Abschläge", "Summe Zuschläge",
        "Summe Abschläge", "Zuschläge", "Abschläge", "Zu-/Abschläge", "shipping", "doprava", "Versandkosten",
        "Versand", "frais de port", "postage",
    ),
    "prepaid": (
        "zaplaceno", "uhrazeno", "záloha", "uhrazená záloha", "uhrazené zálohy", "zaplacené zálohy",
        "zaplaceno zálohou", "odpočet zálohy", "již uhrazeno",
        "zálohy celkem", "paid", "amount paid", "prepaid", "deposit", "less deposit", "advance payment",
        "deposit paid", "already paid", "payments",
        "Erhaltene Anzahlungen", "Anzahlung", "bereits gezahlt", "abzgl. Anzahlung", "bereits bezahlt",
        "geleistete Anzahlung", "Vorauszahlung",
        "abzüglich Anzahlung", "bezahlt", "acompte", "acompte versé", "déjà payé", "Zálohy", "prepayment",
    ),
    "rounding": (
        "zaokrouhlení", "haléřové vyrovnání", "rounding", "Rundung", "arrondi", "Rundungsbetrag",
        "Rundungsdifferenz",
    ),
    "gross_weight": ("gross weight", "net weight", "volume", "Gewicht", "hmotnost"),
    "line_price": (
        "Bruttopreis", "unit price", "cena za jednotku", "Einzelpreis", "Stückpreis", "prix unitaire",
        "Preisbasismenge", "Listenpreis", "list price",
    ),
    "name": ("Name", "název", "jméno", "firma:", "company", "Firmenname", "nom", "společnost", "obchodní jméno"),
    "address": ("Anschrift", "Adresse", "address", "adresa", "sídlo", "Straße", "street", "ulice"),
    "currency": (
        "měna", "currency", "Währung", "devise", "mena", "waluta", "Rechnungswährung", "Beträge in",
        "devise de la facture", "all amounts in",
    ),
    "quote": ("nabídka", "nabídka č.", "quote", "quotation no", "Angebot", "Angebotsnummer", "Angebots-Nr.", "devis"),
    "linked_invoice": (
        "k faktuře č.", "k dokladu č.", "původní doklad", "původní faktura", "opravovaný doklad", "original invoice",
        "original invoice no", "invoice ref",
        "zur Rechnung", "zu Rechnung", "zu Rechnung Nr.", "Bezug Rechnung", "ursprüngliche Rechnung", "facture liée",
        "facture d'origine",
        "oprava k dokladu", "oprava dokladu č.", "relates to invoice", "against invoice", "Originalrechnung",
        "Vorherige Rechnung", "Bezugsrechnung", "Ursprungsrechnung", "Ursprungsrechnung Nr.", "sur facture n°",
        "sur facture", "avoir sur facture", "avoir sur facture n°", "annule la facture n°", "k faktuře",
        "původní faktura č.",
        "originální faktura", "číslo původního dokladu", "číslo původní faktury", "vztahuje se k faktuře",
        "original invoice number",
        "Original-Rechnung", "Rechnungsbezug", "zu Rechnungsnummer", "do faktury nr", "k faktúre č.",
    ),
}  # fmt: skip

TITLES = (
    "faktura vydaná", "Warengutschrift", "sales credit note", "sales invoice", "faktura", "daňový doklad",
    "faktura daňový doklad", "faktura - daňový doklad", "opravný daňový doklad", "dobropis", "faktúra",
    "zálohová faktura",
    "invoice", "tax invoice", "credit note", "vat invoice", "commercial invoice", "credit memo", "Rechnung",
    "Handelsrechnung", "Gutschrift",
    "Rechnungskorrektur", "Stornorechnung", "Korrekturrechnung", "Teilrechnung", "Schlussrechnung", "facture",
    "avoir", "faktura VAT", "Rechnung des Versicherers",
    "Beitragsrechnung", "Kaufmännische Gutschrift", "Rechnungskorrektur (384)", "facture d'avoir", "note de crédit",
    "vyúčtovací faktura", "konečná faktura", "souhrnná faktura", "final invoice", "facture de vente", "facture d'achat",
    "facture de solde", "facture d'acompte", "facture finale", "faktura końcowa", "faktura korygująca",
    "purchase invoice",
    "vendor invoice", "interim invoice", "service invoice", "Abschlagsrechnung",
)  # fmt: skip
"""What invoices and credit notes call themselves; the number often stands right behind."""

NUMBER_WORDS = frozenset(
    ("nr", "no", "c", "cislo", "number", "nummer", "n", "num", "numero", "#", "id", "ev", "k", "nr#")
)
"""Folded, squeezed words between a title and its number."""

LEGAL_FORMS = (
    r"s\.? ?r\.? ?o\.?|a\.? ?s\.?|spol\. s ?r\. ?o\.|k\.? ?s\.?|v\.? ?o\.? ?s\.?|z\.? ?s\.?|o\.? ?p\.? ?s\.?|"
    r"s\.? ?p\.?|družstvo|GmbH(?: & Co\.? ?KG(?:aA)?)?|AG|"
    r"KG|OHG|GbR|UG(?: \(haftungsbeschränkt\))?|e\.? ?K\.?|e\.? ?V\.?|eG|mbH|a\.G\.|SE|Ltd\.?|Limited|LLC|"
    r"Inc\.?|PLC|plc|LLP|Corp\.?|SARL|S\.?A\.?R\.?L\.?|S\.?A\.?S?\.?|"
    r"SASU|EURL|SNC|B\.?V\.?|N\.?V\.?|S\.?p\.?A\.?|S\.?r\.?l\.?|Sp\. z o\.? ?o\.?|S\.A\.|Kft\.?|Oy|AB|ApS|"
    r"Sdn\.? ?Bhd\.?|Bhd\.?|Enterprise|Stiftung|Co\. KG"
)
"""Legal forms of companies at a name's end."""

COUNTRIES = frozenset(
    [
        "ceska republika",
        "cesko",
        "czech republic",
        "czechia",
        "deutschland",
        "germany",
        "osterreich",
        "austria",
        "schweiz",
        "suisse",
        "switzerland",
        "france",
        "frankreich",
        "slovensko",
        "slovenska republika",
        "slovakia",
        "polska",
        "poland",
        "spain",
        "espana",
        "spanien",
        "italy",
        "italia",
        "italien",
        "united kingdom",
        "great britain",
        "uk",
        "england",
        "belgium",
        "belgien",
        "belgique",
        "netherlands",
        "niederlande",
        "nederland",
        "luxembourg",
        "hungary",
        "usa",
        "united states",
        "malaysia",
        "singapore",
        "ireland",
        "denmark",
        "sweden",
        "tschechien",
        "polen",
        "tschechische republik",
        "grossbritannien",
        "de",
        "cz",
        "sk",
        "at",
        "ch",
        "fr",
        "pl",
        "gb",
        "cr",
        "nemecko",
        "rakousko",
        "slowakei",
        "republique tcheque",
    ]
)
"""Folded names of countries, as the last line of an address."""
