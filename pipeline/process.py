"""Bring received documents as far as the machine can: loaded, into the review queue, or into quarantine.

A worker takes a document by a lease, counts the attempt *before* the work, and commits that; so a file that kills its
worker is counted, and after ``max_attempts`` lost workers it goes to quarantine as ``poison``. The reading itself
runs in a cage. What it brings is written in one transaction with the changes of state, the loading and
the return of the lease: another worker sees all of it or nothing. Prefect is not needed here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.document_types import document_types
from models.errors import Conflict, InvalidValue, PodatelnaError, StoreUnavailable, UnreadableDocument
from models.messages import Message, say
from models.records import Finding, Route, Severity, Understanding
from models.states import State
from models.tables import DocumentRow, LeaseRow, MadeFromRow
from pipeline.caged import understand_caged
from pipeline.checkpoint import checkpoint
from pipeline.intake import media_type_of, tell
from pipeline.intake.quarantine import printable
from pipeline.load import business_key_holder, load
from pipeline.page_cache import shelf
from pipeline.search import index_document
from pipeline.store import (
    Store,
    clock,
    drop_lease,
    hash_of,
    is_lost,
    is_this_process,
    move,
    new_owner,
    record,
    renew_lease,
    take_lease,
)
from pipeline.store.readings import write_fields, write_line_items, write_pages

__all__ = ["Outcome", "new_owner", "pending", "process", "process_one", "summary"]

PURPOSE = "process"
ACTOR = "machine"
_RENEWALS = 4  # a lease is renewed when this part of it has passed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document. ``seconds`` from claim to decision; ``code`` is that of quarantine."""

    document_id: int
    name: str
    state: State
    type: str | None = None
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    code: str | None = None


_running: set[tuple[int, str]] = set()
"""What this process is at right now: a lease of ours that is not here was left when the database went away."""


def _is_void(document_id: int, owner: str) -> bool:
    return is_lost(owner) or (is_this_process(owner) and (document_id, owner) not in _running)


class _LeaseLost(Exception):
    """Another worker has the document now; what we know of it is void."""


def pending(store: Store, limit: int = 1000) -> list[int]:
    """The ids of the oldest received documents that no living worker holds, at most ``limit``."""
    with store.reading() as session:
        now = clock.now()
        held = select(LeaseRow.document_id, LeaseRow.owner).where(LeaseRow.purpose == PURPOSE)
        lost = [one.document_id for one in session.execute(held) if _is_void(one.document_id, one.owner)]
        query = (
            select(DocumentRow.id)
            .outerjoin(LeaseRow, LeaseRow.document_id == DocumentRow.id)
            .where(DocumentRow.state == State.RECEIVED)
            .where(LeaseRow.document_id.is_(None) | (LeaseRow.expires_at < now) | DocumentRow.id.in_(lost))
            .order_by(DocumentRow.id)
            .limit(limit)
        )
        return list(session.scalars(query))


def summary(store: Store) -> dict[str, int]:
    """How many documents are in each state; every state is named."""
    with store.reading() as session:
        query = select(DocumentRow.state, func.count().label("number")).group_by(DocumentRow.state)
        found = {row.state: row.number for row in session.execute(query)}
    return {state.value: found.get(state.value, 0) for state in State}


def process(
    store: Store, ids: Iterable[int], *, workers: int, on_done: Callable[[Outcome | None], object] | None = None
) -> list[Outcome]:
    """Process documents, several at once (each in its own child process). Safe to repeat and to be killed.

    Args:
        store: Where they are.
        ids: Which; those that others hold or that are done already are left out.
        workers: How many at once.
        on_done: Called in this thread after each document, with None for one that was left out.

    Raises:
        PodatelnaError: the first `MissingTool`, `StoreUnavailable` or the like; documents under way are finished,
            the others untouched.
        Exception: a bug that one document brought out, raised when all others are done; the attempt counts.
    """
    outcomes: list[Outcome] = []
    broken: Exception | None = None
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="document") as pool:
        running: set[Future[Outcome | None]] = set()
        remaining = iter(ids)
        try:
            while True:
                while len(running) < workers and (one := next(remaining, None)) is not None:
                    running.add(pool.submit(process_one, store, one, new_owner()))
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    try:
                        outcome = future.result()
                    except PodatelnaError:
                        raise
                    except Exception as error:  # a bug that this document brings out; the others go on
                        broken, outcome = broken or error, None
                    if outcome is not None:
                        outcomes.append(outcome)
                    if on_done is not None:
                        on_done(outcome)
        finally:
            for future in running:
                future.cancel()
    if broken is not None:
        raise broken
    return outcomes


def process_one(store: Store, document_id: int, owner: str) -> Outcome | None:
    """Bring one document to its end; None where another worker has it or it is not waiting.

    Args:
        store: Where it is.
        document_id: Which.
        owner: Who holds the lease (`new_owner`); one name for one line of work at a time.

    Raises:
        PodatelnaError: nothing is wrong with the document, but with us (`MissingTool`, `StoreUnavailable`, ...).
            The lease is given back and the attempt not counted.
        Exception: a bug of ours that this document brings out. The lease is given back and the attempt counts, so
            that after ``max_attempts`` of them the document is out of the way.
    """
    mark = (document_id, owner)
    if mark in _running:
        return None
    _running.add(mark)
    try:
        return _process(store, document_id, owner)
    finally:
        _running.discard(mark)


def _process(store: Store, document_id: int, owner: str) -> Outcome | None:
    start = time.perf_counter()
    claimed = _claim(store, document_id, owner)
    if not isinstance(claimed, DocumentRow):
        return claimed
    try:
        understanding = _understand(store, claimed, owner)
        checkpoint("read")
        outcome = _save(store, document_id, owner, understanding, start)
    except UnreadableDocument as error:
        return _quarantine(store, document_id, owner, error, start)
    except (_LeaseLost, Conflict):
        return None
    except BaseException as error:
        _give_back(store, document_id, owner, charged=isinstance(error, Exception) and not _is_ours(error))
        raise
    checkpoint("after_commit")
    return outcome


def _claim(store: Store, document_id: int, owner: str) -> DocumentRow | Outcome | None:
    """Take the lease and count the attempt, committed before the work begins."""
    settings = store.settings
    with store.transaction() as session:
        holder = session.scalar(select(LeaseRow.owner).where(LeaseRow.document_id == document_id))
        if holder is not None and holder != owner and _is_void(document_id, holder):
            drop_lease(session, document_id, holder)
        if not take_lease(session, document_id, owner, PURPOSE, settings.lease_seconds):
            return None
        # only now: whoever had the lease before us may just have finished
        document = session.get(DocumentRow, document_id, populate_existing=True, with_for_update=True)
        if document is None or document.state != State.RECEIVED:
            drop_lease(session, document_id, owner)
            return None
        lost = document.attempts >= settings.max_attempts
        if not lost:
            document.attempts += 1
            record(session, document_id, ACTOR, "attempt", number=document.attempts)
    if lost:
        poison = UnreadableDocument(
            "poison",
            say("{attempts} workers were lost while they had it.", attempts=document.attempts),
        )
        return _quarantine(store, document_id, owner, poison, time.perf_counter())
    return document


def _understand(store: Store, document: DocumentRow, owner: str) -> Understanding:
    path = store.vault.path(document.sha256)
    try:
        whole = hash_of(path) == document.sha256
    except FileNotFoundError:
        whole = False
    if not whole:
        raise UnreadableDocument(
            "damaged", say("The vault has lost its bytes or they have rotted; drop the file again.")
        )
    media_type = document.media_type or media_type_of(path)
    seconds = store.settings.lease_seconds
    renewed = time.monotonic()

    def progress(_page: int) -> None:
        nonlocal renewed
        checkpoint("during_child_ocr")
        if time.monotonic() - renewed < seconds / _RENEWALS:
            return
        with store.transaction() as session:
            if not renew_lease(session, document.id, owner, seconds):
                raise _LeaseLost
        renewed = time.monotonic()

    kept = shelf(store.settings, document.sha256, media_type)
    return understand_caged(path, media_type, store.settings, progress, kept)


def _save(store: Store, document_id: int, owner: str, result: Understanding, start: float) -> Outcome:
    """Write all that was understood and move the document on, in one transaction."""
    with store.transaction() as session:
        if not renew_lease(session, document_id, owner, store.settings.lease_seconds):
            raise _LeaseLost
        document = session.get_one(DocumentRow, document_id)
        write_pages(session, document_id, result.reading.pages)
        move(session, document, State.READ, ACTOR, pages=len(result.reading.pages))
        write_fields(session, document_id, result.extraction.fields)
        write_line_items(session, document_id, result.extraction.line_items)
        document.type, document.type_confidence = result.classification.type, result.classification.confidence
        index_document(session, document_id)
        findings, reasons = list(result.findings), list(result.decision.reasons)
        document.route, document.attempts = result.decision.route.value, 0
        move(session, document, State.UNDERSTOOD, ACTOR, type=document.type, fields=len(result.extraction.fields))
        holder = business_key_holder(session, document)
        if holder is not None:
            message = say(
                "Document {holder} is already loaded with the same sender and number; "
                "loading this one replaces its row.",
                holder=holder,
            )
            key_fields = tuple(_key_fields(document.type))
            findings.append(Finding("duplicate", Severity.WARNING, message, key_fields))
            reasons.append(message)
            document.route = Route.REVIEW.value
        by_hand = select(MadeFromRow.source_id).where(MadeFromRow.document_id == document_id).limit(1)
        if document.route == Route.AUTO.value and session.scalar(by_hand) is not None:
            reasons.append(say("A person made this document out of pages of another; see that it is right."))
            document.route = Route.REVIEW.value
        document.seconds = time.perf_counter() - start
        _keep_decision(document, findings, reasons)
        loaded = document.route == Route.AUTO.value and _try_to_load(session, document, findings, reasons)
        if not loaded:
            if document.route == Route.QUARANTINE.value:
                raise UnreadableDocument("damaged", " ".join(reasons) or "The checks refused it.")
            move(session, document, State.REVIEW, ACTOR, reasons=len(reasons))
        drop_lease(session, document_id, owner)
        outcome = Outcome(
            document_id,
            document.name,
            State(document.state),
            document.type,
            tuple(document.reasons),
            document.seconds or 0.0,
        )
        session.flush()
        checkpoint("before_commit")
    return outcome


def _try_to_load(session: Session, document: DocumentRow, findings: list[Finding], reasons: list[str]) -> bool:
    """Load in a nested transaction; where a value does not fit its column the document goes to a person instead."""
    try:
        with session.begin_nested():
            load(session, document, ACTOR)
    except InvalidValue as error:
        findings.append(Finding("invalid-value", Severity.ERROR, str(error), tuple(error.problems)))
        reasons.append(str(error))
        document.route = Route.REVIEW.value
        _keep_decision(document, findings, reasons)
        return False
    return True


def _keep_decision(document: DocumentRow, findings: list[Finding], reasons: list[str]) -> None:
    document.findings = [
        {"code": one.code, "severity": one.severity.value, "message": one.message, "fields": list(one.fields)}
        for one in findings
    ]
    document.reasons = list(reasons)


def _key_fields(type_name: str) -> Iterable[str]:
    for part in document_types()[type_name].business_key:
        yield from (part,) if isinstance(part, str) else part


def _quarantine(store: Store, document_id: int, owner: str, error: UnreadableDocument, start: float) -> Outcome | None:
    """Move a document that we hold into quarantine, then tell the station."""
    code, message = error.code[:32], printable(str(error))
    with store.transaction() as session:
        if not renew_lease(session, document_id, owner, store.settings.lease_seconds):
            return None
        document = session.get_one(DocumentRow, document_id)
        document.quarantine_code, document.quarantine_message = code, message
        document.route, document.reasons = (
            Route.QUARANTINE.value,
            [say("{code}: {message}", code=code, message=Message(message, {}))],
        )
        document.seconds = time.perf_counter() - start
        move(session, document, State.QUARANTINED, ACTOR, code=code)
        drop_lease(session, document_id, owner)
        outcome = Outcome(
            document_id, document.name, State.QUARANTINED, None, tuple(document.reasons), document.seconds, code
        )
        checkpoint("before_commit")
    checkpoint("after_commit")
    try:
        tell(store, document_id)
    except OSError as trouble:
        raise StoreUnavailable(
            f"{store.settings.quarantine} can't be written: {trouble.strerror}. The reason files that are missing "
            "are written at the next start."
        ) from trouble
    return outcome


def _give_back(store: Store, document_id: int, owner: str, *, charged: bool) -> None:
    """Return the lease and, unless ``charged``, the attempt. Where that fails too, the lease expires."""
    try:
        with store.transaction() as session:
            if renew_lease(session, document_id, owner, store.settings.lease_seconds):
                document = session.get_one(DocumentRow, document_id)
                if document.state == State.RECEIVED and not charged:
                    document.attempts = max(0, document.attempts - 1)
                drop_lease(session, document_id, owner)
    except PodatelnaError:
        return


def _is_ours(error: BaseException) -> bool:
    return isinstance(error, PodatelnaError | OSError | MemoryError)
