"""QR Platba (SPD, and SCD for standing orders) and QR Faktura (SID), alone or inside a QR Platba.

Short Payment Descriptor 1.0 of the Czech Banking Association (qr-platba.cz), QR Faktura 1.0 of the Czech Chamber of
Tax Advisers (qr-faktura.cz). ``SPD*1.0*KEY:VALUE*…``; a star within a value is ``%2A``. In a combined code what both
have stands only in the payment, and the rest of the invoice is the value of ``X-INV``.
"""

from __future__ import annotations

import re
import zlib
from decimal import Decimal

from extractors.codes.record import DAMAGED, FORM, INVALID, BrokenCode, Draft, PaymentCode, TaxRow
from extractors.einvoice.values import compact
from extractors.values.identifiers import VAT_SHAPES, is_ico, is_valid_vat_id, parse_vat_id
from models.messages import say

_HEAD = re.compile(r"\s*(SPD|SCD|SID)\*(\d{1,3})\.(\d{1,3})\*", re.IGNORECASE)
_KEY = re.compile(r"[A-Z0-9-]{1,20}")
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_TITLES = {"SPD": "QR Platba", "SCD": "Standing order code", "SID": "QR Faktura"}
_PAYMENT_KEYS = frozenset({
    "ACC", "ALT-ACC", "AM", "CC", "RF", "RN", "DT", "PT", "MSG", "CRC32", "NT", "NTA", "X-PER", "X-VS", "X-SS", "X-KS",
    "X-ID", "X-URL", "X-INV", "FRQ", "DL", "DH",
})  # fmt: skip
_INVOICE_KEYS = frozenset({
    "ID", "DD", "AM", "TP", "TD", "SA", "MSG", "VS", "ON", "VII", "INI", "VIR", "INR", "DUZP", "DPPD", "DT", "TB0",
    "T0", "TB1", "T1", "TB2", "T2", "NTB", "CC", "FX", "FXA", "ACC", "CRC32",
})  # fmt: skip
_RATES = ("standard", "reduced", "second reduced")
_ALTERNATIVES = 2
_CREDIT_NOTE, _NO_TAX_DOCUMENT, _OTHER = "1", "0", "9"
"""Values of TD: a correcting tax document, none at all (a request for an advance), and what holds without it."""
_NO = "0"
_HOME = "CZK"
_NOT_CZECH = frozenset("èøùòìïÈØÙÒÌÏ®¾©¹«»")
"""Signs of ISO 8859-1 that Czech has not, where ISO 8859-2 has č ř ů ň ě ď and ž š ť."""
_CENT = Decimal("0.01")
_MOST = "999999999999999.99"


def is_spayd(text: str) -> bool:
    """Whether ``text`` begins as one of the three."""
    return _HEAD.match(text) is not None


def read_spayd(text: str) -> PaymentCode:
    """Read a QR Platba, a standing order or a QR Faktura.

    Raises:
        BrokenCode: another version, or nothing that is a key with a value.
    """
    text = _czech(text)
    head = _HEAD.match(text)
    if head is None:
        raise BrokenCode("It does not begin as a QR Platba or QR Faktura.")
    word = head[1].upper()
    draft = Draft(word.lower(), _TITLES[word])
    draft.found["version"] = _version(head, draft.title)
    pairs = _pairs(text[head.end() :], draft, _INVOICE_KEYS if word == "SID" else _PAYMENT_KEYS)
    _check_sum(f"{word}*{head[2]}.{head[3]}", text[head.end() :], pairs, draft)
    if word == "SID":
        _invoice(pairs, draft)
        _account(pairs, draft, needed=False)
        draft.put_digits("variable_symbol", pairs.get("VS", ""))
    else:
        _payment(pairs, draft, standing=word == "SCD")
    return draft.done()


def _czech(text: str) -> str:
    """``text``, whose bytes a scanner took for ISO 8859-1, as the ISO 8859-2 that it is."""
    if text.isascii() or max(text) > "ÿ" or not _NOT_CZECH.intersection(text):
        return text
    return text.encode("iso-8859-1").decode("iso-8859-2")


def _version(head: re.Match[str], title: str) -> str:
    if int(head[2]) != 1:
        raise BrokenCode(f"{title} of version {head[2]}.{head[3]} is not known here.")
    return f"{head[2]}.{head[3]}"


def _pairs(body: str, draft: Draft, known: frozenset[str]) -> dict[str, str]:
    """Keys and decoded values; a key that comes twice has no value, for nobody knows which one is meant."""
    pairs: dict[str, str] = {}
    twice: set[str] = set()
    for part in body.strip().split("*"):
        key, colon, value = part.partition(":")
        key = key.strip().upper()
        if not part.strip():
            continue
        if not colon or not _KEY.fullmatch(key):
            draft.say(FORM, say("a part is no key with a value."))
        elif key in pairs and pairs[key] != _decoded(value):
            twice.add(key)
        else:
            pairs[key] = _decoded(value)
            if key not in known and not key.startswith("X-"):
                draft.say(FORM, say("it has a key that its standard does not know."))
    if not pairs:
        raise BrokenCode(f"{draft.title}: it holds nothing.")
    for key in twice:
        del pairs[key]
    if twice:
        draft.say(INVALID, say("a key stands in it twice with two values."))
    return pairs


def _decoded(value: str) -> str:
    def one(run: re.Match[str]) -> str:
        data = bytes.fromhex(run[0].replace("%", ""))
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("iso-8859-2")

    return _ESCAPED.sub(one, value).strip()


def _check_sum(head: str, body: str, pairs: dict[str, str], draft: Draft) -> None:
    """CRC-32 (IEEE 802.3) of the pairs sorted by key, without the sum itself and without the last star."""
    given = pairs.get("CRC32", "")
    if not given:
        return
    parts = [part for part in body.strip().strip("*").split("*") if part]
    rest = [part for part in parts if part.partition(":")[0].strip().upper() != "CRC32"]
    orders = (sorted(rest, key=lambda part: part.partition(":")[0]), rest)  # some writers don't sort
    for order in orders:
        for encoding in ("utf-8", "iso-8859-1", "iso-8859-2"):
            data = "*".join((head, *order)).encode(encoding, errors="replace")
            if f"{zlib.crc32(data):08X}" == given.upper():
                return
    draft.say(DAMAGED, say("its check sum does not fit, so nothing in it is used."))


def _account(pairs: dict[str, str], draft: Draft, *, needed: bool) -> None:
    account, _, bic = pairs.get("ACC", "").partition("+")
    if draft.put_iban("iban", account):
        draft.put_bic(bic)
    elif needed and not account:
        draft.say(INVALID, say("it names no account."), "iban")


def _payment(pairs: dict[str, str], draft: Draft, *, standing: bool) -> None:
    _account(pairs, draft, needed=True)
    others = []
    for raw in pairs.get("ALT-ACC", "").split(","):
        if raw and draft.put_iban("other", raw.partition("+")[0]):
            others.append(draft.found.pop("other"))
    draft.found["other_ibans"] = tuple(others)
    if len(others) > _ALTERNATIVES:
        draft.say(FORM, say("it names more than two other accounts."))
    if not standing:  # a standing order's amount and date are those of one instalment
        draft.put_amount("amount_due", pairs.get("AM", ""), most="9999999.99")
        draft.put_date("due_date", pairs.get("DT", ""))
    draft.put_currency(pairs.get("CC", ""))
    draft.put("seller_name", pairs.get("RN", ""), 35)
    draft.put("message", pairs.get("MSG", ""), 60)
    draft.put_digits("reference", pairs.get("RF", ""), 16)
    draft.put_digits("variable_symbol", pairs.get("X-VS", ""))
    draft.put_digits("specific_symbol", pairs.get("X-SS", ""))
    draft.put_digits("constant_symbol", pairs.get("X-KS", ""))
    if embedded := pairs.get("X-INV", ""):
        _embedded(embedded, pairs, draft)


def _embedded(text: str, payment: dict[str, str], draft: Draft) -> None:
    """The invoice inside a payment; what the two share may be repeated there, but not with another value."""
    head = _HEAD.match(text)
    if head is None or head[1].upper() != "SID":
        draft.say(INVALID, say("the invoice in it can't be read."))
        return
    try:
        _version(head, _TITLES["SID"])
        pairs = _pairs(text[head.end() :], draft, _INVOICE_KEYS)
    except BrokenCode:
        draft.say(INVALID, say("the invoice in it can't be read."))
        return
    for key, name in (("AM", "AM"), ("CC", "CC"), ("DT", "DT"), ("ACC", "ACC"), ("VS", "X-VS")):
        if key in pairs and payment.get(name, pairs[key]) != pairs[key]:
            draft.say(INVALID, say("payment and invoice in it contradict each other."))
        pairs.setdefault(key, payment.get(name, ""))
    draft.standard = "spd+sid"
    message = draft.found.get("message")
    _invoice(pairs, draft)
    if message:
        draft.found["message"] = message


def _invoice(pairs: dict[str, str], draft: Draft) -> None:
    draft.put("invoice_number", pairs.get("ID", ""), 40)
    draft.put("order_number", pairs.get("ON", ""), 20)
    draft.put("message", pairs.get("MSG", ""), 40)
    draft.put_currency(pairs.get("CC", ""))
    draft.put_amount("amount_due", pairs.get("AM", ""), negative=True, most=_MOST)
    for key, name in (("DD", "issue_date"), ("DUZP", "delivery_date"), ("DT", "due_date")):
        draft.put_date(name, pairs.get(key, ""))
    _company(pairs.get("VII", ""), pairs.get("INI", ""), "seller", draft)
    _company(pairs.get("VIR", ""), pairs.get("INR", ""), "buyer", draft)
    _taxes(pairs, draft)
    if pairs.get("TD") == _CREDIT_NOTE or draft.found.get("amount_due", "").startswith("-"):
        draft.found["document_type"] = "credit_note"
    else:
        draft.found["document_type"] = "other" if pairs.get("TD", _OTHER) == _NO_TAX_DOCUMENT else "invoice"


def _company(vat_id: str, number: str, side: str, draft: Draft) -> None:
    if vat_id:
        value = parse_vat_id(vat_id) or compact(vat_id)
        if value[:2].isalpha() and (is_valid_vat_id(value) or not value.startswith(tuple(VAT_SHAPES))):
            draft.found[f"{side}_vat_id"] = value
        else:
            draft.say(INVALID, say("a VAT id has a wrong check digit."), f"{side}_vat_id")
    number = number.strip()
    if re.fullmatch(r"\d{6,8}", number, re.ASCII) and is_ico(number.zfill(8)):
        draft.found[f"{side}_tax_number"] = number.zfill(8)
    elif number:
        draft.say(INVALID, say("a company number has a wrong check digit."), f"{side}_tax_number")


def _taxes(pairs: dict[str, str], draft: Draft) -> None:
    """Bases, taxes and what is untaxed (rounding among it) must make the amount, if no advance was set off.

    They are in Czech crowns, whatever the currency of the amount; in another they say nothing of our totals.
    """
    scratch = Draft(draft.standard, draft.title)
    for key in ("TB0", "T0", "TB1", "T1", "TB2", "T2", "NTB"):
        scratch.put_amount(key, pairs.get(key, ""), negative=True, most=_MOST)
    for problem in scratch.problems:
        draft.say(problem.code, say("an amount of its taxes is no amount of money."), "tax_total")
    found = {key: Decimal(value) for key, value in scratch.found.items()}
    if not found or scratch.problems:
        return
    rows = [
        TaxRow(rate, scratch.found.get(f"TB{number}", ""), scratch.found.get(f"T{number}", ""))
        for number, rate in enumerate(_RATES)
        if f"TB{number}" in found or f"T{number}" in found
    ]
    total = sum(found.values(), Decimal(0))
    draft.found["taxes"] = tuple(rows)
    if draft.found.get("currency", _HOME) != _HOME:
        return
    due, settled = draft.found.get("amount_due", ""), pairs.get("SA", _NO) != _NO
    if due and not settled and abs(total - Decimal(due)) > _CENT:
        draft.say(INVALID, say("its tax bases and taxes do not make its amount."), "amount_due", "tax_total")
        return
    bases, tax = (sum((found.get(f"{key}{n}", Decimal(0)) for n in range(3)), Decimal(0)) for key in ("TB", "T"))
    if rows:
        draft.put_amount("tax_total", str(tax), negative=True, most=_MOST)
    if "NTB" not in found:  # what is not taxed may be goods or rounding, and nothing tells which
        draft.put_amount("net_total", str(bases), negative=True, most=_MOST)
    draft.put_amount("gross_total", str(total), negative=True, most=_MOST)
