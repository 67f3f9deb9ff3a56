"""What a reviewer decides, each in one transaction: the corrections, the row in the destination and the state.

A decision counts only while the reviewer holds the document and it is still as they saw it; whoever comes
second is told by `Conflict` who was first. Values are brought into normal form and checked by the pipeline's
own code, so the desk can't load what the machine would not, unless the reviewer says why on record.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models.errors import Blocked, Conflict, InvalidValue, NotFound
from models.messages import say
from models.records import Field, Finding, Severity, Source, Witness
from models.states import State
from models.tables import DocumentRow, FieldRow, PageRow
from pipeline.accounts import titles
from pipeline.checkpoint import checkpoint
from pipeline.intake import tell
from pipeline.load import business_key_holder, load
from pipeline.review import aside, effort, four_eyes
from pipeline.review.places import NOWHERE, Place
from pipeline.review.records import blocking
from pipeline.review.stored import decision_of, holder_of
from pipeline.review.weigh import duplicate, kind_named, weigh
from pipeline.search import index_document
from pipeline.store import Store, drop_lease, move, record, take_lease
from pipeline.store.readings import write_fields, write_line_items

_STATES = {
    State.LOADED.value: say("loaded"),
    State.REJECTED.value: say("rejected"),
    State.QUARANTINED.value: say("quarantined"),
    State.REPLACED.value: say("replaced"),
}
PURPOSE = "review"
REASON_LENGTH = 1000


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
    override: str = "",
    cost: effort.Effort | None = None,
    places: Mapping[str, Place] = NOWHERE,
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
        override: Why, in words; needed where one of them is an error. The ledger keeps it.
        cost: What it cost the reviewer.
        places: Where on the pages the reviewer took values from, by field name.

    Raises:
        NotFound: no such document, type, field or page.
        Conflict: someone else decided first or holds it.
        InvalidValue: some values have no normal form, or ``override`` is missing; ``problems`` names all of them.
        Blocked: checks object to what was typed or read; ``findings`` has all that they say, `blocking` tells which
            of them count.

    Returns:
        LOADED, or REVIEW where a second person must confirm it.
    """
    with store.transaction() as session:
        document = hold(session, store, document_id, version, reviewer)
        kind = kind_named(type_name or document.type)
        retyped = kind.name != document.type
        machine = four_eyes.values_read(session, document)
        weighed = weigh(session, document, kind, values, line_items, store.settings)
        if weighed.problems:
            message = say("Some values can't be understood; see the marked fields.")
            raise InvalidValue(message, dict(weighed.problems))

        corrected = weighed.corrected
        _write_fields(session, document_id, weighed.known, weighed.normal, corrected, places=places, retyped=retyped)
        items_changed = weighed.items != weighed.before.line_items
        _must_have(session, document_id, {item.page for item in weighed.items if item.page is not None})
        if items_changed or retyped:
            write_line_items(session, document_id, weighed.items)
        document.type = kind.name
        session.flush()
        findings = weighed.findings + duplicate(business_key_holder(session, document))
        told: dict[str, Any] = {"corrected": corrected}
        told |= _despite(findings, blocking(findings, weighed.shown), " ".join(override.split()), load_anyway)
        if corrected or items_changed or retyped:  # else search knows it as it is
            index_document(session, document_id)
        document.findings = [
            {"code": one.code, "severity": one.severity.value, "message": one.message, "fields": list(one.fields)}
            for one in findings
        ]
        if items_changed:
            told["line_items"] = {"rows": len(weighed.items), **weighed.changes}
        if retyped:
            told["type"] = kind.name
        if (first := four_eyes.first_of(session, document_id)) is not None:
            told["after"] = first.by
        record(session, document_id, reviewer, "review-accepted", **told)
        drop_lease(session, document_id, reviewer)
        aside.forget(session, document_id)
        changed = [*corrected, *([effort.LINES] if items_changed else [])]
        effort.keep(session, document_id, reviewer, "accepted", cost, changed)
        wanted = four_eyes.wanted(session, document, machine, (kind, weighed.normal), store.settings)
        _load_or_wait(session, document, reviewer, wanted, changed=bool(changed or retyped))
    checkpoint("after_review_save")
    return State(document.state)


def _despite(
    findings: tuple[Finding, ...], against: tuple[Finding, ...], reason: str, load_anyway: bool
) -> dict[str, Any]:
    """What the ledger says about findings that the reviewer overrides.

    Raises:
        Blocked: there are such, and the reviewer has not said that it must load.
        InvalidValue: an error is among them, and the reviewer has not said why.
    """
    if not against:
        return {}
    if not load_anyway:
        raise Blocked(say("The checks object; mend the values, or say why it must load anyway."), findings)
    told: dict[str, Any] = {"despite": sorted({finding.code for finding in against})}
    if reason:
        told["because"] = reason[:REASON_LENGTH]
    elif any(finding.severity == Severity.ERROR for finding in against):
        message = say("Say why it must load in spite of what the checks found.")
        raise InvalidValue(message, {"override": message})
    return told


def _load_or_wait(session: Session, document: DocumentRow, reviewer: str, wanted: str | None, *, changed: bool) -> None:
    """Load, or keep this as the first of two decisions; ``wanted`` is why two are needed."""
    if wanted is not None and not four_eyes.is_second(session, document.id, reviewer, changed=changed):
        four_eyes.keep_first(session, document, reviewer, wanted)
    else:
        four_eyes.forget(session, document.id)
        load(session, document, reviewer)


def decide_reject(  # noqa: PLR0917
    store: Store,
    document_id: int,
    version: int,
    reviewer: str,
    reason: str,
    cost: effort.Effort | None = None,
) -> None:
    """Send a document back; nothing is loaded. The station finds it in the quarantine folder with the reason.

    Raises:
        NotFound: no such document.
        Conflict: someone else decided first or holds it.
        InvalidValue: no reason is given.
    """
    reason = reason_of(reason, say("Say why it goes back; the sender needs it."))
    with store.transaction() as session:
        document = hold(session, store, document_id, version, reviewer)
        drop_lease(session, document_id, reviewer)
        four_eyes.forget(session, document_id)
        aside.forget(session, document_id)
        effort.keep(session, document_id, reviewer, "rejected", cost)
        document.quarantine_code, document.quarantine_message = "rejected", reason
        move(session, document, State.REJECTED, reviewer, reason=reason)
    checkpoint("after_review_save")
    with contextlib.suppress(OSError):  # the decision stands; housekeeping tries the folder again
        tell(store, document_id)


def reason_of(text: str, wanted: str, name: str = "reason") -> str:
    """A reason in one line.

    Raises:
        InvalidValue: there is none; the message is ``wanted``, under ``name``.
    """
    reason = " ".join(text.split())[:REASON_LENGTH]
    if not reason:
        raise InvalidValue(wanted, {name: wanted})
    return reason


def hold(
    session: Session, store: Store, document_id: int, version: int, reviewer: str, *, first_may: bool = False
) -> DocumentRow:
    """The row, locked until the transaction ends, once it is sure that this reviewer may decide on it.

    Raises:
        NotFound: no such document.
        Conflict: someone else decided first or holds it, or it is not as the reviewer saw it.
    """
    document = session.get(DocumentRow, document_id, with_for_update=True)
    if document is None:
        raise NotFound(say("There is no document {number}.", number=document_id))
    if document.state != State.REVIEW:
        done = decision_of(session, document_id)
        state = _STATES.get(document.state, document.state)
        if done is None:
            raise Conflict(say("This document is already {state}. Nothing was changed this time.", state=state))
        who = titles(session, [done.by])[done.by]
        message = say(
            "This document is already {state} by {name}. Nothing was changed this time.", state=state, name=who
        )
        raise Conflict(message)
    if document.version != version:
        raise Conflict(say("This document was changed since you opened it. Look at it again."))
    first = four_eyes.first_of(session, document_id)
    if first is not None and first.by == reviewer and not first_may:
        raise Conflict(
            say("You decided on this document already; now someone else must confirm it. Nothing was changed.")
        )
    if not take_lease(session, document_id, reviewer, PURPOSE, store.settings.review_lease_seconds):
        holder = holder_of(session, document_id)
        who = titles(session, [holder])[holder] if holder else say("Someone else")
        raise Conflict(say("{who} has this document open now. Nothing was changed.", who=who))
    return document


def _must_have(session: Session, document_id: int, pages: set[int]) -> None:
    """Raise `NotFound` where a place is on no page of the document."""
    for number in sorted(pages):
        if session.get(PageRow, (document_id, number)) is None:
            raise NotFound(say("The document has no page {page}.", page=number))


def _write_fields(
    session: Session,
    document_id: int,
    known: Mapping[str, Field],
    normal: Mapping[str, str],
    corrected: Sequence[str],
    *,
    places: Mapping[str, Place],
    retyped: bool,
) -> None:
    """Write what changed; ``corrected`` names it.

    Raises:
        NotFound: a place is on no page of the document.
    """
    if retyped:
        write_fields(session, document_id, known.values())
        session.flush()
    # before a row is begun: asking writes what the session holds
    _must_have(session, document_id, {pointed.page for pointed in places.values()})
    for name in corrected:
        before = known[name].value if name in known else ""
        value = normal.get(name, "")
        row = session.get(FieldRow, (document_id, name))
        if row is None:
            row = FieldRow(document_id=document_id, name=name)
            session.add(row)
        # the box was that of another value; where the reviewer pointed at one, it is the new value's
        place = places.get(name) if value else None
        row.value, row.raw, row.confidence = value, value, 1.0
        row.page, row.box = (place.page, list(place.box)) if place is not None else (None, None)
        row.source, row.witnesses = Source.REVIEWER.value, [Witness.REVIEWER.value]
        if row.corrected_from is None:  # a second person's correction leaves what the machine had read
            row.corrected_from = before
