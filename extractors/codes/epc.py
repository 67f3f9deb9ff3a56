"""The code of a SEPA credit transfer: EPC069-12 version 2.1 (Girocode, "scan to pay"), lines of text from ``BCD``."""

from __future__ import annotations

import re
from itertools import zip_longest

from extractors.codes.record import FORM, INVALID, BrokenCode, Draft, PaymentCode
from extractors.codes.references import creditor_reference
from models.messages import say

_CHARACTER_SETS = {
    "1": "utf-8",
    "2": "iso-8859-1",
    "3": "iso-8859-2",
    "4": "iso-8859-4",
    "5": "iso-8859-5",
    "6": "iso-8859-7",
    "7": "iso-8859-10",
    "8": "iso-8859-15",
}
_LINES = (
    "tag", "version", "set", "transfer", "bic", "name", "iban", "amount", "purpose", "reference", "text", "note",
)  # fmt: skip
_LONGEST_BYTES = 331
_TITLE = "SEPA code"


def is_epc(text: str) -> bool:
    """Whether ``text`` begins as one."""
    return re.match(r"\s*BCD[ \t]*(?:\r\n|\n|\r)[ \t]*00[12][ \t]*[\r\n]", text) is not None


def _in_its_characters(text: str, name: str) -> str:
    """``text`` as its own line 3 says it is coded, where a scanner took its bytes for ISO 8859-1."""
    encoding = _CHARACTER_SETS.get(name, "utf-8")
    if text.isascii() or encoding == "iso-8859-1":
        return text
    try:
        return text.encode("iso-8859-1").decode(encoding)
    except UnicodeError:
        return text  # it was read rightly


def read_epc(text: str) -> PaymentCode:
    """Read the code of a SEPA credit transfer.

    Raises:
        BrokenCode: it has not the lines that a payment needs, or is of another kind of transfer.
    """
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text.strip())]
    if len(lines) < 7 or not is_epc(text):
        raise BrokenCode(f"{_TITLE}: it is cut short.")
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", _in_its_characters("\n".join(lines), lines[2]))]
    line = dict(zip_longest(_LINES, lines[: len(_LINES)], fillvalue=""))
    draft = Draft("epc", _TITLE, {"version": line["version"]})
    if line["transfer"] not in ("SCT", "INST"):
        raise BrokenCode(f"{_TITLE}: it is no credit transfer.")
    if line["set"] not in _CHARACTER_SETS:
        draft.say(FORM, say("its character set is unknown."))
    if len(lines) > len(_LINES) and any(lines[len(_LINES) :]):
        draft.say(FORM, say("it has more lines than its standard."))
    if len(text.encode("utf-8", errors="replace")) > _LONGEST_BYTES:
        draft.say(FORM, say("it is longer than its standard allows."))
    if not line["bic"] and line["version"] == "001":
        draft.say(FORM, say("version 001 needs a BIC."), "bic")
    draft.put_bic(line["bic"])
    if not line["name"]:
        draft.say(INVALID, say("it names no payee."), "seller_name")
    draft.put("seller_name", line["name"], 70)
    if not line["iban"]:
        draft.say(INVALID, say("it names no account."), "iban")
    draft.put_iban("iban", line["iban"])
    _amount(line["amount"], draft)
    _remittance(line["reference"], line["text"], draft)
    return draft.done()


def _amount(raw: str, draft: Draft) -> None:
    match = re.fullmatch(r"([A-Za-z]{3})\s?([\d.,]{1,15})", raw, re.ASCII)
    if match is None:
        if raw:
            draft.say(INVALID, say("its amount is none."), "amount_due")
        return
    if match[1].upper() != "EUR":
        draft.say(INVALID, say("a SEPA transfer is in euro."), "currency")
        return
    draft.put_currency(match[1])
    draft.put_amount("amount_due", match[2], most="999999999.99")
    if draft.found.get("amount_due") == "0.00":
        draft.say(FORM, say("its amount is zero."), "amount_due")


def _remittance(reference: str, text: str, draft: Draft) -> None:
    if reference and text:
        draft.say(FORM, say("it has a structured reference and a text, of which one is allowed."))
    if re.match(r"RF\d\d", reference, re.IGNORECASE):
        value = creditor_reference(reference)
        if value:
            draft.found["reference"] = value
        else:
            draft.say(INVALID, say("its reference has wrong check digits."))
    else:  # a reference of a national scheme
        draft.put("reference", reference, 35)
    draft.put("message", text, 140)
