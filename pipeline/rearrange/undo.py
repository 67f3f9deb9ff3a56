"""Taking back what was made of pages: the sources return to where they were, and what was made of them goes.

What goes ends as `State.REPLACED` (its pages are in the sources again), so no station is told that anything was wrong
with it; its bytes and its ledger stay. The same wishes once more revive it (`pipeline.rearrange.make`).
"""

from __future__ import annotations

import contextlib

from sqlalchemy import delete, desc, select
from sqlalchemy.orm import Session

from models.errors import Conflict, NotFound
from models.messages import say
from models.states import State
from models.tables import DocumentRow, EventRow, LeaseRow, MadeFromRow
from pipeline.accounts import titles
from pipeline.checkpoint import checkpoint
from pipeline.intake import tell
from pipeline.intake.quarantine import withdraw
from pipeline.store import Store, clock, drop_lease, is_lost, move, record

_GONE = (State.RECEIVED, State.REVIEW, State.QUARANTINED)
"""States from which what was made goes back."""


def put_back(store: Store, document_id: int, actor: str) -> tuple[int, ...]:
    """Take back all that was made together with ``document_id`` or of it; returns the sources that wait again.

    Raises:
        NotFound: there is no such document, or nothing was made of it or it of others.
        Conflict: ``actor`` did not make it; what was made is loaded, sent back, made into something else or read or
            held by somebody right now.
    """
    with store.transaction() as session:
        if session.get(DocumentRow, document_id) is None:
            raise NotFound(say("There is no such document."))
        sources, outputs = _together(session, document_id)
        rows = _locked(session, sources | outputs)
        for one in sorted(sources):
            if rows[one].state != State.REPLACED:
                raise NotFound(say("There is nothing to take back here."))
            if _before(session, one).actor != actor:
                raise Conflict(say("Somebody else made these documents; only they can take it back."))
        for one in sorted(outputs):
            _refuse_unless_free(session, rows[one], actor)
        session.execute(delete(MadeFromRow).where(MadeFromRow.document_id.in_(outputs)))
        told = [one for one in sorted(outputs) if rows[one].state == State.QUARANTINED]
        for one in sorted(outputs):
            move(session, rows[one], State.REPLACED, actor, sources=sorted(sources))
        locked = []
        for one in sorted(sources):
            state = State(_before(session, one).data["before"])
            move(session, rows[one], state, actor)
            record(session, one, actor, "pages-taken-back", documents=sorted(outputs))
            if state == State.QUARANTINED:
                locked.append(one)
        checkpoint("before_commit")
    checkpoint("after_commit")
    with contextlib.suppress(OSError):  # it is taken back; housekeeping tries the folder again
        for one in told:
            withdraw(store, one)
        for one in locked:
            tell(store, one)
    return tuple(sorted(sources))


def _together(session: Session, document_id: int) -> tuple[set[int], set[int]]:
    """The sources and outputs that hang together with a document: taking back a part would leave pages twice."""
    sources: set[int] = set()
    query = select(MadeFromRow.document_id).where(
        (MadeFromRow.source_id == document_id) | (MadeFromRow.document_id == document_id)
    )
    replaced = session.scalar(select(DocumentRow.state).where(DocumentRow.id == document_id)) == State.REPLACED
    own = MadeFromRow.source_id if replaced else MadeFromRow.document_id
    outputs = set(session.scalars(query.where(own == document_id)))
    while True:
        before = len(sources), len(outputs)
        sources |= set(session.scalars(select(MadeFromRow.source_id).where(MadeFromRow.document_id.in_(outputs))))
        outputs |= set(session.scalars(select(MadeFromRow.document_id).where(MadeFromRow.source_id.in_(sources))))
        if (len(sources), len(outputs)) == before:
            break
    if not outputs:
        raise NotFound(say("There is nothing to take back here."))
    return sources, outputs


def _locked(session: Session, ids: set[int]) -> dict[int, DocumentRow]:
    query = select(DocumentRow).where(DocumentRow.id.in_(ids)).order_by(DocumentRow.id).with_for_update()
    return {row.id: row for row in session.scalars(query.execution_options(populate_existing=True))}


def _before(session: Session, document_id: int) -> EventRow:
    """The entry of the ledger that tells who replaced a document, and in which state it was."""
    query = select(EventRow).where(EventRow.document_id == document_id, EventRow.kind == State.REPLACED.value)
    return session.scalars(query.order_by(desc(EventRow.id)).limit(1)).one()


def _refuse_unless_free(session: Session, row: DocumentRow, actor: str) -> None:
    if row.state not in _GONE:
        words = {
            State.LOADED.value: say("It can't be taken back: document {id} is loaded already.", id=row.id),
            State.REJECTED.value: say("It can't be taken back: document {id} was sent back.", id=row.id),
        }
        other = say("It can't be taken back: take back first what document {id} became.", id=row.id)
        raise Conflict(words.get(row.state, other))
    lease = session.get(LeaseRow, row.id, populate_existing=True)
    if lease is None:
        return
    if lease.owner != actor and lease.expires_at >= clock.now() and not is_lost(lease.owner):
        if lease.purpose == "process":
            raise Conflict(say("Document {id} is being read just now; take it back in a moment.", id=row.id))
        who = titles(session, [lease.owner])[lease.owner]
        raise Conflict(say("{who} has document {id} open now; nothing was changed.", who=who, id=row.id))
    drop_lease(session, row.id, lease.owner)
