"""What a reviewer decides, each in one transaction: the corrections, the row in the destination and the state.

A decision counts only while the reviewer holds the document and it is still as they saw it; whoever comes
second is told by `Conflict` who was first. Values are brought into normal form and checked by the pipeline's
own code, so the desk can't load what the machine would not, unless the reviewer says so on record.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from extractors.normalise import normalise
from models.document_types import UNKNOWN, DocumentType, Kind, document_types
from models.errors import Blocked, Conflict, InvalidValue, NotFound
from models.records import LINE_ITEM_COLUMNS, Field, Finding, LineItem, Severity, Source, Witness
from models.states import State
from models.tables import DocumentRow, FieldRow
from pipeline.accounts import titles
from pipeline.check import check_values
from pipeline.checkpoint import checkpoint
from pipeline.intake import tell
from pipeline.load import business_key_holder, load
from pipeline.review import four_eyes
from pipeline.review.records import blocking
from pipeline.review.stored import decision_of, extract_again, finding_of, holder_of, shown_findings, stored_extraction
from pipeline.store import Store, drop_lease, move, record, take_lease
from pipeline.store.readings import write_fields, write_line_items

PURPOSE = "review"
REASON_LENGTH = 1000
_ASKED_AGAIN = frozenset({"duplicate", "invalid-value"})  # findings of loading, which we find out anew

_WANTED = {
    Kind.DATE: "This is not a date. Write it like 31. 1. 2025 or 2025-01-31.",
    Kind.AMOUNT: "This is not an amount. Write it like 1 234,50 or 1234.50.",
    Kind.CURRENCY: "This is not a currency. Write its three letters, like CZK.",
    Kind.VAT_ID: "This is not a VAT id. It begins with two letters of the country, like CZ12345678.",
    Kind.TAX_NUMBER: "This is not a company or tax number.",
    Kind.IBAN: "This is not an IBAN. It begins with two letters and two digits, like CZ65 0800 …",
    Kind.BIC: "This is not a BIC. It has 8 or 11 letters and digits, like GIBACZPX.",
    Kind.DIGITS: "Only digits belong here.",
    Kind.IDENTIFIER: "This does not look like a number or mark of a document.",
    Kind.DATES: "These are not dates. Separate them by semicolons.",
    Kind.AMOUNTS: "These are not amounts. Separate them by semicolons.",
}
_NUMBERS = frozenset({"quantity", "unit_price", "net_amount", "tax_rate"})


def decide_accept(  # noqa: PLR0917 - the interface between the rooms
    store: Store,
    document_id: int,
    version: int,
    reviewer: str,
    values: Mapping[str, str],
    line_items: Sequence[Mapping[str, Any]] | None = None,
    *,
    type_name: str | None = None,
    load_anyway: bool = False,
) -> State:
    """Load a document with the values that a reviewer saw and typed.

    One that needs two people (see `pipeline.route.two_people`) is loaded by the second of them, who confirms it
    unchanged; before, the decision is kept and the document waits on. Whoever corrects it begins anew.

    Args:
        store: Where it is kept.
        document_id: Which document.
        version: The version that the reviewer saw.
        reviewer: Who decides; must hold the document, or nobody else may.
        values: Field name to what was typed, any way of writing; a field not named stays as it is, ``""`` clears it.
        line_items: All rows, column to what was typed, and ``origin``, the position that the row had before, if it
            is not new; None leaves them as they are.
        type_name: Another document type than the stored one.
        load_anyway: Load in spite of findings that block; their codes are written into the ledger.

    Raises:
        NotFound: no such document, type or field.
        Conflict: someone else decided first or holds it.
        InvalidValue: some values have no normal form; ``problems`` names all of them.
        Blocked: checks object to what was typed or read; ``findings`` has all that they say, `blocking` tells which
            of them count.

    Returns:
        LOADED, or REVIEW where a second person must confirm it.
    """
    with store.transaction() as session:
        document = _hold(session, store, document_id, version, reviewer)
        kind = _kind(type_name or document.type)
        retyped = kind.name != document.type
        told_by_reading = _told_by_reading(session, document)
        machine = four_eyes.values_read(session, document)
        if retyped:
            before = extract_again(session, document, kind, store.settings)
        else:
            before = stored_extraction(session, document_id)
        shown = shown_findings(document, kind, before)
        known = {field.name: field for field in before.fields if field.name in kind.fields}
        normal, problems = _normal_values(kind, known, values)
        items, changes = before.line_items, dict[str, Any]()
        if line_items is not None and kind.line_table:
            items, wrong, changes = _normal_items(before.line_items, line_items)
            problems |= wrong
        if problems:
            raise InvalidValue("Some values can't be understood; see the marked fields.", problems)

        corrected = _write_fields(session, document_id, kind, known, normal, retyped=retyped)
        items_changed = items != before.line_items
        if items_changed or retyped:
            write_line_items(session, document_id, items)
        document.type = kind.name
        findings = _findings(session, document, kind, {name: value for name, value in normal.items() if value}, items)
        findings += tuple(one for one in told_by_reading if not set(one.fields) & set(corrected))  # else it is mended
        against = blocking(findings, shown)
        if against and not load_anyway:
            raise Blocked("The checks object; mend the values or load anyway.", findings)
        document.findings = [
            {"code": one.code, "severity": one.severity.value, "message": one.message, "fields": list(one.fields)}
            for one in findings
        ]
        told: dict[str, Any] = {"corrected": corrected}
        if items_changed:
            told["line_items"] = {"rows": len(items)} | changes
        if retyped:
            told["type"] = kind.name
        if against:
            told["despite"] = sorted({finding.code for finding in against})
        if (first := four_eyes.first_of(session, document_id)) is not None:
            told["after"] = first.by
        record(session, document_id, reviewer, "review-accepted", **told)
        drop_lease(session, document_id, reviewer)
        wanted = four_eyes.wanted(session, document, machine, (kind, normal), store.settings)
        _load_or_wait(session, document, reviewer, wanted, changed=bool(corrected or items_changed or retyped))
    checkpoint("after_review_save")
    return State(document.state)


def _load_or_wait(session: Session, document: DocumentRow, reviewer: str, wanted: str | None, *, changed: bool) -> None:
    """Load, or keep this as the first of two decisions; ``wanted`` is why two are needed."""
    if wanted is not None and not four_eyes.is_second(session, document.id, reviewer, changed=changed):
        four_eyes.keep_first(session, document, reviewer, wanted)
    else:
        four_eyes.forget(session, document.id)
        load(session, document, reviewer)


def decide_reject(store: Store, document_id: int, version: int, reviewer: str, reason: str) -> None:
    """Send a document back; nothing is loaded. The station finds it in the quarantine folder with the reason.

    Raises:
        NotFound: no such document.
        Conflict: someone else decided first or holds it.
        InvalidValue: no reason is given.
    """
    reason = " ".join(reason.split())[:REASON_LENGTH]
    if not reason:
        raise InvalidValue("Say why it goes back.", {"reason": "Say why it goes back; the sender needs it."})
    with store.transaction() as session:
        document = _hold(session, store, document_id, version, reviewer)
        drop_lease(session, document_id, reviewer)
        four_eyes.forget(session, document_id)
        document.quarantine_code, document.quarantine_message = "rejected", reason
        move(session, document, State.REJECTED, reviewer, reason=reason)
    checkpoint("after_review_save")
    with contextlib.suppress(OSError):  # the decision stands; housekeeping tries the folder again
        tell(store, document_id)


def take_back(store: Store, document_id: int, version: int, reviewer: str) -> None:
    """Take one's own first decision back, before a second person has confirmed it; what was corrected stays.

    Raises:
        NotFound: no such document.
        Conflict: it is not waiting for a second person, or someone else decided first or holds it.
    """
    with store.transaction() as session:
        document = _hold(session, store, document_id, version, reviewer, first_may=True)
        first = four_eyes.first_of(session, document_id)
        if first is None or first.by != reviewer:
            raise Conflict("You have not decided on this document; there is nothing to take back.")
        four_eyes.take_back(session, document)
        record(session, document_id, reviewer, "review-taken-back")


def _kind(name: str | None) -> DocumentType:
    kind = document_types().get(name or UNKNOWN)
    if kind is None:
        raise NotFound("There is no such document type.")
    return kind


def _hold(
    session: Session, store: Store, document_id: int, version: int, reviewer: str, *, first_may: bool = False
) -> DocumentRow:
    """The row, locked until the transaction ends, once it is sure that this reviewer may decide on it."""
    document = session.get(DocumentRow, document_id, with_for_update=True)
    if document is None:
        raise NotFound(f"There is no document {document_id}.")
    if document.state != State.REVIEW:
        done = decision_of(session, document_id)
        who = f" by {titles(session, [done.by])[done.by]}" if done else ""
        raise Conflict(f"This document is already {document.state}{who}. Nothing was changed this time.")
    if document.version != version:
        raise Conflict("This document was changed since you opened it. Look at it again.")
    first = four_eyes.first_of(session, document_id)
    if first is not None and first.by == reviewer and not first_may:
        raise Conflict("You decided on this document already; now someone else must confirm it. Nothing was changed.")
    if not take_lease(session, document_id, reviewer, PURPOSE, store.settings.review_lease_seconds):
        holder = holder_of(session, document_id)
        who = titles(session, [holder])[holder] if holder else "Someone else"
        raise Conflict(f"{who} has this document open now. Nothing was changed.")
    return document


def _normal_values(
    kind: DocumentType, known: Mapping[str, Field], values: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The values of all fields in normal form, and a message for each that has none."""
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


def _normal_items(
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
            if text and column in _NUMBERS and text not in read[column]:
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


def _findings(
    session: Session, document: DocumentRow, kind: DocumentType, values: dict[str, str], items: Sequence[LineItem]
) -> tuple[Finding, ...]:
    findings = check_values(kind, values, items)
    session.flush()
    holder = business_key_holder(session, document)
    if holder is None or holder == document.id:
        return findings
    message = f"Document {holder} is already loaded with the same sender and number; loading this one replaces its row."
    return (*findings, Finding("duplicate", Severity.ERROR, message))


def _told_by_reading(session: Session, document: DocumentRow) -> tuple[Finding, ...]:
    """The stored findings that values alone can't repeat: what reading noticed, and the e-invoice against the page."""
    before = stored_extraction(session, document.id)
    values = {field.name: field.value for field in before.fields}
    of_values = set(check_values(_kind(document.type), values, before.line_items))
    stored = map(finding_of, document.findings)
    return tuple(one for one in stored if one not in of_values and one.code not in _ASKED_AGAIN)


def _write_fields(
    session: Session,
    document_id: int,
    kind: DocumentType,
    known: Mapping[str, Field],
    normal: Mapping[str, str],
    *,
    retyped: bool,
) -> list[str]:
    """Write what changed; returns the names of the corrected fields."""
    if retyped:
        write_fields(session, document_id, known.values())
        session.flush()
    corrected = []
    for name in kind.fields:
        before = known[name].value if name in known else ""
        value = normal.get(name, "")
        if value == before:
            continue
        corrected.append(name)
        row = session.get(FieldRow, (document_id, name))
        if row is None:
            row = FieldRow(document_id=document_id, name=name)
            session.add(row)
        # the box was that of another value
        row.value, row.raw, row.confidence, row.page, row.box = value, value, 1.0, None, None
        row.source, row.witnesses = Source.REVIEWER.value, [Witness.REVIEWER.value]
        if row.corrected_from is None:  # a second person's correction leaves what the machine had read
            row.corrected_from = before
    return corrected
