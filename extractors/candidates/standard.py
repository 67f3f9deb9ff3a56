"""Identifiers that a standard shapes: VAT ids, IBANs and Czech accounts, BICs, company and tax numbers."""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.candidates.base import Candidate, make
from extractors.page.layout import Layout, Line
from extractors.page.text import digits_only
from extractors.values.identifiers import (
    IBAN_LENGTH,
    is_ico,
    is_valid_iban,
    is_valid_vat_id,
    parse_bic,
    parse_czech_account,
    parse_vat_id,
    repair_iban,
)
from models.document_types import Kind

_B = r"[ \u2002.-]?"
_VAT = re.compile(rf"(?<![A-Za-z0-9])((?:[A-Z]{{2}}|CHE){_B}[0-9A-Z](?:{_B}[0-9A-Z]){{5,13}})(?![A-Za-z0-9])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}[ \u2002]?[0-9OIl]{2}(?:[ \u2002]{0,2}[A-Z0-9l]{1,34}){1,10})(?![a-z])")
_ACCOUNT = re.compile(r"(?<![\w/.-])((?:\d{1,6} ?- ?)?\d{2,10} ?/ ?\d{4})(?![\w/-]|[.,]\d)")
_BIC = re.compile(r"(?<![A-Za-z0-9])([A-Z]{4} ?[A-Z]{2} ?[A-Z0-9]{2}(?: ?[A-Z0-9]{3})?)(?![A-Za-z0-9])")
_TAX_DE = re.compile(r"(?<![\w/])(\d{2,3} ?/ ?\d{3,4} ?/ ?\d{4,5})(?![\w/])")
_ICO = re.compile(r"(?<![\w/.,-])(\d{3} ?\d{2} ?\d{3}|\d{8})(?![\w/]|[.,-]\d)")


def _vat_ids(line: Line) -> list[Candidate]:
    found = []
    place = 0
    while match := _VAT.search(line.text, place):
        text = match[1]
        place = match.start(1) + 2
        # a following word may have been taken along: try shorter pieces, whole tokens first
        pieces = [text] + [text[: m.start()] for m in reversed(list(re.finditer(r"[ \u2002.-]", text)))]
        for piece in pieces:
            value = parse_vat_id(piece)
            if value and sum(c.isdigit() for c in piece) >= 5:
                end = match.start(1) + len(piece)
                found.append(make(Kind.VAT_ID, value, line, match.start(1), end, "vat_id", is_valid_vat_id(value)))
                place = end
                break
    return found


def _iban_end(text: str, need: int) -> int | None:
    """Where the first ``need`` letters and digits of ``text`` end, if a token ends there."""
    count = 0
    for index, char in enumerate(text):
        count += char.isalnum()
        if count == need:
            return index + 1 if index + 1 == len(text) or not text[index + 1].isalnum() else None
    return None


def _ibans(line: Line) -> list[Candidate]:
    found = []
    place = 0
    spaced = re.sub(r"(?<=\d)[:.,·](?=\d)", " ", line.text)  # specks between the groups
    while match := _IBAN.search(spaced, place):
        text = match[1]
        first = re.split(r"[ \u2002]", text)[0]
        place = match.start(1) + len(first)
        country = text[:2]
        if country not in IBAN_LENGTH:
            continue
        end = _iban_end(text, IBAN_LENGTH[country])
        if end is None:  # what the page says may be too short: take the groups with digits
            groups = list(re.finditer(r"[A-Za-z0-9]+", text))
            while len(groups) > 1 and not re.search(r"\d", groups[-1][0]):
                groups.pop()
            end = groups[-1].end()
        value = repair_iban(re.sub(r"[^A-Z0-9]", "", text[:end].upper()))
        valid = is_valid_iban(value)
        if len(value) < 15 or sum(c.isdigit() for c in value) < 10 or (not valid and parse_vat_id(first)):
            continue
        found.append(make(Kind.IBAN, value, line, match.start(1), match.start(1) + end, "iban", valid))
        place = match.start(1) + end
    for match in _ACCOUNT.finditer(line.text):
        account = parse_czech_account(match[1])
        if account and not any(c.start <= match.start() < c.end for c in found):
            found.append(make(Kind.IBAN, account, line, match.start(1), match.end(1), "czech_account", True))
    return found


def _continued(candidate: Candidate, layout: Layout) -> Candidate:
    """An IBAN with its last groups, where a narrow column breaks it: they stand right below its first."""
    short = IBAN_LENGTH.get(candidate.value[:2], 0) - len(candidate.value)
    if candidate.valid or candidate.rule != "iban" or short <= 0:
        return candidate
    height = candidate.box[3] - candidate.box[1]
    for segment in layout.below(candidate.box, candidate.page, 1.5 * height)[:2]:
        rest = re.sub(r"[^A-Z0-9]", "", segment.text.upper())
        value = repair_iban(candidate.value + rest[:short])
        if len(rest) == short and is_valid_iban(value):
            return replace(candidate, value=value, raw=f"{candidate.raw} {segment.text}", valid=True)
    return candidate


def _bics(line: Line) -> list[Candidate]:
    found = []
    for match in _BIC.finditer(line.text):
        value = parse_bic(match[1])
        if value:
            found.append(make(Kind.BIC, value, line, match.start(1), match.end(1), "bic"))
    return found


def _tax_numbers(line: Line) -> list[Candidate]:
    found = [
        make(Kind.TAX_NUMBER, re.sub(r"\s", "", m[1]), line, m.start(1), m.end(1), "steuernummer")
        for m in _TAX_DE.finditer(line.text)
    ]
    plain = re.sub(r"[^\s]+", lambda m: digits_only(m[0]), line.text)
    for match in _ICO.finditer(plain):
        value = re.sub(r"\s", "", match[1])
        if is_ico(value):
            found.append(make(Kind.TAX_NUMBER, value, line, match.start(1), match.end(1), "ico", True))
    return found


def standard_candidates(layout: Layout) -> list[Candidate]:
    """Every identifier with a standard; one whose check digit is wrong is kept and marked ``valid=False``."""
    found: list[Candidate] = []
    for line in layout.lines:
        if not re.search(r"\d|bic|swift", line.text, re.IGNORECASE) and not _BIC.search(line.text):
            continue
        ibans = [_continued(one, layout) for one in _ibans(line)]
        found += ibans
        busy = [(c.start, c.end) for c in ibans]
        for one in (*_vat_ids(line), *_bics(line), *_tax_numbers(line)):
            if not any(one.start < end and start < one.end for start, end in busy):
                found.append(one)
    return found
