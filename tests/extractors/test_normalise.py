"""Normal forms of what people write."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.normalise import normalise
from extractors.values.amounts import find_amounts, plain, to_decimal
from extractors.values.dates import find_dates, is_month_first, parse_date
from extractors.values.identifiers import czech_iban, is_ico, is_valid_iban, is_valid_vat_id
from models.document_types import Kind


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5. 3. 2018", "2018-03-05"),
        ("5.\u00a03.\u00a02018", "2018-03-05"),
        ("05.03.2018", "2018-03-05"),
        ("5.3.18", "2018-03-05"),
        ("2018-03-05", "2018-03-05"),
        ("2018-03-05T10:00:00", "2018-03-05"),
        ("5 March 2018", "2018-03-05"),
        ("March 5, 2018", "2018-03-05"),
        ("5. března 2018", "2018-03-05"),
        ("5. März 2018", "2018-03-05"),
        ("1er août 2018", "2018-08-01"),
        ("31 octobre 2017", "2017-10-31"),
        ("05/03/2018", "2018-03-05"),
        ("3/15/2018", "2018-03-15"),
        ("25MAR18", "2018-03-25"),
        ("20180305", "2018-03-05"),
        ("O5.O3.2O18", "2018-03-05"),
        ("31.2.2018", None),
        ("1.234,50", None),
        ("hello", None),
        ("", None),
    ],
)
def test_dates(text: str, day: str | None) -> None:
    assert normalise(Kind.DATE, text) == day


@given(
    st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d. %m. %Y", "%d/%m/%Y", "%d %B %Y", "%B %d, %Y"]),
)
def test_every_day_in_every_form(day: dt.date, form: str) -> None:
    assert parse_date(day.strftime(form)) == day


def test_month_first_is_decided_for_the_document() -> None:
    assert is_month_first("11/03/2017 and 11/17/2017")
    assert not is_month_first("11/03/2017 and 17/11/2017")
    assert [d for _, _, d in find_dates("11/03/2017", month_first=True)] == [dt.date(2017, 11, 3)]


def test_date_glued_to_a_time() -> None:
    assert [d for _, _, d in find_dates("Date : 12/05/201814:33:10")] == [dt.date(2018, 5, 12)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,50 Kč", "1234.50"),
        ("1\u00a0234,50\u00a0Kč", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1 234,-", "1234.00"),
        ("1.234", "1234.00"),
        ("1.23", "1.23"),
        ("0.234", "0.234"),
        ("12,5", "12.50"),
        ("100-", "-100.00"),
        ("-5,00 €", "-5.00"),
        ("(12.00)", "-12.00"),
        ("€59,50", "59.50"),
        ("RM 12.00", "12.00"),
        ("1 2345,00", None),
        ("12a", None),
        ("", None),
    ],
)
def test_amounts(text: str, value: str | None) -> None:
    assert normalise(Kind.AMOUNT, text) == value


@given(
    st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2),
    st.sampled_from([(" ", ","), (".", ","), (",", "."), ("'", "."), ("\u00a0", ","), ("", ",")]),
)
def test_every_amount_in_every_notation(value: Decimal, marks: tuple[str, str]) -> None:
    thousands, point = marks
    written = f"{value:,.2f}".replace(",", "\0").replace(".", point).replace("\0", thousands)
    assert normalise(Kind.AMOUNT, written) == plain(value)
    assert [one.value for one in find_amounts(written)] == [value]


@given(st.text(max_size=30))
def test_nothing_raises(text: str) -> None:
    for kind in Kind:
        value = normalise(kind, text)
        assert value is None or value


def test_a_rate_or_a_date_is_no_amount() -> None:
    assert [one.value for one in find_amounts("21 % 05.03.2020 12:30 471102 1 234,50 Kč")] == [
        Decimal(471102),
        Decimal("1234.50"),
    ]
    assert to_decimal("1.2.3,4,5") is None


def test_columns_are_not_joined_to_thousands() -> None:
    assert [one.value for one in find_amounts("5\t1 234,50")] == [Decimal(5), Decimal("1234.50")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kč", "CZK"),
        ("Kc", "CZK"),
        ("€", "EUR"),
        ("Euro", "EUR"),
        ("US$", "USD"),
        ("zł", "PLN"),
        ("česká koruna", "CZK"),
        ("RM", "MYR"),
        ("xx", None),
        ("Foo", None),
    ],
)
def test_currencies(text: str, code: str | None) -> None:
    assert normalise(Kind.CURRENCY, text) == code


def test_ibans_and_czech_accounts() -> None:
    assert normalise(Kind.IBAN, "CZ65 0800 0000 1920 0014 5399") == "CZ6508000000192000145399"
    assert normalise(Kind.IBAN, "19-2000145399/0800") == "CZ6508000000192000145399"
    assert normalise(Kind.IBAN, "CZ65 O8OO 0000 1920 0014 5399") == "CZ6508000000192000145399"
    assert normalise(Kind.IBAN, "CZ66 0800 0000 1920 0014 5399") is None
    assert normalise(Kind.IBAN, "1234567890/0800") is None
    assert normalise(Kind.BIC, "geno de f1 m04") == "GENODEF1M04"
    assert normalise(Kind.BIC, "RECHN") is None


@given(st.integers(0, 999999), st.integers(0, 9999999999), st.integers(0, 9999))
def test_every_czech_iban_passes_mod_97(prefix: int, number: int, bank: int) -> None:
    assert is_valid_iban(czech_iban(str(prefix), str(number), f"{bank:04d}"))


def test_vat_ids_and_company_numbers() -> None:
    assert normalise(Kind.VAT_ID, "DE 136 695 976") == "DE136695976"
    assert is_valid_vat_id("DE136695976")
    assert not is_valid_vat_id("DE123456789")
    assert normalise(Kind.VAT_ID, "CZ 25568736") == "CZ25568736"
    assert normalise(Kind.VAT_ID, "DE 12345") is None
    assert [number for number in ("46505334", "60194383", "25568736", "48665819", "25568737") if is_ico(number)] == [
        "46505334",
        "60194383",
        "25568736",
        "48665819",
    ]
    assert normalise(Kind.TAX_NUMBER, "255 68 736") == "25568736"
    assert normalise(Kind.TAX_NUMBER, "201 / 113 / 40209") == "201/113/40209"


@given(st.integers(0, 9999999), st.integers(0, 6), st.integers(1, 9))
def test_a_wrong_digit_of_an_ico_is_found(body: int, place: int, shift: int) -> None:
    good = next(f"{body:07d}{check}" for check in range(10) if is_ico(f"{body:07d}{check}"))
    bad = good[:place] + str((int(good[place]) + shift) % 10) + good[place + 1 :]
    weights = range(8, 1, -1)
    rest = [sum(int(d) * w for d, w in zip(one, weights, strict=False)) % 11 for one in (good, bad)]
    assert not is_ico(bad) or set(rest) == {0, 10}  # these two remainders share a check digit


def test_lists_of_dates_and_amounts() -> None:
    assert normalise(Kind.DATES, "5. 3. 2018; 2018-03-06") == "2018-03-05; 2018-03-06"
    assert normalise(Kind.AMOUNTS, "1 234,50 Kč; 5,00") == "1234.50; 5.00"
    assert normalise(Kind.DIGITS, "2024 001") == "2024001"
    assert normalise(Kind.DIGITS, "A1") is None


@pytest.mark.parametrize(
    "text",
    ["Jacobi GmbH & Co. KG", "Jacobi GmbH & Co.KG", "Jacobi GmbH &Co.KG", "Jacobi GmbH&Co. KG", "Jacobi GmbH& Co. KG"],
)
def test_blanks_that_a_legal_form_lost_come_back(text: str) -> None:
    assert normalise(Kind.PARTY, text) == "Jacobi GmbH & Co. KG"


@pytest.mark.parametrize("text", ["H&M Hennes", "Marks & Spencer", "Conrad.KG", "M&Comp"])
def test_other_names_stay(text: str) -> None:
    assert normalise(Kind.PARTY, text) == text


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.NUMBER, "168,5 h", "168.5"),
        (Kind.NUMBER, "12 hod.", "12"),
        (Kind.NUMBER, "1 234,50", "1234.5"),
        (Kind.NUMBER, "160", "160"),
        (Kind.NUMBER, "167:30", "167.5"),
        (Kind.NUMBER, "12 13", None),
        (Kind.NUMBER, "hours", None),
        (Kind.PERCENT, "12,5 %", "12.5"),
        (Kind.PERCENT, "21%", "21"),
        (Kind.PHONE, "+420 601 123 456", "+420601123456"),
        (Kind.PHONE, "Tel.: 00420/601 123 456", "+420601123456"),
        (Kind.PHONE, "(+49) 30 123-456", "+4930123456"),
        (Kind.PHONE, "+49 (0)30 123456", "+4930123456"),
        (Kind.PHONE, "601 123 456", "601123456"),
        (Kind.PHONE, "030 123456, ext. 12", "030123456"),
        (Kind.PHONE, "12 34", None),
        (Kind.PHONE, "601 123 45X", None),
        (Kind.EMAIL, "E-mail: Someone @ Example.ORG", "someone@example.org"),
        (Kind.EMAIL, "someone@example", None),
        (Kind.EMAIL, "example.org", None),
        (Kind.PERSON, "  Novák,  Jan ", "Novák, Jan"),
    ],
)
def test_the_kinds_of_forms(kind: Kind, text: str, value: str | None) -> None:
    assert normalise(kind, text) == value
    if value is not None:
        assert normalise(kind, value) == value, "a normal form is its own normal form"
