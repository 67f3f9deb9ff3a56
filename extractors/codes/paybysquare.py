"""PAY by square 1.0 to 1.2, the payment code of Slovakia (Slovak Banking Association, specification 1.1.0).

Base32hex of: two bytes of header, the unpacked length (16 bits, little endian), and a raw LZMA stream, in which four
bytes CRC-32 (little endian) go before the text: fields parted by tabs.

Threat: a few hundred bytes that unpack without end. At most what the header says is unpacked, 65,535 bytes, and the
packer's memory is that of its dictionary, 128 kB.
"""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Iterator
from itertools import chain, repeat

from extractors.codes.record import FORM, INVALID, BrokenCode, Draft, PaymentCode
from models.messages import say

_TEXT = re.compile(r"[0-9A-V]{32,}", re.ASCII)
_DIGITS = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUV")}
_FILTERS = [{"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 17}]
_PAY, _NEWEST = 0, 2
_CRC_BYTES = 4
_MOST_PAYMENTS = 100
_ORDER, _STANDING = "1", "2"
_STANDING_FIELDS, _DEBIT_FIELDS = 4, 10
_TITLE = "PAY by square"


def is_pay_by_square(text: str) -> bool:
    """Whether ``text`` may be one: base32hex whose header says payment, a known version and no more.

    The header's other two parts are reserved and always zero, so that a long number is not taken for one.
    """
    body = text.strip().upper()
    if not _TEXT.fullmatch(body):
        return False
    first, second = _decoded(body[:8])[:2]
    return first >> 4 == _PAY and first & 15 <= _NEWEST and second == 0


def read_pay_by_square(text: str) -> PaymentCode:
    """Read a PAY by square code.

    Raises:
        BrokenCode: it can't be unpacked, or its check sum is wrong.
    """
    if not is_pay_by_square(text):
        raise BrokenCode(f"{_TITLE}: it does not begin as one.")
    data = _decoded(text.strip().upper())
    unpacked = _unpacked(data[4:], int.from_bytes(data[2:4], "little"))
    body = unpacked[_CRC_BYTES:]
    if zlib.crc32(body) != int.from_bytes(unpacked[:_CRC_BYTES], "little"):
        raise BrokenCode(f"{_TITLE}: its check sum does not fit.")
    try:
        fields = body.decode("utf-8").split("\t")
    except UnicodeDecodeError as error:
        raise BrokenCode(f"{_TITLE}: its text is damaged.") from error
    draft = Draft("pay", _TITLE, {"version": f"1.{data[0] & 15}"})
    _payments(chain(fields, repeat("")), len(fields), draft)
    return draft.done()


def _decoded(text: str) -> bytes:
    """RFC 4648, 7, without padding: five bits a sign, the last ones that make no byte dropped."""
    bits = 0
    for sign in text:
        bits = bits << 5 | _DIGITS[sign]
    spare = len(text) * 5 % 8
    return (bits >> spare).to_bytes(len(text) * 5 // 8, "big")


def _unpacked(data: bytes, length: int) -> bytes:
    if length <= _CRC_BYTES:
        raise BrokenCode(f"{_TITLE}: it holds nothing.")
    try:
        unpacked = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS).decompress(data, max_length=length)
    except (lzma.LZMAError, EOFError, MemoryError) as error:
        raise BrokenCode(f"{_TITLE}: it can't be unpacked.") from error
    if len(unpacked) != length:
        raise BrokenCode(f"{_TITLE}: it is cut short.")
    return unpacked


def _count(raw: str) -> int:
    return int(raw) if re.fullmatch(r"\d{1,3}", raw, re.ASCII) else -1


def _payments(field: Iterator[str], size: int, draft: Draft) -> None:
    draft.put("invoice_number", next(field), 10)
    count = _count(next(field))
    if not 1 <= count <= min(_MOST_PAYMENTS, size):
        raise BrokenCode(f"{_TITLE}: it does not say how many payments it holds.")
    for number in range(count):
        if number == 0:
            _payment(field, size, draft)
        else:  # read past
            _payment(field, size, Draft("pay", _TITLE))
    if count > 1:
        draft.say(FORM, say("it holds several payments."))
        for name in ("amount_due", "due_date"):  # one payment's, not the invoice's
            draft.found.pop(name, None)
    draft.put("seller_name", next(field), 70)
    draft.put("seller_address", ", ".join(filter(None, (next(field).strip(), next(field).strip()))))


def _payment(field: Iterator[str], size: int, draft: Draft) -> None:
    kind = next(field)
    draft.put_amount("amount_due", next(field), most="999999999999999.99")
    draft.put_currency(next(field))
    draft.put_date("due_date", next(field))
    draft.put_digits("variable_symbol", next(field))
    draft.put_digits("constant_symbol", next(field), 4)
    draft.put_digits("specific_symbol", next(field))
    draft.put("reference", next(field), 35)
    draft.put("message", next(field), 140)
    accounts = _count(next(field))
    if not 1 <= accounts <= size:
        raise BrokenCode(f"{_TITLE}: it names no account.")
    others = []
    for number in range(accounts):
        iban, bic = next(field), next(field)
        if number == 0:
            if draft.put_iban("iban", iban):
                draft.put_bic(bic)
            elif not iban.strip():
                draft.say(INVALID, say("it names no account."), "iban")
        elif draft.put_iban("other", iban):
            others.append(draft.found.pop("other"))
    draft.found["other_ibans"] = tuple(others)
    for following in (_STANDING_FIELDS, _DEBIT_FIELDS):
        if next(field) == "1":
            for _ in range(following):
                next(field)
    if kind != _ORDER:  # a standing order's or direct debit's amount is that of one instalment
        draft.found.pop("amount_due", None)
        draft.found.pop("due_date", None)
        draft.say(FORM, say("it is a standing order.") if kind == _STANDING else say("it is no plain payment order."))
