"""Payment and invoice codes: the published examples, the same ones corrupted, and whatever chance makes."""

from __future__ import annotations

import contextlib
import lzma
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.codes import BrokenCode, PaymentCode, codes_of, read_code
from extractors.codes.references import creditor_reference, is_qr_reference
from models.records import Code, Page, Reading, Source

# examples of the standards and of public programs that write them; see the readers' docstrings
SPD = (
    "SPD*1.0*ACC:CZ5855000000001265098001*AM:480.50*CC:CZK*RF:7004139146*X-SS:1234567890*DT:20120524"
    "*MSG:PLATBA ZA ZBOZI"
)
SPD_SUMMED = "SPD*1.0*ACC:CZ5855000000001265098001*AM:100.00*CC:CZK*CRC32:AAD80227"
SID = (
    "SID*1.0*ID:012150672*DD:20151201*TP:0*AM:495.00*VS:012150672*VII:CZ60194383*INI:60194383*VIR:CZ12345678"
    "*DUZP:20151201*DT:20151217*TB0:409.09*T0:85.91*CC:CZK*ACC:CZ3103000000270016060243*"
)
SID_LARGE = (
    "SID*1.0*ID:2001401154*DD:20140404*TP:0*AM:61189.00*MSG: Dodávka vybavení interiéru hotelu Kamzík*VS:3310001054"
    "*VII:CZ25568736*INI:25568736*INR:25568736*VIR:CZ25568736*DUZP:20140404*DT:20140412*TB0:26492.70*T0:5563.47"
    "*TB1:25333.10*T1:3799.97*NTB:-0.24*CC:CZK*TD:9*SA:0*ACC:CZ9701000000007098760287+KOMBCZPP*X-SW:MoneyS5-1.7.1*"
)
COMBINED = (
    "SPD*1.0*CC:CZK*ACC:CZ3103000000270016060243*AM:495.00*DT:20151217*X-VS:012150672*X-INV: SID%2A1.0%2AID:012150672"
    "%2ADD:20151201%2ATP:0%2AVII:CZ60194383%2AINI:60194383%2AVIR:CZ12345678%2ADUZP:20151201%2ATB0:409.09%2AT0:85.91*"
)
EPC = (
    "BCD\n001\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1\nCHAR\n\nUrgency fund\nSample EPC QR code"
)
SWISS = "\n".join(
    (
        "SPC",
        "0200",
        "1",
        "CH4431999123000889012",
        "S",
        "Robert Schneider AG",
        "Rue du Lac",
        "1268",
        "2501",
        "Biel",
        "CH",
    )
    + ("",) * 7
    + ("1949.75", "CHF", "S", "Pia-Maria Rutschmann-Schnyder", "Grosse Marktgasse", "28", "9400", "Rorschach", "CH")
    + ("QRR", "210000000003139471430009017", "Instruction of 03.04.2019", "EPD")
    + ("//S1/10/10201409/11/190512/20/1400.000-53/30/106017086/31/180508/32/7.7/40/2:10;0:30",)
    + ("Name AV1: UV;UltraPay005;12345", "Name AV2: XY;XYService;54321")
)
PAY = {
    "0804O0002G0L2UES834BQT9SQJQA9M5QGN1AHN4VO0KB6MVM9RPFU06E5LQE"
    "OQUN07FTDIF96UAS90AOPDCSE86CMTRAI45IDKRHJ6BUOIG1162LVVVRAKA000": {
        "iban": "SK9611000000002918599669", "amount_due": "100.00", "currency": "EUR", "variable_symbol": "123",
        "seller_name": "John Doe", "invoice_number": "test-001",
    },
    "0803U0008MG52E0Q0RIN3U8H327ELACLMJC1081SL31ETI56TODN1C4GGCJ4"
    "7SQ15FPVNSEAV0BUCRJ7AR1D9KUHUNDVVVOF20000": {
        "iban": "SK9611000000002918599669", "currency": "EUR", "seller_name": "John Doe",
    },
    "0804A0001OCO302A7G11HN9RBP2DAPNOO7UAQDI5DKVTEI505RED837BEV7G"
    "RH84QHMRCTLF41JKN2R24B7GPVKN9M6PDSNMTTV0LMDFVVC46000": {
        "iban": "SK9611000000002918599669", "currency": "EUR", "seller_name": "John Doe",  # a standing order
    },
    "0804U0003QD95ADG9CCKJPH401ABOHCJB2L4IHK9K72O5782QKC041MQ52S4"
    "J8DS58K6PFR4ECJJ6T4F84LLVPEMABCMUV7HNT341RBC58APVVQPSO000": {
        "iban": "SK9611000000002918599669", "currency": "EUR", "seller_name": "Test Creditor",  # a direct debit
    },
    "0004I0006UC5LT8E21H3IC1K9R40P82GJL22NTU0586BBEOEKDMQSVUUBAOP"
    "1C0FFE14UJA1F1LJMV0FONE35J05TRC77FTIMV87NKNANNOFJB684000": {
        "iban": "SK4523585719461382368397", "amount_due": "25.30", "currency": "EUR", "seller_name": "John Doe",
        "invoice_number": "2015001",
    },
    "00054000DG4GL2L1JL66N01P4GCBG05KQEPULNMP9EB7MEE935VG4P4B1BDB"
    "N7MV4GU13R7DMGU9O93QEI2KQJLPTFFU7GJNP6QL0UADVHOQ3B0OP0OO5P4L58M918PG00": {
        "iban": "SK2738545237537948273958", "amount_due": "45.55", "currency": "EUR", "message": "bendzín",
        "seller_name": "Jane Doe", "invoice_number": "2015001",
    },
    "0004A00090IFU27IV0J6HGGLIOTIBVHNQQJQ6LAVGNBT363HR13JC6C75G19"
    "O246KTT5G8LTLM67HOIATP4OOG8F8FDLJ6T26KFCB1690NEVPQVSG0": {
        "iban": "SK9611000000002918599669", "amount_due": "100.00", "currency": "EUR", "variable_symbol": "123",
        "invoice_number": "random-id",
    },
}  # fmt: skip
GOLDEN = (SPD, SPD_SUMMED, SID, SID_LARGE, COMBINED, EPC, SWISS, *PAY)


def read(text: str) -> PaymentCode:
    code = read_code(text)
    assert code is not None
    return code


def said(text: str) -> dict[str, str]:
    return dict(read(text).values())


def wrong(text: str) -> set[str]:
    """The fields (or ``""``) that a warning is about."""
    return {(one.fields or ("",))[0] for one in read(text).problems if one.severity == "warning"}


# -- QR Platba and QR Faktura -----------------------------------------------------------------------


def test_payment() -> None:
    assert said(SPD) == {
        "iban": "CZ5855000000001265098001", "amount_due": "480.50", "currency": "CZK", "due_date": "2012-05-24",
        "specific_symbol": "1234567890", "reference": "7004139146", "message": "PLATBA ZA ZBOZI",
    }  # fmt: skip
    assert read(SPD).problems == () and read(SPD).standard == "spd"


INVOICE = {
    "iban": "CZ3103000000270016060243", "amount_due": "495.00", "currency": "CZK", "due_date": "2015-12-17",
    "variable_symbol": "012150672", "invoice_number": "012150672", "document_type": "invoice",
    "issue_date": "2015-12-01", "delivery_date": "2015-12-01", "seller_vat_id": "CZ60194383",
    "seller_tax_number": "60194383", "net_total": "409.09", "tax_total": "85.91", "gross_total": "495.00",
}  # fmt: skip


@pytest.mark.parametrize(("text", "standard"), [(SID, "sid"), (COMBINED, "spd+sid")])
def test_invoice_alone_and_in_a_payment(text: str, standard: str) -> None:
    assert said(text) == INVOICE
    assert read(text).standard == standard
    assert wrong(text) == {"buyer_vat_id"}, "the published example invents it"


def test_large_invoice() -> None:
    code = read(SID_LARGE)
    assert code.problems == ()
    assert (code.bic, code.message) == ("KOMBCZPP", "Dodávka vybavení interiéru hotelu Kamzík")
    assert (code.net_total, code.tax_total, code.gross_total) == ("", "9363.44", "61189.00")
    assert [(row.rate, row.base, row.tax) for row in code.taxes] == [
        ("standard", "26492.70", "5563.47"), ("reduced", "25333.10", "3799.97"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        SPD_SUMMED,
        SPD_SUMMED + "*",
        "SPD*1.0*CC:CZK*AM:100.00*ACC:CZ5855000000001265098001*CRC32:aad80227",
        "SPD*1.0*ACC:CZ0301000000123456789012*AM:1234.56*CC:CZK*MSG:Duakritics*X-VS:2016001234*CRC32:15EF68DE",
    ],
)
def test_check_sum(text: str) -> None:
    assert read(text).trusted
    assert not read(text.replace("AM:1", "AM:2")).trusted
    assert not read(text.replace("*CRC32:", "*CRC32:F")).trusted


def test_escapes_and_characters() -> None:
    base = "SPD*1.0*ACC:CZ5855000000001265098001*MSG:"
    assert said(base + "A%2AB 100%25")["message"] == "A*B 100%"
    assert said(base + "%C5%BDlu%C5%A5ou%C4%8Dk%C3%BD")["message"] == "Žluťoučký"
    assert said(base + "%AElu%BBou%E8k%FD")["message"] == "Žluťoučký"
    written = base + "Železářství Kůň, Třebíč"
    assert said(written.encode("iso-8859-2").decode("iso-8859-1")) == said(written), "what a scanner makes of it"
    assert said(base + "%C5%BD Müller")["message"] == "Ž Müller"
    assert said(base + "100 % ok")["message"] == "100 % ok"
    assert said("spd*1.0*acc:cz58 5500 0000 0012 6509 8001*cc:czk*")["iban"] == "CZ5855000000001265098001"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("CZ58", "CZ59", "iban"),
        ("ACC:CZ5855000000001265098001*", "", "iban"),
        ("AM:480.50", "AM:480.505", "amount_due"),
        ("AM:480.50", "AM:-480.50", "amount_due"),
        ("AM:480.50", "AM:10000000.00", "amount_due"),
        ("AM:480.50", "AM:1e3", "amount_due"),
        ("AM:480.50", "AM:٤٨٠", "amount_due"),
        ("AM:480.50", "AM:480.50*AM:48.05", ""),
        ("CC:CZK", "CC:CZX", "currency"),
        ("DT:20120524", "DT:20120230", "due_date"),
        ("DT:20120524", "DT:240512", "due_date"),
        ("X-SS:1234567890", "X-SS:12345678901", "specific_symbol"),
    ],
)
def test_wrong_values_are_named_and_left_out(old: str, new: str, field: str) -> None:
    text = SPD.replace(old, new)
    assert text != SPD
    assert wrong(text) == {field}
    assert field not in said(text)
    if not field:
        assert "amount_due" not in said(text), "two amounts are none"


def test_comma_is_tolerated() -> None:
    assert said(SPD.replace("480.50", "480,5"))["amount_due"] == "480.50"


def test_taxes_that_do_not_make_the_amount() -> None:
    text = SID.replace("TB0:409.09", "TB0:409.00")  # so a public program's own test has it
    assert "amount_due" in wrong(text)
    assert not {"net_total", "gross_total"} & said(text).keys() and read(text).taxes
    assert said(text.replace("TP:0", "SA:1"))["gross_total"] == "494.91", "an advance was set off"


def test_payment_and_invoice_that_contradict_each_other() -> None:
    assert "" in wrong(COMBINED.replace("%2ATB0", "%2AAM:999.00%2ATB0"))
    assert "invoice_number" not in said(COMBINED.replace("SID%2A1.0", "SID%2A2.0"))


def test_credit_notes() -> None:
    assert read(SID.replace("TP:0", "TD:1")).document_type == "credit_note"
    assert read(SID_LARGE.replace("TD:9", "TD:0")).document_type == "other", "a request for an advance"


def test_taxes_of_a_foreign_invoice_are_in_crowns() -> None:
    found = read(SID.replace("AM:495.00", "AM:19.80").replace("CC:CZK", "CC:EUR*FX:25*FXA:1"))
    assert (found.amount_due, found.currency, found.gross_total, found.tax_total) == ("19.80", "EUR", "", "")
    assert [row.base for row in found.taxes] == ["409.09"]
    assert {one.fields for one in found.problems} == {("buyer_vat_id",)}


def test_vat_ids_of_other_countries() -> None:
    assert said(SID.replace("VIR:CZ12345678", "VIR:DE136695976"))["buyer_vat_id"] == "DE136695976"
    assert said(SID.replace("VIR:CZ12345678", "VIR:US-12 3456"))["buyer_vat_id"] == "US123456"
    assert "buyer_vat_id" in wrong(SID.replace("VIR:CZ12345678", "VIR:DE136695977"))
    assert "buyer_vat_id" in wrong(SID.replace("VIR:CZ12345678", "VIR:12345678"))


def test_standing_order_has_no_amount_of_the_invoice() -> None:
    code = read(SPD.replace("SPD", "SCD").replace("*MSG", "*FRQ:1M*MSG"))
    assert (code.standard, code.amount_due, code.due_date) == ("scd", "", "")
    assert code.iban == "CZ5855000000001265098001"


@pytest.mark.parametrize("text", ["SPD*2.0*ACC:CZ5855000000001265098001", "SPD*1.0*", "SID*1.0***", "SPD*1.0*rubbish"])
def test_broken_descriptors(text: str) -> None:
    with pytest.raises(BrokenCode):
        read_code(text)


# -- SEPA -------------------------------------------------------------------------------------------


def test_sepa() -> None:
    assert said(EPC) == {
        "iban": "BE72000000001616", "bic": "BPOTBEB1", "amount_due": "1.00", "currency": "EUR",
        "message": "Urgency fund", "seller_name": "Red Cross of Belgium",
    }  # fmt: skip
    assert read(EPC).problems == ()
    assert said(EPC.replace("\n", "\r\n") + "\r\n") == said(EPC.replace("\n", "\r")) == said(EPC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EPC.replace("001\n1", "002\n1").replace("BPOTBEB1", ""), {}),
        ("BCD\n002\n1\nSCT\n\nRed Cross of Belgium\nBE72000000001616", {}),  # trailing lines may be missing
        (EPC.replace("EUR1", "EUR 12,3"), {"amount_due": "12.30"}),
        (EPC.replace("CHAR\n\nUrgency fund", "\nRF18539007547034\n"), {"reference": "RF18539007547034"}),
        (EPC.replace("Red Cross", "MÃ¼ller"), {"seller_name": "Müller of Belgium"}),
    ],
)
def test_sepa_as_it_is_met(text: str, expected: dict[str, str]) -> None:
    assert wrong(text) == set()
    assert expected.items() <= said(text).items()
    assert said(text)["iban"] == "BE72000000001616"


def test_sepa_in_latin_2() -> None:
    written = EPC.replace("\n1\nSCT", "\n3\nSCT").replace("Red Cross of Belgium", "Český kříž")
    seen = written.encode("iso-8859-2").decode("iso-8859-1")  # what a scanner makes of it
    assert said(seen)["seller_name"] == said(written)["seller_name"] == "Český kříž"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("BE72", "BE73", "iban"),
        ("BE72000000001616", "", "iban"),
        ("BPOTBEB1", "BPOTBEB", "bic"),
        ("Red Cross of Belgium", "", "seller_name"),
        ("EUR1", "USD1", "currency"),
        ("EUR1", "EUR1.234", "amount_due"),
        ("EUR1", "1", "amount_due"),
        ("CHAR\n\nUrgency fund", "\nRF19539007547034\n", ""),
    ],
)
def test_wrong_sepa_values(old: str, new: str, field: str) -> None:
    assert wrong(EPC.replace(old, new)) == {field}


@pytest.mark.parametrize("text", ["BCD\n001\n1\nSCT\nBPOTBEB1", EPC.replace("SCT", "XYZ")])
def test_broken_sepa(text: str) -> None:
    with pytest.raises(BrokenCode):
        read_code(text)


# -- Switzerland ------------------------------------------------------------------------------------


def test_swiss() -> None:
    assert said(SWISS) == {
        "iban": "CH4431999123000889012", "amount_due": "1949.75", "currency": "CHF", "due_date": "2019-06-11",
        "reference": "210000000003139471430009017", "message": "Instruction of 03.04.2019",
        "seller_name": "Robert Schneider AG", "seller_address": "Rue du Lac 1268, 2501 Biel",
        "buyer_name": "Pia-Maria Rutschmann-Schnyder", "invoice_number": "10201409", "issue_date": "2019-05-12",
        "delivery_date": "2018-05-08", "seller_vat_id": "CHE106017086", "payment_terms": "2 % in 10 days; 30 days",
    }  # fmt: skip
    assert read(SWISS).problems == ()
    assert said(SWISS.replace("\n", "\r\n")) == said(SWISS.replace("\n", "\r")) == said(SWISS)


def test_swiss_billing_information() -> None:
    text = SWISS.replace("//S1/10/10201409/11/190512/20/1400.000-53/30/106017086/31/180508/32/7.7/40/2:10;0:30", "{}")
    second = "//S1/10/10104/11/180228/30/395856455/31/180226180227/32/3.7:400.19;7.7:553.39;0:14/40/0:30"
    found = read(text.replace("{}", second))
    assert found.due_date == "2018-03-30" and found.delivery_date == ""
    assert [(row.rate, row.base) for row in found.taxes] == [("3.7", "400.19"), ("7.7", "553.39"), ("0", "14")]
    assert said(text.replace("{}", r"//S1/10/X.66711\/8824/11/200712"))["invoice_number"] == "X.66711/8824"
    assert said(text.replace("{}", "//XX/10/1"))["amount_due"] == "1949.75", "a scheme that is not known"


def test_swiss_combined_address_and_creditor_reference() -> None:
    text = SWISS.replace(
        "S\nRobert Schneider AG\nRue du Lac\n1268\n2501\nBiel", "K\nMax Muster\nWeg 1\n8000 Zürich\n\n"
    )
    text = text.replace("CH4431999123000889012", "CH5800791123000889012")
    text = text.replace("QRR\n210000000003139471430009017", "SCOR\nRF18539007547034")
    assert wrong(text) == set()
    assert said(text)["seller_address"] == "Weg 1, 8000 Zürich"
    assert said(text)["reference"] == "RF18539007547034"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("CH4431999", "CH4531999", "iban"),
        ("CH4431999123000889012", "CH5800791123000889012", "iban"),  # no QR-IBAN, but a QR reference
        ("CH4431999123000889012", "DE02120300000000202051", "iban"),
        ("430009017", "430009018", ""),
        ("1949.75", "1949.755", "amount_due"),
        ("CHF", "USD", "currency"),
        ("/11/190512", "/11/191512", "issue_date"),
        ("106017086", "106017087", "seller_vat_id"),
    ],
)
def test_wrong_swiss_values(old: str, new: str, field: str) -> None:
    assert field in wrong(SWISS.replace(old, new))


@pytest.mark.parametrize("text", [SWISS.replace("0200", "0300"), "\n".join(SWISS.split("\n")[:20]), "SPC\n0200\n"])
def test_broken_swiss(text: str) -> None:
    with pytest.raises(BrokenCode):
        read_code(text)


def test_check_digits_of_references() -> None:
    good = "210000000003139471430009017"
    assert is_qr_reference(good)
    assert not any(is_qr_reference(good[:-1] + d) for d in "012345689")
    assert not is_qr_reference("0" * 27)
    for place in range(26):  # any one wrong digit is seen
        other = str((int(good[place]) + 1) % 10)
        assert not is_qr_reference(good[:place] + other + good[place + 1 :])
    assert creditor_reference("rf18 5390 0754 7034") == "RF18539007547034"
    assert creditor_reference("RF19539007547034") == ""


# -- PAY by square ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", PAY)
def test_pay_by_square(text: str) -> None:
    assert said(text) == PAY[text]
    assert not [one for one in read(text).problems if one.severity == "warning"]
    assert said(text.lower()) == PAY[text]


_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_FILTERS = [{"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 17}]


def packed(body: bytes, *, length: int | None = None, crc: int | None = None, header: bytes = b"\x02\x00") -> str:
    data = (zlib.crc32(body) if crc is None else crc).to_bytes(4, "little") + body
    size = (len(data) if length is None else length) & 0xFFFF
    stream = header + size.to_bytes(2, "little") + lzma.compress(data, lzma.FORMAT_RAW, filters=_FILTERS)
    bits = int.from_bytes(stream, "big") << -len(stream) * 8 % 5
    count = (len(stream) * 8 + 4) // 5
    return "".join(_SIGNS[bits >> 5 * (count - 1 - place) & 31] for place in range(count))


TABBED = "\t".join(["", "1", "1", "12.5", "EUR", "20240131", "20240117", "0308", "", "", "faktúra", "1"])
TABBED += "\tSK9611000000002918599669\tTATRSKBX\t0\t0\tPekáreň\tHlavná 1\tKošice"


def test_pay_by_square_of_our_own() -> None:
    assert said(packed(TABBED.encode())) == {
        "iban": "SK9611000000002918599669", "bic": "TATRSKBX", "amount_due": "12.50", "currency": "EUR",
        "due_date": "2024-01-31", "variable_symbol": "20240117", "constant_symbol": "0308", "message": "faktúra",
        "seller_name": "Pekáreň", "seller_address": "Hlavná 1, Košice",
    }  # fmt: skip
    assert "seller_name" not in said(packed(TABBED.rsplit("\t", 3)[0].encode())), "version 1.0 ends before the payee"


def test_several_payments_have_no_amount_of_the_invoice() -> None:
    parts = TABBED.split("\t")
    body = "\t".join(["", "2", *parts[2:16], *parts[2:16], *parts[16:], *parts[16:]])
    found = read(packed(body.encode()))
    assert (found.iban, found.amount_due, found.seller_name) == ("SK9611000000002918599669", "", "Pekáreň")


@pytest.mark.parametrize(
    "text",
    [
        next(iter(PAY))[:-30],
        next(iter(PAY)).replace("SQJQ", "SQJR"),
        packed(TABBED.encode(), crc=1),
        packed(TABBED.encode(), length=10_000),
        packed(TABBED.encode(), length=20),
        packed(TABBED.encode(), length=0),
        packed(b"\xff\xfe" + TABBED.encode()),
        packed(TABBED.replace("\t1\t1\t", "\t99\t1\t", 1).replace("\t1\tSK", "\t999\tSK").encode()),
        packed(b"nothing of the kind, but long enough to be one"),
        packed(b"\t1\t1" + b"\t" * 6),
    ],
)
def test_broken_pay_by_square(text: str) -> None:
    with pytest.raises(BrokenCode):
        read_code(text)


@pytest.mark.parametrize(
    "text",
    [
        packed(TABBED.encode(), header=b"\x03\x00"),  # a version to come
        packed(TABBED.encode(), header=b"\x12\x00"),  # an invoice by square
        packed(TABBED.encode(), header=b"\x02\x10"),
        "0123456789" * 4,
        "00000000",
        "https://example.org/?SPD*1.0*",
        "4006381333931",
        "",
        "BCD",
        "SPC",
        "S" * 9000,
    ],
)
def test_other_codes_are_none_of_ours(text: str) -> None:
    assert read_code(text) is None


def test_a_bomb_costs_neither_time_nor_memory() -> None:
    bombs = [
        packed(b"\t" * 50_000_000, length=65_535),
        packed(("\t1" * 32_000).encode()),
        packed(b"1\t100" + b"\t999" * 16_000),
    ]
    assert max(map(len, bombs)) < 20_000
    for bomb in bombs:
        tracemalloc.start()
        start = time.process_time()
        for text in (bomb, bomb[:8000]):
            with contextlib.suppress(BrokenCode):
                read_code(text)
        assert time.process_time() - start < 1
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
        tracemalloc.stop()


# -- chance -----------------------------------------------------------------------------------------


@given(st.sampled_from(GOLDEN), st.data())
def test_a_corrupted_code_is_read_or_refused(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    sign = data.draw(st.text(max_size=4))
    cut = data.draw(st.integers(0, 6))
    with contextlib.suppress(BrokenCode):
        code = read_code(text[:place] + sign + text[place + cut :])
        for name, value in code.values() if code else ():
            assert value == value.strip() and "\n" not in value, name


@given(
    st.sampled_from(["SPD*1.0*", "SID*1.0*", "BCD\n002\n1\nSCT\n", "SPC\n0200\n1\n", "08", ""]), st.text(max_size=400)
)
def test_any_text_is_read_or_refused(head: str, text: str) -> None:
    with contextlib.suppress(BrokenCode):
        read_code(head + text)


@given(st.text(alphabet=_SIGNS, min_size=24, max_size=200))
def test_any_stream_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BrokenCode):
        read_code("08040000" + text)


@given(st.lists(st.sampled_from(["", "1", "0", "SK9611000000002918599669", "x", "20240101", "1.5"]), max_size=60))
def test_any_fields_of_pay_by_square(fields: list[str]) -> None:
    with contextlib.suppress(BrokenCode):
        read_code(packed("\t".join(fields).encode()))


# -- on pages ---------------------------------------------------------------------------------------


def test_codes_of_a_reading() -> None:
    box = (0.0, 0.0, 50.0, 50.0)
    codes = tuple(Code("QRCode", text, box) for text in (SPD, SPD + "\n", "4006381333931", "SPD*1.0*"))
    reading = Reading("application/pdf", (Page(1, 595, 842, Source.TEXT, codes=codes),))
    found = codes_of(reading)
    assert [(one.page, one.code and one.code.standard) for one in found] == [(1, "spd"), (1, None)]
