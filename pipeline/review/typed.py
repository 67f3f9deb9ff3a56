"""What a person typed, in normal form: the fields and the rows of the line item table. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from extractors.normalise import normalise
from models.document_types import DocumentType, Kind
from models.errors import NotFound
from models.records import LINE_ITEM_COLUMNS, Field, LineItem

_WANTED = {
    Kind.DATE: "This is not a date. Write it like 31. 1. 2025 or 2025-01-31.",
    Kind.AMOUNT: "This is not an amount. Write it like 1 234,50 or 1234.50.",
    Kind.NUMBER: "This is not a number. Write it like 168,5 or 168.5.",
    Kind.PERCENT: "This is not a percentage. Write it like 21 % or 21.",
    Kind.CURRENCY: "This is not a currency. Write its three letters, like CZK.",
    Kind.VAT_ID: "This is not a VAT id. It begins with two letters of the country, like CZ12345678.",
    Kind.TAX_NUMBER: "This is not a company or tax number.",
    Kind.IBAN: "This is not an IBAN. It begins with two letters and two digits, like CZ65 0800 …",
    Kind.BIC: "This is not a BIC. It has 8 or 11 letters and digits, like GIBACZPX.",
    Kind.PHONE: "This is not a telephone number. Write it like +420 601 123 456.",
    Kind.EMAIL: "This is not an e-mail address.",
    Kind.DIGITS: "Only digits belong here.",
    Kind.IDENTIFIER: "This does not look like a number or mark of a document.",
    Kind.DATES: "These are not dates. Separate them by semicolons.",
    Kind.AMOUNTS: "These are not amounts. Separate them by semicolons.",
}
NUMBER_COLUMNS = frozenset({"quantity", "unit_price", "net_amount", "tax_rate"})
"""The columns of the line item table that hold numbers."""


def normal_values(
    kind: DocumentType, known: Mapping[str, Field], values: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The values of all fields in normal form, and a message for each that has none.

    Raises:
        NotFound: a name is no field of the type.
    """
    normal, problems = {name: field.value for name, field in known.items()}, {}
    for name, typed in values.items():
        if name not in kind.fields:
            raise NotFound(f"A document of type {kind.name} has no field {name!r}.")
        text = as_typed(typed)
        if text == as_typed(normal.get(name, "")):
            continue  # untouched: what the machine wrote is in normal form
        value = normalise(kind.fields[name].kind, text) if text else ""
        if value is None:
            problems[name] = _WANTED.get(kind.fields[name].kind, "This can't be understood.")
        else:
            normal[name] = value
    return normal, problems


def normal_items(
    before: Sequence[LineItem], typed: Sequence[Mapping[str, Any]]
) -> tuple[tuple[LineItem, ...], dict[str, str], dict[str, Any]]:
    """The rows in normal form, what is wrong with them, and what changed (see `_changes`); empty rows are dropped.

    A row whose ``origin`` is the position of a row before is that row: unchanged it keeps its proof, corrected its
    place on the page. One without it keeps the proof of the row that it equals.
    """
    read = {column: {getattr(item, column) for item in before} for column in LINE_ITEM_COLUMNS}
    free = {number: _cells(item) for number, item in enumerate(before)}
    items: list[LineItem] = []
    origins: list[int | None] = []
    problems = {}
    for number, row in enumerate(typed):
        cells: list[str | None] = []
        for column in LINE_ITEM_COLUMNS:
            text = as_typed(str(row.get(column) or ""))
            value: str | None = text or None
            if text and column in NUMBER_COLUMNS and text not in read[column]:
                value = text if _is_plain_number(text) else normalise(Kind.AMOUNT, text.removesuffix("%").strip())
                if value is None:
                    problems[f"line_items.{number}.{column}"] = "This is not a number. Write it like 1 234,50."
            cells.append(value)
        if not any(cells):
            continue
        origin = _origin(row, free, cells)
        columns: dict[str, Any] = dict(zip(LINE_ITEM_COLUMNS, cells, strict=True))
        if origin is None:
            items.append(LineItem(**columns, confidence=1.0))
        elif free.pop(origin) == cells:
            items.append(before[origin])
        else:  # it still stands where it stood
            items.append(replace(before[origin], **columns, confidence=1.0))
        origins.append(origin)
    return tuple(items), problems, _changes(before, items, origins)


def _cells(item: LineItem) -> list[str | None]:
    return [as_typed(getattr(item, column) or "") or None for column in LINE_ITEM_COLUMNS]


def _origin(row: Mapping[str, Any], free: Mapping[int, list[str | None]], cells: list[str | None]) -> int | None:
    """Which of the rows before a typed row is, each of them once."""
    told = str(row.get("origin") if row.get("origin") is not None else "")
    if told:
        return int(told) if told.isdecimal() and len(told) < 10 and int(told) in free else None
    return next((number for number, one in free.items() if one == cells), None)


def _changes(before: Sequence[LineItem], items: Sequence[LineItem], origins: Sequence[int | None]) -> dict[str, Any]:
    """Which rows changed, for the ledger: positions and columns, no values.

    Rows ``corrected`` and ``removed`` are counted as they stood before, rows ``added`` as they stand now.
    """
    corrected = {
        str(origin): [one for one in LINE_ITEM_COLUMNS if getattr(item, one) != getattr(before[origin], one)]
        for item, origin in zip(items, origins, strict=True)
        if origin is not None and item != before[origin]
    }
    removed = sorted(set(range(len(before))) - set(origins))
    added = [position for position, origin in enumerate(origins) if origin is None]
    told = {"corrected": corrected, "removed": removed, "added": added}
    return {name: what for name, what in told.items() if what}


def as_typed(text: str) -> str:
    """What a person typed, without what no keyboard sends and a database may refuse (NUL, lone surrogates)."""
    text = text.replace("\r\n", "\n")
    return "".join(char for char in text if char.isprintable() or char.isspace()).strip()


def _is_plain_number(text: str) -> bool:
    whole, _, decimals = text.removeprefix("-").partition(".")
    # three decimals may be a thousands point: 1.234 is for `normalise` to say
    return text.isascii() and whole.isdecimal() and (not decimals or (decimals.isdecimal() and len(decimals) != 3))
