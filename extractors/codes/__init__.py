"""Payment and invoice codes (QR) read as data, and their marriage with what the page shows."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.codes.epc import is_epc, read_epc
from extractors.codes.paybysquare import is_pay_by_square, read_pay_by_square
from extractors.codes.record import LONGEST_TEXT, BrokenCode, PaymentCode
from extractors.codes.spayd import is_spayd, read_spayd
from extractors.codes.swiss import is_swiss, read_swiss
from models.records import Box, Reading

__all__ = ["BrokenCode", "FoundCode", "PaymentCode", "codes_of", "read_code"]

_READERS = (
    (is_spayd, read_spayd),
    (is_epc, read_epc),
    (is_swiss, read_swiss),
    (is_pay_by_square, read_pay_by_square),
)


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A payment code on a page: page number from 1, box in points, and what it says; None where it can't be read."""

    page: int
    box: Box
    code: PaymentCode | None


def read_code(text: str) -> PaymentCode | None:
    """Read the text of a code; None where it is no payment or invoice code of a standard that we know.

    Pure; time and memory are bounded whatever the text (see `extractors.codes.record.LONGEST_TEXT`).

    Args:
        text: what a barcode reader found, QR codes with or without their last line feeds.

    Raises:
        BrokenCode: it begins as a code of such a standard and can't be read.
    """
    if len(text) > LONGEST_TEXT:
        return None
    return next((read(text) for is_one, read in _READERS if is_one(text)), None)


def codes_of(reading: Reading) -> tuple[FoundCode, ...]:
    """The payment codes on the pages, each distinct one once, in the order of the pages."""
    found: dict[str, FoundCode] = {}
    for page in reading.pages:
        for one in page.codes:
            text = one.text.strip()
            if text in found:
                continue
            try:
                code = read_code(text)
            except BrokenCode:
                found[text] = FoundCode(page.number, one.box, None)
                continue
            if code is not None:
                found[text] = FoundCode(page.number, one.box, code)
    return tuple(found.values())
