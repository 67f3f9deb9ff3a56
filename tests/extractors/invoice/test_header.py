"""What the experts of the invoice header find: numbers, dates, parties, terms, totals and accounts."""

from __future__ import annotations

import pytest

from extractors import extract
from extractors.invoice.features import EXPERTS, FEATURES, FIELDS, measure
from extractors.invoice.fields import UNTIED, InvoiceFields
from extractors.scoring import Trace
from models.document_types import document_types
from tests.extractors.readings import CZECH_INVOICE, reading

INVOICE, CREDIT_NOTE, ISSUED = (document_types()[name] for name in ("invoice", "credit_note", "invoice_issued"))
Rows = list[tuple[float, float, str]]


def values(rows: Rows, kind: str = "invoice", **ours: tuple[str, ...]) -> dict[str, str]:
    return {f.name: f.value for f in extract(reading(rows), document_types()[kind], **ours).fields}


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Facture commerciale GM07757 du 05/01/2025", "GM07757"),
        ("Rechnung über Lieferungen 2024/5664 vom 23.05.2024", "2024/5664"),
        ("Rechnungskorrektur / Gutschrift 250202727", "250202727"),
        ("Handelsrechnung (380) Nr. 471102", "471102"),
        ("Faktura za rok 2024", None),
    ],
)
def test_the_number_behind_a_title(line: str, number: str | None) -> None:
    assert values([(45, 50, line), (45, 400, "Total 12,00 EUR")]).get("invoice_number") == number


def test_a_credit_note_is_not_called_as_the_invoice_that_it_corrects() -> None:
    rows = [(45, 50, "Ursprungsrechnung: FV-2025-6244"), (45, 90, "Gutschrift 250202727")]
    assert values(rows, "credit_note")["invoice_number"] == "250202727"


def test_a_bare_label_names_the_number_only_where_nothing_else_does() -> None:
    bare = [(45, 50, "Facture"), (45, 80, "Référence"), (45, 92, "2024/6204")]
    assert values(bare)["invoice_number"] == "2024/6204"
    assert values([*bare, (300, 80, "Facture n°"), (300, 92, "77-1205")])["invoice_number"] == "77-1205"


@pytest.mark.parametrize(
    ("rows", "order", "reference"),
    [
        ([(45, 50, "Your Reference: PO445")], "PO445", None),
        ([(45, 50, "Your Reference: Giles"), (45, 62, "Account: 528788")], None, "Giles"),
        ([(45, 50, "Your Reference: 7712-A"), (45, 80, "PO Number: B250276")], "B250276", "7712-A"),
        ([(45, 50, "Your Reference: A"), (45, 80, "PO Number: B250276")], "B250276", None),
    ],
)
def test_your_reference_is_the_order_or_the_buyers_sign(rows: Rows, order: str | None, reference: str | None) -> None:
    found = values(rows)
    assert (found.get("order_number"), found.get("buyer_reference")) == (order, reference)


def test_the_period_s_last_day_is_the_delivery_where_no_day_is_named() -> None:
    period = [(45, 50, "Rechnung Nr. 77-12"), (45, 80, "Rechnungszeitraum: 01.04.2014 - 30.06.2014")]
    assert values(period)["delivery_date"] == "2014-06-30"
    assert values([*period, (45, 110, "Leistungsdatum: 03.07.2014")])["delivery_date"] == "2014-07-03"


def test_a_letters_date_stands_alone_in_its_head() -> None:
    rows = [(45, 60, "Vertrag Nr: 00.123.456.7"), (420, 60, "18. April 2014"), (45, 300, "zahlbar bis 21.05.2014")]
    assert values(rows)["issue_date"] == "2014-04-18"


def test_values_stand_at_the_right_edge_under_their_labels() -> None:
    rows = [
        (380, 170, "Datum vystavení"),
        (492, 183, "29. 06. 2025"),
        (380, 203, "Objednávka č."),
        (500, 216, "ORD459654"),
    ]
    found = values(rows)
    assert (found["issue_date"], found["order_number"]) == ("2025-06-29", "ORD459654")


@pytest.mark.parametrize(
    ("rows", "terms"),
    [
        ([(45, 50, "Zahlungsbedingungen: 14 Tage netto")], "14 Tage netto"),
        ([(45, 50, "Terms:"), (130, 50, "Net 45")], "Net 45"),
        ([(45, 50, "Paiement à 30 jours")], "Paiement à 30 jours"),
        (
            [(45, 50, "BIC"), (250, 50, "Conditions de règlement"), (45, 62, "SOGEFRPP"), (250, 62, "30 jours net")],
            "30 jours net",
        ),
        ([(45, 50, "En cas de retard de paiement de 30 jours, indemnité de 40 €")], None),
    ],
)
def test_payment_terms_in_few_words(rows: Rows, terms: str | None) -> None:
    assert values(rows).get("payment_terms") == terms


def test_a_net_total_is_known_by_its_sum_whatever_it_is_called() -> None:
    rows = [(45, 400, "Gesamtbeitrag"), (400, 400, "50,00 €"), (45, 412, "Versicherungsteuer 19 %"),
            (400, 412, "9,50 €"), (45, 424, "Rechnungsbetrag"), (400, 424, "59,50 €")]  # fmt: skip
    assert values(rows)["net_total"] == "50.00"


def test_a_rate_before_an_amount_makes_it_the_tax_if_it_fits() -> None:
    rows = [(45, 400, "Sazba 12 %:"), (400, 400, "7,12 CZK"), (45, 412, "Celkem včetně DPH:"), (400, 412, "66,44 CZK")]
    assert values(rows)["tax_total"] == "7.12"
    assert "tax_total" not in values([(x, y, t.replace("7,12", "9,12")) for x, y, t in rows])


def test_totals_that_contradict_each_other_are_capped() -> None:
    rows = [(x, y, "2 663,00 Kč" if text == "2 662,00 Kč" else text) for x, y, text in CZECH_INVOICE]
    sure = {f.name: f.confidence for f in extract(reading(rows), INVOICE).fields}
    assert max(sure[name] for name in ("net_total", "tax_total", "gross_total") if name in sure) <= UNTIED


def test_an_iban_goes_on_below_or_behind_its_label_s_line() -> None:
    below = [(22, 330, "IBAN"), (22, 342, "FR76 3000 4074 0342 7717 6144"), (22, 354, "687")]
    assert values(below)["iban"] == "FR7630004074034277176144687"
    wrapped = [(45, 330, "Bitte zahlen Sie auf unser Konto mit der IBAN"), (45, 342, "DE02120300000000202051, danke")]
    assert values(wrapped)["iban"] == "DE02120300000000202051"


FORM: Rows = [
    (45, 100, "Verkäufer"), (45, 115, "Name:"), (250, 115, "Nordlicht GmbH"), (45, 130, "Abteilung:"),
    (250, 130, "Einkauf"), (45, 145, "Anschrift:"), (250, 145, "Hafenstraße 20"), (250, 160, "80333 München"),
]  # fmt: skip


def test_a_row_with_an_unknown_label_is_no_part_of_the_name() -> None:
    found = values(FORM)
    assert (found["seller_name"], found["seller_address"]) == ("Nordlicht GmbH", "Hafenstraße 20, 80333 München")


def test_a_name_goes_on_in_the_line_of_its_legal_form() -> None:
    rows = [(22, 50, "Rechnungssteller:"), (22, 64, "Hotelbetriebe"), (22, 76, "Nordhausen GmbH & Co."), (22, 88, "KG"),
            (22, 100, "Uferweg 9"), (22, 112, "40736 Nordhausen")]  # fmt: skip
    assert values(rows)["seller_name"] == "Hotelbetriebe Nordhausen GmbH & Co. KG"


def test_the_sender_line_over_a_window_is_no_part_of_the_buyer() -> None:
    rows = [(57, 123, "Jardins Dupont EURL · rue Aubry, 45955 Mornas"), (57, 140, "Lombard EURL"),
            (57, 152, "218, rue Lemonnier"), (57, 164, "58922 Orange")]  # fmt: skip
    found = values(rows)
    assert (found["seller_name"], found["buyer_name"]) == ("Jardins Dupont EURL", "Lombard EURL")


TWO: Rows = [
    (45, 130, "Naše firma s.r.o."), (45, 142, "Dlouhá 1"), (45, 154, "110 00 Praha"),
    (320, 130, "Jiná firma a.s."), (320, 142, "Krátká 2"), (320, 154, "602 00 Brno"),
]  # fmt: skip


def test_we_are_the_buyer_or_on_what_we_issued_the_seller() -> None:
    ours = {"our_names": ("Naše firma s.r.o.",)}
    assert values(TWO, **ours)["buyer_name"] == "Naše firma s.r.o."
    assert values(TWO, "invoice_issued", **ours)["seller_name"] == "Naše firma s.r.o."


def test_every_option_has_described_features_and_the_trace_shows_them() -> None:
    view = InvoiceFields(reading(CZECH_INVOICE), INVOICE)
    view.decide()
    options = [one for some in measure(view).values() for one in some]
    assert options
    assert all(set(one.features) <= set(FEATURES) for one in options)
    assert {one.field for one in options} <= set(FIELDS)
    assert {one.candidate.rule for one in options} <= set(EXPERTS)
    trace = Trace()
    found = {f.name: f for f in extract(reading(CZECH_INVOICE), INVOICE, trace=trace).fields}
    for name, field in found.items():
        first = trace.fields[name][0]
        assert first.chosen or field.box is None
        assert first.contributions
