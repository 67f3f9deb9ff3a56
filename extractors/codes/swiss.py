r"""Swiss QR-bill: Swiss Implementation Guidelines QR-bill 2.0 to 2.3 (SIX), and its billing information "S1" (Swico).

Lines of text from ``SPC``; empty lines count. The billing information is ``//S1/tag/value/…`` with ``\/`` for a slash
and ``\\`` for a backslash within a value (syntax definition 1.2 of Swico, 2018-11-23).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from stdnum.ch import uid

from extractors.codes.record import FORM, INVALID, BrokenCode, Draft, PaymentCode, TaxRow, short_date
from extractors.codes.references import creditor_reference, is_qr_reference
from models.messages import say

_TITLE = "Swiss QR-bill"
_CURRENCIES = ("CHF", "EUR")
_NEEDED = 29
"""Lines up to the reference; a cut-off message and the trailer may be missing from a code that can still be used."""
_WHOLE = 31
_MOST_LINES = 34
_DAYS = 1000


def is_swiss(text: str) -> bool:
    """Whether ``text`` begins as one, of whatever version."""
    return re.match(r"\s*SPC[ \t]*(?:\r\n|\n|\r)[ \t]*\d{4}[ \t]*[\r\n]", text) is not None


def read_swiss(text: str) -> PaymentCode:
    """Read the code of a QR-bill.

    Raises:
        BrokenCode: another version, or not the lines that a payment needs.
    """
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text.lstrip())]
    if len(lines) < 2 or not re.fullmatch(r"02\d\d", lines[1], re.ASCII):
        raise BrokenCode(f"{_TITLE}: its version is not known here.")
    if len(lines) < _NEEDED:
        raise BrokenCode(f"{_TITLE}: it is cut short.")
    whole = len(lines) >= _WHOLE
    lines += [""] * (_MOST_LINES - len(lines))
    draft = Draft("swiss", _TITLE, {"version": lines[1]})
    if not whole or lines[30] != "EPD":
        draft.say(FORM, say("its end mark is missing."))
    if lines[2] != "1":
        draft.say(FORM, say("its character set is unknown."))
    if any(lines[11:18]):
        draft.say(FORM, say("lines that are reserved are filled."))
    _account(lines[3], draft)
    name, address = _party(lines[4:11], draft)
    draft.put("seller_name", name, 70)
    draft.put("seller_address", address)
    if not name:
        draft.say(INVALID, say("it names no payee."), "seller_name")
    draft.put_amount("amount_due", lines[18], most="999999999.99")
    if lines[19] in _CURRENCIES:
        draft.put_currency(lines[19])
    else:
        draft.say(INVALID, say("its currency is neither CHF nor EUR."), "currency")
    draft.put("buyer_name", _party(lines[20:27], draft)[0], 70)
    _reference(lines[27], lines[28], draft)
    draft.put("message", lines[29], 140)
    if lines[31]:
        _billing_information(lines[31], draft)
    return draft.done()


def _account(raw: str, draft: Draft) -> None:
    if not draft.put_iban("iban", raw):
        if not raw:
            draft.say(INVALID, say("it names no account."), "iban")
    elif draft.found["iban"][:2] not in ("CH", "LI"):
        del draft.found["iban"]
        draft.say(INVALID, say("its account is neither Swiss nor of Liechtenstein."), "iban")


def _party(lines: Sequence[str], draft: Draft) -> tuple[str, str]:
    """Name, and ``street, postcode town``, of an address in parts (``S``) or in two lines (``K``)."""
    kind, name, street, house, postcode, town, country = lines
    if kind == "S":
        parts = (f"{street} {house}".strip(), f"{postcode} {town}".strip())
    else:
        parts = (street, house)
        if kind not in ("K", "") or (kind == "K" and (postcode or town)) or (not kind and name):
            draft.say(FORM, say("an address is not of the kind that it says."))
    if kind and not re.fullmatch(r"[A-Z]{2}", country, re.ASCII):
        draft.say(FORM, say("an address has no country."))
    return name, ", ".join(filter(None, parts))


def _reference(kind: str, raw: str, draft: Draft) -> None:
    """A QR-IBAN (bank 30000 to 31999) goes with a QR reference and no other account does."""
    iban, value = draft.found.get("iban", ""), re.sub(r"\s", "", raw)
    special = "30000" <= iban[4:9] <= "31999"
    if iban and special != (kind == "QRR"):
        draft.say(INVALID, say("its account and its kind of reference do not go together."), "iban")
    if kind == "QRR":
        valid = value if is_qr_reference(value) else ""
    elif kind == "SCOR":
        valid = creditor_reference(value)
    else:
        if kind != "NON" or value:
            draft.say(FORM, say("its reference is not of the kind that it says."))
        return
    if valid:
        draft.found["reference"] = valid
    else:
        draft.say(INVALID, say("its reference has wrong check digits."))


# -- billing information ----------------------------------------------------------------------------


def _tags(text: str) -> dict[str, str]:
    parts = [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r"(?:\\.|[^/\\])+|(?<=/)(?=/)", text[4:])]
    return {
        tag: value
        for tag, value in zip(parts[::2], parts[1::2], strict=False)
        if re.fullmatch(r"\d\d", tag, re.ASCII) and value
    }


def _billing_information(text: str, draft: Draft) -> None:
    if not text.startswith("//S1/"):
        return  # another scheme
    tags = _tags(text)
    draft.put("invoice_number", tags.get("10", ""))
    for tag, name in (("11", "issue_date"), ("31", "delivery_date")):
        raw = tags.get(tag, "")
        if re.fullmatch(r"\d{12}", raw, re.ASCII) and name == "delivery_date":
            continue  # a period
        value = short_date(raw)
        if value:
            draft.found[name] = value
        elif raw:
            draft.say(INVALID, say("a date of its billing information is no day of the calendar."), name)
    if number := tags.get("30", ""):
        if uid.is_valid(f"CHE{number}"):
            draft.found["seller_vat_id"] = f"CHE{number}"
        else:
            draft.say(INVALID, say("its VAT number has a wrong check digit."), "seller_vat_id")
    _rates(tags.get("32", ""), draft)
    _terms(tags.get("40", ""), draft)


def _rates(text: str, draft: Draft) -> None:
    rows = []
    for part in filter(None, text.split(";")):
        match = re.fullmatch(r"(\d{1,2}(?:\.\d{1,2})?)(?::(\d{1,12}(?:\.\d{1,2})?))?", part, re.ASCII)
        if match is None:
            draft.say(FORM, say("the tax rates of its billing information can't be read."))
            return
        rows.append(TaxRow(match[1], match[2] or ""))
    draft.found["taxes"] = tuple(rows)


def _terms(text: str, draft: Draft) -> None:
    """``2:10;0:30``: 2 % discount within 10 days, all of it within 30 days of the invoice's date."""
    terms = []
    for part in filter(None, text.split(";")):
        match = re.fullmatch(r"(\d{1,2}(?:\.\d{1,2})?):(\d{1,3})", part, re.ASCII)
        if match is None:
            draft.say(FORM, say("the payment terms of its billing information can't be read."))
            return
        terms.append((match[1], int(match[2])))
    if not terms:
        return
    draft.put(
        "payment_terms",
        "; ".join(f"{days} days" if float(rate) == 0 else f"{rate} % in {days} days" for rate, days in terms),
    )
    plain = [days for rate, days in terms if float(rate) == 0]
    if plain and "issue_date" in draft.found:
        due = dt.date.fromisoformat(draft.found["issue_date"]) + dt.timedelta(days=min(max(plain), _DAYS))
        draft.found["due_date"] = due.isoformat()
