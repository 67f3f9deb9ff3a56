"""What a person typed, in normal form: the fields and the rows of the line item table.

Pure but for the language that is spoken, which says how ambiguous numbers and dates are read (`pipeline.review.local`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from models.document_types import DocumentType, Kind
from models.errors import NotFound
from models.messages import say
from models.records import LINE_ITEM_COLUMNS, Field, LineItem
from pipeline.review import local
from pipeline.review.local import NUMBER_COLUMNS
from pipeline.review.places import Place

_WANTED = {
    Kind.DATE: say("This is not a date. Write it like 31. 1. 2025 or 2025-01-31."),
    Kind.AMOUNT: say("This is not an amount. Write it like 1 234,50 or 1234.50."),
    Kind.NUMBER: say("This is not a number. Write it like 168,5 or 168.5."),
    Kind.PERCENT: say("This is not a percentage. Write it like 21 % or 21."),
    Kind.CURRENCY: say("This is not a currency. Write its three letters, like CZK."),
    Kind.VAT_ID: say("This is not a VAT id. It begins with two letters of the country, like CZ12345678."),
    Kind.TAX_NUMBER: say("This is not a company or tax number."),
    Kind.IBAN: say("This is not an IBAN. It begins with two letters and two digits, like CZ65 0800 …"),
    Kind.BIC: say("This is not a BIC. It has 8 or 11 letters and digits, like GIBACZPX."),
    Kind.PHONE: say("This is not a telephone number. Write it like +420 601 123 456."),
    Kind.EMAIL: say("This is not an e-mail address."),
    Kind.DIGITS: say("Only digits belong here."),
    Kind.IDENTIFIER: say("This does not look like a number or mark of a document."),
    Kind.DATES: say("These are not dates. Separate them by semicolons."),
    Kind.AMOUNTS: say("These are not amounts. Separate them by semicolons."),
}


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
            raise NotFound(
                say(
                    "A document of type {type} has no field {name}.",
                    type=kind.name,
                    name=repr(name),
                )
            )
        text, spec = as_typed(typed), kind.fields[name]
        before = as_typed(normal.get(name, ""))
        if text == before or text == local.shown(spec.kind, before):
            continue  # untouched: what the machine wrote is in normal form
        try:
            value = local.understood(spec.kind, text) if text else ""
        except local.Ambiguous as doubt:
            problems[name] = str(doubt)
            continue
        if value is None:
            problems[name] = _WANTED.get(spec.kind, say("This can't be understood."))
        else:
            normal[name] = value
    return normal, problems


def normal_items(
    before: Sequence[LineItem], typed: Sequence[Mapping[str, Any]]
) -> tuple[tuple[LineItem, ...], dict[str, str], dict[str, Any]]:
    """The rows in normal form, what is wrong with them, and what changed (see `_changes`); empty rows are dropped.

    A row whose ``origin`` is the position of a row before is that row: unchanged it keeps its proof, corrected its
    place on the page. One without it keeps the proof of the row that it equals, or stands at its ``place`` (see
    `Place.parse`) where somebody read it from there.
    """
    read = {column: _forms(column, before) for column in NUMBER_COLUMNS}
    free = {number: _cells(item) for number, item in enumerate(before)}
    items: list[LineItem] = []
    origins: list[int | None] = []
    problems = {}
    for number, row in enumerate(typed):
        cells: list[str | None] = []
        for column in LINE_ITEM_COLUMNS:
            text = as_typed(str(row.get(column) or ""))
            value: str | None = text or None
            if text and column in NUMBER_COLUMNS:
                try:
                    value = read[column].get(text) or _number(text)
                except local.Ambiguous as doubt:
                    value, problems[f"line_items.{number}.{column}"] = text, str(doubt)
                if value is None:
                    problems[f"line_items.{number}.{column}"] = say("This is not a number. Write it like 1 234,50.")
            cells.append(value)
        if not any(cells):
            continue
        origin = _origin(row, free, cells)
        columns: dict[str, Any] = dict(zip(LINE_ITEM_COLUMNS, cells, strict=True))
        if origin is None:
            place = Place.parse(str(row.get("place") or ""))
            row_read = LineItem(**columns, confidence=1.0)
            items.append(replace(row_read, page=place.page, box=place.box) if place else row_read)
        elif free.pop(origin) == cells:
            items.append(before[origin])
        else:  # it still stands where it stood
            items.append(replace(before[origin], **columns, confidence=1.0))
        origins.append(origin)
    return tuple(items), problems, _changes(before, items, origins)


def _forms(column: str, items: Sequence[LineItem]) -> dict[str, str]:
    """What was read in a column, by the form that is stored and the one that is shown."""
    values = {getattr(item, column) for item in items} - {None, ""}
    return {local.shown_cell(column, value): value for value in values} | {value: value for value in values}


def _number(text: str) -> str | None:
    return text if _is_plain_number(text) else local.understood(Kind.AMOUNT, text.removesuffix("%").strip())


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
