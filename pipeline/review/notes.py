"""What people tell each other about a document: notes with which it is put aside, comments, and how urgent it is."""

from __future__ import annotations

from models.errors import InvalidValue, NotFound
from models.messages import say
from models.states import State
from models.tables import CommentRow, DocumentRow
from pipeline.review import aside, effort
from pipeline.review.decide import hold, reason_of
from pipeline.review.records import Comment
from pipeline.review.typed import as_typed
from pipeline.store import Store, clock, drop_lease, record

COMMENT_LENGTH = 4000
PRIORITIES = range(1, 10)


def put_aside(  # noqa: PLR0917
    store: Store, document_id: int, version: int, reviewer: str, note: str, cost: effort.Effort | None = None
) -> None:
    """Put a document aside with a note, and give it back.

    Raises:
        NotFound: no such document.
        Conflict: someone else decided first or holds it.
        InvalidValue: no note is given.
    """
    note = reason_of(note, say("Say what it waits for."), "note")
    with store.transaction() as session:
        hold(session, store, document_id, version, reviewer)
        drop_lease(session, document_id, reviewer)
        aside.put(session, document_id, reviewer, note, store.settings.put_aside_hours)
        effort.keep(session, document_id, reviewer, "put-aside", cost)
        record(session, document_id, reviewer, "put-aside")


def bring_back(store: Store, document_id: int, actor: str) -> bool:
    """Whoever asks for the next document may be given this one again; whether it was aside."""
    with store.transaction() as session:
        if not aside.forget(session, document_id):
            return False
        record(session, document_id, actor, "brought-back")
    return True


def comment(store: Store, document_id: int, by: str, text: str) -> Comment:
    """Say something about a document, in whatever state it is.

    Raises:
        NotFound: no such document.
        InvalidValue: nothing is said, or too much.
    """
    text = as_typed(text)
    if not text or len(text) > COMMENT_LENGTH:
        message = say("A comment has between 1 and {count} characters.", count=COMMENT_LENGTH)
        raise InvalidValue(message, {"text": message})
    with store.transaction() as session:
        if session.get(DocumentRow, document_id) is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        row = CommentRow(document_id=document_id, by=by, at=clock.now(), text=text)
        session.add(row)
        session.flush()
        record(session, document_id, by, "commented", comment=row.id)
        return Comment(row.id, row.by, row.at, row.text)


def prioritise(store: Store, document_id: int, priority: int, actor: str) -> None:
    """Say how urgent a document is: 1 first, 9 last. Whoever has it open keeps it.

    Raises:
        NotFound: no such document.
        InvalidValue: there is no such priority, or the document waits for nobody.
    """
    with store.transaction() as session:
        document = session.get(DocumentRow, document_id, with_for_update=True)
        if document is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        if priority not in PRIORITIES or document.state in (State.LOADED, State.REJECTED, State.REPLACED):
            message = say("A priority is a number from 1 (first) to 9 (last), of a document that is not done yet.")
            raise InvalidValue(message, {"priority": message})
        if document.priority != priority:
            record(session, document_id, actor, "priority", before=document.priority, now=priority)
            document.priority = priority
