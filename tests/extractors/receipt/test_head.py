"""Where company and address begin and end, with the weights that ship. All shops are invented."""

from __future__ import annotations

import pytest

from extractors.page.layout import lay_out
from extractors.receipt.head import Run, choose, read_head, runs, value_of
from extractors.receipt.lines import head_lines, line_features
from extractors.receipt.model import receipt_models
from models.records import Source
from tests.extractors.readings import reading

SALE = [
    "Bill No : 4711", "Date : 02/03/2018 14:20", "PENCIL 2B   3.50", "RULER 30CM   1.50", "TOTAL   5.00",
    "CASH   10.00", "CHANGE   5.00", "THANK YOU PLEASE COME AGAIN",
]  # fmt: skip


def head(*rows: str) -> dict[str, str]:
    lines = [(150 - 2.5 * len(text), 20.0 + 14 * at, text) for at, text in enumerate((*rows, *SALE))]
    layout = lay_out(reading(lines, source=Source.RAPIDOCR, width=300, height=500))
    return {role: run.value for role, (_, run) in choose(read_head(layout, receipt_models())).items()}


@pytest.mark.parametrize(
    ("rows", "company", "address"),
    [
        (
            (
                "ZEBRAWOOD TRADING SDN BHD",
                "(482913-K)",
                "NO 7, JALAN KENARI 3/2,",
                "TAMAN KENARI, 43000 KAJANG,",
                "SELANGOR",
                "TAX INVOICE",
            ),
            "ZEBRAWOOD TRADING SDN BHD",
            "NO 7, JALAN KENARI 3/2, TAMAN KENARI, 43000 KAJANG, SELANGOR",
        ),
        (
            (
                "ZEBRA WOOD HARDWARE",
                "ENTERPRISE (TAMAN",
                "KENARI) SDN BHD",
                "482913-K",
                "NO 7, JALAN KENARI 3/2,",
                "43000 KAJANG, SELANGOR",
                "TEL: 03-87654321",
            ),
            "ZEBRA WOOD HARDWARE ENTERPRISE (TAMAN KENARI) SDN BHD",
            "NO 7, JALAN KENARI 3/2, 43000 KAJANG, SELANGOR",
        ),
        (
            (
                "RESTORAN ZAITUN BIRU",
                "CO REG NO : 482913-K",
                "GST ID : 000512345678",
                "LOT 12, GROUND FLOOR, WISMA BIRU,",
                "JALAN MELUR, 50480 KUALA LUMPUR",
                "TEL : 03-21234567",
                "TAX INVOICE",
            ),
            "RESTORAN ZAITUN BIRU",
            "LOT 12, GROUND FLOOR, WISMA BIRU, JALAN MELUR, 50480 KUALA LUMPUR",
        ),
        (
            (
                "ZEBRAWOOD MART 5/B (482913-K)",
                "NO 7, JALAN KENARI 3/2,",
                "43000 KAJANG, SELANGOR",
                "GST ID NO : 000512345678",
            ),
            "ZEBRAWOOD MART S/B",
            "NO 7, JALAN KENARI 3/2, 43000 KAJANG, SELANGOR",
        ),
        (
            ("Pekárna U Modré Sovy s.r.o.", "Dlouhá 12", "602 00 Brno", "IČO: 25568736", "DIČ: CZ25568736"),
            "Pekárna U Modré Sovy s.r.o.",
            "Dlouhá 12 602 00 Brno",
        ),
    ],
)
def test_company_and_address(rows: tuple[str, ...], company: str, address: str) -> None:
    assert head(*rows) == {"company": company, "address": address}


def test_an_address_goes_without_the_telephone_on_its_last_line() -> None:
    lines = [(20, 20, "7, Jalan Kenari"), (20, 34, "43000 Kajang. Telephone No, 03-1234567")]
    layout = lay_out(reading(lines))
    assert value_of("address", layout.lines) == "7, Jalan Kenari 43000 Kajang."


def test_company_and_address_share_no_line() -> None:
    line = lay_out(reading([(20, 20, "ZEBRA"), (20, 34, "JALAN KENARI")])).lines
    one, both = Run("company", (0,), line[:1], "ZEBRA", {}), Run("company", (0, 1), tuple(line), "ZEBRA JALAN", {})
    street = Run("address", (1,), line[1:], "JALAN KENARI", {})
    best = choose({"company": [(0.9, both), (0.6, one)], "address": [(0.8, street)]})
    assert best == {"company": (0.6, one), "address": (0.8, street)}


def test_an_unlikely_line_within_a_name_is_left_out_of_one_run_and_is_part_of_another() -> None:
    rows = [(60.0, 20.0, "GREEN LEAF HARDWARE"), (60.0, 34.0, "AND GARDEN (TAMAN"), (60.0, 48.0, "MAWAR) SDN BHD")]
    layout = lay_out(reading(rows))
    lines = head_lines(layout)
    roles = [{"company": chance, "address": 1 - chance} for chance in (0.9, 0.1, 0.9)]
    features = line_features(layout, lines)
    assert {(0, 2), (0, 1, 2)} <= {run.indices for run in runs("company", lines, features, roles)}
    roles = [{"company": 0.0, "address": one["company"]} for one in roles]
    assert (0, 1, 2) not in {run.indices for run in runs("address", lines, features, roles)}
